//! Everything that is asked about people, devices and access, by an admin of one hotel with the ids of
//! another.

use super::{Intrusion, house::shows};
use keyrack_model::{
    administration::{Administration, KnownHead},
    class::GuestNames,
    policy::Role,
};
use std::collections::BTreeSet;

/// What the admin of another hotel is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    /// What their own hotel has, and its word in it.
    OwnWord,
    /// It is done at their own hotel, or is about that alone.
    OwnHotel,
    /// There is none of this id there.
    Unknown,
    /// The other hotel's password is not theirs.
    WrongPassword,
}

impl Told {
    /// A request that is not known here has no arm: whoever adds one says what it tells whom.
    fn about(asked: &Administration) -> Self {
        match asked {
            Administration::Look | Administration::ReadAudit { .. } | Administration::Reviews => {
                Self::OwnWord
            }
            Administration::VerifyAudit
            | Administration::VerifyAuditFrom { .. }
            | Administration::TakeOn { .. }
            | Administration::MakeDeviceCode
            | Administration::MakeImportKey { .. } => Self::OwnHotel,
            Administration::SetRole { .. }
            | Administration::ResetPassword { .. }
            | Administration::Dismiss { .. }
            | Administration::RenameDevice { .. }
            | Administration::RevokeDevice { .. }
            | Administration::SetGuestNames { .. }
            | Administration::EndSession { .. }
            | Administration::RevokeImportKey { .. }
            | Administration::Approve { .. }
            | Administration::Decline { .. } => Self::Unknown,
            Administration::Confirm { .. } | Administration::ChangePassword { .. } => {
                Self::WrongPassword
            }
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::OwnWord | Self::OwnHotel => 200,
            Self::Unknown => 400,
            Self::WrongPassword => 401,
        }
    }
}

impl Intrusion<'_> {
    /// Who looks after people at one hotel does not at another.
    pub(super) async fn administrations(&self, path: &str) -> Vec<Vec<u8>> {
        let mut heard = Vec::new();
        let mut tried = BTreeSet::new();
        for asked in self.wishes() {
            let body = serde_json::to_string(&asked).unwrap();
            tried.insert(name_of(&body));
            let forged = self.site.post_with(path, &self.forged(), &body).await;
            assert_eq!(forged.status, 401, "{asked:?} with a forged token");
            let token = &self.intruder.token;
            let answer = self.site.post_with(path, token, &body).await;
            let told = Told::about(&asked);
            assert_eq!(answer.status, told.status(), "{asked:?}: {}", answer.body);
            let has_word = shows(&answer.bytes, self.intruder.word);
            assert_eq!(
                has_word,
                told == Told::OwnWord,
                "{asked:?}: {}",
                answer.body
            );
            heard.extend([forged.bytes, answer.bytes]);
        }
        assert_eq!(tried, every_name());
        heard
    }

    /// With the ids and the password of the other hotel wherever there is one to name.
    fn wishes(&self) -> Vec<Administration> {
        let victim = self.victim;
        let (person, device, operation) = (victim.hand.user, victim.spare, victim.kept);
        vec![
            Administration::Look,
            Administration::TakeOn {
                name: "somebody-new".into(),
                display: "Somebody New".into(),
                role: Role::Manager,
            },
            Administration::SetRole {
                person,
                role: Role::Housekeeper,
            },
            Administration::ResetPassword { person },
            Administration::Dismiss { person },
            Administration::Confirm {
                present: victim.password(),
            },
            Administration::ChangePassword {
                present: victim.password(),
                new: "plum harbour tractor".into(),
            },
            Administration::MakeDeviceCode,
            Administration::RenameDevice {
                device,
                name: "Taken over".into(),
            },
            Administration::RevokeDevice { device },
            Administration::SetGuestNames {
                device,
                guests: GuestNames::KeptOff,
            },
            Administration::EndSession {
                session: victim.session,
            },
            Administration::MakeImportKey {
                name: "Taken over".into(),
            },
            Administration::RevokeImportKey {
                key: victim.import_key_id,
            },
            Administration::ReadAudit { before: None },
            Administration::VerifyAudit,
            Administration::VerifyAuditFrom {
                known: vec![KnownHead {
                    number: 1,
                    hash: "ab".repeat(32),
                }],
            },
            Administration::Reviews,
            Administration::Approve { operation },
            Administration::Decline { operation },
        ]
    }
}

/// What a request is called where it travels.
fn name_of(body: &str) -> String {
    match serde_json::from_str(body).unwrap() {
        serde_json::Value::String(name) => name,
        serde_json::Value::Object(asked) => asked.keys().next().unwrap().clone(),
        other => panic!("no request: {other}"),
    }
}

/// What every request is called, as whoever reads an unknown one is told.
fn every_name() -> BTreeSet<String> {
    let unknown = serde_json::from_str::<Administration>(r#""?""#).unwrap_err();
    let told = unknown.to_string();
    let quoted = told.split('`').skip(1).step_by(2);
    quoted.skip(1).map(str::to_owned).collect()
}
