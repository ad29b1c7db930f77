use super::*;
use crate::pretend;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_495_700_000_000);
const SECRET: [u8; 32] = [7; 32];

fn asked() -> SignIn {
    let desk = DeviceId(Uuid::from_u128(1));
    pretend::sign_in(["resort", "maria", "maria-keyrack"], desk, &SECRET)
}

fn checked(asked: &SignIn) -> Result<(), AccountError> {
    let key = from_hexadecimal(&asked.device.public_key).unwrap();
    let key = VerifyingKey::from_bytes(&key).unwrap();
    check(asked, &key, &Addresses::default(), NOW)
}

#[test]
fn a_proof_is_taken_as_far_from_the_servers_time_as_the_bound_and_no_further() {
    let far = i64::try_from(SIGN_IN_PROOF_MILLIS).unwrap();
    for (at, is_taken) in [
        (NOW.0, true),
        (NOW.0 - far, true),
        (NOW.0 + far, true),
        (NOW.0 - far - 1, false),
        (NOW.0 + far + 1, false),
        (i64::MIN, false),
        (i64::MAX, false),
    ] {
        match checked(&pretend::proved(asked(), &SECRET, Timestamp(at))) {
            Ok(()) => assert!(is_taken, "{at}"),
            Err(AccountError::StaleProof { server_time }) => {
                assert_eq!((is_taken, server_time), (false, NOW), "{at}");
            }
            Err(other) => panic!("{at}: {other}"),
        }
    }
}

#[test]
fn what_the_devices_key_did_not_sign_proves_nothing() {
    let proved = || pretend::proved(asked(), &SECRET, NOW);
    assert!(checked(&proved()).is_ok());
    let changed = |change: fn(&mut SignIn)| {
        let mut other = proved();
        change(&mut other);
        other
    };
    let signature = |text: &str| {
        let mut other = proved();
        other.proof.as_mut().unwrap().signature = text.to_owned();
        other
    };
    for (what, forged) in [
        ("by another key", pretend::proved(asked(), &[8; 32], NOW)),
        ("of another hotel", changed(|it| it.hotel = "city".into())),
        ("of somebody else", changed(|it| it.name = "rui".into())),
        (
            "with a key slipped in",
            changed(|it| it.person_key = Some("ab".repeat(32))),
        ),
        (
            "of another time",
            changed(|it| it.proof.as_mut().unwrap().at.0 += 1),
        ),
        (
            "for another address of this machine",
            changed(|it| it.proof.as_mut().unwrap().address = "http://127.0.0.1:1".into()),
        ),
        (
            "of another device",
            changed(|it| it.device.id = DeviceId(Uuid::from_u128(2))),
        ),
        ("without a signature", signature("")),
        ("with no digits", signature(&"zz".repeat(64))),
        ("with zeros", signature(&"00".repeat(64))),
    ] {
        let refused = checked(&forged);
        assert!(matches!(refused, Err(AccountError::Unproven)), "{what}");
    }
    assert!(matches!(checked(&asked()), Err(AccountError::OldSignIn)));
}

/// A key of small order would verify signatures that nobody made.
#[test]
fn a_key_for_which_everything_is_signed_proves_nothing() {
    let mut weak = asked();
    weak.device.public_key = format!("01{}", "00".repeat(31));
    let mut forged = pretend::proved(weak, &SECRET, NOW);
    forged.proof.as_mut().unwrap().signature = format!("01{}", "00".repeat(63));
    assert!(matches!(checked(&forged), Err(AccountError::Unproven)));
}

/// Whoever is asked in the place of this server cannot hand the proof on.
#[test]
fn a_proof_for_another_server_proves_nothing_here() {
    let key = ed25519_dalek::SigningKey::from_bytes(&SECRET);
    let proved = |address: &str| {
        use ed25519_dalek::Signer;
        asked().proved(address, NOW, |stated| key.sign(stated).to_bytes())
    };
    let here = "https://keyrack.example";
    let named = Addresses::named(&[here.parse().unwrap()]);
    let verdict = |address: &str| check(&proved(address), &key.verifying_key(), &named, NOW);
    assert!(verdict(here).is_ok());
    for address in [
        "",
        "https://keyrack.example:7300",
        "http://keyrack.example",
        "https://keyrack.example.evil.example",
        pretend::ADDRESS,
    ] {
        let told = match verdict(address) {
            Err(AccountError::OtherAddress(told)) => told,
            other => panic!("{address}: {other:?}"),
        };
        assert_eq!(told, address);
    }
    // Nor is it said that it was meant for here.
    let mut relayed = proved("https://evil.example");
    relayed.proof.as_mut().unwrap().address = here.to_owned();
    let refused = check(&relayed, &key.verifying_key(), &named, NOW);
    assert!(matches!(refused, Err(AccountError::Unproven)));
}
