//! Who the guests are, kept off a device whoever works there.

use super::*;
use crate::{
    gate::{Author, ReadAction},
    http::tests::socket::Socket,
    pretend::GUEST,
};
use keyrack_model::{
    action::Sequence,
    class::{Class, GuestNames},
    limits::CONFIRMED_MILLIS,
    wire::ErrorCode,
};

const NAME: &str = "Anabela Quintanilha";
const LOBBY: u8 = 2;
const BACK: u8 = 3;

fn set(guests: GuestNames) -> Administration {
    let device = Device::numbered(LOBBY).id;
    Administration::SetGuestNames { device, guests }
}

/// The resort with a guest whose name is known.
async fn with_a_guest() -> Office {
    let office = Office::open().await;
    let hotel = identity::hotel("resort");
    let hotels = &office.site.hotels;
    pretend::open_house(hotels.log().as_ref(), hotel).await;
    let mut rui = pretend::Device::of(pretend::RUI, 9);
    rui.id = Device::numbered(BACK).id;
    office.site.token(&Device::numbered(BACK), "rui").await;
    let named = ReadAction::of(rui.name_guest(GUEST, 0, NAME));
    let told = hotels.push(hotel, Author::People(rui.id), vec![named]);
    let told = told.await.unwrap();
    assert!(
        matches!(told[0].verdict, Verdict::Accepted { .. }),
        "{told:?}"
    );
    office
}

fn hello(cursor: u64, epoch: Option<keyrack_model::ids::LogEpoch>, held: &[Class]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let hello = ClientFrame::Hello {
        protocol: PROTOCOL,
        epoch,
        cursor: Sequence(cursor),
        known: None,
        classes: held.to_vec(),
        actors: vec![],
    };
    ciborium::into_writer(&hello, &mut bytes).unwrap();
    bytes
}

async fn receive(socket: &mut Socket) -> ServerFrame {
    ciborium::from_reader(&socket.receive().await[..]).unwrap()
}

/// A connection that was greeted, and with which classes.
async fn greeted(site: &Site, token: &str) -> (Socket, Vec<Class>) {
    let mut socket = Socket::open(site, token).await;
    socket.send(&hello(0, None, &[])).await;
    match receive(&mut socket).await {
        ServerFrame::Welcome { classes, .. } => (socket, classes),
        other => panic!("no welcome: {other:?}"),
    }
}

/// Whether the name is told in what a request is answered with.
async fn tells(site: &Site, token: &str, path: &str) -> bool {
    let answer = site.ask(&format!("GET {path}"), PROTOCOL, token, b"").await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    let mut parts = answer.bytes.windows(NAME.len());
    parts.any(|part| part == NAME.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_the_guests_are_is_told_on_no_device_that_they_are_kept_off() {
    let office = with_a_guest().await;
    let site = &office.site;
    let lobby = site.token(&Device::numbered(LOBBY), "rui").await;
    let back = site.token(&Device::numbered(BACK), "rui").await;
    let (mut open, before) = greeted(site, &lobby).await;
    assert!(before.contains(&Class::Guests));
    let all = ["/v1/pull?after=0", "/v1/records?up_to=1000"];
    for path in all {
        assert!(tells(site, &lobby, path).await, "{path}");
    }

    assert_eq!(
        office.done("ana", &set(GuestNames::KeptOff)).await,
        Administered::Done
    );
    // Whoever is connected is sent away at once, and greeted by what may be there.
    while !matches!(receive(&mut open).await, ServerFrame::GoAway { .. }) {}
    let (_, classes) = greeted(site, &lobby).await;
    let without = before.iter().filter(|class| **class != Class::Guests);
    assert_eq!(classes, without.copied().collect::<Vec<_>>());
    for path in all {
        assert!(!tells(site, &lobby, path).await, "{path}");
        assert!(tells(site, &back, path).await, "{path} elsewhere");
    }
    // Neither is a manager told there.
    let anas = site.token(&Device::numbered(LOBBY), "ana").await;
    assert!(!tells(site, &anas, all[0]).await);
    let devices = office.look("ana").await.devices;
    let lobbys = devices
        .iter()
        .find(|it| it.id == Device::numbered(LOBBY).id);
    assert_eq!(lobbys.unwrap().guests, GuestNames::KeptOff);
    // Called otherwise, it is still kept off.
    let rename = Administration::RenameDevice {
        device: Device::numbered(LOBBY).id,
        name: "Lobby".into(),
    };
    office.done("ana", &rename).await;
    assert!(!tells(site, &lobby, all[0]).await);

    // Once they may be there again, the device asks for what it was not told.
    office.done("ana", &set(GuestNames::Shown)).await;
    let hotel = identity::hotel("resort");
    let epoch = crate::log::Log::head(&**site.hotels.log(), hotel);
    let epoch = epoch.await.unwrap().epoch;
    let mut socket = Socket::open(site, &lobby).await;
    socket.send(&hello(1, Some(epoch), &classes)).await;
    match receive(&mut socket).await {
        ServerFrame::Refuse(body) => assert_eq!(body.code, ErrorCode::MustRefetch),
        other => panic!("greeted as if it lacked nothing: {other:?}"),
    }
    for path in all {
        assert!(tells(site, &lobby, path).await, "{path}");
    }
}

#[tokio::test]
async fn managers_keep_guests_off_a_device_at_once_and_let_them_in_with_their_password() {
    let office = with_a_guest().await;
    let site = &office.site;
    site.token(&Device::numbered(LOBBY), "maria").await;
    for name in ["maria", "rui"] {
        check_not_allowed(&office.ask(name, &set(GuestNames::KeptOff)).await);
    }
    let nowhere = Administration::SetGuestNames {
        device: Device::numbered(77).id,
        guests: GuestNames::KeptOff,
    };
    assert_eq!(office.ask("ana", &nowhere).await.code(), "bad-request");
    let token = office.token("ana").await;
    site.wait_seconds(CONFIRMED_MILLIS / 1_000 + 1);
    for _ in 0..2 {
        done(&ask(site, &token, &set(GuestNames::KeptOff)).await);
    }
    let refused = ask(site, &token, &set(GuestNames::Shown)).await;
    assert_eq!(refused.code(), "not-confirmed");
    let confirm = Administration::Confirm {
        present: "ana-keyrack".into(),
    };
    done(&ask(site, &token, &confirm).await);
    done(&ask(site, &token, &set(GuestNames::Shown)).await);
    let told: Vec<String> =
        sqlx::query_scalar("select event from audit where event like 'guests-%' order by number")
            .fetch_all(&mut site.scratch.inspect().await)
            .await
            .unwrap();
    assert_eq!(told, ["guests-kept-off", "guests-shown"]);
}
