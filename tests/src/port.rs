//! Free ports that stay free while a server on them is down.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Below the range from which the kernel takes ports for outgoing connections: a client that
/// keeps knocking at a port of that range, with nobody behind it, can end up talking to itself.
const RANGE: std::ops::Range<u16> = 15_000..32_000;

/// A loopback address that nobody listens on.
pub fn free() -> SocketAddr {
    for _ in 0..1_000 {
        let mut random = [0; 2];
        getrandom::fill(&mut random).expect("the system has randomness");
        let port = RANGE.start + u16::from_le_bytes(random) % (RANGE.end - RANGE.start);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no free port between {} and {}", RANGE.start, RANGE.end);
}
