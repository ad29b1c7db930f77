//! The sync socket as any client would open it, frame by frame.

use super::site::Site;
use futures_util::{SinkExt, StreamExt};
use keyrack_wire::{Incoming, Outgoing};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    incoming: Incoming,
    outgoing: Outgoing,
}

impl Socket {
    pub async fn open(site: &Site, token: &str) -> Self {
        let address = format!("ws://{}/v1/sync", site.address());
        let mut request = address.into_client_request().unwrap();
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        request.headers_mut().insert("authorization", bearer);
        let stream = TcpStream::connect(site.address()).await.unwrap();
        Self {
            stream: client_async(request, stream).await.unwrap().0,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
        }
    }

    pub async fn send(&mut self, frame: &[u8]) {
        let message = self.outgoing.pack(frame).unwrap();
        let message = Message::Binary(message.into());
        self.stream.send(message).await.unwrap();
    }

    /// Returns when the server asks for a sign of life.
    pub async fn is_pinged(&mut self) {
        loop {
            match self.stream.next().await.unwrap().unwrap() {
                Message::Ping(_) => return,
                Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub async fn receive(&mut self) -> Vec<u8> {
        loop {
            let message = self.stream.next().await.unwrap().unwrap();
            if let Message::Binary(message) = message {
                return self.incoming.unpack(&message).unwrap();
            }
        }
    }
}
