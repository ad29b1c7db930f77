//! Taking connections: bounded in number and in the time until a request is complete, so that
//! whoever only holds them open keeps nobody out.

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use keyrack_model::limits::MAX_CONNECTIONS;
use std::{future::Future, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may be anything else than a WebSocket.
const LIFE: Duration = Duration::from_secs(120);
/// How long to wait when no connection can be taken: mostly there are too many open files.
const BREATHER: Duration = Duration::from_millis(200);

/// Serves until `stopping` completes, and then what is under way. A WebSocket counts as a
/// connection only until it is one.
pub async fn serve(listener: TcpListener, routes: Router, stopping: impl Future<Output = ()>) {
    let mut stopping = pin!(stopping);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let under_way = GracefulShutdown::new();
    loop {
        let taken = tokio::select! {
            taken = take(&listener, &places) => taken,
            () = &mut stopping => break,
        };
        let (stream, place) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                sleep(BREATHER).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(routes.clone());
        let connection = builder()
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
            .into_owned();
        let connection = under_way.watch(connection);
        tokio::spawn(async move {
            match timeout(LIFE, connection).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a connection broke"),
                Err(_) => tracing::debug!("a connection was held open for too long"),
            }
            drop(place);
        });
    }
    drop(listener);
    under_way.shutdown().await;
}

async fn take(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await;
    let place = place.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // A verdict is small, and somebody waits for it.
    stream.set_nodelay(true)?;
    Ok((stream, place))
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
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(start_paused = true)]
    async fn whoever_says_nothing_or_never_ends_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, Router::new(), std::future::pending()));
        for said in ["", "GET / HTTP/1.1\r\nHost: x\r\n"] {
            let mut caller = TcpStream::connect(address).await.unwrap();
            caller.write_all(said.as_bytes()).await.unwrap();
            let mut heard = Vec::new();
            caller.read_to_end(&mut heard).await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_is_under_way_is_finished_before_serving_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
        let [arrived, answer] = [(); 2].map(|()| Arc::new(tokio::sync::Notify::new()));
        let (has_arrived, goes_on) = (arrived.clone(), answer.clone());
        let slow = axum::routing::get(async move || {
            arrived.notify_one();
            goes_on.notified().await;
            "done"
        });
        let routes = Router::new().route("/", slow);
        let serving = tokio::spawn(serve(listener, routes, async move {
            let _ = stopping.await;
        }));
        let mut caller = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        caller.write_all(request).await.unwrap();
        has_arrived.notified().await;
        stop.send(()).unwrap();
        answer.notify_one();
        let mut heard = String::new();
        caller.read_to_string(&mut heard).await.unwrap();
        assert!(heard.ends_with("done"), "{heard}");
        serving.await.unwrap();
    }
}
