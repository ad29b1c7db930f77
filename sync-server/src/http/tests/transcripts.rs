//! What devices of every version have ever said, said again to this server: whatever was answered to
//! them is answered still. See tests/transcripts.

#[path = "../../../../tests/transcripts/transcript.rs"]
mod transcript;

mod answered;
mod present;

use super::{
    site::{Answer, Site},
    socket::Socket,
};
use crate::{packed, peer::Peer, pretend};
use answered::{Heard, first_segment, kind, still_says, value};
use ciborium::Value;
use keyrack_model::{
    limits::{LAST_PLAIN_PROTOCOL, OLDEST_PROTOCOL, OLDEST_SIGN_IN, PROTOCOL, SEGMENT_BYTES},
    policy::Role,
    wire::{ClientFrame, SignIn, SignedIn},
};
use present::resort;
use std::{collections::HashMap, net::Ipv4Addr, path::Path};
use transcript::{Direction, Step, steps, written};

macro_rules! versions {
    ($($name:ident = $protocol:literal),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                replay($protocol).await;
            }
        )*

        const REPLAYED: &[u16] = &[$($protocol),*];
    };
}

versions! {
    what_devices_of_version_1_say_is_answered_as_it_was = 1,
    what_devices_of_version_2_say_is_answered_as_it_was = 2,
    what_devices_of_version_3_say_is_answered_as_it_was = 3,
    what_devices_of_version_4_say_is_answered_as_it_was = 4,
}

#[test]
fn a_conversation_of_every_version_that_is_served_is_held_again() {
    assert!(REPLAYED.iter().copied().eq(OLDEST_PROTOCOL..=PROTOCOL));
}

/// What is wished of a transcript.
enum Wish {
    /// It says what is said today.
    Hold,
    /// What is open in it is filled in.
    Record,
    /// The present version's is written from its beginning.
    Anew,
}

impl Wish {
    fn now() -> Self {
        match std::env::var("KEYRACK_TRANSCRIPT").as_deref() {
            Ok("record") => Self::Record,
            Ok("anew") => Self::Anew,
            Ok(_) | Err(_) => Self::Hold,
        }
    }
}

async fn replay(protocol: u16) {
    let name = format!("version-{protocol}.txt");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/transcripts");
    let path = folder.join(&name);
    let wish = Wish::now();
    let text = match wish {
        Wish::Anew if protocol == PROTOCOL => present::conversation(),
        Wish::Hold | Wish::Record | Wish::Anew => std::fs::read_to_string(&path).unwrap(),
    };
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
    // What was recorded once is a promise.
    if !matches!(wish, Wish::Hold) && steps.iter().any(Step::is_open) {
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
        let log = site.hotels.log();
        match protocol {
            // Written down where the house was named for another hotel.
            ..=LAST_PLAIN_PROTOCOL => pretend::open_house(log.as_ref(), resort()).await,
            _ => pretend::open_house_of(log.as_ref(), resort()).await,
        }
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
        } else if step.what == "role" {
            self.give_role(&step.content).await;
        } else if step.what == "later" {
            let passed: serde_json::Value = serde_json::from_slice(&step.content).unwrap();
            self.site
                .wait_seconds(60 * passed["minutes"].as_i64().unwrap());
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

    /// The operator makes somebody something else, a moment later.
    async fn give_role(&self, given: &[u8]) {
        let given: serde_json::Value = serde_json::from_slice(given).unwrap();
        let role: Role = serde_json::from_value(given["role"].clone()).unwrap();
        self.site.wait_seconds(60);
        let now = self.site.hotels.now();
        let name = given["name"].as_str().unwrap();
        let given = self.site.accounts.set_role(resort(), name, role, now);
        assert!(given.await.unwrap());
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
