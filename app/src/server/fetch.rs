//! What the sync session asks for beside the log. A segment that was cut off is gone on with where
//! it ended, at once or when it is asked for again.
//!
//! **Architecture Invariant**: what is handed on was received whole, is what its name says, and was
//! unpacked within bounds.

mod begun;

use super::{
    ServerAddress,
    answer::problem,
    http::{append, body, client, not_answered, retry_after},
};
pub(crate) use begun::Begun;
use keyrack_model::{
    action::Sequence,
    ids::{DocumentRef, LogEpoch},
    ipc::Problem,
    limits::{MAX_HANDED_OUT, MAX_SEGMENT, PROTOCOL},
    segment::{Segment, SegmentName},
    wire::ErrorBody,
};
use keyrack_replica::{Fetched, Wanted};
use keyrack_wire::packed;
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Making a working set may take a while.
const PATIENCE: Duration = Duration::from_secs(60);
/// Times that a segment is gone on with at once after something of it came.
const RESUMPTIONS: usize = 100;

/// Where to ask, and as whom.
pub(crate) struct Source {
    pub(crate) address: String,
    pub(crate) token: String,
    pub(crate) begun: Begun,
}

/// Asks for one thing.
pub(crate) async fn fetch(source: &Source, wanted: Wanted) -> Fetched {
    let fetched = match Asking::begin(source) {
        Ok(asking) => asking.fetch(wanted).await,
        Err(problem) => Err(Unfetched::Failed(problem)),
    };
    fetched.unwrap_or_else(|unfetched| match unfetched {
        Unfetched::Gone => Fetched::Gone,
        Unfetched::NotYet => Fetched::NotYet,
        Unfetched::Failed(problem) => Fetched::Failed(problem),
    })
}

/// Why nothing came.
#[derive(Debug)]
enum Unfetched {
    Gone,
    NotYet,
    Failed(Problem),
}

impl Unfetched {
    /// Whether nobody was there to answer, or not yet.
    fn is_for_now(&self) -> bool {
        matches!(
            self,
            Self::NotYet | Self::Failed(Problem::ServerUnreachable { .. })
        )
    }
}

impl From<Problem> for Unfetched {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

struct Asking<'a> {
    address: ServerAddress,
    client: Client,
    token: &'a str,
    begun: &'a Begun,
}

impl<'a> Asking<'a> {
    fn begin(source: &'a Source) -> Result<Self, Problem> {
        Ok(Self {
            address: ServerAddress::parse(&source.address)?,
            client: client(PATIENCE)?,
            token: &source.token,
            begun: &source.begun,
        })
    }

    async fn fetch(&self, wanted: Wanted) -> Result<Fetched, Unfetched> {
        match wanted {
            Wanted::WorkingSet => Ok(Fetched::WorkingSet(self.value("v1/working-set").await?)),
            Wanted::Records { up_to, after } => {
                let path = format!("v1/records?up_to={}&after={}", up_to.0, after.0);
                Ok(Fetched::Records(self.value(&path).await?))
            }
            Wanted::Segment(name) => match self.segment(name).await {
                // Another working set has replaced it.
                Err(Unfetched::Gone) => {
                    Ok(Fetched::WorkingSet(self.value("v1/working-set").await?))
                }
                segment => segment.map(Fetched::Segment),
            },
            Wanted::Document(document) => self.document(document).await,
        }
    }

    async fn value<T: DeserializeOwned>(&self, path: &str) -> Result<T, Unfetched> {
        let answer = self.answered(self.get(path)).await?;
        let bytes = body(&self.address, answer, MAX_HANDED_OUT).await?;
        ciborium::from_reader(&bytes[..]).map_err(|_| confused())
    }

    async fn segment(&self, name: SegmentName) -> Result<Segment, Unfetched> {
        let digits: String = name.id.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = format!("v1/segments/{digits}");
        let length = name.packed as usize;
        if length > MAX_SEGMENT {
            return Err(confused());
        }
        let mut bytes = self.begun.take(name.id);
        let begun = bytes.len();
        match self.rest(&path, &mut bytes, length).await {
            Ok(()) => {}
            Err(unfetched) => {
                // What an answer did not go on with may not be what its name says: it begins anew.
                if bytes.len() > begun || unfetched.is_for_now() {
                    self.begun.keep(name.id, bytes);
                }
                return Err(unfetched);
            }
        }
        if *blake3::hash(&bytes).as_bytes() != name.id.0 {
            return Err(confused());
        }
        packed::unpack(&bytes, MAX_SEGMENT.min(name.unpacked as usize)).map_err(|_| confused())
    }

    /// Receives what is missing of a segment, over as many answers as still bring something.
    async fn rest(&self, path: &str, bytes: &mut Vec<u8>, length: usize) -> Result<(), Unfetched> {
        for resumption in 1.. {
            let before = bytes.len();
            // The answer may have been cut off after its last byte.
            if before == length {
                break;
            }
            match self.go_on(path, bytes, length).await {
                // What ends early without being cut off does not read as what it is.
                Ok(()) => break,
                Err(unfetched) if bytes.len() == before || resumption == RESUMPTIONS => {
                    return Err(unfetched);
                }
                Err(_) => tracing::debug!(bytes = bytes.len(), "a segment was cut off"),
            }
        }
        Ok(())
    }

    /// Receives what is missing of a segment, as far as it comes.
    async fn go_on(&self, path: &str, bytes: &mut Vec<u8>, length: usize) -> Result<(), Unfetched> {
        let rest = format!("bytes={}-", bytes.len());
        let asked = self.get(path).header(header::RANGE, rest);
        let answer = self.answered(asked).await?;
        if answer.status() != StatusCode::PARTIAL_CONTENT {
            bytes.clear();
        }
        Ok(append(&self.address, answer, bytes, length).await?)
    }

    async fn document(&self, document: DocumentRef) -> Result<Fetched, Unfetched> {
        let path = format!("v1/documents/{}/{}", document.kind as u8, document.id.0);
        let answer = self.answered(self.get(&path)).await?;
        let stated = |name: &str| {
            let value = answer.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let epoch = stated("keyrack-epoch").and_then(|epoch| epoch.parse().ok());
        let sequence = stated("keyrack-sequence").and_then(|sequence| sequence.parse::<u64>().ok());
        let sequence = sequence.and_then(|sequence| Sequence::try_from(sequence).ok());
        let (Some(epoch), Some(sequence)) = (epoch, sequence) else {
            return Err(confused());
        };
        let bytes = body(&self.address, answer, MAX_SEGMENT).await?;
        Ok(Fetched::Document {
            epoch: LogEpoch(epoch),
            sequence,
            segment: packed::unpack(&bytes, MAX_SEGMENT).map_err(|_| confused())?,
        })
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.client
            .get(self.address.below(path))
            .bearer_auth(self.token)
            .header("keyrack-protocol", PROTOCOL)
    }

    /// An answer that has what was asked for.
    async fn answered(&self, asked: RequestBuilder) -> Result<Response, Unfetched> {
        let answer = asked
            .send()
            .await
            .map_err(|error| not_answered(&self.address, &error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let retry_after = retry_after(&answer);
        let said = body(&self.address, answer, keyrack_model::limits::MAX_ANSWER).await?;
        // Anything else may speak for the server meanwhile: a proxy, or a page of something else.
        let is_keyrack = serde_json::from_slice::<ErrorBody>(&said).is_ok();
        Err(match status {
            StatusCode::NOT_FOUND if is_keyrack => Unfetched::Gone,
            StatusCode::NOT_FOUND => Unfetched::NotYet,
            _ if is_keyrack && status.is_server_error() => Unfetched::NotYet,
            _ => match problem(
                &self.address,
                status.as_u16(),
                retry_after.as_deref(),
                &said,
            ) {
                Problem::TryLater { .. } | Problem::ServerBusy => Unfetched::NotYet,
                problem => Unfetched::Failed(problem),
            },
        })
    }
}

fn confused() -> Unfetched {
    tracing::warn!("what a server handed out does not read as what it is");
    Unfetched::Failed(Problem::ServerConfused)
}

#[cfg(test)]
mod tests;
