//! Serving: start, listen, and stop without leaving anybody in doubt.

use super::{Audited, Failure, Serve};
use crate::{
    accounts::Accounts,
    addresses::Addresses,
    audit::{AuditHeads, AuditKey, HeadsFile, Keeper},
    database::Database,
    heads::{self, Announcements},
    hotel::Hotels,
    http::{
        self, Edge, Fitness, Metrics, OpenSockets, State,
        connections::{self, Transport},
        tls::Tls,
    },
    log::postgres::PostgresLog,
    peer::TrustedProxies,
    snapshots::{self, Snapshots},
    telemetry,
};
use axum::Router;
use keyrack_model::time::Timestamp;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};
use tokio_util::task::TaskTracker;

/// How long connections get to send what they owe after the server was asked to stop.
const FAREWELL: Duration = Duration::from_secs(20);

pub(super) async fn serve(arguments: Serve) -> Result<(), Failure> {
    telemetry::start_logging();
    let metrics = telemetry::start_metrics()?;
    let addresses = Addresses::of_server(&arguments.addresses, arguments.listen)?;
    let proxies = TrustedProxies::new(arguments.trusted_proxies);
    let transport = transport(arguments.tls_certificate, arguments.tls_key)?;
    let database = Database::open(&arguments.database.database_url).await?;
    let (audit_heads, keeper) = audit_heads(&database, arguments.audit)?;
    let listener = listen(arguments.listen, "KEYRACK_LISTEN").await?;
    let announcements = Announcements::default();
    let log = Arc::new(PostgresLog::new(database.clone(), announcements.clone()));
    let hotels = Hotels::new(log.clone(), Arc::new(now));
    let snapshots = Snapshots::new(database.clone(), log, Arc::new(now));
    let (stop, stopping) = watch::channel(false);
    let state = State {
        accounts: Accounts::new(database.clone())
            .with_audit_heads(audit_heads.clone())
            .reached_by(addresses),
        database: database.clone(),
        hotels: hotels.clone(),
        snapshots: snapshots.clone(),
        metrics,
        edge: Edge::new(proxies.clone()),
        audit_heads,
        stopping: stopping.clone(),
        sockets: TaskTracker::new(),
        open: OpenSockets::default(),
        fitness: Fitness::default(),
    };
    tokio::spawn(heads::tell(database.clone(), announcements));
    let access = state.accounts.access().clone();
    tokio::spawn(heads::hear(database, hotels.clone(), access));
    tokio::spawn(snapshots::keep_up(snapshots, hotels.clone()));
    let (end_keeping, kept_to_the_end) = watch::channel(false);
    let keeping = keeper.map(|keeper| tokio::spawn(keeper.run(hotels.clone(), kept_to_the_end)));
    let place = if let Some(address) = arguments.metrics_listen {
        let listener = listen(address, "KEYRACK_METRICS_LISTEN").await?;
        let routes = http::metrics_routes(state.clone());
        let (plain, nobody) = (Transport::Plain, TrustedProxies::default());
        tokio::spawn(run(listener, plain, nobody, routes, stopping.clone()));
        Metrics::Elsewhere
    } else {
        Metrics::Here
    };
    let sockets = state.sockets.clone();
    let address = listener.local_addr()?;
    let routes = http::routes(state, place);
    if let Transport::Encrypted(tls) = &transport {
        tokio::spawn(renew(tls.clone(), signal(SignalKind::hangup())?));
    }
    warn_if_in_the_clear(&transport, address);
    let serving = tokio::spawn(run(listener, transport, proxies, routes, stopping));
    tracing::info!(%address, "listening");

    asked_to_stop().await?;
    tracing::info!("stopping");
    stop.send_replace(true);
    sockets.close();
    if tokio::time::timeout(FAREWELL, sockets.wait())
        .await
        .is_err()
    {
        tracing::warn!("some connections did not end in time");
    }
    hotels.stop().await;
    // An idle keep-alive connection is no reason to stay.
    let _ = tokio::time::timeout(Duration::from_secs(1), serving).await;
    // After the last entries that anybody made here.
    end_keeping.send_replace(true);
    if let Some(keeping) = keeping {
        let _ = tokio::time::timeout(FAREWELL, keeping).await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// The server's clock.
pub(super) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

async fn listen(address: SocketAddr, variable: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let sentence = match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "{address} is in use by another program: stop it, or choose another address with {variable}"
            ),
            _ => format!("cannot listen on {address}: {error}"),
        };
        sentence.into()
    })
}

/// Both files, or none.
fn transport(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Transport, Failure> {
    Ok(match certificate.zip(key) {
        Some((certificate, key)) => Transport::Encrypted(Tls::read(certificate, key)?),
        None => Transport::Plain,
    })
}

/// What signs where the audit logs end, and what records it.
fn audit_heads(
    database: &Database,
    audit: Audited,
) -> Result<(AuditHeads, Option<Keeper>), Failure> {
    let Some(key) = audit.audit_key else {
        tracing::warn!(
            "whoever can write to the database can cut off the end of a hotel's audit log, and \
             nothing shows it: name a file for a key with KEYRACK_AUDIT_KEY and one for signed heads \
             with KEYRACK_AUDIT_HEADS, on a disk that the database is not on"
        );
        return Ok((AuditHeads::default(), None));
    };
    let heads = AuditHeads::signed(database.clone(), AuditKey::read_or_make(&key)?);
    if audit.audit_heads.is_none() {
        tracing::warn!(
            "devices alone keep the heads of the audit logs: name a file for them with \
             KEYRACK_AUDIT_HEADS, on a disk that the database is not on"
        );
    }
    let file = audit.audit_heads.map(heads_file).transpose()?;
    let keeper = Keeper::new(file, heads.clone())?;
    Ok((heads, Some(keeper)))
}

fn heads_file(path: PathBuf) -> Result<HeadsFile, Failure> {
    let shown = path.display().to_string();
    HeadsFile::open(path).map_err(|error| {
        format!("the heads of audit logs cannot be recorded in {shown}: {error}").into()
    })
}

/// Reads the certificate and its key again whenever somebody asks for it.
async fn renew(tls: Tls, mut asked: Signal) {
    while asked.recv().await.is_some() {
        match tls.read_again() {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!(%error, "the certificate stays the one from before"),
        }
    }
}

fn warn_if_in_the_clear(transport: &Transport, address: SocketAddr) {
    match transport {
        Transport::Plain if !address.ip().is_loopback() => tracing::warn!(
            %address,
            "passwords and guests' names cross the network in the clear: name a certificate with \
             KEYRACK_TLS_CERTIFICATE and KEYRACK_TLS_KEY, or put a TLS proxy in front and let \
             only that reach this address"
        ),
        Transport::Plain | Transport::Encrypted(_) => {}
    }
}

async fn run(
    listener: TcpListener,
    transport: Transport,
    proxies: TrustedProxies,
    routes: Router,
    mut stopping: watch::Receiver<bool>,
) {
    let stop = async move {
        let _ = stopping.wait_for(|stopping| *stopping).await;
    };
    connections::serve(listener, transport, proxies, routes, stop).await;
}

async fn asked_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
