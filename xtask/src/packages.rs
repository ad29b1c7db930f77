//! Which system packages each job needs, on which systems, and which of them are missing.

use std::collections::BTreeSet;

/// Packages that are needed for one purpose.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// Completes the sentence "is needed …".
    pub purpose: &'static str,
    pub packages: &'static [&'static str],
}

pub const BUILD: Group = Group {
    purpose: "to build the app: the web view, the window and encryption",
    packages: &[
        "build-essential",
        "pkg-config",
        "libwebkit2gtk-4.1-dev",
        "libxdo-dev",
        "libssl-dev",
        "libayatana-appindicator3-dev",
        "librsvg2-dev",
        "libdbus-1-dev",
    ],
};

pub const POSTGRES: Group = Group {
    purpose: "to keep the hotel's log: Postgres (only its programs; no database of the system's \
              own is started)",
    packages: &["postgresql"],
};

pub const MEASURING: Group = Group {
    purpose: "to count what goes over the wire",
    packages: &["iproute2"],
};

pub const WINDOWS: Group = Group {
    purpose: "to test real windows: a display in memory, a driver, a keyring and a font",
    packages: &[
        "xvfb",
        "xauth",
        "webkit2gtk-driver",
        "dbus-x11",
        "gnome-keyring",
        "fonts-dejavu-core",
    ],
};

/// The operating system, as far as packages are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum System {
    /// Debian 12 or later, Ubuntu 22.04 or later, or one of their derivatives.
    Apt,
    /// It has apt, but its web view is too old.
    TooOld { name: String },
    /// No apt here.
    Other { name: String },
}

impl System {
    /// Reads the text of `/etc/os-release`.
    pub fn from_os_release(text: &str) -> System {
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                .map(|value| value.trim_matches(['"', '\'']))
        };
        let name = field("PRETTY_NAME").unwrap_or("this system").to_owned();
        let major = field("VERSION_ID")
            .and_then(|version| version.split('.').next())
            .and_then(|major| major.parse::<u32>().ok());
        let id = field("ID").unwrap_or_default();
        let like: Vec<_> = field("ID_LIKE").unwrap_or_default().split(' ').collect();
        // Testing and unstable carry no version.
        match (id, major) {
            ("debian", Some(..12)) | ("ubuntu", Some(..22)) => System::TooOld { name },
            ("debian" | "ubuntu", _) => System::Apt,
            _ if like.contains(&"debian") || like.contains(&"ubuntu") => System::Apt,
            _ => System::Other { name },
        }
    }
}

/// The packages of `group` that dpkg does not list as installed.
///
/// `listing` is what `dpkg-query --show --showformat '${Package}\t${db:Status-Status}\n'` prints.
pub fn missing<'a>(group: &'a Group, listing: &str) -> Vec<&'a str> {
    let installed: BTreeSet<_> = listing
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(_, status)| *status == "installed")
        .map(|(package, _)| package)
        .collect();
    group
        .packages
        .iter()
        .copied()
        .filter(|package| match *package {
            // Any server does, also one of a numbered version from elsewhere.
            "postgresql" => !installed.iter().any(|name| is_postgres_server(name)),
            package => !installed.contains(package),
        })
        .collect()
}

fn is_postgres_server(package: &str) -> bool {
    package
        .strip_prefix("postgresql-")
        .is_some_and(|version| version.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(id: &str, version: &str, more: &str) -> System {
        System::from_os_release(&format!(
            "PRETTY_NAME=\"A system\"\nID={id}\nVERSION_ID=\"{version}\"\n{more}\n"
        ))
    }

    #[test]
    fn the_four_promised_systems_have_their_packages() {
        for (id, version) in [
            ("debian", "12"),
            ("debian", "13"),
            ("ubuntu", "22.04"),
            ("ubuntu", "24.04"),
        ] {
            assert_eq!(system(id, version, ""), System::Apt, "{id} {version}");
        }
    }

    #[test]
    fn a_derivative_counts_as_what_it_derives_from() {
        let mint = system("linuxmint", "22", "ID_LIKE=\"ubuntu debian\"");
        assert_eq!(mint, System::Apt);
    }

    #[test]
    fn debian_without_a_version_is_newer_than_any() {
        assert_eq!(System::from_os_release("ID=debian"), System::Apt);
    }

    #[test]
    fn an_old_system_and_a_foreign_one_are_named() {
        let name = "A system".to_owned();
        assert_eq!(
            system("debian", "11", ""),
            System::TooOld { name: name.clone() }
        );
        assert_eq!(system("fedora", "42", ""), System::Other { name });
    }

    #[test]
    fn only_what_is_not_installed_is_missing() {
        let listing = "xvfb\tinstalled\nxauth\tinstalled\ndbus-x11\tconfig-files\ngnome-keyring\tinstalled\n\
                       fonts-dejavu-core\tinstalled\n";
        assert_eq!(
            missing(&WINDOWS, listing),
            ["webkit2gtk-driver", "dbus-x11"]
        );
    }

    #[test]
    fn any_postgres_server_will_do() {
        assert_eq!(missing(&POSTGRES, "postgresql-16\tinstalled\n"), [""; 0]);
        assert_eq!(
            missing(&POSTGRES, "postgresql-client-16\tinstalled\n"),
            ["postgresql"]
        );
    }
}
