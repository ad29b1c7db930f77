//! The end of a connection whose caller is still sending: what comes is taken for a moment and thrown
//! away. Left unread, it would have the system reset the connection, and a reset takes with it what the
//! caller was told of why.
//!
//! **Architecture Invariant**: of one connection no more is taken than so much, for no longer than so
//! long, and nothing of it is kept. Of no more connections at once than so many: they have given back
//! the place that they had among those that are served.

use keyrack_model::limits::{FAREWELL_BYTES, FAREWELL_MILLIS, MAX_FAREWELLS};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Bytes that are taken at a time.
const BUFFER: usize = 16 << 10;

/// Whether the caller of a connection was told why it ends while they were sending: an extension of its
/// requests. Clones share it.
#[derive(Clone, Default)]
pub(in crate::http) struct Farewell(Arc<AtomicBool>);

impl Farewell {
    pub(in crate::http) fn say(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_said(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many callers are heard out at once. Clones share it.
#[derive(Clone)]
pub(super) struct Farewells(Arc<Semaphore>);

impl Default for Farewells {
    fn default() -> Self {
        Self::of(MAX_FAREWELLS)
    }
}

impl Farewells {
    fn of(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places)))
    }

    fn take(&self) -> Option<OwnedSemaphorePermit> {
        self.0.clone().try_acquire_owned().ok()
    }
}

/// A connection that does not end before its caller could read a farewell.
pub(super) struct Parting {
    /// There until it is dropped.
    stream: Option<TcpStream>,
    farewell: Farewell,
    farewells: Farewells,
}

impl Parting {
    pub(super) fn with(stream: TcpStream, farewell: Farewell, farewells: Farewells) -> Self {
        Self {
            stream: Some(stream),
            farewell,
            farewells,
        }
    }

    fn stream(self: Pin<&mut Self>) -> io::Result<Pin<&mut TcpStream>> {
        let stream = self.get_mut().stream.as_mut().map(Pin::new);
        stream.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Parting {
    fn drop(&mut self) {
        if !self.farewell.is_said() {
            return;
        }
        let (Some(stream), Ok(runtime)) = (self.stream.take(), Handle::try_current()) else {
            return;
        };
        let Some(place) = self.farewells.take() else {
            tracing::debug!("a caller too many was not heard out");
            return;
        };
        let longest = Duration::from_millis(FAREWELL_MILLIS);
        runtime.spawn(async move {
            let _ = timeout(longest, hear_out(stream)).await;
            drop(place);
        });
    }
}

/// Says that nothing more comes, and takes what still does.
async fn hear_out(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut bytes = vec![0; BUFFER];
    let mut taken = 0;
    while taken < FAREWELL_BYTES {
        match stream.read(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(some) => taken += some,
        }
    }
}

impl AsyncRead for Parting {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.stream() {
            Ok(stream) => stream.poll_read(context, into),
            Err(gone) => Poll::Ready(Err(gone)),
        }
    }
}

impl AsyncWrite for Parting {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.stream() {
            Ok(stream) => stream.poll_write(context, bytes),
            Err(gone) => Poll::Ready(Err(gone)),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.stream() {
            Ok(stream) => stream.poll_write_vectored(context, pieces),
            Err(gone) => Poll::Ready(Err(gone)),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream
            .as_ref()
            .is_some_and(TcpStream::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream() {
            Ok(stream) => stream.poll_flush(context),
            Err(gone) => Poll::Ready(Err(gone)),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream() {
            Ok(stream) => stream.poll_shutdown(context),
            Err(gone) => Poll::Ready(Err(gone)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// A caller who was told a farewell and whose connection the server has let go of.
    async fn told() -> TcpStream {
        told_among(&Farewells::default()).await
    }

    async fn told_among(farewells: &Farewells) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let caller = TcpStream::connect(address).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let farewell = Farewell::default();
        let mut parting = Parting::with(stream, farewell.clone(), farewells.clone());
        parting.write_all(b"why").await.unwrap();
        farewell.say();
        caller
    }

    #[tokio::test]
    async fn whoever_is_still_sending_reads_why_it_ends() {
        let mut caller = told().await;
        let rest = vec![0; FAREWELL_BYTES / 2];
        caller.write_all(&rest).await.unwrap();
        let mut heard = Vec::new();
        caller.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"why");
    }

    #[tokio::test]
    async fn no_more_than_so_much_is_taken_of_anybody() {
        /// What the system may have taken for the server.
        const BETWEEN: usize = 64 << 20;
        let mut caller = told().await;
        let mut sent = 0;
        while caller.write_all(&[0; BUFFER]).await.is_ok() {
            sent += BUFFER;
            assert!(sent <= FAREWELL_BYTES + BETWEEN);
        }
        assert!(sent >= FAREWELL_BYTES);
    }

    #[tokio::test]
    async fn whoever_is_one_too_many_is_not_heard_out_and_takes_nothing_from_those_who_are() {
        let farewells = Farewells::of(1);
        let mut first = told_among(&farewells).await;
        assert!(farewells.take().is_none());
        let mut second = told_among(&farewells).await;
        let mut sent = 0;
        while sent < FAREWELL_BYTES && second.write_all(&[0; BUFFER]).await.is_ok() {
            sent += BUFFER;
        }
        assert!(sent < FAREWELL_BYTES, "it was taken");
        let rest = vec![0; FAREWELL_BYTES / 2];
        first.write_all(&rest).await.unwrap();
        let mut heard = Vec::new();
        first.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"why");
        // Once it has gone its place is another's.
        drop(first);
        let place = farewells.0.acquire().await;
        assert!(place.is_ok());
    }
}
