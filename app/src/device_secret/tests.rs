use super::*;
use std::{fs, os::unix::fs::PermissionsExt, sync::OnceLock};

fn folder() -> (tempfile::TempDir, DataFolder) {
    let parent = tempfile::tempdir().unwrap();
    let folder = DataFolder::make(parent.path().join("keyrack")).unwrap();
    (parent, folder)
}

fn no_keyring() -> keyring_core::Result<Keyring> {
    Err(keyring_core::Error::NoDefaultStore)
}

/// Keeps what it is given for as long as the tests run.
fn keyring() -> keyring_core::Result<Keyring> {
    static KEYRING: OnceLock<Keyring> = OnceLock::new();
    Ok(KEYRING
        .get_or_init(|| keyring_core::mock::Store::new().unwrap())
        .clone())
}

fn empty_keyring() -> keyring_core::Result<Keyring> {
    let store = keyring_core::mock::Store::new()?;
    Ok(store)
}

#[test]
fn without_a_keyring_the_secret_is_in_a_file_that_only_its_user_reads() {
    let (_parent, folder) = folder();
    let (first, place) = obtain(&folder, no_keyring).unwrap();
    assert_eq!(place, KeyPlace::File);
    let file = fs::metadata(folder.file(KEY_FILE)).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let path = folder.file(KEY_FILE);
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
    assert!(!folder.file(KEY_FILE).exists());
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
    assert!(!folder.file(KEY_FILE).exists());
}

#[test]
fn where_there_is_data_no_other_secret_is_made() {
    let (_parent, folder) = folder();
    folder
        .store(keyrack_model::identity::hotel("resort"))
        .unwrap();
    let refused = obtain(&folder, no_keyring);
    assert!(matches!(refused, Err(Trouble::KeyMissing { .. })));
    assert!(!folder.file(KEY_FILE).exists());
}

#[test]
fn a_damaged_key_file_is_named_and_kept() {
    let (_parent, folder) = folder();
    for damaged in ["", "abc", &"é".repeat(32), &"g".repeat(64)] {
        folder.write(KEY_FILE, damaged).unwrap();
        let refused = obtain(&folder, no_keyring);
        assert!(matches!(refused, Err(Trouble::KeyDamaged { .. })));
        assert_eq!(folder.read(KEY_FILE).unwrap().as_deref(), Some(damaged));
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
