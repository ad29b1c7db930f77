//! What the hotel's rules may have been where an author was who had not heard the latest of them.
//!
//! **Architecture Invariant**: which sheets bear on a room is told as the device tells it when it
//! plans, and what they make of a rule is the model's to say. The times are those of who changed the
//! rules; what the judged action says of its own is not asked.

use super::{
    admission::{Gate, Stop},
    reading::ReadAction,
    seen::Seen,
    shelf::{Draft, Shelf},
};
use automerge::ChangeHash;
use keyrack_document::Document;
use keyrack_model::{
    action::Action,
    change::Entity,
    cleanliness::{Cleanliness, MarkCause},
    command::Command,
    field::FieldValue,
    identity,
    ids::{DocumentRef, HotelId, RoomId, StayId, TaskId, UserId},
    limits::{RULE_BEHIND_MILLIS, RULE_CHANGES},
    plan::is_awaited,
    policy::Role,
    refusal::Refusal,
    room::RoomChange,
    rule_sheet::{RuleHeld, RuleKey, RuleScope, RuleSheet, Said, numbers_held},
    stay::StayChange,
    task::{Task, TaskKind},
    time::Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// Whether any of the actions finishes a clean: nothing else is held against the hotel's rules.
pub fn asks_for_rules<'a>(mut actions: impl Iterator<Item = &'a ReadAction>) -> bool {
    actions.any(|read| finished_by(&read.action).is_some())
}

/// Documents beyond those that actions touch, without which it cannot be told what the rules were, as far
/// as those at hand say which: a stay tells of its rate only once it is here. What is not judged is not
/// looked at, and a room once, however many cleans of it are finished.
pub fn rule_documents<'a>(
    hotel: HotelId,
    actions: impl Iterator<Item = &'a ReadAction>,
    shelf: &Shelf,
) -> BTreeSet<DocumentRef> {
    let document = |reference| shelf.get(reference).map(|shelved| &shelved.document);
    let judged = actions.filter(|read| read.is_judged());
    let mut places = BTreeSet::<Place>::new();
    let mut needed = BTreeSet::new();
    for read in judged {
        if let Some(task) = inspected_by_finishing(&read.action, document) {
            places.insert((task.room, task.stay));
            // In which role they did it is for the judgement to say.
            let cleaner = cleaner(&read.action);
            let roles = Role::ALL.iter();
            let scopes = roles.flat_map(|role| RuleScope::of_cleaner(*role, cleaner));
            needed.extend(scopes.filter_map(|scope| sheet(hotel, &scope)));
        }
    }
    for place in places {
        let scopes = scopes_of(place, Until::Ever, document)
            .into_iter()
            .flatten();
        needed.extend(scopes.filter_map(|scope| sheet(hotel, &scope)));
        needed.extend(place.1.map(DocumentRef::from));
    }
    needed
}

/// Inspections of the cleans that earlier actions have finished, where these made any: whether they are
/// open still, the actions do not tell.
pub fn inspections_of<'a>(
    hotel: HotelId,
    past: impl Iterator<Item = &'a Action>,
) -> BTreeSet<DocumentRef> {
    past.filter_map(|action| inspection_of(hotel, action))
        .collect()
}

impl Gate<'_> {
    /// Whether the rules of the room, and those of whoever finishes a clean in their role, have them
    /// inspect it with that.
    pub(super) fn self_check(
        &self,
        action: &Action,
        role: Role,
        draft: &Draft<'_>,
    ) -> Result<RuleHeld, Stop> {
        let document = |reference| draft.get(reference).map(|shelved| &shelved.document);
        let Some(task) = inspected_by_finishing(action, document) else {
            return Ok(RuleHeld::Never);
        };
        let missing = |document: &DocumentRef| draft.get(*document).is_none();
        let of_task = [
            task.room.map(DocumentRef::from),
            task.stay.map(DocumentRef::from),
        ];
        if of_task.iter().flatten().any(missing) {
            return Err(Stop::NotNow);
        }
        let rule = RuleKey::SelfCheck;
        let lately = Timestamp(self.now.0.saturating_sub(RULE_BEHIND_MILLIS));
        for (until, held) in [
            (Until::Lately(lately), RuleHeld::Lately),
            (Until::Ever, RuleHeld::Once),
        ] {
            let mut said = Vec::new();
            let of_cleaner = self.scopes_of_cleaner(role, cleaner(action), until);
            let of_room = scopes_of((task.room, task.stay), until, document);
            for scopes in of_room.into_iter().chain(of_cleaner) {
                said.push(self.said(rule, &scopes, until, draft)?);
            }
            if numbers_held(rule, &said).iter().any(|number| *number != 0) {
                return Ok(held);
            }
        }
        Ok(RuleHeld::Never)
    }

    /// The scopes that bear on whoever cleaned, the widest first. A device that was not told of
    /// another role plans by the sheet of the one of before: which it was is a reason to do it anew, and
    /// none to inspect with it.
    fn scopes_of_cleaner(
        &self,
        role: Role,
        cleaner: UserId,
        until: Until,
    ) -> Vec<BTreeSet<RuleScope>> {
        let earlier: BTreeSet<Role> = match until {
            Until::Lately(_) => BTreeSet::new(),
            Until::Ever => self.standing.earlier_roles(cleaner).collect(),
        };
        let roles = earlier.into_iter().chain([role]);
        let scopes = roles.flat_map(|role| RuleScope::of_cleaner(role, cleaner));
        let (own, of_roles): (BTreeSet<_>, BTreeSet<_>) =
            scopes.partition(|scope| matches!(scope, RuleScope::Person(_)));
        let layers = [of_roles, own].into_iter();
        layers.filter(|scopes| !scopes.is_empty()).collect()
    }

    /// Refuses to inspect a clean by finishing it over another one that is to be inspected, as far as
    /// the author knew of that: what marks the room was the end of it.
    pub(super) fn check_awaited(
        &self,
        action: &Action,
        before: &BTreeMap<DocumentRef, Option<Entity>>,
        draft: &Draft<'_>,
    ) -> Result<(), Stop> {
        let document = |reference| draft.get(reference).map(|shelved| &shelved.document);
        let Some(task) = inspected_by_finishing(action, document) else {
            return Ok(());
        };
        let room = task.room.and_then(|room| before.get(&room.into()));
        let (Some(Some(Entity::Room(room))), Some(clean)) = (room, finished_by(action)) else {
            return Ok(());
        };
        let mark = room.cleanliness;
        if (mark.value, mark.cause) != (Cleanliness::Clean, MarkCause::Task) {
            return Ok(());
        }
        let earlier = self.known(mark.action, draft);
        let earlier = earlier.ok_or_else(|| Stop::Needs([mark.action].into()))?;
        let Some(inspection) = inspection_of(self.hotel, earlier) else {
            return Ok(());
        };
        let inspection = draft.get(inspection).ok_or(Stop::NotNow)?;
        match inspection.document.reading().entity {
            Entity::Task(inspection) if is_awaited(&inspection, (clean, &task), room) => {
                Err(Refusal::InspectionAwaited.into())
            }
            _ => Ok(()),
        }
    }

    /// What the sheet of any of the scopes may have said of a rule.
    fn said(
        &self,
        rule: RuleKey,
        scopes: &BTreeSet<RuleScope>,
        until: Until,
        draft: &Draft<'_>,
    ) -> Result<Said, Stop> {
        let mut said = Said::new();
        for scope in scopes {
            let Some(document) = sheet(self.hotel, scope) else {
                said.insert(None);
                continue;
            };
            let shelved = draft.get(document).ok_or(Stop::NotNow)?;
            said.extend(readings(&shelved.document, until, |seen| {
                match seen.entity() {
                    Some(Entity::RuleSheet(sheet)) => rule.of(&sheet),
                    _ => rule.of(&RuleSheet::default()),
                }
            }));
        }
        Ok(said)
    }
}

fn finished_by(action: &Action) -> Option<TaskId> {
    let Command::FinishTask { task } = action.command.asked() else {
        return None;
    };
    Some(*task)
}

/// Whoever finished it: of what was approved, who had asked for it.
fn cleaner(action: &Action) -> UserId {
    match &action.command {
        Command::Approved(approval) => approval.author,
        _ => action.author,
    }
}

/// The inspection that an action had follow the clean which it finished.
fn inspection_of(hotel: HotelId, action: &Action) -> Option<DocumentRef> {
    let clean = finished_by(action)?;
    let inspection = identity::following_task(hotel, TaskKind::Inspection, clean).into();
    let mut changes = action.changes.iter();
    changes
        .any(|change| change.document == inspection)
        .then_some(inspection)
}

/// The clean that an action finishes, if it may say that the room is inspected with that: a change
/// that has the word nowhere in its plain bytes writes it nowhere.
fn inspected_by_finishing<'a>(
    action: &Action,
    document: impl Fn(DocumentRef) -> Option<&'a Document>,
) -> Option<Task> {
    let task = finished_by(action)?;
    let Entity::Task(task) = document(task.into())?.reading().entity else {
        return None;
    };
    let room: DocumentRef = task.room?.into();
    let word = Cleanliness::Inspected.word().as_bytes();
    let says_it = |bytes: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    let mut of_room = action
        .changes
        .iter()
        .filter(|change| change.document == room);
    of_room.any(|change| says_it(&change.bytes)).then_some(task)
}

/// The room of a task, and the stay that it is of.
type Place = (Option<RoomId>, Option<StayId>);

/// The scopes that bear on a task there, the widest first: one, or those that it may have been.
fn scopes_of<'a>(
    (room, stay): Place,
    until: Until,
    document: impl Fn(DocumentRef) -> Option<&'a Document>,
) -> Vec<BTreeSet<RuleScope>> {
    let named = |of: DocumentRef, key: &'static str, scope: fn(String) -> RuleScope| {
        let names = document(of).map(|document| readings(document, until, |seen| seen.value(key)));
        let names = names.into_iter().flatten().map(|value| match value {
            Some(FieldValue::Text(name)) => scope(name),
            Some(_) | None => scope(String::new()),
        });
        names.collect::<BTreeSet<RuleScope>>()
    };
    let room_type = RoomChange::RoomType(String::new()).key();
    let rate = StayChange::Rate(String::new()).key();
    let hotel = Some(BTreeSet::from([RuleScope::Hotel]));
    let of_type = room.map(|room| named(room.into(), room_type, RuleScope::RoomType));
    let of_rate = stay.map(|stay| named(stay.into(), rate, RuleScope::Rate));
    [hotel, of_type, of_rate].into_iter().flatten().collect()
}

/// None for what has no sheet of its own.
fn sheet(hotel: HotelId, scope: &RuleScope) -> Option<DocumentRef> {
    let is_named = scope.name() != Some("");
    is_named.then(|| identity::rule_sheet(hotel, scope).into())
}

/// How far back what a document said counts.
#[derive(Clone, Copy)]
enum Until {
    /// Whoever read it had all that was written before.
    Lately(Timestamp),
    Ever,
}

/// A document as those saw it who had all that is older than an instant, whatever else of it they had.
fn readings<T>(document: &Document, until: Until, read: impl Fn(Seen<'_>) -> T) -> Vec<T> {
    let changes = document.crdt().get_changes_meta(&[]);
    let (had, rest): (Vec<_>, Vec<_>) = changes.iter().partition(|change| match until {
        Until::Lately(since) => change.timestamp < since.0,
        Until::Ever => false,
    });
    let below: BTreeSet<&ChangeHash> = had.iter().flat_map(|change| &change.deps).collect();
    let ends = had.iter().map(|change| change.hash);
    let ends: Vec<ChangeHash> = ends.filter(|hash| !below.contains(hash)).collect();
    let with = |more: Option<ChangeHash>| {
        let heads = ends.iter().copied().chain(more).collect();
        read(Seen::at(document, heads))
    };
    let rest = rest.iter().rev().take(RULE_CHANGES);
    let with_more = rest.map(|change| with(Some(change.hash)));
    with_more.chain([with(None)]).collect()
}
