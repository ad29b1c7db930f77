//! What devices of every version have ever said, said again to this server: whatever was answered to
//! them is answered still. See tests/transcripts.

#[path = "../../../../tests/transcripts/transcript.rs"]
mod transcript;

use super::{
    site::{Answer, Site},
    socket::Socket,
};
use crate::{packed, peer::Peer, pretend};
use ciborium::Value;
use keyrack_model::{
    identity,
    limits::{OLDEST_SIGN_IN, PROTOCOL, SEGMENT_BYTES},
    wire::{ClientFrame, SignIn, SignedIn},
};
use std::{collections::HashMap, mem::discriminant, net::Ipv4Addr, path::Path};
use transcript::{Direction, Step, steps, written};

#[tokio::test(flavor = "multi_thread")]
async fn what_devices_of_version_1_say_is_answered_as_it_was() {
    replay("version-1.txt", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_devices_of_version_2_say_is_answered_as_it_was() {
    replay("version-2.txt", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_devices_of_version_3_say_is_answered_as_it_was() {
    replay("version-3.txt", 3).await;
}

async fn replay(name: &str, protocol: u16) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/transcripts");
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut conversation = Conversation::open(protocol).await;
    let steps = steps(&text);
    let mut rest = &steps[..];
    while let Some(first) = rest.first() {
        let is_same = |step: &&Step| step.who == first.who && step.direction == first.direction;
        let mut many = 1;
        if first.direction == Direction::ToServer {
            conversation.say(first).await;
        } else if let Some(answer) = conversation.answers.remove(&first.who) {
            conversation.compare_answer(first, &answer);
        } else {
            many = rest.iter().take_while(is_same).count();
            conversation.compare_frames(&rest[..many]).await;
        }
        rest = &rest[many..];
    }
    let is_wished = std::env::var("KEYRACK_TRANSCRIPT").is_ok_and(|wish| wish == "record");
    // What was recorded once is a promise.
    if is_wished && steps.iter().any(Step::is_open) {
        let remarks = text.lines().take_while(|line| line.starts_with('#'));
        let remarks: String = remarks.map(|line| format!("{line}\n")).collect();
        std::fs::write(path, remarks + &conversation.written).unwrap();
        return;
    }
    let differences = conversation.differences;
    assert!(differences.is_empty(), "{name}: {differences:#?}");
}

struct Conversation {
    site: Site,
    protocol: u16,
    tokens: HashMap<String, String>,
    /// What each goes on with.
    renewals: HashMap<String, String>,
    sockets: HashMap<String, Socket>,
    /// What was answered to somebody's request and was not looked at yet.
    answers: HashMap<String, Answer>,
    /// The id of the first segment that somebody was told of.
    segment: String,
    /// The conversation as it is with this server.
    written: String,
    differences: Vec<String>,
}

impl Conversation {
    async fn open(protocol: u16) -> Self {
        let site = Site::open().await;
        pretend::open_house(site.hotels.log().as_ref(), identity::hotel("resort")).await;
        Self {
            site,
            protocol,
            tokens: HashMap::new(),
            renewals: HashMap::new(),
            sockets: HashMap::new(),
            answers: HashMap::new(),
            segment: String::new(),
            written: String::new(),
            differences: Vec::new(),
        }
    }

    async fn say(&mut self, step: &Step) {
        let line = written(&step.who, step.direction, &step.what, &step.content);
        self.written.push_str(&line);
        let token = self.tokens.get(&step.who).cloned().unwrap_or_default();
        if step.what.starts_with("GET ") || step.what.starts_with("POST ") {
            let line = step.what.replace('*', &self.segment);
            let renewal = self.renewals.get(&step.who);
            let content = match renewal {
                Some(token) if step.what.ends_with("/refresh") => {
                    serde_json::json!({ "token": token }).to_string().into()
                }
                _ => step.content.clone(),
            };
            let asked = self.site.ask(&line, self.protocol, &token, &content);
            let answer = match step.what.ends_with("/sign-in") {
                true => self.signed_in(&step.content, &asked.await).await,
                false => asked.await,
            };
            if step.what.ends_with("/refresh") {
                let (token, renewal) = answer.tokens();
                self.tokens.insert(step.who.clone(), token);
                self.renewals.insert(step.who.clone(), renewal);
            }
            if step.what.ends_with("/sign-in") {
                let token = answer.json()["token"].as_str().unwrap().to_owned();
                self.tokens.insert(step.who.clone(), token);
            }
            if step.what.ends_with("/working-set") {
                self.segment = first_segment(&value(&answer.bytes));
            }
            self.answers.insert(step.who.clone(), answer);
        } else if step.what == "session" {
            let (begun, _) = self.enrol(&step.content).await;
            self.tokens.insert(step.who.clone(), begun.token);
            let renewal = begun.renewal.map(|renewal| renewal.token);
            self.renewals
                .extend(renewal.map(|token| (step.who.clone(), token)));
        } else if step.what == "Renew" {
            let mut frame = Vec::new();
            ciborium::into_writer(&ClientFrame::Renew { token }, &mut frame).unwrap();
            self.sockets.get_mut(&step.who).unwrap().send(&frame).await;
        } else if step.what == "socket" {
            let socket = Socket::open(&self.site, &token).await;
            self.sockets.insert(step.who.clone(), socket);
        } else {
            let socket = self.sockets.get_mut(&step.who).unwrap();
            socket.send(&step.content).await;
        }
    }

    /// Nobody signs in without a proof any more, and says so to whoever speaks a version without one.
    /// They are signed in all the same, as they were when this server came: by what their device says
    /// to it since, which has nothing else in it.
    async fn signed_in(&self, sign_in: &[u8], refused: &Answer) -> Answer {
        let asked: SignIn = serde_json::from_slice(sign_in).unwrap();
        let has_proof = asked.protocol >= OLDEST_SIGN_IN;
        assert!(has_proof || refused.status == 426, "{}", refused.body);
        let (_, proved) = self.enrol(sign_in).await;
        self.site.sign_in_by(&proved).await
    }

    /// Devices of every version are known to the hotel before they say anything else; the log tells
    /// of them in the same place. With what they sign in with from then on.
    async fn enrol(&self, sign_in: &[u8]) -> (SignedIn, SignIn) {
        let asked: SignIn = serde_json::from_slice(sign_in).unwrap();
        // Devices of transcripts have keys that are made of their numbers.
        let secret = [asked.device.id.0.as_bytes()[15]; 32];
        let now = self.site.hotels.now();
        let proved = SignIn {
            protocol: PROTOCOL,
            code: self.site.device_code(&asked.hotel).await,
            person_key: asked.person_key.or_else(|| Some(pretend::person_key())),
            ..asked
        };
        let mut proved = pretend::proved(proved, &secret, now);
        let here = Peer(Ipv4Addr::LOCALHOST.into());
        let enrolled = self.site.accounts.sign_in(proved.clone(), here, now);
        let done = enrolled.await.unwrap();
        proved.code = None;
        (done, proved)
    }

    fn compare_answer(&mut self, recorded: &Step, answer: &Answer) {
        let content = match answer.header("content-type") {
            Some("application/zstd") => {
                let unpacked: Value = packed::unpack(&answer.bytes, SEGMENT_BYTES).unwrap();
                packed::cbor(&unpacked)
            }
            _ => answer.bytes.clone(),
        };
        let status = answer.status.to_string();
        self.note(recorded, &status, &content);
        if recorded.what != status {
            self.differ(recorded, &format!("answered {status}: {}", answer.body));
        } else if recorded.content.is_empty() != content.is_empty() {
            self.differ(recorded, "one of them has no body");
        } else if !content.is_empty() {
            let (then, now) = (value(&recorded.content), value(&content));
            self.compare(recorded, &then, &now);
        }
    }

    /// Entries may come in other frames than they came in, and before or after verdicts.
    async fn compare_frames(&mut self, recorded: &[Step]) {
        let is_recorded = recorded.iter().all(|step| !step.content.is_empty());
        let mut then = Heard::default();
        let mut now = Heard::default();
        let steps = recorded.iter().filter(|_| is_recorded);
        steps.for_each(|step| then.hear(value(&step.content)));
        let socket = self.sockets.get_mut(&recorded[0].who).unwrap();
        let mut frames = Vec::new();
        while match is_recorded {
            true => now.others.len() < then.others.len() || now.entries.len() < then.entries.len(),
            false => frames.len() < recorded.len(),
        } {
            let frame = socket.receive().await;
            now.hear(value(&frame));
            frames.push(frame);
        }
        for frame in frames {
            let kind = kind(&value(&frame));
            self.note(&recorded[0], &kind, &frame);
        }
        if is_recorded {
            let first = &recorded[0];
            self.compare(first, &Value::Array(then.others), &Value::Array(now.others));
            let (then, now) = (Value::Array(then.entries), Value::Array(now.entries));
            self.compare(first, &then, &now);
        }
    }

    fn compare(&mut self, recorded: &Step, then: &Value, now: &Value) {
        if let Err(place) = still_says(then, now) {
            self.differ(recorded, &place);
        }
    }

    fn note(&mut self, recorded: &Step, what: &str, content: &[u8]) {
        let line = written(&recorded.who, Direction::FromServer, what, content);
        self.written.push_str(&line);
    }

    fn differ(&mut self, recorded: &Step, how: &str) {
        let Step { who, what, .. } = recorded;
        self.differences.push(format!("{who} < {what}: {how}"));
    }
}

/// Frames that came one after another.
#[derive(Default)]
struct Heard {
    entries: Vec<Value>,
    others: Vec<Value>,
}

impl Heard {
    fn hear(&mut self, frame: Value) {
        let delivered = member(&frame, "Deliver").and_then(|it| member(it, "entries"));
        match delivered.and_then(Value::as_array) {
            Some(entries) => self.entries.extend(entries.iter().cloned()),
            None => self.others.push(frame),
        }
    }
}

/// What is another thing at each server, or with each release of what packs it: only its type is
/// promised.
const OWN: [&str; 6] = [
    "message", "origin", "packed", "snapshot", "token", "unpacked",
];
const SEGMENT_ID: usize = 32;

/// Whether everything that was said then is said now. More may be said beside it: a reader passes
/// over keys that it does not know.
///
/// # Errors
/// The place of the first thing that is missing.
fn still_says(then: &Value, now: &Value) -> Result<(), String> {
    match (then, now) {
        (Value::Map(then), Value::Map(entries)) => then.iter().try_for_each(|(key, then)| {
            let key = key.as_text().unwrap_or_default();
            let found = member(now, key).ok_or_else(|| {
                let keys: Vec<_> = entries.iter().map(|(key, _)| key).collect();
                format!("no {key} in {keys:?}")
            })?;
            let is_segment_id = then.as_bytes().is_some_and(|id| id.len() == SEGMENT_ID);
            let said = match OWN.contains(&key) || key == "id" && is_segment_id {
                true if discriminant(then) == discriminant(found) => Ok(()),
                true => Err("another type".to_owned()),
                false => still_says(then, found),
            };
            said.map_err(|place| format!("{key}/{place}"))
        }),
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            let mut pairs = then.iter().zip(now).enumerate();
            pairs.try_for_each(|(at, (then, now))| {
                still_says(then, now).map_err(|place| format!("{at}/{place}"))
            })
        }
        (then, now) if then == now => Ok(()),
        (then, now) => Err(format!("{now:?} instead of {then:?}")),
    }
}

fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let entries = value.as_map()?;
    let found = entries
        .iter()
        .find(|(found, _)| found.as_text() == Some(key));
    found.map(|(_, value)| value)
}

/// CBOR, or JSON in the same terms.
fn value(content: &[u8]) -> Value {
    if content.starts_with(b"{") {
        let json: serde_json::Value = serde_json::from_slice(content).unwrap();
        return Value::serialized(&json).unwrap();
    }
    ciborium::from_reader(content).unwrap()
}

fn kind(frame: &Value) -> String {
    let named = frame.as_map().and_then(|entries| entries[0].0.as_text());
    named.or(frame.as_text()).unwrap().to_owned()
}

fn first_segment(set: &Value) -> String {
    let segments = member(set, "segments").and_then(Value::as_array).unwrap();
    let id = member(&segments[0], "id").and_then(Value::as_bytes);
    id.unwrap()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn more_may_be_said_and_nothing_less_or_else() {
    let json = |text: &str| {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        Value::serialized(&json).unwrap()
    };
    let then =
        json(r#"{"Refuse": {"code": "too-large", "message": "too much", "list": [1, null]}}"#);
    let says = |now: &str| still_says(&then, &json(now)).is_ok();
    assert!(says(
        r#"{"Refuse": {"code": "too-large", "message": "too much", "list": [1, null]}}"#
    ));
    assert!(says(
        r#"{"Refuse": {"more": 1, "list": [1, null], "message": "", "code": "too-large"}}"#
    ));
    for other in [
        r#""Refuse""#,
        r#"{"Refused": {"code": "too-large", "message": "too much", "list": [1, null]}}"#,
        r#"{"Refuse": {"code": "too-small", "message": "too much", "list": [1, null]}}"#,
        r#"{"Refuse": {"code": "too-large", "message": 7, "list": [1, null]}}"#,
        r#"{"Refuse": {"code": "too-large", "list": [1, null]}}"#,
        r#"{"Refuse": {"code": "too-large", "message": "too much", "list": [1]}}"#,
        r#"{"Refuse": {"code": "too-large", "message": "too much", "list": [1, 2]}}"#,
    ] {
        assert!(!says(other), "{other}");
    }
}
