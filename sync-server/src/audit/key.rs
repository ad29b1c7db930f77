//! The key with which the server signs the heads of its audit logs, in a file of its own.
//!
//! **Architecture Invariant**: the key is never in the database, and never logged.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use keyrack_model::{
    audit_head::{AuditHead, from_hexadecimal, hexadecimal, signed_text},
    ids::HotelId,
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the audit key {} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "{} is no audit key: it must be 64 hexadecimal digits. Bring it back from where it is kept; \
         with another key devices say that the audit log is not signed",
        .0.display()
    )]
    NotAKey(PathBuf),
    #[error("an audit key could not be made at {}: {source}", path.display())]
    NotMade { path: PathBuf, source: io::Error },
}

/// The server's key. Its file has the 32 bytes of the secret as hexadecimal digits.
#[derive(Clone)]
pub struct AuditKey(SigningKey);

impl AuditKey {
    /// Reads the file; one that is not there is made, for its user alone, and so is one that is empty
    /// because the machine stopped before the key was in it.
    pub fn read_or_make(path: &Path) -> Result<Self, KeyError> {
        if fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == 0) {
            tracing::warn!(
                path = %path.display(),
                "the audit key's file is empty and another key is made: bring the file back from where it is kept if heads were signed before, as devices and `audit verify` take no other key for theirs"
            );
            take_away(path).map_err(|source| KeyError::NotMade {
                path: path.to_owned(),
                source,
            })?;
        }
        if !path.exists() {
            match make(path) {
                Ok(()) => {}
                // Another server that starts at the same moment has made it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => {
                    let path = path.to_owned();
                    return Err(KeyError::NotMade { path, source });
                }
            }
        }
        Self::read(path)
    }

    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = fs::read_to_string(path).map_err(|source| KeyError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let secret = from_hexadecimal(text.trim());
        let secret = secret.ok_or_else(|| KeyError::NotAKey(path.to_owned()))?;
        Ok(Self(SigningKey::from_bytes(&secret)))
    }

    /// What devices check signatures with, in lower-case hexadecimal.
    pub fn public(&self) -> String {
        hexadecimal(self.0.verifying_key().as_bytes())
    }

    pub(super) fn verifying(&self) -> VerifyingKey {
        self.0.verifying_key()
    }

    pub(super) fn sign(&self, hotel: HotelId, number: u64, hash: Vec<u8>) -> AuditHead {
        let text = signed_text(hotel, number, &hash);
        AuditHead {
            number,
            hash,
            signature: self.0.sign(text.as_bytes()).to_bytes().to_vec(),
        }
    }
}

/// Whether a head is signed by this key.
pub(super) fn is_signed(key: &VerifyingKey, hotel: HotelId, head: &AuditHead) -> bool {
    let text = signed_text(hotel, head.number, &head.hash);
    Signature::from_slice(&head.signature)
        .and_then(|signature| key.verify_strict(text.as_bytes(), &signature))
        .is_ok()
}

fn make(path: &Path) -> io::Result<()> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    // Under its name it is whole or not at all, whenever the machine stops; and two who make one at
    // once have the same.
    let draft = draft(path)?;
    let placed = write(&draft, &secret).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    placed.and(removed)?;
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Takes an empty file out of the way of a key.
fn take_away(path: &Path) -> io::Result<()> {
    let aside = draft(path)?;
    match fs::rename(path, &aside) {
        // Another server that starts at the same moment has done it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        done => done?,
    }
    // It may have put its key there by now, which then comes back.
    let came_back = match fs::metadata(&aside)?.len() {
        0 => Ok(()),
        _ => fs::hard_link(&aside, path),
    };
    fs::remove_file(&aside)?;
    came_back
}

/// Where a key is written before it has its name: nobody else writes there.
fn draft(path: &Path) -> io::Result<PathBuf> {
    let mut mark = [0; 8];
    getrandom::fill(&mut mark).map_err(io::Error::other)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:016x}", u64::from_le_bytes(mark)));
    Ok(draft.into())
}

fn write(draft: &Path, secret: &[u8; 32]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)?;
    writeln!(file, "{}", hexadecimal(secret))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_for_its_user_alone_and_is_the_same_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        let made = AuditKey::read_or_make(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = AuditKey::read_or_make(&path).unwrap();
        assert_eq!(again.public(), made.public());
    }

    fn names(folder: &Path) -> Vec<std::ffi::OsString> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn of_a_key_that_was_made_nothing_is_left_but_the_key() {
        let folder = tempfile::tempdir().unwrap();
        AuditKey::read_or_make(&folder.path().join("audit.key")).unwrap();
        assert_eq!(names(folder.path()), ["audit.key"]);
    }

    #[test]
    fn a_draft_that_a_crash_left_behind_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        fs::write(draft(&path).unwrap(), "").unwrap();
        let made = AuditKey::read_or_make(&path).unwrap();
        assert_eq!(AuditKey::read(&path).unwrap().public(), made.public());
    }

    #[test]
    fn a_key_that_another_has_made_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        let made = AuditKey::read_or_make(&path).unwrap();
        let refused = make(&path).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(AuditKey::read(&path).unwrap().public(), made.public());
        assert_eq!(names(folder.path()), ["audit.key"]);
    }

    #[test]
    fn an_empty_file_that_a_crash_left_behind_makes_way_for_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        fs::write(&path, "").unwrap();
        assert!(matches!(AuditKey::read(&path), Err(KeyError::NotAKey(_))));
        let made = AuditKey::read_or_make(&path).unwrap();
        assert_eq!(AuditKey::read(&path).unwrap().public(), made.public());
        assert_eq!(names(folder.path()), ["audit.key"]);
    }

    #[test]
    fn a_key_that_another_server_put_in_the_place_of_an_empty_file_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        let made = AuditKey::read_or_make(&path).unwrap();
        take_away(&path).unwrap();
        assert_eq!(AuditKey::read(&path).unwrap().public(), made.public());
        assert_eq!(names(folder.path()), ["audit.key"]);
    }

    #[test]
    fn a_file_that_is_no_key_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        fs::write(&path, "something else").unwrap();
        let refused = AuditKey::read_or_make(&path).err().unwrap();
        assert!(matches!(refused, KeyError::NotAKey(_)), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "something else");
    }

    #[test]
    fn a_head_is_signed_for_its_hotel_number_and_hash_alone() {
        let key = AuditKey(SigningKey::from_bytes(&[7; 32]));
        let hotel = identity::hotel("resort");
        let head = key.sign(hotel, 3, vec![1; 32]);
        assert!(is_signed(&key.verifying(), hotel, &head));
        let others = [
            AuditHead {
                number: 4,
                ..head.clone()
            },
            AuditHead {
                hash: vec![2; 32],
                ..head.clone()
            },
            AuditHead {
                signature: vec![],
                ..head.clone()
            },
        ];
        for other in others {
            assert!(!is_signed(&key.verifying(), hotel, &other), "{other:?}");
        }
        let city = identity::hotel("city");
        assert!(!is_signed(&key.verifying(), city, &head));
    }
}
