//! A bad network between a device and its server: a TCP proxy in this process.
//!
//! **Invariant**: it never changes what it carries. What it does to a connection holds from the
//! next byte on; connections that it cut stay cut.

use crate::enrolment;
use socket2::SockRef;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// What a network does to what it carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Weather {
    pub to_server: Way,
    pub to_device: Way,
    /// Connections break with a reset, those that are made meanwhile too.
    pub resets: bool,
}

/// One direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Way {
    #[default]
    Open,
    /// Each piece is held for so long.
    Slow(Duration),
    /// Every byte is a piece of its own; only the first piece of a connection is whole, because
    /// clients take an HTTP answer that drips for an attack.
    ByteByByte,
    /// Bytes are taken and never arrive.
    BlackHole,
    /// Nothing is taken: whoever sends must hold it.
    Stuck,
}

/// Stands before one server; it ends with the value.
pub struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port is free");
        let address = listener.local_addr().expect("a bound port");
        enrolment::leads(address, server);
        let (weather, seen) = watch::channel(Weather::default());
        let accepting = tokio::spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                tokio::spawn(carry(device, server, seen.clone()));
            }
        });
        Self {
            address,
            weather,
            accepting,
        }
    }

    /// Where devices find the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Everything passes as it comes.
    pub fn heal(&self) {
        self.set(Weather::default());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(
    mut device: TcpStream,
    server: SocketAddr,
    mut weather: watch::Receiver<Weather>,
) -> std::io::Result<()> {
    let mut server = connect(server).await?;
    device.set_nodelay(true)?;
    server.set_nodelay(true)?;
    {
        let (from_device, to_device) = device.split();
        let (from_server, to_server) = server.split();
        let seen = weather.clone();
        tokio::select! {
            // One end closes both ways: a WebSocket has no use for half a connection.
            end = pass(from_device, to_server, seen.clone(), |now| now.to_server) => return end,
            end = pass(from_server, to_device, seen, |now| now.to_device) => return end,
            _ = weather.wait_for(|now| now.resets) => {}
        }
    }
    device.set_zero_linger()?;
    server.set_zero_linger()
}

/// With little room on the way: what a device does not take stays with the server. To a peer with
/// small segments the system gives small buffers.
async fn connect(server: SocketAddr) -> std::io::Result<TcpStream> {
    const ROOM: u32 = 16 << 10;
    const SEGMENT: u32 = 536;
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(ROOM)?;
    SockRef::from(&socket).set_tcp_mss(SEGMENT)?;
    socket.connect(server).await
}

async fn pass(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut weather: watch::Receiver<Weather>,
    way: impl Fn(&Weather) -> Way,
) -> std::io::Result<()> {
    let mut piece = [0; 8 << 10];
    let mut is_first = true;
    loop {
        let open = async |weather: &mut watch::Receiver<Weather>| {
            let flows = weather.wait_for(|now| way(now) != Way::Stuck).await;
            flows.map(|now| way(&now)).map_err(std::io::Error::other)
        };
        open(&mut weather).await?;
        let length = tokio::select! {
            length = from.read(&mut piece) => length?,
            // It may not be taken any more.
            changed = weather.changed() => {
                changed.map_err(std::io::Error::other)?;
                continue;
            }
        };
        if length == 0 {
            return Ok(());
        }
        let piece = &piece[..length];
        match open(&mut weather).await? {
            Way::Open | Way::Stuck => to.write_all(piece).await?,
            Way::Slow(delay) => {
                tokio::time::sleep(delay).await;
                to.write_all(piece).await?;
            }
            Way::ByteByByte if is_first => to.write_all(piece).await?,
            Way::ByteByByte => {
                for byte in piece {
                    to.write_all(&[*byte]).await?;
                    // Whoever waits for it gets it alone.
                    tokio::task::yield_now().await;
                }
            }
            Way::BlackHole => {}
        }
        is_first = false;
    }
}
