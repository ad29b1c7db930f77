//! Every route of the server, on one page.

mod actors;
mod administration;
mod answer;
pub(crate) mod connections;
mod documents;
mod edge;
mod frames;
mod health;
mod import;
mod metrics;
mod pull;
mod push;
mod records;
mod refresh;
mod segments;
mod sign_in;
mod sign_out;
mod sockets;
mod sync;
pub(crate) mod tls;
mod working_set;

pub use edge::Edge;
pub use health::Fitness;
pub use sockets::OpenSockets;

use crate::{
    accounts::{AccountError, Accounts, ProvenDevice, Token},
    audit::AuditHeads,
    database::Database,
    hotel::Hotels,
    log::postgres::PostgresLog,
    session::Admitted,
    snapshots::Snapshots,
};
use ::metrics::gauge;
use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::{MethodRouter, get, post},
};
use keyrack_model::limits::{IMPORT_PATIENCE_SECONDS, MAX_BODY, MAX_FRAME};
use metrics_exporter_prometheus::PrometheusHandle;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    trace::TraceLayer,
};

/// How long a request may take, but for a file that is brought in; a WebSocket only for its opening.
const PATIENCE: Duration = Duration::from_secs(20);
const SIGN_IN: &str = "/v1/sign-in";
const REFRESH: &str = "/v1/refresh";
/// Where files are brought in.
const IMPORT: &str = "/v1/import/{kind}";

/// What the routes work with. Clones share it.
#[derive(Clone)]
pub struct State {
    pub accounts: Accounts,
    pub database: Database,
    pub hotels: Hotels<PostgresLog>,
    pub snapshots: Snapshots,
    pub metrics: PrometheusHandle,
    pub edge: Edge,
    /// Where the audit logs end, for devices to keep.
    pub audit_heads: AuditHeads,
    /// True from when the server was asked to stop.
    pub stopping: watch::Receiver<bool>,
    /// Connections that are still being served.
    pub sockets: TaskTracker,
    /// Those of them that are WebSockets, by device.
    pub open: OpenSockets,
    /// What was found when it was last looked whether the server is fit to serve.
    pub fitness: Fitness,
}

impl State {
    /// Who holds a token, and until when. The edge hears of each that opens something: of what was
    /// merely shown it would remember what anybody makes up.
    async fn admit(&self, token: &Token) -> Result<Admitted, AccountError> {
        let admitted = self.accounts.admit(token, self.hotels.now()).await?;
        self.edge.note(&token.to_string());
        self.edge.note_device(&ProvenDevice {
            hotel: admitted.who.hotel,
            id: admitted.who.device,
            key: admitted.who.key,
        });
        Ok(admitted)
    }
}

pub fn routes(state: State, metrics: Metrics) -> Router {
    gauge!("ws_connections").set(0.0);
    let strangers = from_fn_with_state(state.clone(), edge::strangers);
    let admit = from_fn_with_state(state.clone(), edge::admit);
    let count = from_fn_with_state(state.clone(), edge::count);
    let listed = listed(metrics, |route| route.layer(strangers.clone()));
    let admitted = listed.router.with_state(state).route_layer(admit);
    guarded(complete(admitted).layer(count))
}

/// Every path that [`routes`] serves, as it is written there: for whoever has to try them all.
pub fn paths(metrics: Metrics) -> Vec<&'static str> {
    listed(metrics, |route| route).paths
}

/// `of_strangers` bounds the routes that take bodies of whoever comes.
fn listed(
    metrics: Metrics,
    of_strangers: impl Fn(MethodRouter<State>) -> MethodRouter<State>,
) -> Listed {
    let mut router = Listed::default()
        .route(SIGN_IN, of_strangers(post(sign_in::handle)))
        .route("/v1/sign-out", post(sign_out::handle))
        .route(REFRESH, post(refresh::handle))
        .route("/v1/administration", post(administration::handle))
        .route(IMPORT, post(import::handle))
        .route("/v1/sync", get(sync::handle))
        .route("/v1/pull", get(pull::handle))
        .route("/v1/push", post(push::handle).layer(frames_fit()))
        .route("/v1/actors", post(actors::handle).layer(frames_fit()))
        .route("/v1/working-set", get(working_set::handle))
        .route("/v1/segments/{id}", get(segments::handle))
        .route("/v1/records", get(records::handle))
        .route("/v1/documents/{kind}/{id}", get(documents::handle))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready));
    if metrics == Metrics::Here {
        router = router.route("/metrics", get(metrics::handle_near));
    }
    router
}

/// A router that can tell what it serves.
#[derive(Default)]
struct Listed {
    router: Router<State>,
    paths: Vec<&'static str>,
}

impl Listed {
    fn route(mut self, path: &'static str, methods: MethodRouter<State>) -> Self {
        self.router = self.router.route(path, methods);
        self.paths.push(path);
        self
    }
}

/// For a listener of its own.
pub fn metrics_routes(state: State) -> Router {
    let router = Router::new().route("/metrics", get(metrics::handle));
    guarded(complete(router.with_state(state)))
}

/// Where metrics are served, and to whom: on the server's own address to its machine alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metrics {
    Here,
    Elsewhere,
}

/// Has browsers remember that the server is spoken to over TLS only.
fn over_tls(router: Router) -> Router {
    let for_a_year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
    let header = header::STRICT_TRANSPORT_SECURITY;
    router.layer(SetResponseHeaderLayer::overriding(header, for_a_year))
}

/// Takes bodies of the size of a frame.
fn frames_fit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_FRAME)
}

/// An answer to every path and method.
fn complete(router: Router) -> Router {
    router
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::other_method)
}

/// Bounds and headers that every route has.
fn guarded(router: Router) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    router
        .route_layer(from_fn(in_time))
        // Around the clock: what took too long is counted too.
        .route_layer(from_fn(metrics::count))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .layer(header(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(
            TraceLayer::new_for_http().make_span_with(|request: &Request| {
                let id = request.headers().get("x-request-id");
                tracing::info_span!(
                    "request",
                    id = id.and_then(|id| id.to_str().ok()).unwrap_or_default(),
                    method = %request.method(),
                    path = request.uri().path(),
                )
            }),
        )
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

async fn in_time(request: Request, next: Next) -> Response {
    let is_import = request
        .extensions()
        .get::<MatchedPath>()
        .is_some_and(|path| path.as_str() == IMPORT);
    let (patience, late): (_, fn() -> Response) = if is_import {
        (
            Duration::from_secs(IMPORT_PATIENCE_SECONDS),
            answer::import_goes_on,
        )
    } else {
        (PATIENCE, answer::took_too_long)
    };
    let answered = tokio::time::timeout(patience, next.run(request)).await;
    answered.unwrap_or_else(|_| late())
}

#[cfg(test)]
mod tests;
