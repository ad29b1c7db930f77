//! Access that ends or becomes less while somebody is connected: they hear of it at once, and of
//! nothing that came after it.

use super::{
    sessions::{greeted, receive},
    site::{Device, NOW, Site},
};
use crate::{accounts::NewPerson, heads, log::Log};
use keyrack_model::{
    administration::Ended,
    identity,
    ids::UserId,
    limits::PROTOCOL,
    policy::Role,
    time::Timestamp,
    wire::{ErrorCode, ServerFrame},
};
use std::time::Duration;
use uuid::Uuid;

/// What only a failing test waits for.
const PATIENCE: Duration = Duration::from_secs(30);
const AT: Timestamp = Timestamp(NOW);
/// What a device is told that is to come back and be greeted by what it may read.
pub const AT_ONCE: ServerFrame = ServerFrame::GoAway {
    retry_after_millis: 0,
};

/// Somebody is taken on at the resort, and everybody who follows its log is told.
async fn tell_of_somebody_else(site: &Site) {
    let resort = identity::hotel("resort");
    let newcomer = NewPerson {
        name: "joana".into(),
        display: "Joana Reis".into(),
        role: Role::Engineer,
        password: "a word for joana".into(),
    };
    let id = UserId(Uuid::from_u128(0x10A));
    site.accounts
        .take_on(resort, id, newcomer, AT)
        .await
        .unwrap();
    let head = site.hotels.log().head(resort).await.unwrap();
    site.hotels.head_seen(resort, head);
}

/// Ends what somebody has at the resort, in one of the ways in which it ends.
type End = for<'a> fn(&'a Site, &'a Device) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_elsewhere_closes_its_connection_before_anything_else_is_delivered() {
    let ways: [(&str, End); 5] = [
        ("ended by whoever looks after people", |site, _| {
            Box::pin(async move {
                let resort = identity::hotel("resort");
                let sessions = site.accounts.sessions(resort, None).await.unwrap();
                let end = |session| {
                    site.accounts
                        .end_session(resort, session, Ended::EndedElsewhere, AT)
                };
                for session in sessions {
                    assert!(end(session.id).await.unwrap());
                }
            })
        }),
        ("another password", |site, _| {
            Box::pin(async move {
                let resort = identity::hotel("resort");
                let password = "another word for her".to_owned();
                let set = site
                    .accounts
                    .set_password(resort, "maria", password, AT)
                    .await;
                set.unwrap();
            })
        }),
        ("dismissed", |site, _| {
            Box::pin(async move {
                let resort = identity::hotel("resort");
                site.accounts.dismiss(resort, "maria", AT).await.unwrap();
            })
        }),
        ("ended on the device", |site, device| {
            Box::pin(async move {
                let resort = identity::hotel("resort");
                let ended = site.accounts.end_sessions_on(resort, device.id, AT).await;
                ended.unwrap();
            })
        }),
        ("begun again", |site, device| {
            Box::pin(async move {
                site.token(device, "maria").await;
            })
        }),
    ];
    for (way, end) in ways {
        let site = Site::open().await;
        let device = Device::numbered(1);
        let token = site.token(&device, "maria").await;
        let mut socket = greeted(&site, &token, PROTOCOL).await;
        end(&site, &device).await;
        tell_of_somebody_else(&site).await;
        match receive(&mut socket).await {
            ServerFrame::Refuse(body) => assert_eq!(body.code, ErrorCode::SignedOut, "{way}"),
            told => panic!("{way}: {told:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_another_role_begins_anew_before_anything_else_is_delivered() {
    let resort = identity::hotel("resort");
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "rui").await;
    let mut socket = greeted(&site, &token, PROTOCOL).await;
    let given = site
        .accounts
        .set_role(resort, "rui", Role::Housekeeper, AT)
        .await;
    given.unwrap();
    tell_of_somebody_else(&site).await;
    assert_eq!(receive(&mut socket).await, AT_ONCE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_at_another_server_closes_its_connection_here() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    let access = site.accounts.access().clone();
    let mut listens = access.follow().of(
        identity::hotel("resort"),
        crate::pretend::MARIA,
        Device::numbered(1).id,
    );
    let (database, hotels) = (site.scratch.open().await, site.hotels.clone());
    tokio::spawn(heads::hear(database, hotels, access));
    // Once it listens, everybody is looked at again.
    listens.come().await;
    let mut socket = greeted(&site, &token, PROTOCOL).await;
    let elsewhere = crate::accounts::Accounts::new(site.scratch.open().await);
    let resort = identity::hotel("resort");
    elsewhere.dismiss(resort, "maria", AT).await.unwrap();
    loop {
        match receive(&mut socket).await {
            ServerFrame::Refuse(body) => {
                assert_eq!(body.code, ErrorCode::SignedOut);
                return;
            }
            // The log's news, that she left, may come first: it is another server's.
            ServerFrame::Deliver { .. } => {}
            told => panic!("{told:?}"),
        }
    }
}

/// An operator's command is a server of its own for a moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_the_operator_trusts_no_longer_reads_nothing_more_at_any_server() {
    let site = Site::open().await;
    let (lost, resort) = (Device::numbered(1), identity::hotel("resort"));
    let token = site.token(&lost, "maria").await;
    let access = site.accounts.access().clone();
    let follow = || access.follow().of(resort, crate::pretend::MARIA, lost.id);
    let mut listens = follow();
    let (database, hotels) = (site.scratch.open().await, site.hotels.clone());
    tokio::spawn(heads::hear(database, hotels, access.clone()));
    listens.come().await;
    let mut socket = greeted(&site, &token, PROTOCOL).await;
    let mut hears = follow();
    let operator = crate::accounts::Accounts::new(site.scratch.open().await);
    operator.distrust_device(resort, lost.id, AT).await.unwrap();
    // Not only when the log tells of it.
    let heard = tokio::time::timeout(PATIENCE, hears.come()).await;
    assert!(heard.is_ok(), "no server was told whom to look at");
    assert_eq!(receive(&mut socket).await, AT_ONCE);
}
