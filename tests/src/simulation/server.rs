//! One life of the server: a hotel's loop over the disk, and the connections it serves.

use super::{
    ledger::Ledger,
    link::{Link, LinkId, Outbox, Up},
    server_log::{Disk, ServerLog},
};
use keyrack_server::{heads, hotel::Hotels, session::Identity};
use std::sync::Arc;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub(super) struct Server {
    pub log: ServerLog,
    pub hotels: Hotels<ServerLog>,
    /// Looks for what the log got and nobody was told of.
    polling: JoinHandle<()>,
    /// Wakes everybody in the order in which they began to wait; a channel of tokio would draw.
    stop: CancellationToken,
    served: Vec<JoinHandle<()>>,
    outbox: Outbox,
    ledger: Ledger,
}

impl Server {
    pub fn start(disk: Disk, outbox: Outbox) -> Self {
        let ledger = disk.ledger.clone();
        let clock = {
            let disk = disk.clone();
            move || disk.wall()
        };
        let log = ServerLog::new(disk);
        let hotels = Hotels::new(Arc::new(log.clone()), Arc::new(clock));
        let polling = {
            let hotels = hotels.clone();
            tokio::spawn(async move { heads::poll(&hotels).await })
        };
        Self {
            hotels,
            log,
            polling,
            stop: CancellationToken::new(),
            served: Vec::new(),
            outbox,
            ledger,
        }
    }

    /// Takes a connection; what is sent into the returned end reaches its session.
    pub fn accept(&mut self, id: LinkId, who: Identity) -> mpsc::UnboundedSender<Up> {
        let (sender, inbox) = mpsc::unbounded_channel();
        let link = Link {
            id,
            hotels: self.hotels.clone(),
            ledger: self.ledger.clone(),
            inbox,
            outbox: self.outbox.clone(),
            stopping: self.stop.clone(),
        };
        self.served.push(tokio::spawn(link.serve(who)));
        sender
    }

    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Sends everybody away and ends every loop, as on a signal.
    pub fn stop(&mut self) -> impl Future<Output = ()> + use<> {
        self.stop.cancel();
        let served = std::mem::take(&mut self.served);
        let hotels = self.hotels.clone();
        async move {
            for link in served {
                // A session that failed has told so by its panic.
                link.await.ok();
            }
            hotels.stop().await;
        }
    }

    /// Ends it between any two steps.
    pub fn kill(self) {
        self.log.die();
        self.polling.abort();
        for link in self.served {
            link.abort();
        }
    }
}
