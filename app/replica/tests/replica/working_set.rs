//! Devices that begin with what the server hands out instead of the whole log.

use crate::world::{
    log::encode,
    people,
    scene::{Scene, mark, room, seen, stay, task, today},
};
use keyrack_model::{
    action::{Content, Sequence},
    class::Reading,
    cleanliness::Cleanliness,
    command::{Command, ImportedRow, WorkOrderDraft, WorkOrderEdit},
    identity,
    ids::{DocumentKind, DocumentRef, StayId, WorkOrderId},
    ipc::Connection,
    limits::MAX_SEGMENTS,
    policy::Role,
    refusal::Refusal,
    room::Occupancy,
    segment::{RecordPage, WorkingSet},
    wire::{ErrorBody, ErrorCode, ServerFrame},
};
use keyrack_replica::{ActError, Effect, Fetched, Input, SyncSession, Wanted};
use uuid::Uuid;

const DESK: usize = 0;
const MARIA: usize = 1;

/// A desk and a housekeeper who have worked for a while.
fn morning() -> Scene {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    for (who, command) in [
        (DESK, Command::CheckOut { stay: stay(1) }),
        (MARIA, Command::StartTask { task: task(1) }),
        (MARIA, mark(1, Cleanliness::Clean)),
        (MARIA, seen(2, Occupancy::Vacant)),
    ] {
        scene.act(who, &command).unwrap();
        scene.settle();
    }
    scene
}

/// A device shows all that the desk shows.
fn check_rows(scene: &Scene, device: usize) {
    let shown = [device, DESK].map(|it| scene.devices[it].replica.all_rows().unwrap());
    assert_eq!(shown[0], shown[1]);
}

#[test]
fn a_device_that_begins_with_what_is_handed_out_shows_what_the_log_tells() {
    let mut scene = morning();
    let new = scene.join(1, Role::FrontDesk);
    assert_eq!(scene.devices[new].replica.cursor(), scene.log.head());
    scene.check_agreement();
    assert_eq!(scene.guest(new, stay(1)), scene.guest(DESK, stay(1)));
    let asked = &scene.handout.asked;
    assert_eq!(asked[0], Wanted::WorkingSet);
    assert!(matches!(asked[1], Wanted::Records { .. }), "people first");
    assert!(matches!(asked.last(), Some(Wanted::Segment(_))));

    // It works on from there like any other.
    scene.act(new, &mark(1, Cleanliness::Dirty)).unwrap();
    scene.act(MARIA, &seen(1, Occupancy::Occupied)).unwrap();
    scene.settle();
    scene.check_agreement();
}

#[test]
fn whose_role_changed_after_they_signed_in_has_the_present_one_when_their_device_begins() {
    let mut scene = morning();
    let (now, head, epoch) = (scene.tick(), scene.log.head(), scene.log.epoch());
    let classes = Reading::of(Role::Housekeeper).classes();
    let mut entries = scene.log.after(Role::Housekeeper, Sequence::default());
    entries.retain(|entry| entry.record().is_some());
    let set = WorkingSet {
        epoch,
        sequence: head,
        since: today(),
        segments: Vec::new(),
    };
    let page = RecordPage {
        epoch,
        classes: classes.clone(),
        entries,
        is_last: true,
    };
    let records = Wanted::Records {
        up_to: head,
        after: Sequence::default(),
    };
    let log = &scene.log;
    let welcome = log.welcome(Role::Housekeeper, Some(epoch), head, classes);
    let mut replica = people::replica_of(0x50, 2, Role::Supervisor);
    let mut sync = SyncSession::new(now, 0).that_fetches();
    for input in [
        Input::Tick,
        Input::Fetched(Wanted::WorkingSet, Fetched::WorkingSet(set)),
        Input::Fetched(records, Fetched::Records(page)),
        Input::Opened,
        // Nothing else is delivered: the log has not gone on.
        Input::Received(encode(&welcome)),
    ] {
        sync.handle(&mut replica, now, input).unwrap();
    }
    assert_eq!(sync.state(&replica).unwrap().connection, Connection::Online);
    assert_eq!(replica.session().unwrap().me.role, Role::Housekeeper);
}

#[test]
fn records_that_come_after_the_log_was_followed_as_somebody_who_read_less_are_not_taken_for_all() {
    let mut scene = morning();
    let (epoch, begun) = (scene.log.epoch(), scene.log.head());
    let set = WorkingSet {
        epoch,
        sequence: begun,
        since: today(),
        segments: Vec::new(),
    };
    let records = |up_to| Wanted::Records {
        up_to,
        after: Sequence::default(),
    };
    let mut replica = people::replica_of(0x50, 2, Role::Housekeeper);
    let mut sync = SyncSession::new(scene.tick(), 0).that_fetches();
    let mut say = |scene: &mut Scene, input| {
        scene.pass_time();
        sync.handle(&mut replica, scene.tick(), input).unwrap()
    };
    say(&mut scene, Input::Tick);
    let set = Fetched::WorkingSet(set);
    say(&mut scene, Input::Fetched(Wanted::WorkingSet, set));
    // The records do not come, until the log is followed without them.
    for _ in 0..8 {
        let not_yet = Input::Fetched(records(begun), Fetched::NotYet);
        say(&mut scene, Input::Tick);
        say(&mut scene, not_yet);
    }
    let welcome = |scene: &Scene, role, cursor| {
        let classes = Reading::of(role).classes();
        let welcome = scene.log.welcome(role, Some(epoch), cursor, classes);
        Input::Received(encode(&welcome))
    };
    say(&mut scene, Input::Opened);
    let greeted = welcome(&scene, Role::Housekeeper, begun);
    say(&mut scene, greeted);
    scene.name_guest(DESK, stay(2), "Eva Lima").unwrap();
    let entries = scene.log.after(Role::Housekeeper, begun);
    let hidden = ServerFrame::Deliver { entries };
    say(&mut scene, Input::Received(encode(&hidden)));
    let told = scene.log.head();

    // Now they do, and by now the person reads guests.
    say(&mut scene, Input::Tick);
    let mut entries = scene.log.after(Role::FrontDesk, Sequence::default());
    entries.retain(|entry| entry.record().is_some() && entry.sequence <= begun);
    let page = RecordPage {
        epoch,
        classes: Reading::of(Role::FrontDesk).classes(),
        entries,
        is_last: true,
    };
    let page = Fetched::Records(page);
    say(&mut scene, Input::Fetched(records(begun), page));
    say(&mut scene, Input::Closed(None));
    say(&mut scene, Input::Tick);
    say(&mut scene, Input::Opened);
    let greeted = welcome(&scene, Role::FrontDesk, told);
    let mut effects = say(&mut scene, greeted);
    effects.extend(say(&mut scene, Input::Tick));
    let is_asked = |effect: &Effect| matches!(effect, Effect::Fetch(it) if *it == records(told));
    assert!(effects.iter().any(is_asked), "{effects:?}");
}

#[test]
fn a_housekeepers_device_begins_without_the_guests_and_gets_them_with_another_role() {
    let mut scene = morning();
    let new = scene.join(2, Role::Housekeeper);
    assert_eq!(scene.guest(new, stay(1)), None);
    let person = crate::world::people::person(2, Role::Manager);
    scene.log.put_person(&person);
    scene.handout.asked.clear();
    scene.settle();
    assert!(!scene.handout.asked.is_empty(), "records are");
    scene.check_agreement();
    assert!(scene.guest(new, stay(1)).is_some());
    let documents = scene.handout.asked.iter().any(|wanted| {
        matches!(
            wanted,
            Wanted::Segment(_) | Wanted::Document(_) | Wanted::WorkingSet
        )
    });
    assert!(!documents, "documents are not read again");
}

#[test]
fn what_changes_while_segments_are_still_to_come_is_there_when_they_have() {
    let mut scene = morning();
    scene.handout.withheld = usize::MAX;
    let new = scene.join(1, Role::FrontDesk);
    let state = |scene: &Scene| {
        let device = &scene.devices[new];
        device.session.state(&device.replica).unwrap().connection
    };
    assert!(matches!(state(&scene), Connection::Offline { .. }));
    // Set, records and one segment come; then none for a while.
    scene.handout.withheld = 0;
    scene.handout.stops_after_segments = Some(1);
    scene.pass_time();
    scene.connect(new);
    assert!(
        scene.devices[new].replica.hotel().unwrap().business_date == crate::world::scene::today()
    );
    let commands = [
        mark(3, Cleanliness::Pickup),
        Command::CheckOut { stay: stay(3) },
    ];
    for command in commands {
        scene.act(DESK, &command).unwrap();
    }
    scene.pass_time();
    scene.connect(new);
    assert_eq!(scene.devices[new].replica.cursor(), scene.log.head());
    assert_eq!(state(&scene), Connection::CatchingUp);
    scene.handout.stops_after_segments = None;
    scene.pass_time();
    scene.connect(new);
    scene.settle();
    assert_eq!(state(&scene), Connection::Online);
    scene.check_agreement();
}

#[test]
fn a_document_that_was_not_handed_out_is_asked_for_when_it_changes() {
    let mut scene = morning();
    let order = WorkOrderId(Uuid::from_u128(0x3000));
    scene.act(DESK, &create(order)).unwrap();
    scene.settle();
    scene.handout.is_chosen = |document| document.kind != DocumentKind::WorkOrder;
    let new = scene.join(1, Role::FrontDesk);
    assert!(
        scene.devices[new]
            .replica
            .rows_of(&[order.into()])
            .unwrap()
            .is_empty()
    );
    scene.act(MARIA, &comment(order, 1)).unwrap();
    scene
        .act(DESK, &retitle(order, "Shower drips badly"))
        .unwrap();
    scene.settle();
    scene.check_agreement();
    assert!(
        scene
            .handout
            .asked
            .contains(&Wanted::Document(order.into()))
    );
}

#[test]
fn whoever_opens_an_older_document_gets_it_with_its_comments_and_its_whole_story() {
    let mut scene = morning();
    let order = WorkOrderId(Uuid::from_u128(0x3000));
    scene.act(DESK, &create(order)).unwrap();
    scene.act(DESK, &comment(order, 1)).unwrap();
    scene.settle();
    scene.handout.is_chosen = |document| {
        !matches!(
            document.kind,
            DocumentKind::WorkOrder | DocumentKind::Comment
        )
    };
    scene.handout.untold = scene.log.head();
    let new = scene.join(1, Role::FrontDesk);
    scene.feed(new, Input::Open(order.into()));
    scene.feed(new, Input::Open(room(1).into()));
    let story = |scene: &Scene, device: usize| scene.story(device, &[order.into(), room(1).into()]);
    assert_eq!(story(&scene, new), story(&scene, DESK));
    let rows = |scene: &Scene, device: usize| {
        scene.devices[device]
            .replica
            .rows_of(&[order.into(), room(1).into()])
            .unwrap()
    };
    assert_eq!(rows(&scene, new), rows(&scene, DESK));
    // What is here as a whole is not asked for again, and what the server has not is given up.
    scene.handout.asked.clear();
    scene.feed(new, Input::Open(order.into()));
    assert_eq!(scene.handout.asked, []);
    let unknown = WorkOrderId(Uuid::from_u128(0x3999));
    scene.feed(new, Input::Open(unknown.into()));
    scene.pass_time();
    scene.connect(new);
    assert_eq!(scene.handout.asked, [Wanted::Document(unknown.into())]);
}

#[test]
fn what_is_handed_out_tells_nothing_before_the_log_has_told_all_of_it() {
    let mut scene = morning();
    scene.handout.untold = scene.log.head();
    let new = scene.join(1, Role::FrontDesk);
    scene.settle();
    // A check-out writes to the stay, the room and its tasks.
    let left = scene
        .act(DESK, &Command::CheckOut { stay: stay(2) })
        .unwrap();
    scene.feed(new, Input::Open(room(2).into()));
    let documents = [room(2).into(), stay(2).into(), task(2).into()];
    let parts = |scene: &Scene, device: usize| {
        let told = scene.story(device, &documents);
        told.iter().filter(|entry| entry.operation == left).count()
    };
    let asked = Wanted::Document(room(2).into());
    assert_eq!(scene.handout.asked.last(), Some(&asked));
    assert_eq!(parts(&scene, new), 0);
    scene.deliver(new, usize::MAX);
    assert_eq!(parts(&scene, new), parts(&scene, DESK));
    assert!(parts(&scene, DESK) > 1);
    assert_eq!(
        scene.story(new, &[room(2).into()]),
        scene.story(DESK, &[room(2).into()])
    );

    // Without a connection nobody tells the rest: it is asked for once more.
    scene
        .act(DESK, &Command::CheckOut { stay: stay(3) })
        .unwrap();
    scene.handout.asked.clear();
    scene.feed(new, Input::Open(room(3).into()));
    scene.cut(new);
    scene.pass_time();
    scene.settle();
    assert!(scene.handout.asked.len() > 1, "{:?}", scene.handout.asked);
    assert_eq!(
        scene.story(new, &[room(3).into()]),
        scene.story(DESK, &[room(3).into()])
    );
}

#[test]
fn what_is_opened_while_a_device_begins_comes_with_all_of_its_story() {
    let mut scene = morning();
    scene.handout.untold = scene.log.head();
    scene.handout.stops_after_segments = Some(0);
    let new = scene.join(1, Role::FrontDesk);
    scene.feed(new, Input::Open(room(1).into()));
    scene.handout.stops_after_segments = None;
    scene.settle();
    let story = |scene: &Scene, device: usize| scene.story(device, &[room(1).into()]);
    assert_eq!(story(&scene, new), story(&scene, DESK));
    assert_eq!(story(&scene, new).len(), 3);
    let asked = &scene.handout.asked;
    assert_eq!(asked.last(), Some(&Wanted::Document(room(1).into())));
}

#[test]
fn what_was_begun_here_before_its_segment_came_is_opened_with_all_of_its_story() {
    let mut begun_here = 0;
    for segments in 1..10 {
        let mut scene = morning();
        scene.handout.untold = scene.log.head();
        scene.handout.stops_after_segments = Some(segments);
        let new = scene.join(1, Role::FrontDesk);
        let left = scene.act(new, &Command::CheckOut { stay: stay(2) });
        let document: DocumentRef = task(2).into();
        let story = scene.story(new, &[document]);
        let made_here = |operation| story.iter().all(|entry| entry.operation == operation);
        begun_here += usize::from(!story.is_empty() && left.is_ok_and(made_here));
        scene.feed(new, Input::Open(document));
        scene.handout.stops_after_segments = None;
        scene.settle();
        let story = |device: usize| scene.story(device, &[document]);
        assert_eq!(story(new), story(DESK), "{segments}");
    }
    assert!(begun_here > 0);
}

#[test]
fn a_part_of_what_is_all_here_is_not_put_in_its_place() {
    let mut scene = morning();
    scene.handout.many = 1;
    scene.handout.stops_after_segments = Some(2);
    let new = scene.join(1, Role::FrontDesk);
    let here = scene.devices[new].replica.all_rows().unwrap();
    let here: Vec<DocumentRef> = here.iter().map(|row| row.document).collect();
    assert_eq!(here.len(), 2);

    // Another set, which goes on after the story of what is here, replaces the first one.
    scene.act(DESK, &mark(1, Cleanliness::Dirty)).unwrap();
    scene.handout.untold = scene.log.head();
    scene.handout.stops_after_segments = None;
    scene.handout.replace_sets();
    scene.settle();
    for document in here {
        let stories = [new, DESK].map(|it| scene.story(it, &[document]));
        assert_eq!(stories[0], stories[1], "{document}");
    }
    check_rows(&scene, new);
}

#[test]
fn an_action_from_before_is_undone_as_a_whole_or_not_at_all() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Supervisor]);
    let done = scene
        .act(DESK, &Command::CheckOut { stay: stay(1) })
        .unwrap();
    scene.settle();
    let undo = Command::Undo { operation: done };

    // Without the stay, which the check-out ended.
    scene.handout.is_chosen = |document| document.kind != DocumentKind::Stay;
    let part = scene.join(1, Role::FrontDesk);
    let refused = scene.act(part, &undo);
    assert!(
        matches!(refused, Err(ActError::Refused(Refusal::NotFound))),
        "{refused:?}"
    );

    scene.handout.is_chosen = |_| true;
    let all = scene.join(1, Role::FrontDesk);
    scene.act(all, &undo).unwrap();
    scene.cut(part);
    scene.devices.remove(part);
    scene.settle();
    scene.check_agreement();
}

#[test]
fn what_was_over_for_five_weeks_is_let_go_of_and_opens_again() {
    let mut scene = morning();
    let new = scene.join(1, Role::FrontDesk);
    let done = scene
        .act(new, &Command::CheckOut { stay: stay(2) })
        .unwrap();
    scene.settle();
    let is_here = |scene: &Scene, stay: StayId| {
        let rows = scene.devices[new].replica.rows_of(&[stay.into()]);
        !rows.unwrap().is_empty()
    };
    // By the hotel's calendar it is over, by the clock it was done a moment ago.
    let date = day("2017-07-10");
    scene.server_does(&[Command::Import(date)]);
    scene.settle();
    scene.feed(new, Input::Tick);
    assert!(is_here(&scene, stay(2)), "the log may lose it yet");

    scene.pass_weeks(6);
    let date = day("2017-07-11");
    scene.server_does(&[Command::Import(date)]);
    scene.settle();
    scene.connect(new);
    scene.feed(new, Input::Tick);
    assert!(!is_here(&scene, stay(1)) && !is_here(&scene, stay(2)));
    assert!(
        is_here(&scene, stay(3)),
        "a guest who never left is not over"
    );
    // Something that reads all of the log and lets go of nothing agrees on all that is here.
    scene.check_what_is_here(new, DESK);

    // An action of which a part is gone is undone as a whole once that is here again, or not at all.
    let undone = scene.act(new, &Command::Undo { operation: done });
    assert!(matches!(undone, Err(ActError::Refused(Refusal::NotFound))));
    for stay in [stay(1), stay(2)] {
        scene.feed(new, Input::Open(stay.into()));
        let here = scene.story(new, &[stay.into()]);
        assert_eq!(here, scene.story(DESK, &[stay.into()]));
        assert!(is_here(&scene, stay));
    }
    scene.check_what_is_here(new, DESK);
}

#[test]
fn a_clock_that_is_weeks_ahead_lets_go_of_nothing_before_its_time() {
    let mut scene = morning();
    scene.pass_weeks(0);
    let new = scene.join(1, Role::FrontDesk);
    scene
        .act(new, &Command::CheckOut { stay: stay(2) })
        .unwrap();
    scene.settle();
    let is_here = |scene: &Scene, stay: StayId| {
        let rows = scene.devices[new].replica.rows_of(&[stay.into()]);
        !rows.unwrap().is_empty()
    };
    scene.server_does(&[Command::Import(day("2017-07-10"))]);
    scene.settle();
    scene.feed(new, Input::Tick);
    // The day moves on, and only the device believes that it took weeks.
    scene.server_does(&[Command::Import(day("2017-07-11"))]);
    scene.clocks_of_devices_jump(6);
    scene.settle();
    scene.connect(new);
    scene.feed(new, Input::Tick);
    assert!(is_here(&scene, stay(2)), "it was over a moment ago");

    scene.pass_weeks(0);
    scene.server_does(&[Command::Import(day("2017-07-12"))]);
    scene.settle();
    scene.connect(new);
    scene.feed(new, Input::Tick);
    assert!(!is_here(&scene, stay(2)), "now the server says so too");
}

#[test]
fn what_was_let_go_of_comes_back_with_a_log_by_which_it_is_not_over() {
    let mut scene = morning();
    let new = scene.join(1, Role::FrontDesk);
    scene.settle();
    let before = scene.log.head();
    let is_here = |scene: &Scene| {
        let rows = scene.devices[new].replica.rows_of(&[stay(1).into()]);
        !rows.unwrap().is_empty()
    };
    for date in ["2017-07-10", "2017-07-11"] {
        scene.pass_weeks(6);
        scene.server_does(&[Command::Import(day(date))]);
        scene.settle();
        scene.connect(new);
        scene.feed(new, Input::Tick);
    }
    assert!(!is_here(&scene));
    scene.log.restore(before);
    scene.settle();
    assert!(is_here(&scene));
    // Whoever read the log lets go of what nobody brings back.
    scene.give_up_hope();
    scene.check_what_is_here(new, DESK);
}

#[test]
fn a_server_that_hands_nothing_out_is_read_from_the_beginning() {
    let mut scene = morning();
    scene.handout.withheld = usize::MAX;
    let new = scene.join(1, Role::FrontDesk);
    for _ in 0..8 {
        scene.pass_time();
        scene.connect(new);
    }
    scene.check_agreement();
    assert!(
        scene
            .handout
            .asked
            .iter()
            .all(|it| *it == Wanted::WorkingSet)
    );
}

#[test]
fn what_does_not_read_as_it_says_is_not_taken_in() {
    let mut scene = morning();
    scene.handout.lies = true;
    let new = scene.join(1, Role::FrontDesk);
    for _ in 0..8 {
        scene.pass_time();
        scene.connect(new);
    }
    let shown = scene.devices[new].replica.all_rows().unwrap();
    assert_eq!(shown, [], "nothing of it is shown");
    scene.handout.lies = false;
    scene.pass_time();
    scene.connect(new);
    scene.check_agreement();
}

#[test]
fn what_was_not_asked_for_is_not_taken_in_and_can_still_come_as_it_should() {
    let mut scene = morning();
    scene.handout.untold = scene.log.head();
    scene.handout.adds = Some(stay(2).into());
    let new = scene.join(1, Role::FrontDesk);
    let shown = scene.devices[new].replica.all_rows().unwrap();
    assert_eq!(shown, [], "segments are larger than named");
    scene.handout.adds = None;
    scene.pass_time();
    scene.connect(new);
    check_rows(&scene, new);

    scene.handout.adds = Some(stay(2).into());
    scene.feed(new, Input::Open(room(1).into()));
    assert_eq!(scene.story(new, &[room(1).into()]), []);
    scene.handout.adds = None;
    scene.pass_time();
    scene.feed(new, Input::Tick);
    let story = scene.story(new, &[room(1).into()]);
    assert_eq!(story, scene.story(DESK, &[room(1).into()]));
}

#[test]
fn pages_that_lead_nowhere_are_asked_for_again_later_until_they_lead_on() {
    let mut scene = morning();
    scene.handout.leads_nowhere = true;
    let new = scene.join(1, Role::FrontDesk);
    // Each time the device is asked what to do twice.
    for times in 1..30 {
        let is_a_page = |wanted: &&Wanted| matches!(wanted, Wanted::Records { .. });
        let pages = scene.handout.asked.iter().filter(is_a_page).count();
        assert!(pages <= 2 * times, "{pages} after {times} times");
        scene.connect(new);
    }
    assert_eq!(scene.guest(new, stay(1)), None);
    scene.handout.leads_nowhere = false;
    scene.pass_time();
    scene.settle();
    assert_eq!(scene.guest(new, stay(1)), scene.guest(DESK, stay(1)));
    scene.check_agreement();
}

#[test]
fn a_working_set_of_more_segments_than_a_hotel_has_is_not_begun_with() {
    let mut scene = morning();
    let most = |scene: &mut Scene, repeats| {
        scene.handout.repeats = repeats;
        let new = scene.join(1, Role::FrontDesk);
        scene.connect(new);
        !scene.devices[new].replica.all_rows().unwrap().is_empty()
    };
    // Thirteen documents, three of them in one.
    assert!(most(&mut scene, MAX_SEGMENTS / 5));
    assert!(!most(&mut scene, MAX_SEGMENTS / 5 + 1));
}

#[test]
fn a_record_of_a_class_that_the_server_does_not_tell_of_is_on_no_device() {
    let mut scene = morning();
    let new = scene.join(2, Role::Housekeeper);
    let told = scene.devices[new].replica.cursor();
    scene.name_guest(DESK, stay(2), "Eva Lima").unwrap();
    let entry = scene.log.entries.last().unwrap().clone();
    assert!(entry.record().is_some() && entry.sequence == told.next());
    let entries = vec![entry];
    scene.feed(
        new,
        Input::Received(encode(&ServerFrame::Deliver { entries })),
    );
    assert_eq!(scene.devices[new].replica.cursor(), told.next());
    // The desk sits down there.
    let desk = crate::world::people::person(1, Role::FrontDesk);
    let session = crate::world::people::session(desk);
    scene.devices[new].replica.begin_session(session).unwrap();
    assert_eq!(scene.guest(new, stay(2)), None);
    assert!(scene.guest(DESK, stay(2)).is_some());
}

#[test]
fn a_change_of_another_kind_of_document_under_the_same_id_takes_nothing_away() {
    let mut scene = morning();
    let new = scene.join(1, Role::FrontDesk);
    let told = scene.devices[new].replica.cursor();
    scene.act(MARIA, &seen(1, Occupancy::Vacant)).unwrap();
    let mut entry = scene.log.entries.last().unwrap().clone();
    if let Content::Action { action, .. } = &mut entry.content {
        assert_eq!(action.changes[0].document, room(1).into());
        action.changes[0].document.kind = DocumentKind::Task;
    }
    let entries = vec![entry];
    scene.feed(
        new,
        Input::Received(encode(&ServerFrame::Deliver { entries })),
    );
    assert_eq!(
        scene.devices[new].replica.cursor(),
        told,
        "it is not taken in"
    );
    scene.act(new, &mark(1, Cleanliness::Dirty)).unwrap();
    scene.settle();
    scene.check_agreement();
}

#[test]
fn a_document_that_is_more_than_a_device_can_hold_costs_only_itself() {
    let mut scene = morning();
    scene.handout.bloats = Some(room(1).into());
    let new = scene.join(1, Role::FrontDesk);
    let is_other = |document: &DocumentRef| *document != room(1).into();
    let there = scene.devices[DESK].replica.all_rows().unwrap();
    let there: Vec<DocumentRef> = there.iter().map(|row| row.document).collect();
    let here = scene.devices[new].replica.all_rows().unwrap();
    let here: Vec<DocumentRef> = here.iter().map(|row| row.document).collect();
    let others: Vec<DocumentRef> = there.into_iter().filter(is_other).collect();
    assert_eq!(here, others);
    let refused = scene.act(new, &mark(1, Cleanliness::Dirty));
    let is_refused = matches!(refused, Err(ActError::Refused(Refusal::NotFound)));
    assert!(is_refused, "{refused:?}");
    scene.act(new, &mark(2, Cleanliness::Dirty)).unwrap();
    scene.settle();
    scene.check_what_is_here(new, DESK);
}

fn day(date: &str) -> ImportedRow {
    ImportedRow::BusinessDate {
        hotel: identity::hotel("test"),
        date: date.parse().unwrap(),
    }
}

fn create(work_order: WorkOrderId) -> Command {
    Command::CreateWorkOrder {
        work_order,
        draft: WorkOrderDraft {
            title: "Shower drips".into(),
            room: Some(room(1)),
            ..WorkOrderDraft::default()
        },
    }
}

fn retitle(work_order: WorkOrderId, title: &str) -> Command {
    Command::EditWorkOrder {
        work_order,
        edit: WorkOrderEdit {
            title: Some(title.into()),
            ..WorkOrderEdit::default()
        },
    }
}

fn comment(subject: WorkOrderId, number: u128) -> Command {
    Command::AddComment {
        comment: keyrack_model::ids::CommentId(Uuid::from_u128(0x4000 + number)),
        subject,
        text: "since Tuesday".into(),
    }
}

#[test]
fn a_device_that_another_log_turned_away_takes_nothing_from_it() {
    let mut scene = morning();
    scene.handout.is_chosen = |document| document != room(2).into();
    let new = scene.join(1, Role::FrontDesk);
    let refusal = ServerFrame::Refuse(ErrorBody {
        code: ErrorCode::EpochChanged,
        message: "The server's log is another one.".into(),
    });
    scene.feed(new, Input::Received(encode(&refusal)));
    scene.handout.asked.clear();
    scene.feed(new, Input::Open(room(2).into()));
    assert_eq!(scene.handout.asked, []);
    let is_here = |scene: &Scene| {
        let rows = scene.devices[new].replica.rows_of(&[room(2).into()]);
        !rows.unwrap().is_empty()
    };
    assert!(!is_here(&scene));

    // Somebody has mended it: the device is greeted as ever.
    scene.connect(new);
    assert!(is_here(&scene));
}
