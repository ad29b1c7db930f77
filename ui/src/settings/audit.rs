//! The log of what touched somebody's access, newest first, and whether it is whole.

use super::{
    ask::Busy,
    parts::{Button, asking_button, not_known},
    state::Settings,
};
use crate::{
    catalogue::{t, t_count, t_known, t_with, t_word},
    view::{
        controls::Shown,
        icon::{Icon, icon},
    },
};
use keyrack_model::{
    administration::{
        Administered, Administration, AuditCheck, AuditEntry, AuditEvent, BECAME, Ended,
        IN_THE_NAME_OF, Suspicion, TurnedAway,
    },
    ids::UserId,
    ipc::Problem,
    policy::Role,
};
use leptos::prelude::*;

/// As many characters of the log's fingerprint as two people compare.
const FINGERPRINT: usize = 16;

/// What was read of the log.
#[derive(Clone, Copy)]
pub struct Log {
    /// None before the first answer.
    entries: RwSignal<Option<Vec<AuditEntry>>>,
    check: RwSignal<Option<AuditCheck>>,
}

impl Log {
    pub fn unread() -> Self {
        Self {
            entries: RwSignal::new(None),
            check: RwSignal::new(None),
        }
    }

    /// The number of the oldest entry that was read, when there are older ones.
    fn older_than(self) -> Option<u64> {
        let entries = self.entries.read();
        let oldest = entries.as_ref()?.last()?.number;
        (oldest > 1).then_some(oldest)
    }
}

impl Settings {
    /// Reads the latest of the log anew.
    pub fn read_log(self) {
        self.read_before(Busy::not(), None);
    }

    fn read_before(self, busy: Busy, before: Option<u64>) {
        self.ask(Administration::ReadAudit { before }, move |came| {
            busy.end();
            match came {
                Ok(Administered::Audit(read)) => self.log.entries.update(|entries| match before {
                    None => *entries = Some(read),
                    Some(_) => entries.get_or_insert_default().extend(read),
                }),
                Ok(_) => self.fail(&Problem::ServerConfused),
                // The page says by itself that the server cannot be reached.
                Err(Problem::ServerUnreachable { .. }) if before.is_none() => {}
                Err(failed) => self.fail(&failed),
            }
        });
    }

    fn check_log(self, busy: Busy) {
        self.ask(Administration::VerifyAudit, move |came| {
            busy.end();
            match came {
                Ok(Administered::AuditChecked(check)) => self.log.check.set(Some(check)),
                Ok(_) => self.fail(&Problem::ServerConfused),
                Err(failed) => self.fail(&failed),
            }
        });
    }
}

#[component]
pub fn Audit() -> impl IntoView {
    let page = Settings::of_page();
    page.read_log();
    let refused = Signal::derive(move || page.unreachable());
    let each = move || page.log.entries.get().unwrap_or_default();
    view! {
        <section class="part" aria-labelledby="part-title">
            <header class="part-head">
                <div>
                    <h1 id="part-title">{t("settings.audit")}</h1>
                    <p class="faint">{t("audit-log.lesson")}</p>
                </div>
                {asking_button(
                    Button {
                        testid: "check-log",
                        class: "button",
                        mark: Icon::DoubleCheck,
                        label: t("audit-log.check"),
                    },
                    refused,
                    move |busy| page.check_log(busy),
                )}
            </header>
            // There before it says anything, so that it is heard when it does.
            <div role="status">{move || page.log.check.get().map(outcome)}</div>
            <Shown
                when=move || page.log.entries.read().is_some()
                fallback=move || not_known(page)
            >
                <ol class="lines log">
                    <For each key=|entry| entry.number let(entry)>
                        {one(page, entry)}
                    </For>
                </ol>
                <Shown
                    when=move || page.log.older_than().is_some()
                    fallback=|| view! { <p class="faint">{t("audit-log.begin")}</p> }
                >
                    {asking_button(
                        Button {
                            testid: "older",
                            class: "button",
                            mark: Icon::Undo,
                            label: t("audit-log.older"),
                        },
                        refused,
                        move |busy| page.read_before(busy, untrack(|| page.log.older_than())),
                    )}
                </Shown>
            </Shown>
        </section>
    }
}

fn outcome(check: AuditCheck) -> impl IntoView {
    let (class, mark, sentence) = match check {
        AuditCheck::Whole { entries, head } => {
            let count = usize::try_from(entries).unwrap_or(usize::MAX);
            let short: String = head.chars().take(FINGERPRINT).collect();
            let whole = t_count("audit-log.whole", count);
            let told = t_with("audit-log.head", &[("head", &short)]);
            ("notice", Icon::DoubleCheck, format!("{whole} {told}"))
        }
        AuditCheck::Broken { number } => {
            let sentence = t_with("audit-log.broken", &[("n", &number.to_string())]);
            ("notice wrong", Icon::Warning, sentence)
        }
        AuditCheck::CutOff { entries, known } => {
            let said = [
                ("entries", &*entries.to_string()),
                ("n", &known.to_string()),
            ];
            let sentence = t_with("audit-log.cut-off", &said);
            ("notice wrong", Icon::Warning, sentence)
        }
        AuditCheck::WrittenAnew { known } => {
            let sentence = t_with("audit-log.written-anew", &[("n", &known.to_string())]);
            ("notice wrong", Icon::Warning, sentence)
        }
    };
    view! {
        <p class=class data-testid="log-checked">
            {icon(mark)}
            <span>{sentence}</span>
        </p>
    }
}

fn one(page: Settings, entry: AuditEntry) -> impl IntoView {
    let what = event(&entry.event);
    let about = entry.person.filter(|person| entry.actor != Some(*person));
    let named = in_the_name_of(&entry.event, &entry.detail);
    let detail = detail(&entry.event, &entry.detail);
    let is_about_device = is_about_device(&entry.event);
    let device = move || entry.device.and_then(|device| page.device_name(device));
    let whom = move || {
        let person = about.map(|person| page.person(person));
        let device = device().filter(|_| is_about_device);
        let parts = [person, device, detail.clone()].into_iter().flatten();
        parts.map(|part| format!(" · {part}")).collect::<String>()
    };
    let by = move || {
        let actor = match (entry.actor, named) {
            (Some(actor), _) => page.person(actor),
            (None, Some(named)) => t_with("audit-log.operator", &[("person", &page.person(named))]),
            (None, None) => t("audit-log.nobody").to_owned(),
        };
        let device = device().filter(|_| !is_about_device);
        let parts = [Some(actor), device].into_iter().flatten();
        parts.collect::<Vec<_>>().join(" · ")
    };
    view! {
        <li class="entry" data-testid="audit-entry">
            <span class="line-name">
                <span><b>{what}</b> {whom}</span>
                <span class="faint">{by}</span>
            </span>
            <span class="line-seen faint">{move || page.moment(entry.at)}</span>
        </li>
    }
}

/// An event in words, or as the server calls it: a server may know others than this page.
fn event(word: &str) -> String {
    t_known("audit", word).unwrap_or(word).to_owned()
}

/// Whether an entry's device is what it is about, and not where it was done.
fn is_about_device(event: &str) -> bool {
    match event.parse() {
        Ok(
            AuditEvent::DeviceRenamed
            | AuditEvent::DeviceRevoked
            | AuditEvent::DeviceTrusted
            | AuditEvent::GuestsKeptOff
            | AuditEvent::GuestsShown
            | AuditEvent::SignInRefused
            | AuditEvent::WorkRefused
            | AuditEvent::SessionEnded
            | AuditEvent::SessionReused,
        ) => true,
        Ok(
            AuditEvent::HotelCreated
            | AuditEvent::SignedIn
            | AuditEvent::SignInFailed
            | AuditEvent::SignedOut
            | AuditEvent::PersonTakenOn
            | AuditEvent::RoleChanged
            | AuditEvent::PasswordChanged
            | AuditEvent::PasswordReset
            | AuditEvent::PersonDismissed
            | AuditEvent::AdministrationRefused
            | AuditEvent::DeviceCodeMade
            | AuditEvent::DeviceEnrolled
            | AuditEvent::ReviewApproved
            | AuditEvent::ReviewDeclined
            | AuditEvent::WorkUnderReview
            | AuditEvent::WorkQuarantined
            | AuditEvent::ImportKeyMade
            | AuditEvent::ImportKeyRevoked
            | AuditEvent::Imported
            | AuditEvent::AuditKeyReplaced
            | AuditEvent::LogRestored,
        )
        | Err(_) => false,
    }
}

/// In whose name the server's operator decided.
fn in_the_name_of(event: &str, detail: &str) -> Option<UserId> {
    let (_, named) = is_decision(event).then(|| detail.split_once(IN_THE_NAME_OF))??;
    named.parse().ok()
}

fn is_decision(event: &str) -> bool {
    matches!(
        event.parse(),
        Ok(AuditEvent::ReviewApproved | AuditEvent::ReviewDeclined)
    )
}

/// What else is to be known of an event: how often, why, roles in words, and else what the server
/// says.
fn detail(event: &str, detail: &str) -> Option<String> {
    if detail.is_empty() {
        return None;
    }
    let event = event.parse().ok();
    if let Some(AuditEvent::SignInFailed | AuditEvent::AdministrationRefused) = event {
        let count = detail.parse().ok()?;
        return (count > 1).then(|| t_count("audit-log.times", count));
    }
    // Which action it was says nothing to a person, and who decided stands elsewhere.
    if event.is_some_and(|event: AuditEvent| is_decision(event.word())) {
        return None;
    }
    if let Some(AuditEvent::WorkUnderReview | AuditEvent::WorkQuarantined) = event {
        return None;
    }
    // A key is for programs to compare.
    if event == Some(AuditEvent::AuditKeyReplaced) {
        return None;
    }
    // The page has the device's name in its place already.
    if let Some(
        AuditEvent::DeviceRevoked
        | AuditEvent::DeviceTrusted
        | AuditEvent::GuestsKeptOff
        | AuditEvent::GuestsShown,
    ) = event
    {
        return None;
    }
    if let (Some(AuditEvent::SessionEnded), Ok(why)) = (event, detail.parse::<Ended>()) {
        return Some(t_word("ended", why.word()).to_owned());
    }
    if let (Some(AuditEvent::SignInRefused), Ok(why)) = (event, detail.parse::<TurnedAway>()) {
        return Some(t_word("turned-away", why.word()).to_owned());
    }
    if let (Some(AuditEvent::WorkRefused), Ok(suspicion)) = (event, detail.parse::<Suspicion>()) {
        return Some(t_word("suspicion", suspicion.word()).to_owned());
    }
    let parts: Vec<&str> = detail.split(BECAME).map(role_or_other).collect();
    Some(parts.join(BECAME))
}

fn role_or_other(word: &str) -> &str {
    let role = word.parse::<Role>();
    role.map_or(word, |role| t_word("role-name", role.word()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_a_later_server_is_shown_by_its_own_word() {
        assert_eq!(event("signed-in"), "Signed in");
        assert_eq!(event("moon-landed"), "moon-landed");
    }

    #[test]
    fn how_often_something_failed_is_said_from_the_second_time_on() {
        for event in ["sign-in-failed", "administration-refused"] {
            assert_eq!(detail(event, "1"), None);
            assert_eq!(detail(event, "7").as_deref(), Some("7 times"));
        }
    }

    #[test]
    fn what_looks_like_an_attack_is_said_in_words() {
        for suspicion in Suspicion::ALL {
            let said = detail("work-refused", suspicion.word()).unwrap();
            assert!(said.contains(' ') && said != suspicion.word(), "{said}");
        }
        assert_eq!(event("work-refused"), "Sent what no honest device sends");
    }

    #[test]
    fn why_a_sign_in_was_refused_is_said_in_words() {
        for why in TurnedAway::ALL {
            let said = detail("sign-in-refused", why.word()).unwrap();
            assert!(said.contains(' ') && said != why.word(), "{said}");
        }
    }

    #[test]
    fn a_role_reads_as_it_does_everywhere() {
        let taken_on = |text| detail("person-taken-on", text);
        assert_eq!(taken_on("frontdesk").as_deref(), Some("Front desk"));
        assert_eq!(taken_on("Reception 1").as_deref(), Some("Reception 1"));
        assert_eq!(taken_on(""), None);
        let changed = detail("role-changed", "frontdesk → manager");
        assert_eq!(changed.as_deref(), Some("Front desk → Manager"));
    }

    #[test]
    fn how_often_a_sign_in_failed_and_why_a_session_ended_are_said_in_words() {
        assert_eq!(detail("sign-in-failed", "1"), None);
        let often = detail("sign-in-failed", "12");
        assert_eq!(often.as_deref(), Some("12 times"));
        let why = detail("session-ended", "password");
        assert_eq!(why.as_deref(), Some("another password"));
    }
}
