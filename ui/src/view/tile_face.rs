//! What is to be seen on a tile, as one piece of markup: the web view reads it sooner than a program
//! can make twenty elements one after the other. Its button says all of it in words.
//!
//! **Architecture Invariant**: whatever people have typed goes through [`Markup::text`].

use super::icon::{Icon, markup};
use crate::{
    app::App,
    catalogue::{t, t_with, t_word},
    query::room_card::{RoomCard, Work},
    words::initials,
};
use keyrack_model::{ids::UserId, room::ServiceStatus, room_status::Availability};

/// Whether something that was typed about a room waits to be saved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unsaved {
    Nothing,
    Something,
}

/// The times that a tile tells.
#[derive(Clone, Copy)]
pub struct Times<'a> {
    /// How long somebody has worked there, if they are at it.
    pub worked: Option<&'a str>,
    /// As of when all of it is, where that has to be said.
    pub as_of: Option<&'a str>,
}

/// The markup of a room.
pub fn face(app: App, card: &RoomCard, unsaved: Unsaved, times: Times<'_>) -> String {
    let code = card.status.code();
    let mut face = Markup::default();
    face.raw("<span class=\"tile-top\"><b class=\"number\">");
    face.text(&card.number);
    face.raw("</b><span class=\"code\">");
    face.icon("icon", Icon::of(card.status.cleanliness));
    face.raw(code);
    face.raw("</span></span><span class=\"tile-foot\">");
    whose(&mut face, app, card, times.worked);
    face.raw("<span class=\"badges\">");
    if unsaved == Unsaved::Something {
        face.raw("<span class=\"mark draft\" data-testid=\"draft\" title=\"");
        face.text(t("draft.not-saved"));
        face.raw("\">");
        face.icon("icon", Icon::Pencil);
        face.raw("</span>");
    }
    badges(&mut face, card);
    face.raw("</span></span>");
    if let Some(time) = times.as_of {
        face.raw("<span class=\"as-of\" title=\"");
        face.text(&why_as_of(app, card, time));
        face.raw("\">");
        face.text(&t_with("tile.as-of", &[("time", time)]));
        face.raw("</span>");
    }
    face.0
}

/// Why a tile is shown as of a time.
pub fn why_as_of(app: App, card: &RoomCard, time: &str) -> String {
    let person = card.attendant.map(|person| app.person(person));
    let person = person.unwrap_or_default();
    t_with("tile.why-as-of", &[("time", time), ("person", &person)])
}

/// Markup that is being written.
#[derive(Default)]
struct Markup(String);

impl Markup {
    fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '"' => self.raw("&quot;"),
                other => self.0.push(other),
            }
        }
    }

    fn icon(&mut self, class: &str, icon: Icon) {
        self.raw(&markup(class, icon));
    }

    fn badge(&mut self, hue: &str, text: &str) {
        self.raw("<span class=\"badge\" data-hue=\"");
        self.raw(hue);
        self.raw("\">");
        self.text(text);
        self.raw("</span>");
    }
}

/// Who works there, for how long, or else who stays there.
fn whose(face: &mut Markup, app: App, card: &RoomCard, worked: Option<&str>) {
    match (card.work, card.attendant) {
        (Work::Running { .. }, attendant) => {
            face.raw("<span class=\"running\">");
            person(face, app, attendant);
            face.text(worked.unwrap_or_default());
        }
        (Work::Planned | Work::Paused, Some(attendant)) if !card.status.is_ready() => {
            face.raw("<span class=\"who\">");
            person(face, app, Some(attendant));
            guests(face, card);
        }
        _ => {
            face.raw("<span class=\"who\">");
            guests(face, card);
        }
    }
    face.raw("</span>");
}

fn person(face: &mut Markup, app: App, who: Option<UserId>) {
    let Some(who) = who else { return };
    let name = app.person(who);
    face.raw("<span class=\"face small\" title=\"");
    face.text(&name);
    face.raw("\">");
    face.text(&initials(&name));
    face.raw("</span>");
}

/// Left out, by the stylesheet, where the tile has no room for it.
fn guests(face: &mut Markup, card: &RoomCard) {
    if card.is_occupied() && card.guests > 0 {
        face.raw("<span class=\"guests\">");
        face.icon("icon", Icon::Guests);
        face.text(&card.guests.to_string());
        face.raw("</span>");
    }
}

/// What a mark is to the stylesheet, and one that is urgent.
const MARK: &str = "icon mark";
const URGENT: &str = "icon mark urgent";

fn badges(face: &mut Markup, card: &RoomCard) {
    let status = card.status;
    let seldom = [
        (card.rush, URGENT, Icon::Bolt),
        (card.queued.is_some(), URGENT, Icon::Wait),
        (card.vip, "icon mark vip", Icon::Star),
    ];
    marks(face, &seldom);
    match status.availability {
        Availability::Available => {}
        Availability::OutOfService => face.badge("quiet", t("short.out-of-service")),
        Availability::OutOfOrder => face.badge("quiet", t("short.out-of-order")),
    }
    match status.service_status {
        ServiceStatus::None => {}
        ServiceStatus::DoNotDisturb => face.badge("quiet", t("short.do-not-disturb")),
        ServiceStatus::MakeUpRoom => face.badge("brass", t("short.make-up-room")),
        ServiceStatus::ServiceRefused => face.badge("quiet", t("short.service-refused")),
        ServiceStatus::DoubleLock => face.badge("quiet", t("short.double-lock")),
        ServiceStatus::NoServiceRequired => face.badge("quiet", t("short.no-service-required")),
    }
    if let Some(found) = status.discrepancy {
        face.badge("dirty", t_word("discrepancy", found.word()));
    }
    let arrives = if status.is_due_in_not_ready() {
        URGENT
    } else {
        MARK
    };
    let usual = [
        (card.linked, "icon mark linked", Icon::Link),
        (card.contested, "icon mark contested", Icon::Scales),
        (card.open_orders > 0, MARK, Icon::Wrench),
        (card.is_due_out() && !card.is_due_in(), MARK, Icon::Leave),
        (card.is_due_in(), arrives, Icon::Arrive),
    ];
    marks(face, &usual);
}

fn marks(face: &mut Markup, marks: &[(bool, &str, Icon)]) {
    for (_, class, icon) in marks.iter().filter(|(holds, _, _)| *holds) {
        face.icon(class, *icon);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_text_wherever_it_stands() {
        let mut face = Markup::default();
        face.text("<b onclick=\"x\">Suite & Spa</b>");
        assert_eq!(
            face.0,
            "&lt;b onclick=&quot;x&quot;&gt;Suite &amp; Spa&lt;/b&gt;"
        );
        let mut face = Markup::default();
        face.badge("quiet", "<DND>");
        let badge = "<span class=\"badge\" data-hue=\"quiet\">&lt;DND&gt;</span>";
        assert_eq!(face.0, badge);
    }
}
