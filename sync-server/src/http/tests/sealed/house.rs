//! A hotel in which one word stands wherever people can write one, and what to look for it with.

use super::super::site::{Device, NOW, Site};
use crate::{
    accounts::NewPerson,
    gate::{Author, ReadAction},
    log::{
        Basis, Log, Page, Refused,
        review::{Cause, Kept},
    },
    pretend,
    server_author::ServerAuthor,
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::{Action, Sequence},
    administration::{Administered, Administration},
    command::{Command, ImportedRow, WorkOrderDraft, WorkOrderEdit},
    ids::{
        CommentId, DeviceId, DocumentRef, HotelId, ImportKeyId, LogEpoch, OperationId, RoomId,
        SessionId, StayId, WorkOrderId,
    },
    limits::PROTOCOL,
    policy::Role,
    refusal::Refusal,
    room::Room,
    segment::WorkingSet,
    stay::{Stay, StayStatus},
    time::Timestamp,
    wire::{ClientFrame, KnownPlace, Verdict},
};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What its person is: a right that nobody lacks who tries something hides nothing that it tells.
const ROLE: Role = Role::Admin;

pub struct House {
    pub word: &'static str,
    pub hotel: HotelId,
    pub code: String,
    pub device: Device,
    pub token: String,
    pub session: SessionId,
    /// Another device of the hotel's, which nobody else signs in on.
    pub spare: DeviceId,
    /// With which a program brings files in.
    pub import_key: String,
    pub import_key_id: ImportKeyId,
    /// What its person writes with.
    pub hand: pretend::Device,
    pub stay: StayId,
    pub order: WorkOrderId,
    /// What waits there for a decision.
    pub kept: OperationId,
    /// What the person did to documents.
    pub made: Vec<Action>,
    pub epoch: LogEpoch,
    /// A place of its log.
    pub known: KnownPlace,
    /// Where its segments are.
    pub segments: Vec<String>,
    room: RoomId,
    comment: CommentId,
}

impl House {
    pub async fn open(site: &Site, (number, word): (u8, &'static str)) -> Self {
        let code = format!("house-{number}");
        let hotel = site
            .accounts
            .create_hotel(&code, word, Timestamp(NOW))
            .await
            .unwrap();
        let person = NewPerson {
            name: word.into(),
            display: format!("Person {word}"),
            role: ROLE,
            password: password_of(word),
        };
        let now = Timestamp(NOW);
        let user = site.accounts.add_person(hotel, person, now).await.unwrap();
        let device = Device::numbered(number);
        let answer = site.sign_in(&device, &code, word, &password_of(word)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        let sessions = site.accounts.sessions(hotel, None).await.unwrap();
        let spare = Device::numbered(100 + number);
        let answer = site.sign_in(&spare, &code, word, &password_of(word)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let (import_key, import_key_id) = make_import_key(site, &token, word).await;
        let mut hand = pretend::Device::of(user, number.into());
        (hand.id, hand.role) = (device.id, ROLE);

        let (room, stay) = (RoomId(Uuid::new_v4()), StayId(Uuid::new_v4()));
        furnish(site, hotel, word, room, stay).await;
        let log = site.hotels.log();
        let actors = [hand.registration()];
        log.register_actors(hotel, hand.id, &actors).await.unwrap();
        let (order, comment) = (WorkOrderId(Uuid::new_v4()), CommentId(Uuid::new_v4()));
        let draft = WorkOrderDraft {
            title: format!("Title {word}"),
            description: format!("Description {word}"),
            ..WorkOrderDraft::default()
        };
        let create = Command::CreateWorkOrder {
            work_order: order,
            draft,
        };
        let add = Command::AddComment {
            comment,
            subject: order,
            text: format!("Comment {word}"),
        };
        let made = [create, add].map(|command| hand.ask(command).unwrap());
        let guest = hand.name_guest(stay, 0, &format!("Guest {word}"));
        for action in made.iter().chain([&guest]) {
            let read = vec![ReadAction::of(action.clone())];
            let from = Author::People(hand.id);
            let told = site.hotels.push(hotel, from, read).await.unwrap();
            let is_taken = matches!(told[0].verdict, Verdict::Accepted { .. });
            assert!(is_taken, "{:?}", told[0]);
        }

        let kept = keep(site, hotel, &mut hand.clone(), order, word).await;
        // The operation is taken.
        hand.operation();

        let page = Page {
            entries: 100,
            bytes: 1 << 20,
        };
        let entries = log.read(hotel, Sequence(0), page).await.unwrap();
        let line = "GET /v1/working-set";
        let answer = site.ask(line, PROTOCOL, &token, b"").await;
        let set: WorkingSet = ciborium::from_reader(&answer.bytes[..]).unwrap();
        Self {
            word,
            hotel,
            code,
            device,
            token,
            session: sessions[0].id,
            spare: spare.id,
            import_key,
            import_key_id,
            hand,
            stay,
            order,
            kept,
            made: made.into(),
            epoch: log.head(hotel).await.unwrap().epoch,
            known: entries.iter().find_map(KnownPlace::of).unwrap(),
            segments: set
                .segments
                .iter()
                .map(|segment| format!("/v1/segments/{}", hex(&segment.id.0)))
                .collect(),
            room,
            comment,
        }
    }

    pub fn password(&self) -> String {
        password_of(self.word)
    }

    /// Where its documents are.
    pub fn documents(&self) -> Vec<String> {
        let documents: [DocumentRef; 5] = [
            self.hotel.into(),
            self.room.into(),
            self.stay.into(),
            self.order.into(),
            self.comment.into(),
        ];
        let path = |it: &DocumentRef| format!("/v1/documents/{}/{}", it.kind.name(), it.id);
        documents.iter().map(path).collect()
    }

    /// The place of its log, as an address says it.
    pub fn place(&self) -> String {
        format!("{}:{}", self.known.sequence.0, self.known.operation)
    }

    /// A push of this hotel's device, whatever is in it.
    pub fn signed(&self, actions: &[Action]) -> ClientFrame {
        let batch = cbor(actions);
        let signature = SigningKey::from_bytes(&self.device.key).sign(&batch);
        ClientFrame::Push {
            batch,
            signature: signature.to_bytes().to_vec(),
            proofs: vec![],
        }
    }

    /// Every row that the database has of this hotel, by the table. Its word is in many of them.
    pub async fn rows(&self, site: &Site) -> BTreeMap<String, Vec<String>> {
        let mut superuser = site.scratch.inspect().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.tables
             where table_schema = 'public' and table_type = 'BASE TABLE'
               and table_name <> '_sqlx_migrations'
             order by table_name",
        )
        .fetch_all(&mut superuser)
        .await
        .unwrap();
        let mut rows = BTreeMap::new();
        for table in tables {
            let hotel = self.hotel;
            let sql = format!(
                "select t::text as row from {table} t where hotel = '{hotel}' order by row"
            );
            let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
                .fetch_all(&mut superuser)
                .await
                .unwrap();
            rows.insert(table, found);
        }
        let digits = hex(self.word.as_bytes());
        let has_word = |row: &String| row.contains(self.word) || row.contains(&digits);
        for table in ["hotel", "person", "action", "record_payload"] {
            assert!(rows[table].iter().any(has_word), "no word in {table}");
        }
        rows
    }
}

/// A program's key, and by which id it is taken back.
async fn make_import_key(site: &Site, token: &str, word: &str) -> (String, ImportKeyId) {
    let ask = async |asked: &Administration| {
        let body = serde_json::to_string(asked).unwrap();
        let answer = site.post_with("/v1/administration", token, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str::<Administered>(&answer.body).unwrap()
    };
    let make = Administration::MakeImportKey {
        name: format!("Program {word}"),
    };
    let Administered::ImportKey(key) = ask(&make).await else {
        panic!("no key");
    };
    let Administered::Seen(overview) = ask(&Administration::Look).await else {
        panic!("no overview");
    };
    (key, overview.import_keys[0].id)
}

/// Something of the person's that waits for a decision.
async fn keep(
    site: &Site,
    hotel: HotelId,
    hand: &mut pretend::Device,
    work_order: WorkOrderId,
    word: &str,
) -> OperationId {
    let edit = WorkOrderEdit {
        title: Some(format!("Kept {word}")),
        ..WorkOrderEdit::default()
    };
    let action = hand
        .ask(Command::EditWorkOrder { work_order, edit })
        .unwrap();
    let refused = Refused {
        operation: action.operation,
        digest: [7; 32],
        author: hand.user,
        device: hand.id,
        received_at: Timestamp(NOW),
        refusal: Refusal::UnderReview,
        kept: Some(Box::new(Kept {
            cause: Cause::RoleChanged,
            role: Some(ROLE),
            action,
        })),
    };
    let operation = refused.operation;
    let log = site.hotels.log();
    let head = log.head(hotel).await.unwrap();
    let basis = Basis::end(head.sequence);
    log.append(hotel, basis, &[], &[refused]).await.unwrap();
    operation
}

fn password_of(word: &str) -> String {
    format!("{word}-password")
}

/// Opens the hotel, with a room and a stay.
async fn furnish(site: &Site, hotel: HotelId, word: &str, room: RoomId, stay: StayId) {
    let mut author = ServerAuthor::at(&site.hotels, hotel).await.unwrap();
    let open = Command::OpenHotel {
        hotel,
        name: word.into(),
        business_date: pretend::today(),
    };
    let room_row = ImportedRow::Room {
        room,
        fields: Room {
            number: word.into(),
            ..Room::default()
        },
    };
    let stay_row = ImportedRow::Stay {
        stay,
        fields: Stay {
            room: Some(room),
            arrival: pretend::today(),
            departure: "2017-05-29".parse().unwrap(),
            status: StayStatus::Expected,
            adults: 2,
            ..Stay::default()
        },
    };
    for command in [open, Command::Import(room_row), Command::Import(stay_row)] {
        author.act(&[command]).await.unwrap();
    }
}

/// Whether a word stands in an answer, packed or not.
pub fn shows(answer: &[u8], word: &str) -> bool {
    let stands_in = |bytes: &[u8]| {
        let mut places = bytes.windows(word.len());
        places.any(|place| place == word.as_bytes())
    };
    stands_in(answer) || unpacked(answer).is_some_and(|bytes| stands_in(&bytes))
}

/// The content of a zstd frame.
fn unpacked(answer: &[u8]) -> Option<Vec<u8>> {
    let length = zstd_safe::get_frame_content_size(answer).ok()??;
    let mut content = Vec::with_capacity(usize::try_from(length).ok()?);
    zstd_safe::decompress(&mut content, answer).ok()?;
    Some(content)
}

pub fn cbor<T: serde::Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
