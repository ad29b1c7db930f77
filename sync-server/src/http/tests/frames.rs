//! Push and pull as requests: what a client without a WebSocket can do, and what it cannot.

use super::site::{Answer, Device, NOW, Site};
use crate::pretend;
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::{Action, Content, LogEntry, Sequence},
    class::Reading,
    cleanliness::Cleanliness,
    identity,
    ids::{ActorId, LogEpoch, UserId},
    limits::{
        MAX_FRAME, MAX_HELLO_ACTORS, MAX_PULL_WAIT_SECONDS, MAX_PUSH_ACTIONS, OLDEST_PROTOCOL,
        PROTOCOL,
    },
    policy::Role,
    time::Timestamp,
    wire::{ActorRegistration, ClientFrame, OperationVerdict, ServerFrame, Verdict},
};
use uuid::Uuid;

/// The log once maria has signed in: two people, the house, her device.
const OPENED: u64 = 2 + pretend::OPENED + 1;

const PUSH: &str = "POST /v1/push";
const ACTORS: &str = "POST /v1/actors";

/// Maria with a client of her own make.
struct Client {
    site: Site,
    device: Device,
    token: String,
    /// What she writes with.
    hand: pretend::Device,
}

impl Client {
    async fn open() -> Self {
        let site = Site::open().await;
        pretend::open_house(site.hotels.log().as_ref(), identity::hotel("resort")).await;
        let device = Device::numbered(1);
        let token = site.token(&device, "maria").await;
        let parsed = token.parse().unwrap_or_else(|_| panic!());
        let who = site.accounts.authenticate(&parsed, Timestamp(NOW)).await;
        let mut hand = pretend::Device::of(who.unwrap().user, 1);
        hand.id = device.id;
        Self {
            site,
            device,
            token,
            hand,
        }
    }

    /// One whose actor the server knows.
    async fn registered() -> Self {
        let client = Self::open().await;
        let registered = client.register(vec![client.hand.registration()]).await;
        assert_eq!((registered.status, &registered.body[..]), (204, ""));
        client
    }

    async fn send(&self, line: &str, frame: &ClientFrame) -> Answer {
        let body = cbor(frame);
        self.site.ask(line, PROTOCOL, &self.token, &body).await
    }

    async fn register(&self, actors: Vec<ActorRegistration>) -> Answer {
        self.send(ACTORS, &ClientFrame::Register { actors }).await
    }

    async fn push(&self, actions: &[Action]) -> Answer {
        let frame = self.signed(&cbor(actions), self.device.key);
        self.send(PUSH, &frame).await
    }

    fn signed(&self, batch: &[u8], key: [u8; 32]) -> ClientFrame {
        let signature = SigningKey::from_bytes(&key).sign(batch);
        ClientFrame::Push {
            batch: batch.to_vec(),
            signature: signature.to_bytes().to_vec(),
            proofs: vec![],
        }
    }

    /// What asks for anything beyond the present end of the log, for as long as can be waited.
    async fn all_and_wait(&self) -> String {
        let (epoch, _, head, _) = pulled(&self.pull("").await);
        format!("?after={head}&epoch={epoch}&wait={MAX_PULL_WAIT_SECONDS}")
    }

    async fn until_somebody_follows(&self) {
        while self.site.hotels.in_use().is_empty() {
            tokio::task::yield_now().await;
        }
    }

    async fn pull(&self, asked: &str) -> Answer {
        let line = format!("GET /v1/pull{asked}");
        self.site.ask(&line, PROTOCOL, &self.token, b"").await
    }
}

fn cbor<T: serde::Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

#[track_caller]
fn verdicts(answer: &Answer) -> Vec<OperationVerdict> {
    match &answer.frames()[..] {
        [ServerFrame::Verdicts { verdicts }] => verdicts.clone(),
        other => panic!("no verdicts: {other:?}"),
    }
}

/// What a pull said of the log: its epoch, where entries begin, its head, and entries.
#[track_caller]
fn pulled(answer: &Answer) -> (LogEpoch, u64, u64, Vec<LogEntry>) {
    let frames = answer.frames();
    let Some(ServerFrame::Welcome {
        epoch, after, head, ..
    }) = frames.first()
    else {
        panic!("no welcome: {frames:?}");
    };
    let entries = match &frames[1..] {
        [] => vec![],
        [ServerFrame::Deliver { entries }] => entries.clone(),
        other => panic!("no entries: {other:?}"),
    };
    (*epoch, after.0, head.0, entries)
}

#[track_caller]
fn is_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, &answer.code()[..]), (status, code));
    assert!(answer.json()["message"].as_str().unwrap().len() > 10);
}

#[tokio::test]
async fn what_is_pushed_has_a_verdict_and_is_pulled_by_others() {
    let mut maria = Client::registered().await;
    let made = [Cleanliness::Clean, Cleanliness::Pickup].map(|value| maria.hand.mark(value));
    let told = verdicts(&maria.push(&made).await);
    for (place, (told, action)) in told.iter().zip(&made).enumerate() {
        assert_eq!(told.operation, action.operation);
        let sequence = Sequence(OPENED + place as u64 + 1);
        let is_accepted =
            matches!(told.verdict, Verdict::Accepted { sequence: at, .. } if at == sequence);
        assert!(is_accepted, "{told:?}");
    }
    let again = verdicts(&maria.push(&made).await);
    assert_eq!(again, told, "a repeat has the same verdicts");

    let answer = maria.pull("").await;
    let (epoch, after, head, entries) = pulled(&answer);
    assert_eq!((after, head), (0, OPENED + 2));
    let entries = &entries[OPENED as usize..];
    assert!(entries.iter().filter_map(LogEntry::action).eq(&made));
    let is_hers = |entry: &LogEntry| matches!(entry.content, Content::Action { device, .. } if device == maria.device.id);
    assert!(entries.iter().all(is_hers));
    let ServerFrame::Welcome { classes, .. } = &answer.frames()[0] else {
        panic!("{answer:?}");
    };
    assert_eq!(*classes, Reading::of(Role::Housekeeper).classes());

    let asked = format!("?after={}&epoch={epoch}", head - 1);
    let rest = pulled(&maria.pull(&asked).await);
    assert_eq!(rest, (epoch, head - 1, head, entries[1..].to_vec()));
    let asked = format!("?after={head}&epoch={epoch}");
    assert_eq!(
        pulled(&maria.pull(&asked).await),
        (epoch, head, head, vec![])
    );
}

#[tokio::test]
async fn a_servers_clock_that_goes_a_day_back_and_forward_ends_no_session_and_refuses_nothing() {
    let mut maria = Client::registered().await;
    let (token, mut renewal) = maria.site.session(&maria.device, "maria").await;
    maria.token = token;
    // The hotel learns of her other device.
    maria.site.token(&Device::numbered(3), "maria").await;
    let (_, _, mut place, _) = pulled(&maria.pull("").await);
    for days in [0, -1, 1, 1, -1] {
        let mistyped = maria
            .site
            .sign_in(&maria.device, "resort", "maria", "maria");
        assert_eq!(mistyped.await.status, 401);
        maria.site.wait_days(days);
        (maria.token, renewal) = maria.site.refresh(&renewal).await.tokens();
        assert_eq!(maria.site.open_socket(&maria.token).await.status, 101);
        let again = maria.site.token(&Device::numbered(3), "maria").await;
        assert_eq!(maria.site.open_socket(&again).await.status, 101);
        let made = [Cleanliness::Clean, Cleanliness::Pickup].map(|value| maria.hand.mark(value));
        for told in verdicts(&maria.push(&made).await) {
            place += 1;
            let is_next =
                matches!(told.verdict, Verdict::Accepted { sequence, .. } if sequence.0 == place);
            assert!(is_next, "{told:?} after {days} days");
        }
        let (_, _, head, entries) = pulled(&maria.pull("").await);
        assert_eq!((head, entries.len() as u64), (place, place));
    }
}

#[tokio::test]
async fn a_pull_that_waits_hears_of_the_next_entry() {
    let mut maria = Client::registered().await;
    let action = maria.hand.mark(Cleanliness::Clean);
    let asked = maria.all_and_wait().await;
    let (heard, pushed) = tokio::join!(maria.pull(&asked), async {
        maria.until_somebody_follows().await;
        maria.push(std::slice::from_ref(&action)).await
    });
    assert_eq!(verdicts(&pushed).len(), 1);
    let (.., entries) = pulled(&heard);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].action(), Some(&action));
}

#[tokio::test]
async fn a_pull_that_waits_is_answered_when_the_server_stops() {
    let maria = Client::open().await;
    let asked = maria.all_and_wait().await;
    let (answer, ()) = tokio::join!(maria.pull(&asked), async {
        maria.until_somebody_follows().await;
        maria.site.stop();
        // What a pull waits for ends too, and must not look like a failure.
        maria.site.hotels.stop().await;
    });
    assert_eq!(pulled(&answer).3, []);
}

#[tokio::test]
async fn a_refusal_is_a_verdict_and_not_an_error() {
    let mut maria = Client::open().await;
    let action = maria.hand.mark(Cleanliness::Clean);
    let told = verdicts(&maria.push(&[action]).await);
    let verdict = serde_json::to_value(&told[0].verdict).unwrap();
    let reason = &verdict["Refused"]["Gate"]["reason"];
    assert_eq!(reason, "unregistered-actor");
    assert_eq!(pulled(&maria.pull("").await).2, OPENED);
}

#[tokio::test]
async fn a_push_of_nothing_is_not_answered_with_nothing() {
    let maria = Client::registered().await;
    is_refused(&maria.push(&[]).await, 400, "bad-request");
}

#[tokio::test]
async fn only_what_the_devices_key_signed_is_judged() {
    let mut maria = Client::registered().await;
    let batch = cbor(&[maria.hand.mark(Cleanliness::Clean)]);
    let forged = maria.send(PUSH, &maria.signed(&batch, [9; 32])).await;
    is_refused(&forged, 403, "device-key");
    let ClientFrame::Push { signature, .. } = maria.signed(b"other", maria.device.key) else {
        panic!();
    };
    let moved = ClientFrame::Push {
        batch,
        signature,
        proofs: vec![],
    };
    is_refused(&maria.send(PUSH, &moved).await, 403, "device-key");
    assert_eq!(pulled(&maria.pull("").await).2, OPENED);
}

#[tokio::test]
async fn actors_are_those_of_people_who_signed_in_here_and_of_no_other_device() {
    let maria = Client::registered().await;
    let stranger = ActorRegistration {
        actor: ActorId(Uuid::from_u128(7)),
        user: UserId(Uuid::from_u128(8)),
    };
    let unbound = maria.register(vec![stranger]).await;
    assert_eq!((unbound.status, &unbound.body[..]), (204, ""));
    let frame = cbor(&ClientFrame::Register {
        actors: vec![stranger],
    });
    let earlier = maria.site.ask(ACTORS, 2, &maria.token, &frame).await;
    is_refused(&earlier, 401, "signed-out");
    let many = vec![maria.hand.registration(); MAX_HELLO_ACTORS + 1];
    is_refused(&maria.register(many).await, 413, "too-large");

    let token = maria.site.token(&Device::numbered(2), "maria").await;
    let actors = vec![maria.hand.registration()];
    let frame = cbor(&ClientFrame::Register { actors });
    let copied = maria.site.ask(ACTORS, PROTOCOL, &token, &frame).await;
    is_refused(&copied, 403, "device-key");
}

#[tokio::test]
async fn a_cursor_beyond_the_log_is_told_so_and_an_earlier_epoch_begins_anew() {
    let maria = Client::open().await;
    let (epoch, ..) = pulled(&maria.pull("").await);
    let beyond = format!("?after={}&epoch={epoch}", OPENED + 1);
    for asked in [&beyond, "?after=1"] {
        is_refused(&maria.pull(asked).await, 409, "epoch-changed");
    }
    let unknown = Uuid::from_u128(99);
    let anew = pulled(&maria.pull(&format!("?after=9&epoch={unknown}")).await);
    assert_eq!((anew.0, anew.1), (epoch, 0));
    assert_eq!(anew.3.len() as u64, OPENED);
}

#[tokio::test]
async fn a_request_needs_a_token_and_a_protocol_that_is_spoken_here() {
    let maria = Client::open().await;
    let frame = cbor(&ClientFrame::Register { actors: vec![] });
    for (line, body) in [(PUSH, &frame[..]), (ACTORS, &frame), ("GET /v1/pull", b"")] {
        let ask = |protocol, token| maria.site.ask(line, protocol, token, body);
        is_refused(&ask(PROTOCOL, "nobody").await, 401, "signed-out");
        let newer = ask(PROTOCOL + 1, &maria.token).await;
        is_refused(&newer, 426, "new-protocol");
        let older = ask(OLDEST_PROTOCOL - 1, &maria.token).await;
        is_refused(&older, 426, "old-protocol");
    }
    let silent = maria.site.post_with("/v1/push", &maria.token, "").await;
    is_refused(&silent, 400, "bad-request");
    maria.site.post_with("/v1/sign-out", &maria.token, "").await;
    is_refused(&maria.pull("").await, 401, "signed-out");
}

#[tokio::test]
async fn what_somebody_sends_whose_session_ends_meanwhile_is_not_judged_as_theirs() {
    let mut maria = Client::registered().await;
    let mark = maria.hand.mark(Cleanliness::Clean);
    let push = maria.signed(&cbor(&[mark]), maria.device.key);
    let actors = vec![pretend::Device::of(maria.hand.user, 2).registration()];
    let register = ClientFrame::Register { actors };
    for (line, frame) in [(PUSH, push), (ACTORS, register)] {
        let body = cbor(&frame);
        let (first, rest) = body.split_at(body.len() / 2);
        let (_, _, before, _) = pulled(&maria.pull("").await);
        let begun = maria.site.begin(line, &maria.token, (first, body.len()));
        let begun = begun.await;
        // By the time that this is answered she was let in.
        maria.pull("").await;
        maria.site.post_with("/v1/sign-out", &maria.token, "").await;
        is_refused(&begun.finish(rest).await, 401, "signed-out");
        maria.token = maria.site.token(&maria.device, "maria").await;
        let (_, _, after, _) = pulled(&maria.pull("").await);
        assert_eq!(after, before, "nothing of it is in the log");
    }
}

#[tokio::test]
async fn what_is_too_large_or_not_the_frame_of_the_address_is_refused() {
    let maria = Client::registered().await;
    let ask = |line, body| maria.site.ask(line, PROTOCOL, &maria.token, body);
    let other = cbor(&ClientFrame::Register { actors: vec![] });
    let ping = cbor(&ClientFrame::Ping);
    is_refused(&ask(PUSH, &other).await, 400, "bad-request");
    is_refused(&ask(ACTORS, &ping).await, 400, "bad-request");
    for body in [&b""[..], b"push", &[0xff; 40]] {
        is_refused(&ask(PUSH, body).await, 400, "bad-request");
    }
    let trailing = [&other[..], &other].concat();
    is_refused(&ask(ACTORS, &trailing).await, 400, "bad-request");
    let large = maria.signed(&vec![0; MAX_FRAME], maria.device.key);
    is_refused(&maria.send(PUSH, &large).await, 413, "too-large");
    let mut hand = maria.hand.clone();
    let many = vec![hand.mark(Cleanliness::Clean); MAX_PUSH_ACTIONS + 1];
    is_refused(&maria.push(&many).await, 413, "too-large");
    is_refused(&maria.pull("?after=x").await, 400, "bad-request");
    is_refused(&maria.pull("?epoch=1").await, 400, "bad-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_has_so_many_actors_bound_and_then_one_a_minute_and_others_go_on() {
    let client = Client::open().await;
    let user = client.hand.user;
    let actors = |from: u128, count: usize| -> Vec<ActorRegistration> {
        let numbers = (from..)
            .take(count)
            .map(|number| ActorId(Uuid::from_u128(number)));
        numbers
            .map(|actor| ActorRegistration { actor, user })
            .collect()
    };
    let greeting = |number: u128| actors(number << 32, MAX_HELLO_ACTORS);
    // One less than could be: what is asked costs a little too.
    for number in 1..4 {
        assert_eq!(client.register(greeting(number)).await.status, 204);
    }
    let last = actors(4 << 32, MAX_HELLO_ACTORS - 1);
    assert_eq!(client.register(last).await.status, 204);
    let refused = client.register(actors(5 << 32, 2)).await;
    assert_eq!((refused.status, refused.code()), (429, "try-later".into()));
    // What is bound is asked for as often as the device greets.
    assert_eq!(client.register(greeting(1)).await.status, 204);
    let rows: i64 = sqlx::query_scalar("select count(*) from actor where device = $1")
        .bind(client.device.id.0)
        .fetch_one(&mut client.site.scratch.inspect().await)
        .await
        .unwrap();
    assert_eq!(rows, 4 * MAX_HELLO_ACTORS as i64 - 1);

    client.site.wait_seconds(60);
    assert_eq!(client.register(actors(5 << 32, 1)).await.status, 204);
    assert_eq!(client.register(actors(6 << 32, 2)).await.status, 429);
    let other = Device::numbered(2);
    let token = client.site.token(&other, "maria").await;
    let frame = ClientFrame::Register {
        actors: greeting(7),
    };
    let frame = cbor(&frame);
    let bound = client.site.ask(ACTORS, PROTOCOL, &token, &frame);
    assert_eq!(bound.await.status, 204);
}
