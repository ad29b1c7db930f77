//! Where the Postgres programs are and under which account they may run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    problem::Problem,
    process::{Account, under},
};

/// Debian keeps the programs of each version apart.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// The programs of one Postgres version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The programs that fit data of this major version, or the newest ones for new data.
    pub fn find(version: Option<&str>) -> Result<Programs, Problem> {
        let candidates = installed(Path::new(DEBIAN_FOLDER));
        match (choose(&candidates, version), version) {
            (Some(folder), _) => Ok(Programs { folder }),
            (None, Some(version)) if !candidates.is_empty() => Err(Problem::OtherPostgres {
                version: version.to_owned(),
            }),
            (None, _) => Err(Problem::NoPostgres {
                looked_for: format!("{DEBIAN_FOLDER}/*/bin/postgres"),
            }),
        }
    }

    pub fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    pub fn command(&self, program: &str, account: Option<Account>) -> Command {
        let mut command = Command::new(self.path(program));
        under(&mut command, account);
        command
    }
}

/// Postgres refuses to run as root: then it runs as `postgres`.
pub fn account() -> Result<Option<Account>, Problem> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    parse_account(&accounts, "postgres")
        .map(Some)
        .ok_or(Problem::NoPostgresUser)
}

fn parse_account(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        match fields[..] {
            [user_name, _, user, group, ..] if user_name == name => Some(Account {
                user: user.parse().ok()?,
                group: group.parse().ok()?,
            }),
            _ => None,
        }
    })
}

/// Versions with a server, and the folders of their programs.
fn installed(folder: &Path) -> Vec<(u32, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs
                .join("postgres")
                .exists()
                .then_some((version, programs))
        })
        .collect()
}

fn choose(candidates: &[(u32, PathBuf)], version: Option<&str>) -> Option<PathBuf> {
    candidates
        .iter()
        .filter(|(candidate, _)| version.is_none_or(|version| version == candidate.to_string()))
        .max_by_key(|(candidate, _)| *candidate)
        .map(|(_, folder)| folder.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_keeps_its_version_and_new_data_gets_the_newest() {
        let candidates = [
            (9, PathBuf::from("nine")),
            (17, PathBuf::from("seventeen")),
            (15, PathBuf::from("fifteen")),
        ];
        assert_eq!(choose(&candidates, None), Some("seventeen".into()));
        assert_eq!(choose(&candidates, Some("15")), Some("fifteen".into()));
        assert_eq!(choose(&candidates, Some("14")), None);
    }

    #[test]
    fn an_account_is_read_from_the_list_of_accounts() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\n\
                        postgres:x:104:110:PostgreSQL:/var/lib/postgresql:/bin/bash\n";
        let postgres = Account {
            user: 104,
            group: 110,
        };
        assert_eq!(parse_account(accounts, "postgres"), Some(postgres));
        assert_eq!(parse_account(accounts, "keyrack"), None);
    }
}
