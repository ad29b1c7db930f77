//! Whose a connection or a request is: the address at the other end, also behind a proxy.
//!
//! **Architecture Invariant**: what a header says of an address counts only from a proxy that the
//! operator named. Everybody else is who their socket says.

use axum::http::HeaderMap;
use ipnet::{IpNet, Ipv6Net};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// Where each proxy adds the address of whoever asked it.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Bits of an IPv6 address that a provider gives to one customer.
const SITE_BITS: u8 = 64;

/// The address of whoever sent a request, as an extension of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer(pub IpAddr);

/// Whoever shares a bound: an IPv4 address, or all IPv6 addresses of one site.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Neighbourhood(IpAddr);

impl From<IpAddr> for Neighbourhood {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                IpAddr::V6(Ipv6Net::new(address, SITE_BITS).map_or(address, |net| net.network()))
            }
        })
    }
}

impl From<Peer> for Neighbourhood {
    fn from(peer: Peer) -> Self {
        peer.0.into()
    }
}

/// The proxies before this server.
#[derive(Clone, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Everybody in these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks.into())
    }

    /// Whether an address is one of them.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who sent a request that came from this socket: the last address that was told on the way here
    /// and is no proxy. What stands before it could have been written by anybody.
    pub fn peer(&self, socket: IpAddr, headers: &HeaderMap) -> Peer {
        let mut peer = socket.to_canonical();
        let told = headers.get_all(FORWARDED_FOR).iter().rev();
        // Each by itself: what a caller wrote may be no text, and what the proxy added stays one.
        let told = told.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
        for told in told {
            if !self.trusts(peer) {
                break;
            }
            match str::from_utf8(told)
                .ok()
                .and_then(|told| address(told.trim()))
            {
                Some(address) => peer = address.to_canonical(),
                None => break,
            }
        }
        Peer(peer)
    }
}

/// An address, perhaps with a port.
fn address(told: &str) -> Option<IpAddr> {
    let bare = told
        .strip_prefix('[')
        .and_then(|told| told.strip_suffix(']'));
    let address = bare.unwrap_or(told).parse().ok();
    address.or_else(|| Some(told.parse::<SocketAddr>().ok()?.ip()))
}

/// Reads an address, or a network as `10.0.0.0/8`.
///
/// # Errors
/// A sentence about what is neither.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let alone = || text.parse::<IpAddr>().map(IpNet::from);
    let network = text.parse::<IpNet>().or_else(|_| alone());
    network.map_err(|_| format!("`{text}` is neither an address nor a network like 10.0.0.0/8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn proxies(networks: &[&str]) -> TrustedProxies {
        let networks = networks.iter().map(|text| network(text).unwrap());
        TrustedProxies::new(networks.collect())
    }

    #[test]
    fn an_address_that_is_told_counts_only_from_a_trusted_proxy() {
        for (trusted, socket, told, peer) in [
            (vec![], "10.0.0.1", vec!["1.2.3.4"], "10.0.0.1"),
            (vec!["10.0.0.1"], "10.0.0.1", vec![], "10.0.0.1"),
            (vec!["10.0.0.1"], "10.0.0.1", vec!["1.2.3.4"], "1.2.3.4"),
            (vec!["10.0.0.1"], "10.0.0.2", vec!["1.2.3.4"], "10.0.0.2"),
            // What a caller wrote itself stands to the left of what the proxy saw.
            (
                vec!["10.0.0.0/8"],
                "10.0.0.1",
                vec!["9.9.9.9, 1.2.3.4, 10.0.0.7"],
                "1.2.3.4",
            ),
            (
                vec!["10.0.0.0/8"],
                "10.0.0.1",
                vec!["9.9.9.9", "1.2.3.4"],
                "1.2.3.4",
            ),
            (vec!["10.0.0.1"], "10.0.0.1", vec!["1.2.3.4:5"], "1.2.3.4"),
            (vec!["::1"], "::1", vec!["[2001:db8::1]:5"], "2001:db8::1"),
            (vec!["::1"], "::1", vec!["2001:db8::1"], "2001:db8::1"),
            (
                vec!["10.0.0.1"],
                "::ffff:10.0.0.1",
                vec!["1.2.3.4"],
                "1.2.3.4",
            ),
            (vec!["10.0.0.1"], "10.0.0.1", vec!["9.9.9.9, x"], "10.0.0.1"),
            (vec!["10.0.0.1"], "10.0.0.1", vec![""], "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for told in &told {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(told));
            }
            let found = proxies(&trusted).peer(socket.parse().unwrap(), &headers);
            assert_eq!(found.0.to_string(), peer, "{socket} {told:?}");
        }
    }

    #[test]
    fn what_a_caller_wrote_hides_nothing_of_what_the_proxy_saw() {
        for (told, peer) in [
            (&b"\xff, 1.2.3.4"[..], "1.2.3.4"),
            (b"9.9.9.9\xe9,1.2.3.4, 10.0.0.7", "1.2.3.4"),
            (b"1.2.3.4, \xff, 10.0.0.7", "10.0.0.7"),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(told).unwrap());
            let found = proxies(&["10.0.0.0/8"]).peer("10.0.0.1".parse().unwrap(), &headers);
            assert_eq!(found.0.to_string(), peer, "{told:?}");
        }
    }

    #[test]
    fn neighbours_are_one_address_of_ipv4_and_one_site_of_ipv6() {
        let of = |text: &str| Neighbourhood::from(text.parse::<IpAddr>().unwrap());
        for (one, other, is_same) in [
            ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "1.2.3.5", false),
            ("1.2.3.4", "::ffff:1.2.3.4", true),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ] {
            assert_eq!(of(one) == of(other), is_same, "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_network_is_quoted() {
        for text in ["", "proxy", "10.0.0.0/33", "10.0.0"] {
            let refused = network(text).unwrap_err();
            assert!(refused.contains(&format!("`{text}`")), "{refused}");
        }
    }
}
