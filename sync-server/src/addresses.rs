//! Where devices reach this server: a sign-in that a device signed for another address is of no use here,
//! whoever hands it on.
//!
//! **Architecture Invariant**: which addresses count is said by the operator alone, never by a request.

use std::{fmt, net::SocketAddr, str::FromStr, sync::Arc};
use url::{Host, Url};

/// One of them: scheme, host, and the port where it is not the scheme's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address(String);

/// Not such an address.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an address like https://keyrack.example")]
pub struct NoAddress(String);

impl FromStr for Address {
    type Err = NoAddress;
    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let read = Url::parse(text.trim()).ok().filter(is_bare);
        let read = read.ok_or_else(|| NoAddress(text.trim().to_owned()))?;
        Ok(Self(read.origin().ascii_serialization()))
    }
}

/// What lies below an address is a proxy's, and no part of it.
fn is_bare(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The addresses of a server. Clones share them.
#[derive(Clone, Default)]
pub struct Addresses(Reached);

#[derive(Clone, Default)]
enum Reached {
    By(Arc<[Address]>),
    /// By any address of its own machine, and from nowhere else: what a device asks there reaches no
    /// other machine.
    #[default]
    FromItsMachine,
}

/// Nobody has said how a server is reached that listens to other machines.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} is reached from other machines: say with KEYRACK_ADDRESSES by which addresses, as \
     https://keyrack.example. A sign-in counts only at the server that its device asked"
)]
pub struct NotSaid(SocketAddr);

impl Addresses {
    /// Those that the operator names, of a server that listens here.
    ///
    /// # Errors
    /// When none is named of a server that listens to more than its own machine.
    pub fn of_server(named: &[Address], listen: SocketAddr) -> Result<Self, NotSaid> {
        if !named.is_empty() {
            return Ok(Self::named(named));
        }
        if !listen.ip().is_loopback() {
            return Err(NotSaid(listen));
        }
        tracing::warn!(
            "people sign in from this machine alone; before others reach it through a proxy, say with \
             KEYRACK_ADDRESSES by which address"
        );
        Ok(Self::default())
    }

    pub(crate) fn named(named: &[Address]) -> Self {
        Self(Reached::By(named.into()))
    }

    /// Whether a device that asked at `address`, as it writes it, has asked this server.
    pub fn have(&self, address: &str) -> bool {
        match &self.0 {
            Reached::By(named) => named.iter().any(|named| named.0 == address),
            Reached::FromItsMachine => is_of_this_machine(address),
        }
    }
}

fn is_of_this_machine(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    let is_near = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    is_near && is_bare(&url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening(on: &str, named: &[&str]) -> Result<Addresses, NotSaid> {
        let named: Vec<Address> = named.iter().map(|text| text.parse().unwrap()).collect();
        Addresses::of_server(&named, on.parse().unwrap())
    }

    #[test]
    fn a_server_has_the_addresses_that_it_was_given_however_they_were_written() {
        let named = [" https://Keyrack.Example:443/ ", "http://10.0.0.9:7300"];
        let here = listening("0.0.0.0:7300", &named).unwrap();
        for (address, is_here) in [
            ("https://keyrack.example", true),
            ("http://10.0.0.9:7300", true),
            ("https://10.0.0.9:7300", false),
            ("https://keyrack.example:7300", false),
            ("https://keyrack.example.evil.example", false),
            ("http://127.0.0.1:7300", false),
            ("", false),
        ] {
            assert_eq!(here.have(address), is_here, "{address}");
        }
    }

    #[test]
    fn without_an_address_a_server_is_reached_from_its_own_machine_alone() {
        let here = listening("127.0.0.1:7300", &[]).unwrap();
        for (address, is_here) in [
            ("http://127.0.0.1:7300", true),
            ("https://localhost:7443", true),
            ("http://[::1]:7300", true),
            ("http://localhost.example", false),
            ("https://keyrack.example", false),
            ("http://127.0.0.1:7300/path", false),
            ("http://somebody@127.0.0.1:7300", false),
            ("127.0.0.1:7300", false),
        ] {
            assert_eq!(here.have(address), is_here, "{address}");
        }
        for listens_to_others in ["0.0.0.0:7300", "[::]:7300", "10.0.0.9:7300"] {
            let refused = listening(listens_to_others, &[]).map(drop).unwrap_err();
            assert!(refused.to_string().contains("KEYRACK_ADDRESSES"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_quoted() {
        for text in [
            "",
            "keyrack.example",
            "ftp://keyrack.example",
            "https://a/b",
        ] {
            let refused = text.parse::<Address>().unwrap_err();
            assert!(refused.to_string().contains(text), "{text}");
        }
    }
}
