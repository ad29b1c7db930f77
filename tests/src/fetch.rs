//! What a device asks for beside the log, over plain requests.

use crate::http::{self, Answer};
use keyrack_model::{
    action::Sequence,
    ids::LogEpoch,
    ipc::Problem,
    limits::{MAX_SEGMENT, PROTOCOL},
};
use keyrack_replica::{Fetched, Wanted};
use keyrack_wire::packed;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;

/// Asks a server for one thing, as the app does.
pub async fn fetch(server: SocketAddr, token: &str, wanted: Wanted) -> Fetched {
    match (wanted, ask(server, token, wanted).await) {
        // Another working set has replaced it.
        (Wanted::Segment(_), Fetched::Gone) => ask(server, token, Wanted::WorkingSet).await,
        (_, fetched) => fetched,
    }
}

async fn ask(server: SocketAddr, token: &str, wanted: Wanted) -> Fetched {
    let path = match wanted {
        Wanted::WorkingSet => "/v1/working-set".to_owned(),
        Wanted::Records { up_to, after } => {
            format!("/v1/records?up_to={}&after={}", up_to.0, after.0)
        }
        Wanted::Segment(name) => {
            let digits: String = name.id.0.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("/v1/segments/{digits}")
        }
        Wanted::Document(document) => {
            format!("/v1/documents/{}/{}", document.kind as u8, document.id.0)
        }
    };
    let bearer = format!("authorization: Bearer {token}");
    let protocol = format!("keyrack-protocol: {PROTOCOL}");
    let Ok(answer) = http::get_bytes(server, &path, &[&bearer, &protocol]).await else {
        let address = server.to_string();
        return Fetched::Failed(Problem::ServerUnreachable { address });
    };
    match (answer.status, wanted) {
        (200, Wanted::WorkingSet) => Fetched::WorkingSet(value(&answer)),
        (200, Wanted::Records { .. }) => Fetched::Records(value(&answer)),
        (200, Wanted::Segment(name)) => {
            assert_eq!(*blake3::hash(&answer.body).as_bytes(), name.id.0);
            let segment = packed::unpack(&answer.body, MAX_SEGMENT);
            Fetched::Segment(segment.expect("a segment unpacks"))
        }
        (200, Wanted::Document(_)) => {
            let stated = |name| answer.header(name).unwrap_or_else(|| panic!("no {name}"));
            let segment = packed::unpack(&answer.body, MAX_SEGMENT);
            Fetched::Document {
                epoch: LogEpoch(stated("keyrack-epoch").parse().expect("an id")),
                sequence: Sequence(stated("keyrack-sequence").parse().expect("a number")),
                segment: segment.expect("a document unpacks"),
            }
        }
        (401, _) => Fetched::Failed(Problem::SignedOut),
        (403, _) => Fetched::Failed(Problem::DeviceKey),
        (404, _) => Fetched::Gone,
        _ => Fetched::NotYet,
    }
}

fn value<T: DeserializeOwned>(answer: &Answer) -> T {
    ciborium::from_reader(&answer.body[..]).expect("an answer reads as what was asked for")
}
