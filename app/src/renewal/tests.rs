use super::*;
use keyrack_model::{
    command::{Command, WorkOrderDraft},
    identity,
    ids::{HotelId, OperationId, UserId, WorkOrderId},
    policy::Role,
    refusal::Refusal,
    rows::Person,
    time::Timestamp,
};
use keyrack_replica::{Replica, Sealed, StoreFile, StoreKey, UserSession};
use keyring_core::CredentialStore;
use std::{
    collections::BTreeSet,
    fs,
    sync::{Arc, OnceLock},
};
use uuid::Uuid;

const HOTELS: [&str; 2] = ["resort", "city"];

fn no_keyring() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(keyring_core::Error::NoDefaultStore)
}

/// Keeps what it is given for as long as the tests run.
fn keyring() -> keyring_core::Result<Arc<CredentialStore>> {
    static KEYRING: OnceLock<Arc<CredentialStore>> = OnceLock::new();
    Ok(KEYRING
        .get_or_init(|| keyring_core::mock::Store::new().unwrap())
        .clone())
}

/// A computer with the data of two hotels.
struct Computer {
    folder: DataFolder,
    keyring: Keyring,
    old: StoreKey,
    before: Vec<String>,
    _parent: tempfile::TempDir,
}

impl Computer {
    fn with(first: Keyring) -> Self {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::make(parent.path().join("keyrack")).unwrap();
        let (secret, _) = device_secret::obtain(&folder, first).unwrap();
        let mut computer = Self {
            old: secret.store_key(),
            folder,
            keyring: first,
            before: Vec::new(),
            _parent: parent,
        };
        for code in HOTELS {
            work(&mut computer.open(identity::hotel(code)));
        }
        computer.before = computer.holds();
        computer
    }

    /// The store of a hotel after a start of the app.
    fn open(&self, hotel: HotelId) -> Replica {
        settle(&self.folder, self.keyring).unwrap();
        let (secret, _) = device_secret::obtain(&self.folder, self.keyring).unwrap();
        self.open_with(hotel, &secret.store_key(), &secret).unwrap()
    }

    fn open_with(
        &self,
        hotel: HotelId,
        key: &StoreKey,
        secret: &DeviceSecret,
    ) -> Result<Replica, OpenError> {
        let file = StoreFile {
            path: &self.folder.store(hotel).unwrap(),
            key,
            device: &secret.device(),
            fresh: Uuid::new_v4,
        };
        file.open_or_rescue(Timestamp(1))
    }

    /// What a person finds in both hotels: cursor, who they are and what the device is, what waits,
    /// what was refused, and all rows.
    fn holds(&self) -> Vec<String> {
        let holds = HOTELS.map(|code| {
            let replica = self.open(identity::hotel(code));
            assert!(replica.damage().unwrap().is_none());
            let mut rows: Vec<_> = replica
                .all_rows()
                .unwrap()
                .iter()
                .map(|row| format!("{row:?}"))
                .collect();
            rows.sort();
            format!(
                "{:?} {:?} {:?} {} {:?} {rows:?}",
                replica.cursor(),
                replica.session().map(|session| &session.token),
                replica.registration(),
                replica.waiting().unwrap(),
                replica.refused().unwrap(),
            )
        });
        holds.into()
    }

    fn files(&self) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        let mut folders = vec![self.folder.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.folder.root()).unwrap();
                    files.insert(name.display().to_string());
                }
            }
        }
        files
    }

    /// Everything is there, once, and under one key.
    #[track_caller]
    fn is_whole(&self, when: &str) {
        assert_eq!(self.holds(), self.before, "{when}");
        let files = self.files();
        assert_eq!(files.len(), 1 + HOTELS.len(), "{when}: {files:?}");
    }

    fn old_key_opens_nothing(&self) {
        for code in HOTELS {
            let path = self.folder.store(identity::hotel(code)).unwrap();
            let refused = KeyRenewal { path: &path }.copy(&self.old, &self.old);
            assert!(
                matches!(
                    refused,
                    Err(OpenError::Store(StoreError::WrongKeyOrCorrupt(_)))
                ),
                "{refused:?}"
            );
        }
    }

    /// Takes the first steps of a renewal. True when there are more.
    fn renew_as_far_as(&self, most: usize) -> bool {
        let mut renewal = Renewal::begin(&self.folder, self.keyring).unwrap();
        let mut taken = 0;
        for step in renewal.preparing() {
            if taken == most {
                return true;
            }
            renewal.prepare(&step).unwrap();
            taken += 1;
        }
        for step in finishing(&self.folder).unwrap() {
            if taken == most {
                return true;
            }
            take(&self.folder, self.keyring, &step, &mut OldKey::Gone).unwrap();
            taken += 1;
        }
        false
    }
}

/// One thing waits in the end, and one was refused.
fn work(replica: &mut Replica) {
    replica
        .begin_session(UserSession {
            server: "http://127.0.0.1:1".to_owned(),
            hotel: identity::hotel("resort"),
            hotel_code: "resort".to_owned(),
            hotel_name: "Resort H1".to_owned(),
            me: Person {
                id: UserId(Uuid::from_u128(1)),
                name: "maria".to_owned(),
                display: "Maria Silva".to_owned(),
                role: Role::FrontDesk,
                left: false,
            },
            token: "token".to_owned(),
            renewal: None,
            key: None,
            password_given: false,
        })
        .unwrap();
    for number in 1..=2 {
        let command = Command::CreateWorkOrder {
            work_order: WorkOrderId(Uuid::from_u128(number)),
            draft: WorkOrderDraft {
                title: format!("Lamp {number}"),
                ..WorkOrderDraft::default()
            },
        };
        let operation = OperationId(Uuid::from_u128(10 + number));
        replica
            .act(&command, operation, Timestamp(number as i64))
            .unwrap();
    }
    let reason = Refusal::RecordChanged { version: 1 };
    replica
        .refuse(&[(OperationId(Uuid::from_u128(11)), reason)])
        .unwrap();
}

#[test]
fn all_of_the_folder_is_under_another_key_which_is_in_the_keyring_once_there_is_one() {
    let mut computer = Computer::with(no_keyring);
    let renewed = renew(&computer.folder, no_keyring).unwrap();
    assert_eq!(
        (renewed.hotels, renewed.place, renewed.old_key),
        (2, KeyPlace::File, OldKey::Gone)
    );
    computer.old_key_opens_nothing();
    computer.is_whole("from file to file");

    computer.keyring = keyring;
    let renewed = renew(&computer.folder, keyring).unwrap();
    assert_eq!(
        (renewed.before, renewed.place),
        (KeyPlace::File, KeyPlace::Keyring)
    );
    assert!(renewed.to_string().contains("no longer in a file"));
    assert!(!computer.folder.file("device.key").exists());
    computer.is_whole("from file to keyring");

    let renewed = renew(&computer.folder, keyring).unwrap();
    assert_eq!(
        (renewed.before, renewed.place),
        (KeyPlace::Keyring, KeyPlace::Keyring)
    );
    computer.is_whole("from keyring to keyring");
}

/// Breaks a renewal off after each of its steps, and settles it in a way.
fn broken_off_everywhere(first: Keyring, later: Keyring, settled: impl Fn(&Computer)) {
    for steps in 0.. {
        let mut computer = Computer::with(first);
        computer.keyring = later;
        let more = computer.renew_as_far_as(steps);
        settled(&computer);
        computer.is_whole(&format!("after {steps} steps"));
        if !more {
            // A key, two copies, the decision; both put in place, and the old key's end.
            assert_eq!(steps, 9);
            computer.old_key_opens_nothing();
            return;
        }
    }
}

#[test]
fn a_renewal_that_was_broken_off_anywhere_leaves_all_to_the_next_start() {
    for (first, later) in [
        (no_keyring as Keyring, no_keyring as Keyring),
        (no_keyring, keyring),
        (keyring, keyring),
    ] {
        broken_off_everywhere(first, later, |_| {});
    }
}

#[test]
fn a_renewal_that_was_broken_off_anywhere_leaves_all_to_the_next_renewal() {
    broken_off_everywhere(no_keyring, keyring, |computer| {
        renew(&computer.folder, keyring).unwrap();
        computer.old_key_opens_nothing();
    });
}

#[test]
fn what_was_prepared_for_a_keyring_that_is_gone_is_in_nobodys_way() {
    let mut computer = Computer::with(no_keyring);
    computer.keyring = keyring;
    assert!(computer.renew_as_far_as(3));
    computer.keyring = no_keyring;
    computer.is_whole("without the keyring");
}

#[test]
fn every_step_of_the_end_may_be_taken_again() {
    let mut computer = Computer::with(no_keyring);
    computer.keyring = keyring;
    assert!(computer.renew_as_far_as(4));
    let steps = finishing(&computer.folder).unwrap();
    for last in 1..=steps.len() {
        for step in &steps[..last] {
            take(&computer.folder, keyring, step, &mut OldKey::Gone).unwrap();
        }
    }
    computer.is_whole("at the end");
}

#[test]
fn where_a_store_is_damaged_nothing_is_changed() {
    let computer = Computer::with(no_keyring);
    let key = computer.folder.read("device.key").unwrap();
    let files = computer.files();
    let damaged = computer.folder.store(identity::hotel("city")).unwrap();
    let whole = fs::read(&damaged).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&damaged, &bytes).unwrap();
    let refused = renew(&computer.folder, no_keyring);
    assert!(matches!(refused, Err(Trouble::NotRenewed { .. })));
    assert_eq!(fs::read(&damaged).unwrap(), bytes);
    assert_eq!(computer.folder.read("device.key").unwrap(), key);
    assert_eq!(computer.files(), files);
    fs::write(&damaged, whole).unwrap();
    computer.is_whole("mended");
}

#[test]
fn a_damaged_file_that_was_put_aside_is_not_closed_for_good() {
    let computer = Computer::with(no_keyring);
    let store = computer.folder.store(identity::hotel("city")).unwrap();
    let aside = store.with_file_name("damaged-7.db");
    fs::write(&aside, b"what was not read").unwrap();
    let refused = renew(&computer.folder, no_keyring);
    assert!(matches!(refused, Err(Trouble::DamagedAside { path }) if path == aside));
    fs::remove_file(aside).unwrap();
    computer.is_whole("without it");
}

#[test]
fn where_a_copy_cannot_be_made_nothing_is_changed() {
    let computer = Computer::with(no_keyring);
    let key = computer.folder.read("device.key").unwrap();
    let store = computer.folder.store(identity::hotel("city")).unwrap();
    // Whatever is there is in the copy's way and cannot be removed.
    let obstacle = store.with_extension("renewed");
    fs::create_dir(&obstacle).unwrap();
    let refused = renew(&computer.folder, no_keyring);
    assert!(matches!(refused, Err(Trouble::Folder { .. })));
    assert_eq!(computer.folder.read("device.key").unwrap(), key);
    fs::remove_dir(obstacle).unwrap();
    computer.is_whole("without the obstacle");
}

#[test]
fn a_full_disk_is_said_with_what_to_do() {
    let path = PathBuf::from("keyrack");
    let full = || io::Error::from(io::ErrorKind::StorageFull);
    let troubles = [
        not_copied(&path, OpenError::Folder(full())),
        Trouble::Folder {
            path,
            source: full(),
        }
        .in_renewal(),
    ];
    for trouble in troubles {
        assert!(
            matches!(trouble, Trouble::NoRoomToRenew { .. }),
            "{trouble}"
        );
    }
}

#[test]
fn a_key_in_a_keyring_that_is_silent_stays_where_it_is() {
    let computer = Computer::with(keyring);
    let refused = renew(&computer.folder, no_keyring);
    assert!(matches!(refused, Err(Trouble::KeyringSilent { .. })));
    computer.is_whole("when it answers again");
}

#[test]
fn a_folder_without_data_gets_another_key_and_one_without_a_key_gets_none() {
    let parent = tempfile::tempdir().unwrap();
    let folder = DataFolder::make(parent.path().join("keyrack")).unwrap();
    let refused = renew(&folder, no_keyring);
    assert!(matches!(refused, Err(Trouble::NoKeyYet { .. })));
    device_secret::obtain(&folder, no_keyring).unwrap();
    let before = folder.read("device.key").unwrap();
    let renewed = renew(&folder, no_keyring).unwrap();
    assert_eq!(renewed.hotels, 0);
    assert_ne!(folder.read("device.key").unwrap(), before);
}

#[test]
fn whoever_had_a_pin_is_counted_and_signs_in_by_password() {
    let computer = Computer::with(no_keyring);
    let resort = identity::hotel("resort");
    let sealed = Sealed {
        salt: [1; 16],
        bytes: vec![1; 80],
    };
    computer.open(resort).seal(&sealed).unwrap();
    let renewed = renew(&computer.folder, no_keyring).unwrap();
    assert_eq!(renewed.sealed_sessions, 1);
    assert!(renewed.to_string().contains("One person had a PIN"));
    let replica = computer.open(resort);
    assert!(replica.session().is_none() && replica.faces().unwrap().is_empty());
    assert_eq!(replica.waiting().unwrap(), 1);
}
