//! The address of a server, as people type it.

use keyrack_model::{
    import::{ImportKind, ImportWish},
    ipc::Problem,
    limits,
};
use std::fmt;
use url::{Host, Url};

/// `http` or `https`, a host, perhaps a port and a path; nothing else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ServerAddress(Url);

impl ServerAddress {
    /// Without a scheme it is `https`, on this very machine `http`. What goes to another machine is
    /// always encrypted.
    pub(crate) fn parse(typed: &str) -> Result<Self, Problem> {
        let typed = typed.trim();
        let read = Self::read(typed).ok_or_else(|| Problem::BadAddress {
            address: typed.chars().take(limits::MAX_ADDRESS).collect(),
        })?;
        if read.0.scheme() == "http" && !is_this_machine(&read.0) {
            return Err(Problem::Insecure {
                address: read.to_string(),
            });
        }
        Ok(read)
    }

    fn read(typed: &str) -> Option<Self> {
        if typed.is_empty() || typed.chars().count() > limits::MAX_ADDRESS {
            return None;
        }
        let mut url = if typed.contains("://") {
            Url::parse(typed).ok()?
        } else {
            let plain = Url::parse(&format!("http://{typed}")).ok()?;
            if is_this_machine(&plain) {
                plain
            } else {
                Url::parse(&format!("https://{typed}")).ok()?
            }
        };
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain {
            return None;
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Some(Self(url))
    }

    /// Scheme, host, and the port where it is not the scheme's own: what a sign-in is signed for.
    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    pub(crate) fn sign_in(&self) -> Url {
        self.below("v1/sign-in")
    }

    pub(crate) fn sign_out(&self) -> Url {
        self.below("v1/sign-out")
    }

    pub(crate) fn administration(&self) -> Url {
        self.below("v1/administration")
    }

    pub(crate) fn import(&self, kind: ImportKind, wish: ImportWish) -> Url {
        let mut url = self.below(&format!("v1/import/{kind}"));
        url.set_query(Some(&format!("do={wish}")));
        url
    }

    pub(crate) fn refresh(&self) -> Url {
        self.below("v1/refresh")
    }

    /// The WebSocket.
    pub(crate) fn sync(&self) -> Url {
        let mut url = self.below("v1/sync");
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        // Both are special schemes with a host, so this is always allowed.
        let _ = url.set_scheme(scheme);
        url
    }

    /// What lies below it; a path with a query, if there is one.
    pub(super) fn below(&self, path: &str) -> Url {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path().trim_end_matches('/')));
        url.set_query(query);
        url
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, shown: &str, sync: &str) {
        let address = ServerAddress::parse(typed).unwrap();
        assert_eq!(address.to_string(), shown);
        assert_eq!(address.sync().as_str(), sync);
        assert_eq!(ServerAddress::parse(shown).unwrap(), address);
    }

    #[test]
    fn what_people_type_is_understood() {
        check(
            "http://127.0.0.1:7300",
            "http://127.0.0.1:7300",
            "ws://127.0.0.1:7300/v1/sync",
        );
        check(
            " https://Keyrack.Example/ ",
            "https://keyrack.example",
            "wss://keyrack.example/v1/sync",
        );
        check(
            "localhost:7300",
            "http://localhost:7300",
            "ws://localhost:7300/v1/sync",
        );
        check(
            "keyrack.example:8443",
            "https://keyrack.example:8443",
            "wss://keyrack.example:8443/v1/sync",
        );
        check("[::1]:7300", "http://[::1]:7300", "ws://[::1]:7300/v1/sync");
        check(
            "https://hotel.example/keyrack/",
            "https://hotel.example/keyrack",
            "wss://hotel.example/keyrack/v1/sync",
        );
    }

    #[test]
    fn what_a_sign_in_is_signed_for_is_the_server_alone_however_it_was_typed() {
        for (typed, origin) in [
            ("keyrack.example", "https://keyrack.example"),
            (
                "https://Keyrack.Example:443/hotels/",
                "https://keyrack.example",
            ),
            ("keyrack.example:8443", "https://keyrack.example:8443"),
            ("h\u{f4}tel.example", "https://xn--htel-vqa.example"),
            ("localhost:7300", "http://localhost:7300"),
            ("[::1]:7300", "http://[::1]:7300"),
        ] {
            assert_eq!(ServerAddress::parse(typed).unwrap().origin(), origin);
        }
    }

    #[test]
    fn what_is_no_server_address_is_refused_and_quoted() {
        let long = "a".repeat(limits::MAX_ADDRESS + 1);
        for typed in [
            "",
            "   ",
            "http://",
            "ftp://keyrack.example",
            "file:///etc/passwd",
            "javascript://keyrack.example",
            "https://maria:secret@keyrack.example",
            "https://keyrack.example?hotel=resort",
            "https://keyrack.example#board",
            "keyrack example",
            "127.0.0.1:99999",
            &long,
        ] {
            match ServerAddress::parse(typed) {
                Err(Problem::BadAddress { address }) => {
                    assert!(typed.contains(&address), "{typed:?} is quoted");
                }
                other => panic!("{typed:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn another_machine_is_spoken_to_over_https_only() {
        for typed in [
            "http://keyrack.example",
            " HTTP://Keyrack.Example:7300/ ",
            "http://10.0.0.9:7300",
            "http://[2001:db8::1]",
            "http://0.0.0.0:7300",
            // Named after this machine, and others.
            "http://localhost.example",
            "http://127.0.0.1.example",
        ] {
            match ServerAddress::parse(typed) {
                Err(Problem::Insecure { address }) => {
                    let typed = typed.trim().trim_end_matches('/').to_lowercase();
                    assert_eq!(address, typed);
                }
                other => panic!("{typed:?} gave {other:?}"),
            }
        }
        // The same without a scheme is encrypted.
        check(
            "10.0.0.9:7300",
            "https://10.0.0.9:7300",
            "wss://10.0.0.9:7300/v1/sync",
        );
    }
}
