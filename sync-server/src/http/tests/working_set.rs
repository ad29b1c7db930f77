//! The working set over a real socket: cut anywhere, asked for by strangers, and one document.

use super::site::{Answer, Device, Site};
use crate::{
    accounts::NewPerson,
    log::Log,
    packed,
    pretend::{self, ROOM},
};
use keyrack_model::{
    identity,
    ids::DocumentRef,
    limits::{PROTOCOL, SEGMENT_BYTES},
    policy::Role,
    segment::{Segment, WorkingSet},
};

struct Visitor {
    site: Site,
    token: String,
}

impl Visitor {
    async fn open() -> Self {
        let site = Site::open().await;
        pretend::open_house(site.hotels.log().as_ref(), identity::hotel("resort")).await;
        let token = site.token(&Device::numbered(1), "maria").await;
        Self { site, token }
    }

    async fn get(&self, path: &str) -> Answer {
        let line = format!("GET {path}");
        self.site.ask(&line, PROTOCOL, &self.token, b"").await
    }

    async fn working_set(&self) -> WorkingSet {
        let answer = self.get("/v1/working-set").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/cbor"));
        ciborium::from_reader(&answer.bytes[..]).unwrap()
    }

    /// The path of the first segment, and its bytes.
    async fn first_segment(&self) -> (String, Vec<u8>) {
        let set = self.working_set().await;
        let name = set.segments[0];
        let path = path_of(&name.id.0);
        let answer = self.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("accept-ranges"), Some("bytes"));
        assert_eq!(answer.header("content-type"), Some("application/zstd"));
        assert_eq!(answer.bytes.len(), name.packed as usize);
        (path, answer.bytes)
    }

    /// Somebody of the other hotel.
    async fn stranger(&self) -> String {
        let paulo = NewPerson {
            name: "paulo".into(),
            display: "Paulo".into(),
            role: Role::Admin,
            password: "paulo-keyrack".into(),
        };
        let city = self.site.other_hotel();
        self.site
            .accounts
            .add_person(city, paulo, pretend::NOW)
            .await
            .unwrap();
        let device = Device::numbered(9);
        let answer = self.site.sign_in(&device, "city", "paulo", "paulo-keyrack");
        answer.await.json()["token"].as_str().unwrap().to_owned()
    }
}

fn path_of(id: &[u8]) -> String {
    let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("/v1/segments/{digits}")
}

#[track_caller]
fn is_not_there(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (404, "bad-request".into()));
}

#[tokio::test]
async fn a_download_that_was_cut_anywhere_is_resumed() {
    let visitor = Visitor::open().await;
    let (path, whole) = visitor.first_segment().await;
    let end = whole.len();
    for cut in (0..end).step_by(97).chain([1, end / 2, end - 2, end - 1]) {
        let range = format!("bytes={cut}-");
        let rest = visitor.site.part(&path, &visitor.token, &range).await;
        assert_eq!(rest.status, 206, "{range}: {}", rest.body);
        let said = format!("bytes {cut}-{}/{end}", end - 1);
        assert_eq!(rest.header("content-range"), Some(&said[..]));
        assert_eq!(rest.header("accept-ranges"), Some("bytes"));
        assert!(rest.bytes == whole[cut..], "{range}");
    }
    let segment: Segment = packed::unpack(&whole, SEGMENT_BYTES).unwrap();
    assert_eq!(segment.documents.len(), segment.actions.len());
}

#[tokio::test]
async fn a_part_in_the_middle_the_end_alone_and_too_much_are_answered_by_the_standard() {
    let visitor = Visitor::open().await;
    let (path, whole) = visitor.first_segment().await;
    let end = whole.len();
    let part = |range: String| {
        let (visitor, path) = (&visitor, &path);
        async move { visitor.site.part(path, &visitor.token, &range).await }
    };
    let middle = part("bytes=10-19".into()).await;
    assert_eq!(
        middle.header("content-range"),
        Some(&*format!("bytes 10-19/{end}"))
    );
    assert_eq!((middle.status, &middle.bytes[..]), (206, &whole[10..20]));
    let last = part("bytes=-7".into()).await;
    assert_eq!((last.status, &last.bytes[..]), (206, &whole[end - 7..]));
    let more = part(format!("bytes=5-{}", end + 100)).await;
    assert_eq!((more.status, &more.bytes[..]), (206, &whole[5..]));
    for beyond in [format!("bytes={end}-"), "bytes=-0".into()] {
        let beyond = part(beyond).await;
        assert_eq!((beyond.status, beyond.code()), (416, "bad-request".into()));
        assert_eq!(
            beyond.header("content-range"),
            Some(&*format!("bytes */{end}"))
        );
    }
    for odd in ["bytes=9-5", "bytes=0-1,5-6", "rooms=0-", "bytes"] {
        let odd = part(odd.into()).await;
        assert_eq!((odd.status, odd.bytes == whole), (200, true));
        assert_eq!(odd.header("content-range"), None);
    }
}

#[tokio::test]
async fn another_hotel_learns_nothing_of_segments_and_documents() {
    let visitor = Visitor::open().await;
    let (path, _) = visitor.first_segment().await;
    let room = format!("/v1/documents/room/{}", ROOM.0);
    let stranger = visitor.stranger().await;
    for path in [&path, &room] {
        assert_eq!(visitor.get(path).await.status, 200);
        let line = format!("GET {path}");
        let answer = visitor.site.ask(&line, PROTOCOL, &stranger, b"").await;
        is_not_there(&answer);
        is_not_there(&visitor.site.part(path, &stranger, "bytes=0-").await);
    }
}

#[tokio::test]
async fn a_device_that_is_not_trusted_is_handed_nothing_and_lets_nobody_in() {
    let visitor = Visitor::open().await;
    let (segment, _) = visitor.first_segment().await;
    let room = format!("/v1/documents/room/{}", ROOM.0);
    assert_eq!(visitor.get(&room).await.status, 200);
    let resort = identity::hotel("resort");
    let log = visitor.site.hotels.log();
    let lost = Device::numbered(1);
    assert!(log.distrust(resort, lost.id, pretend::NOW).await.unwrap());
    for path in ["/v1/working-set", &segment, &room] {
        let answer = visitor.get(path).await;
        let said = (answer.status, answer.code());
        assert_eq!(said, (403, "device-key".into()), "{path}");
    }
    let answer = visitor.site.sign_in(&lost, "resort", "rui", "rui-keyrack");
    let answer = answer.await;
    assert_eq!((answer.status, answer.code()), (403, "device-key".into()));
    let other = Device::numbered(2);
    visitor.site.token(&other, "maria").await;
}

#[tokio::test]
async fn what_is_not_there_or_no_name_is_not_found() {
    let visitor = Visitor::open().await;
    let unknown = path_of(&[7; 32]);
    let room = ROOM.0;
    for path in [
        &unknown[..],
        &unknown
            .to_uppercase()
            .replace("/V1/SEGMENTS", "/v1/segments"),
        "/v1/segments/7",
        "/v1/segments/%ff",
        "/v1/documents/room/%ff",
        &format!("/v1/documents/stay/{room}"),
        &format!("/v1/documents/garage/{room}"),
        &format!("/v1/documents/300/{room}"),
        "/v1/documents/room/204",
    ] {
        is_not_there(&visitor.get(path).await);
    }
}

#[tokio::test]
async fn one_document_comes_with_all_that_was_done_to_it() {
    let visitor = Visitor::open().await;
    for kind in ["room", "2"] {
        let answer = visitor
            .get(&format!("/v1/documents/{kind}/{}", ROOM.0))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let log = visitor.site.hotels.log();
        let head = log.head(identity::hotel("resort")).await.unwrap();
        let sequence = head.sequence.0.to_string();
        assert_eq!(answer.header("keyrack-sequence"), Some(&sequence[..]));
        let segment: Segment = packed::unpack(&answer.bytes, SEGMENT_BYTES).unwrap();
        let [state] = &segment.documents[..] else {
            panic!("{} documents", segment.documents.len());
        };
        assert_eq!(state.row.document, DocumentRef::from(ROOM));
        assert!(state.is_whole && state.story[0].created);
        assert_eq!(segment.actions.len(), state.story.len());
    }
}

#[tokio::test]
async fn the_routes_need_a_token_and_a_protocol_that_is_spoken_here() {
    let visitor = Visitor::open().await;
    let (segment, _) = visitor.first_segment().await;
    let room = format!("/v1/documents/room/{}", ROOM.0);
    for path in ["/v1/working-set", &segment, &room] {
        let line = format!("GET {path}");
        let ask = |protocol, token| visitor.site.ask(&line, protocol, token, b"");
        let unsigned = ask(PROTOCOL, "nobody").await;
        assert_eq!(
            (unsigned.status, unsigned.code()),
            (401, "signed-out".into())
        );
        let newer = ask(PROTOCOL + 1, &visitor.token).await;
        assert_eq!((newer.status, newer.code()), (426, "new-protocol".into()));
        assert_eq!(visitor.site.get(path).await.status, 400);
    }
}
