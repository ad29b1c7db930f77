use super::*;
use keyring_core::CredentialStore;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{Arc, OnceLock},
};

fn folder() -> (tempfile::TempDir, DataFolder) {
    let parent = tempfile::tempdir().unwrap();
    let folder = DataFolder::make(parent.path().join("keyrack")).unwrap();
    (parent, folder)
}

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

fn empty_keyring() -> keyring_core::Result<Arc<CredentialStore>> {
    let store = keyring_core::mock::Store::new()?;
    Ok(store)
}

#[test]
fn without_a_keyring_the_secret_is_in_a_file_that_only_its_user_reads() {
    let (_parent, folder) = folder();
    let (first, place) = obtain(&folder, no_keyring).unwrap();
    assert_eq!(place, KeyPlace::File);
    let file = fs::metadata(folder.file(PRESENT.key)).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let path = folder.file(PRESENT.key);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let (second, place) = obtain(&folder, no_keyring).unwrap();
    assert_eq!((second.0, place), (first.0, KeyPlace::File));
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "a copy may be anybody's to read");
}

#[test]
fn with_a_keyring_the_folder_holds_only_a_name() {
    let (_parent, folder) = folder();
    let (first, place) = obtain(&folder, keyring).unwrap();
    assert_eq!(place, KeyPlace::Keyring);
    assert!(!folder.file(PRESENT.key).exists());
    let (second, place) = obtain(&folder, keyring).unwrap();
    assert_eq!((second.0, place), (first.0, KeyPlace::Keyring));
}

#[test]
fn a_keyring_that_falls_silent_does_not_become_a_file() {
    let (_parent, folder) = folder();
    obtain(&folder, keyring).unwrap();
    let silent = obtain(&folder, no_keyring);
    assert!(matches!(silent, Err(Trouble::KeyringSilent { .. })));
    let emptied = obtain(&folder, empty_keyring);
    assert!(matches!(emptied, Err(Trouble::KeyMissing { .. })));
    assert!(!folder.file(PRESENT.key).exists());
}

#[test]
fn where_there_is_data_no_other_secret_is_made() {
    let (_parent, folder) = folder();
    folder
        .store(keyrack_model::identity::hotel("resort"))
        .unwrap();
    let refused = obtain(&folder, no_keyring);
    assert!(matches!(refused, Err(Trouble::KeyMissing { .. })));
    assert!(!folder.file(PRESENT.key).exists());
}

#[test]
fn a_damaged_key_file_is_named_and_kept() {
    let (_parent, folder) = folder();
    for damaged in ["", "abc", &"é".repeat(32), &"g".repeat(64)] {
        folder.write(PRESENT.key, damaged).unwrap();
        let refused = obtain(&folder, no_keyring);
        assert!(matches!(refused, Err(Trouble::KeyDamaged { .. })));
        assert_eq!(folder.read(PRESENT.key).unwrap().as_deref(), Some(damaged));
    }
}

#[test]
fn one_secret_gives_one_device_and_keys_that_differ() {
    let secret = DeviceSecret([7; 32]);
    assert_eq!(secret.device().id, DeviceSecret([7; 32]).device().id);
    assert_ne!(secret.device().id, DeviceSecret([8; 32]).device().id);
    assert_ne!(secret.device().signing_key, secret.store_key().0);
    assert!(!secret.device().name.is_empty());
}

#[test]
fn the_next_secret_takes_the_place_of_the_present_one_and_moves_into_the_keyring() {
    let (_parent, folder) = folder();
    let (old, _) = obtain(&folder, no_keyring).unwrap();
    make_next(&folder, keyring, KeyPlace::File).unwrap();
    let (still, place) = obtain(&folder, no_keyring).unwrap();
    assert_eq!((still.0, place), (old.0, KeyPlace::File));
    let (made, _) = next(&folder, keyring).unwrap().unwrap();
    assert_ne!(made.0, old.0);
    assert_eq!(let_go_of_present(&folder, keyring).unwrap(), OldKey::Gone);
    // As after a power cut, again: there is a next one, and nothing else.
    let_go_of_present(&folder, keyring).unwrap();
    promote_next(&folder).unwrap();
    // And again, when the next one is the present one already.
    let_go_of_present(&folder, keyring).unwrap();
    promote_next(&folder).unwrap();
    let (present, place) = obtain(&folder, keyring).unwrap();
    assert_eq!((present.0, place), (made.0, KeyPlace::Keyring));
    assert!(!folder.file(PRESENT.key).exists());
}

#[test]
fn a_secret_in_the_keyring_is_not_followed_by_one_in_a_file() {
    let (_parent, folder) = folder();
    let (first, _) = obtain(&folder, keyring).unwrap();
    let refused = make_next(&folder, no_keyring, KeyPlace::Keyring);
    assert!(matches!(refused, Err(Trouble::KeyringFull { .. })));
    drop_next(&folder, no_keyring).unwrap();
    assert!(next(&folder, keyring).unwrap().is_none());
    let (present, place) = obtain(&folder, keyring).unwrap();
    assert_eq!((present.0, place), (first.0, KeyPlace::Keyring));
}

#[test]
fn a_secret_that_is_let_go_of_is_in_the_keyring_no_more() {
    let (_parent, folder) = folder();
    obtain(&folder, keyring).unwrap();
    let name = folder.read(PRESENT.keyring).unwrap().unwrap();
    make_next(&folder, keyring, KeyPlace::Keyring).unwrap();
    let_go_of_present(&folder, keyring).unwrap();
    let (_other_parent, other) = self::folder();
    other.write(PRESENT.keyring, &name).unwrap();
    let gone = obtain(&other, keyring);
    assert!(matches!(gone, Err(Trouble::KeyMissing { .. })));
}
