use super::*;
use keyrack_model::{
    limits::SEGMENT_BYTES,
    segment::{SegmentId, WorkingSet},
    time::BusinessDate,
};
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

/// Answers each request by what it asks for, until the test is over.
struct Server {
    address: String,
    asked: mpsc::Receiver<Request>,
}

struct Request {
    path: String,
    range: Option<String>,
}

impl Server {
    fn that(answer: impl Fn(&Request, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tell, asked) = mpsc::channel();
        thread::spawn(move || {
            for caller in listener.incoming() {
                let mut caller = caller.unwrap();
                let request = read(&caller);
                answer(&request, &mut caller);
                let _ = tell.send(request);
            }
        });
        Self { address, asked }
    }

    fn fetch(&self, wanted: Wanted) -> Fetched {
        self.fetch_after(&Begun::default(), wanted)
    }

    fn fetch_after(&self, begun: &Begun, wanted: Wanted) -> Fetched {
        let source = Source {
            address: self.address.clone(),
            token: "token".to_owned(),
            begun: begun.clone(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(fetch(&source, wanted))
    }

    fn ranges(&self) -> Vec<String> {
        self.asked.try_iter().filter_map(|it| it.range).collect()
    }
}

fn read(caller: &TcpStream) -> Request {
    let mut lines = BufReader::new(caller).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    Request {
        path: first.split(' ').nth(1).unwrap_or_default().to_owned(),
        range: headers
            .iter()
            .find_map(|line| line.strip_prefix("range: bytes=").map(str::to_owned)),
    }
}

fn say(caller: &mut TcpStream, status: &str, length: usize, body: &[u8]) {
    let head =
        format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let _ = caller.write_all(head.as_bytes());
    let _ = caller.write_all(body);
}

/// How a server says that it has no such thing.
const GONE: &str = r#"{"code":"bad-request","message":""}"#;

fn packed_segment() -> (SegmentName, Vec<u8>) {
    let content = packed::cbor(&Segment::default());
    let bytes = packed::pack(&content);
    let name = SegmentName {
        id: SegmentId(*blake3::hash(&bytes).as_bytes()),
        packed: bytes.len() as u32,
        unpacked: content.len() as u32,
        documents: 0,
    };
    (name, bytes)
}

#[test]
fn an_answer_of_more_bytes_than_are_handed_out_is_not_taken() {
    for (length, is_taken) in [(MAX_HANDED_OUT, true), (MAX_HANDED_OUT + 1, false)] {
        // A working set, and after it what nobody reads.
        let set = WorkingSet {
            epoch: LogEpoch::default(),
            sequence: Sequence(0),
            since: BusinessDate::default(),
            segments: Vec::new(),
        };
        let mut body = packed::cbor(&set);
        body.resize(length, 0);
        let server = Server::that(move |_, caller| say(caller, "200 OK", length, &body));
        let fetched = server.fetch(Wanted::WorkingSet);
        let is_there = matches!(fetched, Fetched::WorkingSet(_));
        assert_eq!(is_there, is_taken, "{length}: {fetched:?}");
    }
}

#[test]
fn a_segment_that_is_cut_off_at_every_byte_is_gone_on_with_there() {
    let (name, bytes) = packed_segment();
    let length = bytes.len();
    // One byte an answer.
    let server = Server::that(move |request, caller| {
        let first = request.range.as_ref().unwrap().trim_end_matches('-');
        let first: usize = first.parse().unwrap();
        let body = &bytes[first..=first];
        say(caller, "206 Partial Content", bytes.len() - first, body);
    });
    let fetched = server.fetch(Wanted::Segment(name));
    assert!(matches!(fetched, Fetched::Segment(_)), "{fetched:?}");
    let expected: Vec<String> = (0..length).map(|first| format!("{first}-")).collect();
    assert_eq!(server.ranges(), expected);
}

#[test]
fn a_segment_is_gone_on_with_by_the_next_fetch_after_the_line_was_down() {
    let (name, bytes) = packed_segment();
    let length = bytes.len();
    // After each byte the next caller finds nobody.
    let is_down = AtomicBool::new(true);
    let server = Server::that(move |request, caller| {
        if is_down.fetch_xor(true, Ordering::Relaxed) {
            let first = request.range.as_ref().unwrap().trim_end_matches('-');
            let first: usize = first.parse().unwrap();
            let body = &bytes[first..=first];
            say(caller, "206 Partial Content", bytes.len() - first, body);
        }
    });
    let begun = Begun::default();
    for _ in 1..length {
        let fetched = server.fetch_after(&begun, Wanted::Segment(name));
        assert!(matches!(fetched, Fetched::Failed(_)), "{fetched:?}");
    }
    let fetched = server.fetch_after(&begun, Wanted::Segment(name));
    assert!(matches!(fetched, Fetched::Segment(_)), "{fetched:?}");
    let kept = begun.take(name.id);
    assert!(kept.is_empty(), "what is whole is not kept a second time");
}

#[test]
fn a_segment_that_is_cut_off_after_its_last_byte_is_whole() {
    let (name, bytes) = packed_segment();
    let server = Server::that(move |_, caller| {
        // The end of it is never said.
        let head = "HTTP/1.1 206 Partial Content\r\nconnection: close\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        let _ = caller.write_all(format!("{head}{:x}\r\n", bytes.len()).as_bytes());
        let _ = caller.write_all(&bytes);
        let _ = caller.write_all(b"\r\n");
    });
    let fetched = server.fetch(Wanted::Segment(name));
    assert!(matches!(fetched, Fetched::Segment(_)), "{fetched:?}");
    assert_eq!(server.ranges(), ["0-"]);
}

#[test]
fn a_segment_that_is_another_one_or_has_no_end_is_not_handed_on() {
    for spoilt in [
        |bytes: &mut Vec<u8>| bytes[9] ^= 1,
        |bytes: &mut Vec<u8>| bytes.push(0),
        |bytes: &mut Vec<u8>| bytes.truncate(3),
    ] {
        let (name, mut bytes) = packed_segment();
        spoilt(&mut bytes);
        let server = Server::that(move |_, caller| say(caller, "200 OK", bytes.len(), &bytes));
        let fetched = server.fetch(Wanted::Segment(name));
        let is_refused = matches!(fetched, Fetched::Failed(Problem::ServerConfused));
        assert!(is_refused, "{fetched:?}");
    }
}

#[test]
fn a_segment_that_was_replaced_leads_to_the_working_set_of_today() {
    let set = keyrack_model::segment::WorkingSet {
        epoch: LogEpoch::default(),
        sequence: Sequence(7),
        since: keyrack_model::time::BusinessDate::default(),
        segments: vec![],
    };
    let body = packed::cbor(&set);
    let server = Server::that(move |request, caller| match request.path.as_str() {
        "/v1/working-set" => say(caller, "200 OK", body.len(), &body),
        _ => say(caller, "404 Not Found", GONE.len(), GONE.as_bytes()),
    });
    let fetched = server.fetch(Wanted::Segment(packed_segment().0));
    assert!(matches!(fetched, Fetched::WorkingSet(found) if found == set));
}

#[test]
fn what_is_claimed_to_be_huge_is_not_unpacked() {
    // A segment with a field that nobody knows, which is passed over when it is read.
    let mut content = b"\xa3\x67actions\x80\x69documents\x80\x61x\x5a".to_vec();
    content.extend((MAX_SEGMENT as u32).to_be_bytes());
    content.resize(content.len() + MAX_SEGMENT, 0);
    assert!(ciborium::from_reader::<Segment, _>(&content[..]).is_ok());
    let bytes = packed::pack(&content);
    assert!(bytes.len() < SEGMENT_BYTES);
    let name = SegmentName {
        id: SegmentId(*blake3::hash(&bytes).as_bytes()),
        packed: bytes.len() as u32,
        unpacked: 10,
        documents: 1,
    };
    let server = Server::that(move |_, caller| say(caller, "200 OK", bytes.len(), &bytes));
    let fetched = server.fetch(Wanted::Segment(name));
    let is_refused = matches!(fetched, Fetched::Failed(Problem::ServerConfused));
    assert!(is_refused, "{fetched:?}");
}

#[test]
fn a_segment_larger_than_its_name_says_is_not_handed_on() {
    let (mut name, bytes) = packed_segment();
    name.unpacked -= 1;
    let server = Server::that(move |_, caller| say(caller, "200 OK", bytes.len(), &bytes));
    let fetched = server.fetch(Wanted::Segment(name));
    let is_refused = matches!(fetched, Fetched::Failed(Problem::ServerConfused));
    assert!(is_refused, "{fetched:?}");
}

#[test]
fn a_document_as_of_an_entry_that_no_log_has_is_not_handed_on() {
    let document = keyrack_model::ids::RoomId::default().into();
    for (sequence, is_taken) in [(i64::MAX as u64, true), (1 << 63, false), (u64::MAX, false)] {
        let (_, bytes) = packed_segment();
        let server = Server::that(move |_, caller| {
            let epoch = LogEpoch::default().0;
            let status =
                format!("200 OK\r\nkeyrack-epoch: {epoch}\r\nkeyrack-sequence: {sequence}");
            say(caller, &status, bytes.len(), &bytes);
        });
        let fetched = server.fetch(Wanted::Document(document));
        let is_there = matches!(fetched, Fetched::Document { .. });
        assert_eq!(is_there, is_taken, "{sequence}: {fetched:?}");
    }
}

#[test]
fn a_server_that_is_not_there_has_none_or_cannot_yet_is_told_apart() {
    let not_there = Source {
        address: "127.0.0.1:1".to_owned(),
        token: String::new(),
        begun: Begun::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let fetched = runtime.block_on(fetch(&not_there, Wanted::WorkingSet));
    assert!(matches!(
        fetched,
        Fetched::Failed(Problem::ServerUnreachable { .. })
    ));
    for (status, body) in [
        ("404 Not Found", GONE),
        // A proxy before a server that is being replaced.
        ("404 Not Found", "<html>"),
        (
            "503 Service Unavailable",
            r#"{"code":"try-later","message":""}"#,
        ),
        ("401 Unauthorized", r#"{"code":"signed-out","message":""}"#),
    ] {
        let server =
            Server::that(move |_, caller| say(caller, status, body.len(), body.as_bytes()));
        let fetched = server.fetch(Wanted::WorkingSet);
        let is_told = match (status, body) {
            ("404 Not Found", GONE) => matches!(fetched, Fetched::Gone),
            ("404 Not Found" | "503 Service Unavailable", _) => matches!(fetched, Fetched::NotYet),
            _ => matches!(fetched, Fetched::Failed(Problem::SignedOut)),
        };
        assert!(is_told, "{status}: {fetched:?}");
    }
}
