//! Taking connections: bounded in number, for each address too, and in the time until a request is
//! complete, so that whoever only holds them open keeps nobody out.

mod farewell;
mod places;

use super::{
    edge::{ONE, Socket},
    over_tls,
    tls::Tls,
};
use crate::{
    bucket::Buckets,
    peer::{Neighbourhood, TrustedProxies},
};
use axum::Router;
pub(super) use farewell::Farewell;
use farewell::{Farewells, Parting};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto::Builder,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use keyrack_model::{
    limits::{ADDRESSES_KEPT, CONNECTION_ALLOWANCE, Rate},
    time::Timestamp,
};
use places::{Caller, Place, Places};
use std::{future::Future, pin::pin, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    time::{Instant, sleep, timeout},
};
use tower_http::add_extension::AddExtension;

/// How long two programs may take to agree on how they encrypt.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may be anything else than a WebSocket.
const LIFE: Duration = Duration::from_secs(120);
/// How long to wait when no connection can be taken: mostly there are too many open files.
const BREATHER: Duration = Duration::from_millis(200);

/// How a listener speaks to whoever connects.
#[derive(Clone)]
pub enum Transport {
    /// HTTP as it is: on this machine, or behind a proxy.
    Plain,
    /// HTTP within TLS.
    Encrypted(Tls),
}

/// Serves until `stopping` completes, and then what is under way. A WebSocket counts as a
/// connection only until it is one.
pub async fn serve(
    listener: TcpListener,
    transport: Transport,
    proxies: TrustedProxies,
    routes: Router,
    stopping: impl Future<Output = ()>,
) {
    serve_at(
        (Places::default(), Arrivals::at(CONNECTION_ALLOWANCE)),
        listener,
        transport,
        proxies,
        routes,
        stopping,
    )
    .await;
}

async fn serve_at(
    (places, mut arrivals): (Places, Arrivals),
    listener: TcpListener,
    transport: Transport,
    proxies: TrustedProxies,
    routes: Router,
    stopping: impl Future<Output = ()>,
) {
    let routes = match &transport {
        Transport::Plain => routes,
        Transport::Encrypted(_) => over_tls(routes),
    };
    let mut stopping = pin!(stopping);
    let under_way = GracefulShutdown::new();
    let farewells = Farewells::default();
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = &mut stopping => break,
        };
        let (stream, address) = match taken {
            // A verdict is small, and somebody waits for it.
            Ok((stream, address)) => match stream.set_nodelay(true) {
                Ok(()) => (stream, address),
                Err(error) => {
                    tracing::debug!(%error, "a connection broke");
                    continue;
                }
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                sleep(BREATHER).await;
                continue;
            }
        };
        let caller = if proxies.trusts(address.ip()) {
            Caller::Proxy
        } else {
            Caller::Direct(address.ip().into())
        };
        // Those that come too often cost no place, no handshake and no reading.
        let may_come = arrivals.admit(caller, arrivals.began.elapsed());
        let place = may_come.then(|| places.take(caller));
        let Some(place) = place.flatten() else {
            tracing::debug!("a connection too many was refused");
            continue;
        };
        let farewell = Farewell::default();
        let stream = Parting::with(stream, farewell.clone(), farewells.clone());
        let routes = AddExtension::new(routes.clone(), Socket(address.ip()));
        let routes = AddExtension::new(routes, farewell);
        let watcher = under_way.watcher();
        tokio::spawn(hold(stream, transport.clone(), place, routes, watcher));
    }
    drop(listener);
    under_way.shutdown().await;
}

/// How often connections come from each address.
struct Arrivals {
    of: Buckets<Neighbourhood>,
    began: Instant,
}

impl Arrivals {
    fn at(rate: Rate) -> Self {
        Self {
            of: Buckets::new(rate, ADDRESSES_KEPT),
            began: Instant::now(),
        }
    }

    /// Whether one more may come, so long after the first might have. A proxy brings everybody's.
    fn admit(&mut self, caller: Caller, after: Duration) -> bool {
        let now = Timestamp(i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
        match caller {
            Caller::Proxy => true,
            Caller::Direct(address) => self.of.take(address, ONE, now).is_ok(),
        }
    }
}

/// Serves a connection for as long as it has its place.
async fn hold(
    stream: Parting,
    transport: Transport,
    mut place: Place,
    routes: Routes,
    watcher: Watcher,
) {
    let served = async {
        match transport {
            Transport::Plain => converse(stream, routes, watcher).await,
            Transport::Encrypted(tls) => match timeout(HANDSHAKE, tls.accept(stream)).await {
                Ok(Ok(stream)) => converse(stream, routes, watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, "a connection was not encrypted"),
                Err(_) => tracing::debug!("a handshake took too long"),
            },
        }
    };
    tokio::select! {
        () = served => {}
        () = place.lost() => tracing::debug!("a connection made room for another address"),
    }
}

type Routes = AddExtension<AddExtension<Router, Socket>, Farewell>;

async fn converse<S>(stream: S, routes: Routes, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = TowerToHyperService::new(routes);
    let connection = builder()
        .serve_connection_with_upgrades(TokioIo::new(stream), service)
        .into_owned();
    match timeout(LIFE, watcher.watch(connection)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection broke"),
        Err(_) => tracing::debug!("a connection was held open for too long"),
    }
}

/// HTTP/1 only: a device upgrades at once, and what else speaks to a server is a proxy or a person.
fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD);
    builder
}

#[cfg(test)]
mod tests;
