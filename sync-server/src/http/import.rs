//! `POST /v1/import/{kind}`: a file of rooms, people or bookings, of somebody who is signed in or of a
//! program with a key.

use super::{
    State,
    answer::{bad_request, comes_later, failed, too_large, took_too_long},
    sync::bearer,
};
use crate::{
    accounts::{AccountError, Token},
    import::{
        ImportError,
        table::{FileFault, Intake, TableError, bring_in},
    },
    server_author::AuthorError,
};
use axum::{
    Json,
    body::{Bytes, to_bytes},
    extract::{Path, Query, Request, State as Extracted},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use keyrack_model::{
    import::{
        ImportAsked, ImportKind, ImportOutcome, ImportReport, ImportWish, Mapping, text_of_file,
    },
    limits::MAX_IMPORT_BODY,
};
use serde::Deserialize;

/// How a file that is a text by itself is announced; anything else is JSON with a mapping.
const CSV: &str = "text/csv";

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default, rename = "do")]
    wish: ImportWish,
}

/// A file with its mapping.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(default)]
    mapping: Option<Mapping>,
    file: String,
}

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    Path(kind): Path<String>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Response {
    let Ok(kind) = kind.parse::<ImportKind>() else {
        return bad_request("files are brought in of rooms, people or bookings");
    };
    let Ok(Query(Asked { wish })) = asked else {
        return bad_request("`do` is preview, all-or-nothing or leave-out");
    };
    let (parts, body) = request.into_parts();
    // Before the file is read: who may not bring it in sends it in vain.
    let token = match may_send(&state, &parts.headers, kind).await {
        Ok(token) => token,
        Err(error) => return error.into_response(),
    };
    let Ok(body) = to_bytes(body, MAX_IMPORT_BODY).await else {
        return too_large();
    };
    let asked = match read(&parts.headers, &body) {
        Ok(Body { mapping, file }) => ImportAsked {
            kind,
            wish,
            mapping,
            file,
        },
        Err(why) => return bad_request(&why),
    };
    drop(body);
    let Ok(seat) = state.edge.import_seat().await else {
        return took_too_long();
    };
    // Their session or their key may have ended while the file came and waited.
    let now = state.hotels.now();
    let importer = match state.accounts.importer(&token, kind, now).await {
        Ok(importer) => importer,
        Err(error) => return error.into_response(),
    };
    let hotel = token.hotel();
    // Whoever hangs up meanwhile does not break it off.
    let connections = state.sockets.clone();
    let brought_in = connections.spawn(async move {
        let _seat = seat;
        let intake = Intake {
            hotels: &state.hotels,
            accounts: &state.accounts,
            database: &state.database,
            snapshots: &state.snapshots,
            hotel,
            importer: &importer,
        };
        bring_in(&intake, &asked).await
    });
    match brought_in.await {
        Ok(Ok(report)) => answer(report),
        Ok(Err(error)) => error.into_response(),
        // What it panicked with may hold content and is not logged.
        Err(_) => {
            tracing::error!(%hotel, "bringing a file in failed");
            failed()
        }
    }
}

/// The token of somebody who may bring it in; what the file takes of their allowance is taken.
async fn may_send(
    state: &State,
    headers: &HeaderMap,
    kind: ImportKind,
) -> Result<Token, AccountError> {
    let token = bearer(headers)?;
    let now = state.hotels.now();
    let importer = state.accounts.importer(&token, kind, now).await?;
    state.edge.note(&token.to_string());
    let whose = (token.hotel(), importer.counted_by());
    state.edge.imports(whose, headers, now)?;
    Ok(token)
}

fn read(headers: &HeaderMap, body: &Bytes) -> Result<Body, String> {
    let kind = headers.get(header::CONTENT_TYPE);
    let is_csv = kind.is_some_and(|kind| kind.as_bytes().starts_with(CSV.as_bytes()));
    if is_csv {
        let read = text_of_file(body).map_err(FileFault::from);
        let (file, _) = read.map_err(|fault| fault.to_string())?;
        return Ok(Body {
            mapping: None,
            file,
        });
    }
    serde_json::from_slice(body).map_err(|error| {
        format!(
            "the body must be a file as text/csv, or JSON with `file` and `mapping`, and is not: \
             line {}, column {}",
            error.line(),
            error.column()
        )
    })
}

fn answer(report: ImportReport) -> Response {
    let status = match report.outcome {
        ImportOutcome::Previewed | ImportOutcome::Written => StatusCode::OK,
        ImportOutcome::Refused => StatusCode::UNPROCESSABLE_ENTITY,
    };
    (status, Json(report)).into_response()
}

impl IntoResponse for TableError {
    fn into_response(self) -> Response {
        let told = self.to_string();
        self.answer(&told)
    }
}

impl TableError {
    /// The answer with what is told of it.
    fn answer(self, told: &str) -> Response {
        match self {
            Self::BrokenOff { why, .. } => why.answer(told),
            Self::File(_) | Self::Mapping(_) => bad_request(told),
            Self::Import(
                ImportError::Unopened
                | ImportError::EarlierDay { .. }
                | ImportError::BeyondBookings { .. }
                | ImportError::Author(AuthorError::Refused { .. }),
            ) => bad_request(told),
            Self::UnderWay => comes_later(told),
            Self::Account(error) => error.into_response(),
            Self::Import(ImportError::Author(_) | ImportError::Log(_))
            | Self::Database(_)
            | Self::Snapshots(_) => {
                tracing::error!(error = %told, "a file was not brought in");
                failed()
            }
        }
    }
}
