//! What waits for somebody's decision, and what is set aside to be read.

use super::{
    ask::Busy,
    parts::{Button, asking_button, button, not_known, why},
    state::{Confirm, Dialog, Settings},
};
use crate::{
    catalogue::{t, t_count, t_with, t_word},
    focus::Stop,
    view::{
        controls::Shown,
        icon::{Icon, icon},
    },
    words::{command::command, content::content, quoted},
};
use keyrack_model::{
    administration::{Administered, Administration},
    ids::UserId,
    ipc::Problem,
    policy::may_review,
    review::{Queue, SeenReview, Why},
};
use leptos::prelude::*;
use std::sync::Arc;

impl Settings {
    /// Asks what waits, for whoever decides.
    pub fn read_reviews(self) {
        if !untrack(|| self.role()).is_some_and(may_review) {
            return self.reviews.set(None);
        }
        self.ask(Administration::Reviews, move |came| match came {
            Ok(Administered::Kept(reviews)) => self.reviews.set(Some(Arc::new(reviews))),
            Ok(_) => self.fail(&Problem::ServerConfused),
            // The page says by itself that the server cannot be reached.
            Err(Problem::ServerUnreachable { .. }) => {}
            Err(failed) => self.fail(&failed),
        });
    }

    /// What an answer names of those that wait, or of those that are set aside.
    fn queue(self, which: fn(&keyrack_model::review::Reviews) -> &Queue) -> Queue {
        let reviews = self.reviews.read();
        let queue = reviews.as_ref().map(|reviews| which(reviews).clone());
        queue.unwrap_or_default()
    }
}

#[component]
pub fn Reviews() -> impl IntoView {
    let page = Settings::of_page();
    let waiting = Memo::new(move |_| page.queue(|reviews| &reviews.waiting));
    let set_aside = Memo::new(move |_| page.queue(|reviews| &reviews.set_aside));
    let is_some = move |queue: Memo<Queue>| move || !queue.read().first.is_empty();
    view! {
        <section class="part" aria-labelledby="part-title">
            <header class="part-head">
                <div>
                    <h1 id="part-title">{t("settings.reviews")}</h1>
                    <p class="faint">{t("reviews.lesson")}</p>
                </div>
            </header>
            <Shown
                when=move || page.reviews.read().is_some()
                fallback=move || not_known(page)
            >
                <Shown when=is_some(waiting) fallback=nothing_waits>
                    {list(page, waiting)}
                </Shown>
                <Shown when=is_some(set_aside)>
                    <details class="gone">
                        <summary data-testid="set-aside">
                            {move || {
                                let count = set_aside.read().in_all;
                                t_count("reviews.set-aside", count.try_into().unwrap_or(usize::MAX))
                            }}
                        </summary>
                        <p class="faint">{t("reviews.set-aside-means")}</p>
                        {list(page, set_aside)}
                    </details>
                </Shown>
            </Shown>
        </section>
    }
}

fn nothing_waits() -> impl IntoView {
    view! {
        <div class="card nothing" data-testid="nothing-waits">
            {icon(Icon::DoubleCheck)}
            <div>
                <b>{t("reviews.none")}</b>
                <p class="faint">{t("reviews.none-means")}</p>
            </div>
        </div>
    }
}

fn list(page: Settings, queue: Memo<Queue>) -> impl IntoView {
    let each = move || queue.get().first;
    let more = move || {
        let queue = queue.read();
        let unnamed = queue.in_all.saturating_sub(queue.first.len() as u64);
        let unnamed = usize::try_from(unnamed).unwrap_or(usize::MAX);
        (unnamed > 0).then(|| t_count("reviews.more", unnamed))
    };
    view! {
        <ul class="lines">
            <For each key=|review| (review.operation, review.why) let(review)>
                {one(page, review)}
            </For>
        </ul>
        {move || more().map(|more| view! { <p class="faint" data-testid="more">{more}</p> })}
    }
}

fn one(page: Settings, review: SeenReview) -> impl IntoView {
    let (author, device, given) = (review.author, review.device, review.why);
    let (at, received_at) = (review.at, review.received_at);
    let role = review.role;
    let review = StoredValue::new(review);
    let stop = Stop::Review(review.with_value(|review| review.operation));
    let did = move || {
        let what = page.in_words(|names| review.with_value(|it| command(&it.command, names)));
        format!("{}: {what}", page.person(author))
    };
    let says = move || {
        let said = page.in_words(|names| review.with_value(|it| content(&it.command, names)));
        let each = said.into_iter();
        each.map(|said| view! { <li>{said.field} ": " {quoted(&said.text)}</li> })
            .collect_view()
    };
    let when = move || {
        let device = page.device_name(device);
        let device = device.unwrap_or_else(|| t("devices.unknown").to_owned());
        let (done, known) = (page.moment(at), page.moment(received_at));
        t_with(
            "reviews.when",
            &[("device", &device), ("done", &done), ("known", &known)],
        )
    };
    let role = role.map(|role| t_word("role-name", role.word()));
    let role = role.unwrap_or(t("reviews.role-unknown"));
    let waits = move || why_it_waits(given, role, &page.person(author));
    view! {
        <li>
            <article
                class="review"
                tabindex="0"
                data-stop=stop.to_string()
                data-testid="review"
                aria-label=did
            >
                <b>{did}</b>
                <ul class="says">{says}</ul>
                <p class="faint">{when}</p>
                <p>{waits}</p>
                {is_decided(given).then(|| decide(page, review, did))}
            </article>
        </li>
    }
}

/// Whether it is for somebody to decide, and not only to be read.
fn is_decided(why: Why) -> bool {
    match why {
        Why::RoleChanged { .. } | Why::BeingApproved => true,
        Why::Dismissed | Why::Distrusted => false,
    }
}

fn why_it_waits(why: Why, role: &str, author: &str) -> String {
    let names = [("person", author), ("from", role)];
    match why {
        Why::RoleChanged { to: Some(to) } => t_with(
            "reviews.role-changed",
            &[
                ("from", role),
                ("to", t_word("role-name", to.word())),
                ("person", author),
            ],
        ),
        Why::RoleChanged { to: None } => t_with("reviews.left-since", &names),
        Why::BeingApproved => t_with("reviews.being-approved", &names),
        Why::Dismissed => t_with("reviews.dismissed", &names),
        Why::Distrusted => t_with("reviews.distrusted", &names),
    }
}

/// Approve and Decline, each where it is possible.
fn decide(
    page: Settings,
    review: StoredValue<SeenReview>,
    did: impl Fn() -> String + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let (operation, author, why_kept) =
        review.with_value(|review| (review.operation, review.author, review.why));
    let is_of_guest = review.with_value(|review| review.command.record().is_some());
    let me = move || page.me().map(|me| me.id);
    let neither = move || page.unreachable().or(not_by(me(), author));
    let approve = Signal::derive(move || {
        let of_guest = is_of_guest.then(|| t("reviews.of-a-guest").to_owned());
        let of_guest = || of_guest;
        neither().or_else(|| not_to_approve(why_kept, &page.person(author)).or_else(of_guest))
    });
    let decline = Signal::derive(move || neither().or_else(|| not_to_decline(why_kept)));
    let said = Signal::derive(move || approve.get().or(decline.get()));
    let ask_for = move |busy: Busy| {
        let asked = Administration::Approve { operation };
        let done = t_with("reviews.approved", &[("what", &untrack(did))]);
        page.change(busy, asked, done, None, move || page.look());
    };
    view! {
        <div class="line-acts">
            {asking_button(
                Button {
                    testid: "approve",
                    class: "button primary",
                    mark: Icon::Check,
                    label: t("reviews.approve"),
                },
                approve,
                ask_for,
            )}
            {button(
                Button {
                    testid: "decline",
                    class: "button",
                    mark: Icon::Close,
                    label: t("reviews.decline"),
                },
                decline,
                move || {
                    let what = untrack(did);
                    let author = untrack(|| page.person(author));
                    page.open(
                        Dialog::Confirm(Confirm {
                            title: t("reviews.decline-title").to_owned(),
                            means: vec![
                                what.clone(),
                                t_with("reviews.decline-means", &[("person", &author)]),
                                t("reviews.decline-final").to_owned(),
                            ],
                            yes: t("reviews.decline"),
                            asked: Administration::Decline { operation },
                            about: None,
                            done: t_with("reviews.declined", &[("what", &what)]),
                        }),
                    );
                },
            )}
        </div>
        {why(said)}
    }
}

/// Why somebody does not decide on it.
fn not_by(me: Option<UserId>, author: UserId) -> Option<String> {
    (me == Some(author)).then(|| t("reviews.own").to_owned())
}

fn not_to_approve(why: Why, author: &str) -> Option<String> {
    match why {
        Why::RoleChanged { to: None } => Some(t_with("reviews.author-left", &[("person", author)])),
        Why::RoleChanged { to: Some(_) } | Why::BeingApproved => None,
        Why::Dismissed | Why::Distrusted => Some(t("reviews.to-be-read").to_owned()),
    }
}

fn not_to_decline(why: Why) -> Option<String> {
    match why {
        Why::RoleChanged { .. } => None,
        Why::BeingApproved => Some(t("reviews.approved-already").to_owned()),
        Why::Dismissed | Why::Distrusted => Some(t("reviews.to-be-read").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::policy::Role;
    use uuid::Uuid;

    #[test]
    fn it_says_from_what_to_what_a_role_changed_or_that_its_author_left() {
        let changed = Why::RoleChanged {
            to: Some(Role::Housekeeper),
        };
        let said = why_it_waits(changed, "Supervisor", "Inês Rocha");
        assert!(said.contains("Supervisor"), "{said}");
        assert!(said.contains("Housekeeper"), "{said}");
        let said = why_it_waits(Why::RoleChanged { to: None }, "Supervisor", "Inês Rocha");
        assert!(said.contains("Inês Rocha"), "{said}");
    }

    #[test]
    fn a_decision_that_is_not_possible_says_why() {
        let person = |id| UserId(Uuid::from_u128(id));
        assert!(not_by(Some(person(1)), person(1)).is_some());
        assert_eq!(not_by(Some(person(1)), person(2)), None);
        let waits = Why::RoleChanged {
            to: Some(Role::Engineer),
        };
        let left = Why::RoleChanged { to: None };
        for (why, approve, decline) in [
            (waits, true, true),
            (left, false, true),
            (Why::BeingApproved, true, false),
            (Why::Dismissed, false, false),
            (Why::Distrusted, false, false),
        ] {
            let possible = (
                not_to_approve(why, "Rui").is_none(),
                not_to_decline(why).is_none(),
            );
            assert_eq!(possible, (approve, decline), "{why:?}");
        }
    }
}
