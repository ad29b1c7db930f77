//! Every bound that a peer, a file or a person can run into. Those on what is read have a test that
//! crosses them.

/// Wire protocol spoken by this version.
pub const PROTOCOL: u16 = 4;
/// Oldest protocol that the server still serves.
pub const OLDEST_PROTOCOL: u16 = 1;
/// Oldest protocol with which somebody signs in: that of earlier ones proves no device. Sessions that
/// they began go on.
pub const OLDEST_SIGN_IN: u16 = 4;
/// The last protocol in which every frame travels as it stands; one may be spoken in the place of
/// [`PROTOCOL`] by whoever was misunderstood.
pub const LAST_PLAIN_PROTOCOL: u16 = 3;
/// Schema version of the documents that this version writes.
pub const SCHEMA: u16 = 1;

/// The highest place in a log, and the highest version of a record: stores count them in signed
/// numbers.
pub const MAX_COUNTED: u64 = i64::MAX as u64;

/// A frame, in bytes, and the message that carries it.
pub const MAX_FRAME: usize = 1 << 20;
/// What a device puts of a message into one frame of its WebSocket, in bytes.
pub const MESSAGE_PIECE: usize = 4 << 10;
/// The body of a request, in bytes, where it is neither a frame nor a file that is brought in.
pub const MAX_BODY: usize = 16 << 10;
/// How far back each direction of a connection refers when it compresses, as a power of two.
pub const STREAM_WINDOW_LOG: u32 = 13;
/// Places at which each direction of a connection remembers documents, and as many for people and
/// devices: what is known at one is told by a byte. A full direction remembers about 30 kB.
pub const COMPACT_PLACES: u16 = 255;

/// Milliseconds without anything to say after which a direction of a connection keeps nothing to refer
/// back to.
pub const STREAM_REST_MILLIS: u64 = 30_000;
/// One Automerge change, in bytes.
pub const MAX_CHANGE: usize = 256 << 10;
/// Actions in one push.
pub const MAX_PUSH_ACTIONS: usize = 500;
/// Bytes of actions in one push; leaves room for the frame around them.
pub const MAX_PUSH_BYTES: usize = MAX_FRAME - (16 << 10);
/// Bytes that the proof of one action takes in a push, at most.
pub const MAX_PROOF_BYTES: usize = 128;
/// Changes (documents touched) in one action.
pub const MAX_ACTION_CHANGES: usize = 600;
/// Rows that one change may claim in any of its columns, counted before Automerge parses it. Each
/// character of a Text is a row: a long one that is deleted and one that is written fit.
pub const MAX_CHANGE_ROWS: u64 = (MAX_MERGED_TEXT + 2 * MAX_TEXT) as u64;
/// Predecessors that one change may claim.
pub const MAX_CHANGE_PREDECESSORS: u64 = MAX_CHANGE_ROWS;
/// What the changes of one push may weigh together: rows that they claim, and [`DOCUMENT_WEIGHT`]
/// for each at least. A row takes about 180 bytes while it is judged.
pub const MAX_PUSH_WEIGHT: u64 = 100_000;
/// What a change weighs at least, for the document that is held to judge it.
pub const DOCUMENT_WEIGHT: u64 = 50;
/// What the pushes that one hotel judges together may weigh; one push may always be judged.
pub const MAX_ROUND_WEIGHT: u64 = 400_000;
/// What the pushes may weigh that one hotel has read and not yet judged: while it judges a round, the
/// next is read. What comes then waits in its device's socket.
pub const HOTEL_WAITING_WEIGHT: u64 = 2 * MAX_ROUND_WEIGHT;
/// The same of all hotels of a server.
pub const MAX_WAITING_WEIGHT: u64 = 2 * HOTEL_WAITING_WEIGHT;
/// A message of fewer bytes does not wait for that: mostly it is what somebody has just done.
pub const PROMPT_MESSAGE: usize = 4 << 10;
/// Messages of one device that wait for that, packed as they came, before nothing more is read of it: a
/// push, and its answers to pings may still come.
pub const UNREAD_MESSAGES: usize = 2;
/// What may be in one, where there is no room for more: the rest is asked for again.
pub const PROMPT_WEIGHT: u64 = 10_000;
/// How much is taken in: an amount at once, and what is added to it by each second that passes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Steady {
    pub at_once: u64,
    pub each_second: u64,
}
/// How much somebody may push, in operations and in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    pub operations: Steady,
    pub bytes: Steady,
}
/// What one device may push, and what one person may push from all devices. Weeks without a
/// connection fit at once.
pub const PERSONAL_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 2_000_000,
        each_second: 10_000,
    },
    bytes: Steady {
        at_once: 128 << 20,
        each_second: 2 << 20,
    },
};
/// What all devices of one hotel may push. A thousand of them that come back at once fit.
pub const HOTEL_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 8_000_000,
        each_second: 50_000,
    },
    bytes: Steady {
        at_once: 1 << 30,
        each_second: 16 << 20,
    },
};
/// Devices and people of a hotel whose allowance is remembered, before those that have all of it
/// are forgotten.
pub const ALLOWANCES_KEPT: usize = 4_096;
/// Dependencies of one change.
pub const MAX_CHANGE_DEPS: usize = 64;
/// Actors that one `Hello` registers.
pub const MAX_HELLO_ACTORS: usize = 1_000;
/// Entries in one `Deliver`.
pub const MAX_DELIVER_ENTRIES: usize = 500;
/// Seconds that a pull waits for something to tell; less than a request may take.
pub const MAX_PULL_WAIT_SECONDS: u64 = 15;
/// Pushes of one session that wait for their verdict.
pub const MAX_PUSHES_IN_FLIGHT: usize = 4;

/// Rooms in one bulk command.
pub const MAX_BULK_ROOMS: usize = 500;
/// Tasks of one kind that rules make of one room on one business date, one after another is done.
pub const MAX_REPEATED_TASKS: usize = 5;
/// Undos of undos of one action.
pub const MAX_UNDO_CHAIN: usize = 20;
/// Days for which a room is out of use at once.
pub const MAX_BLOCK_DAYS: i32 = 1_000;
/// Floors above and below the ground.
pub const MAX_FLOOR: i64 = 300;
/// Nights of one stay.
pub const MAX_NIGHTS: i32 = 400;
/// Days from the business date on for which a desk shows what there is to sell.
pub const AVAILABILITY_DAYS: i32 = 14;
/// Adults of one stay, and as many children.
pub const MAX_GUESTS: i64 = 99;
/// Characters of a work order's title.
pub const MAX_TITLE: usize = 200;
/// Characters of a description or a comment.
pub const MAX_TEXT: usize = 4_000;
/// Characters of a description after several people wrote it at once.
pub const MAX_MERGED_TEXT: usize = 2 * MAX_TEXT;
/// Lines of each of the three texts that are brought together line by line; longer ones are compared
/// as a whole, as it takes lines times lines.
pub const MAX_MERGED_LINES: usize = 200;
/// Characters of a name: user, hotel, device, room number, room type.
pub const MAX_NAME: usize = 80;
/// Characters of a password; a longer one is refused before it is hashed.
pub const MAX_PASSWORD: usize = 200;
/// How far the time of a device's proof at a sign-in may be from the server's, either way: as long
/// as a sign-in that somebody recorded is good for.
pub const SIGN_IN_PROOF_MILLIS: u64 = 5 * 60 * 1_000;
/// How long after somebody has shown their password in a session they may change there what others may
/// do, or choose a first PIN, without showing it again.
pub const CONFIRMED_MILLIS: i64 = 10 * 60 * 1_000;
/// Ends of an audit log that a device keeps of what it was told, and that a check holds the log against.
pub const MAX_KNOWN_HEADS: usize = 16;
/// Seconds after which somebody asks again whose password is being changed.
pub const PASSWORD_CHANGE_SECONDS: u32 = 2;
/// Codes with which a device may be added that are open at one hotel.
pub const MAX_OPEN_DEVICE_CODES: usize = 20;
/// Minutes for which such a code is good, and those that the server's operator may give one.
pub const DEVICE_CODE_MINUTES: u16 = 15;
pub const MAX_DEVICE_CODE_MINUTES: u16 = 24 * 60;
/// Bytes of a file that is brought in.
pub const MAX_IMPORT_FILE: usize = 4 << 20;
/// Bytes of a request with one: as JSON its line ends and quotation marks take twice their room.
pub const MAX_IMPORT_BODY: usize = 2 * MAX_IMPORT_FILE + (64 << 10);
/// Its rows, the first line aside, and its columns.
pub const MAX_IMPORT_ROWS: usize = 10_000;
pub const MAX_IMPORT_COLUMNS: usize = 100;
/// Bytes of one row.
pub const MAX_IMPORT_ROW: usize = 64 << 10;
/// Problems, and changes, that a report lists.
pub const MAX_IMPORT_PROBLEMS: usize = 200;
pub const MAX_IMPORT_SHOWN: usize = 20;
/// Columns of which one field is made, and the words of a whole mapping.
pub const MAX_MAPPED_COLUMNS: usize = 20;
pub const MAX_MAPPED_WORDS: usize = 500;
/// Bytes of a file of a mapping: the most that one may have, written by hand.
pub const MAX_MAPPING_FILE: usize = 256 << 10;
/// Files of one name that are saved beside one another.
pub const MAX_SAVED_ALIKE: usize = 100;
/// Bytes of a report that a device takes.
pub const MAX_IMPORT_REPORT: usize = 1 << 20;
/// Files that a server reads at once, however many hotels ask.
pub const IMPORTS_AT_ONCE: usize = 2;
/// How long a file may take until it is answered.
pub const IMPORT_PATIENCE_SECONDS: u64 = 300;
/// Programs of one hotel that bring files in, each with a key of its own.
pub const MAX_IMPORT_KEYS: usize = 20;
/// What one file takes of [`IMPORT_ALLOWANCE`], in seconds.
pub const IMPORT_COST: u64 = 5;
/// How often somebody, or a program, brings files in: thirty at once, and then one in
/// [`IMPORT_COST`] seconds.
pub const IMPORT_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 30 * IMPORT_COST,
        each_second: 1,
    },
    bytes: Steady {
        at_once: 64 << 20,
        each_second: 512 << 10,
    },
};
/// How long a token opens anything.
pub const TOKEN_MILLIS: i64 = 60 * 60 * 1_000;
/// How long a session goes on without being refreshed: as long as the token for that is good.
pub const SESSION_MILLIS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// How long a session goes on at the longest, however often somebody comes back: then its person signs in
/// by password.
pub const SESSION_LONGEST_MILLIS: i64 = 90 * 24 * 60 * 60 * 1_000;
/// How long a password that was handed over lets its person in, until they have chosen their own.
pub const GIVEN_PASSWORD_DAYS: u32 = 7;
/// How long after a session was refreshed the same token gets the same successor, whatever became of
/// that: an answer may be lost. After that it gets it only as long as nobody has gone on with it.
pub const REFRESH_GRACE_MILLIS: i64 = 60_000;
/// How much of a token's time is left when a device refreshes its session.
pub const REFRESH_AHEAD_MILLIS: i64 = 15 * 60 * 1_000;
/// The shortest time between two refreshes of a device, however short a token's time is.
pub const REFRESH_APART_MILLIS: i64 = 60_000;
/// What one refresh takes from the allowances below: the seconds of [`REFRESH_APART_MILLIS`].
pub const REFRESH_COST: u64 = REFRESH_APART_MILLIS as u64 / 1_000;
/// How often one session is refreshed: ten times at once, for answers that were lost and apps that
/// were started again, and then once in a minute.
pub const SESSION_REFRESHES: Rate = Rate {
    operations: Steady {
        at_once: 10 * REFRESH_COST,
        each_second: 1,
    },
    bytes: Steady {
        at_once: 1,
        each_second: 1,
    },
};
/// How often all sessions of one device are: those of six people who are never away from it.
pub const DEVICE_REFRESHES: Rate = Rate {
    operations: Steady {
        at_once: 60 * REFRESH_COST,
        each_second: 6,
    },
    bytes: SESSION_REFRESHES.bytes,
};
/// Sessions, and devices, whose refreshes are counted.
pub const REFRESHES_KEPT: usize = 16_384;
/// How often a device with a refreshed session may be told that it is signed out, without a
/// greeting in between, before it believes it.
pub const MAX_REFRESHED_IN_VAIN: u32 = 3;
/// Tokens of one session that open something, and as many that it was refreshed with: the latest ones
/// are known. A device that refreshes no more often than [`REFRESH_APART_MILLIS`] loses none that it
/// still has a use for.
pub const MAX_SESSION_TOKENS: i64 = 50;
/// WebSockets of one device, the latest ones: the app has one, and a network that changes leaves
/// others behind for a while.
pub const DEVICE_SOCKETS: usize = 4;
/// How often the server looks, when asked, whether it is fit to serve.
pub const READY_MILLIS: u64 = 1_000;
/// How often the server takes note that somebody is there, and looks whether their session still is.
pub const SEEN_MILLIS: i64 = 60_000;
/// Keys of one person on one device that the server knows, the latest ones.
pub const MAX_USER_KEYS: i64 = 50;
/// How long it knows one after the next sign-in there: work that was signed with it may still wait.
pub const USER_KEY_MILLIS: i64 = 90 * 24 * 60 * 60 * 1_000;
/// Digits of a PIN.
pub const MIN_PIN: usize = 6;
pub const MAX_PIN: usize = 12;
/// Milliseconds without a touch after which a session with a PIN is left to the next person.
pub const IDLE_LOCK_MILLIS: i64 = 10 * 60 * 1_000;

/// How far ahead of its own clock a device follows another's.
pub const CLOCK_AHEAD_MILLIS: i64 = 10 * 60 * 1_000;
/// How old an event may be when the server learns of it before it is flagged.
pub const CLOCK_BEHIND_MILLIS: i64 = 14 * 24 * 60 * 60 * 1_000;
/// How old something may be, by its device's clock, that goes to quarantine because its author has
/// left: as long as a shift may be without a connection.
pub const LATE_ACTION_MILLIS: i64 = 12 * 60 * 60 * 1_000;
/// How long what a device was told of somebody's role covers what they do there without a
/// connection: when the role has changed meanwhile, that is looked at and not refused.
pub const GRANT_MILLIS: i64 = 12 * 60 * 60 * 1_000;
/// How often the audit log tells the same of one device whose work looks like an attack.
pub const SUSPECTED_MILLIS: i64 = 60 * 60 * 1_000;
/// Devices, each with what it is suspected of, that a server remembers to have told of. Of more it tells
/// only once an hour is over.
pub const SUSPECTED_KEPT: usize = 4_096;
/// How long a hotel's rule is taken to have held on for a device that had not heard that it changed:
/// as long as a shift may be without a connection.
pub const RULE_BEHIND_MILLIS: i64 = GRANT_MILLIS;
/// Changes of a document that are looked through for what a rule was; the latest of them.
pub const RULE_CHANGES: usize = 64;
/// How often at most the server takes note that a connected device still hears it.
pub const GRANT_RENEWED_MILLIS: i64 = 5 * 60 * 1_000;
/// How long the server remembers of a role that has changed when a device was told it last: what
/// was done within those hours may be sent this late.
pub const GRANT_KEPT_MILLIS: i64 = CLOCK_BEHIND_MILLIS;
/// Actions of one hotel that wait for review, and again as many in quarantine; the next one is
/// refused as ever.
pub const MAX_REVIEWS: usize = 1_000;
/// Of them, those that one person did on one device: nobody fills the room of all others. It is more
/// than somebody does in the hours that a grant covers.
pub const MAX_REVIEW_SHARE: usize = MAX_REVIEWS / 4;
/// Bytes of those.
pub const MAX_REVIEW_SHARE_BYTES: usize = MAX_REVIEW_BYTES / 4;
/// Bytes of all of them together.
pub const MAX_REVIEW_BYTES: usize = 32 << 20;
/// Actions of each that one answer names, the oldest; the others are counted.
pub const REVIEW_PAGE: usize = 50;
/// Bytes of them together, but for the first: as JSON, which is longer, an answer holds twice that.
pub const REVIEW_PAGE_BYTES: usize = 512 << 10;
/// Silence after which a WebSocket is pinged, and after which it is dropped.
pub const PING_MILLIS: i64 = 20_000;
pub const DROP_MILLIS: i64 = 60_000;
/// What a server still takes, and throws away, of whoever was sending more than it reads when they were
/// told so: they may have written a few frames before they read. For no longer than this.
pub const FAREWELL_BYTES: usize = 4 * MAX_FRAME;
pub const FAREWELL_MILLIS: u64 = 5_000;
/// Of how many callers at once: whoever is one more is not heard out. They hold no place among the
/// connections any more.
pub const MAX_FAREWELLS: usize = 64;

/// Connections that a server serves at once before they are WebSockets. For the next one the newest
/// of the address that has the most is ended.
pub const MAX_CONNECTIONS: usize = 1_024;
/// Of them, those of one address, or of one site of IPv6. All desks of a hotel mostly have one
/// address: 300 of them that come back at once fit, each with a WebSocket that is being opened and a
/// request beside it, and what they leave is room for a hotel of 190.
pub const ADDRESS_CONNECTIONS: usize = 640;
/// What one address may ask without being signed in, and as many tokens that open nothing. A hotel of
/// 300 devices signs in at once, or 50 people do whose every password is mistyped five times; each
/// second after that, more than two cores can check. The bytes are those of bodies: 300 sign-ins
/// have a third of them.
pub const STRANGERS_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 300,
        each_second: 10,
    },
    bytes: Steady {
        at_once: 512 << 10,
        each_second: 16 << 10,
    },
};
/// Requests of one address, whatever they ask and whoever does: a hotel of 300 devices asks twenty
/// times as often at once, and each second after that four times as often as it does all day. Beyond
/// it, who shows a token that is known goes on, by bounds of their own.
pub const REQUEST_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 6_000,
        each_second: 200,
    },
    bytes: UNCOUNTED,
};
/// Connections that one address may open; on one more it is hung up at once. A client may open one for
/// each request, and a server does not know whose they are: twice as many.
pub const CONNECTION_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 2 * REQUEST_ALLOWANCE.operations.at_once,
        each_second: 2 * REQUEST_ALLOWANCE.operations.each_second,
    },
    bytes: UNCOUNTED,
};
/// What a device may send on one WebSocket beside what it pushes and registers: a greeting, a token once
/// an hour and signs of life three times a minute are what it has to say.
pub const FRAME_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 300,
        each_second: 3,
    },
    bytes: Steady {
        at_once: 2 * MAX_FRAME as u64,
        each_second: 16 << 10,
    },
};
/// Of what is bounded otherwise.
const UNCOUNTED: Steady = Steady {
    at_once: 1 << 30,
    each_second: 1 << 30,
};
/// What of one address is looked up once that is used up, of each kind: who shows a token that the
/// server has not heard of, and proves to be on a device that it has not heard of, may be somebody of
/// the hotel all the same. A look costs a thousandth of a password's check.
pub const LOOKUP_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 50,
        each_second: 20,
    },
    bytes: Steady {
        at_once: 50,
        each_second: 20,
    },
};
/// Sign-ins on one device that proves to be the hotel's, whatever its address asks: as many people as
/// share a desk, each with a mistake.
pub const DEVICE_SIGN_INS: Rate = Rate {
    operations: Steady {
        at_once: 30,
        each_second: 1,
    },
    bytes: Steady {
        at_once: 30,
        each_second: 1,
    },
};
/// Bytes of a sign-in that is read although its address has used up what strangers may ask.
pub const MAX_DEVICE_SIGN_IN: u64 = 4 << 10;
/// Addresses whose allowance is remembered.
pub const ADDRESSES_KEPT: usize = 16_384;
/// What a device may have bound to it: as many actors as four of its greetings name, and from then on
/// one each minute. Each start of an app brings one for each person, and rows of them are never
/// removed.
pub const BINDING_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 4 * MAX_HELLO_ACTORS as u64 * NEW_ACTOR_COST,
        each_second: 1,
    },
    bytes: SESSION_REFRESHES.bytes,
};
/// What an actor costs that is bound for the first time; asking costs one.
pub const NEW_ACTOR_COST: u64 = 60;
/// Devices whose hashes are remembered because somebody is signed in there.
pub const DEVICES_KEPT: usize = 16_384;
/// Tokens whose hashes are remembered because they were issued or have opened something: four of each
/// of so many devices.
pub const TOKENS_KEPT: usize = 65_536;
/// What one device may ask for in requests, and be given. A new device takes in the largest working
/// set without a pause, however many others do at the same time: each has its own. From then on it
/// may ask more often than a person can look, and in a minute fetch half of what it began with.
pub const HANDOUT_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 6_000,
        each_second: 20,
    },
    bytes: Steady {
        at_once: 512 << 20,
        each_second: 4 << 20,
    },
};
/// The same of one person, on all of their devices together: four new ones at once, or the crowd that a
/// hotel lets in under one name.
pub const PERSONAL_HANDOUT_ALLOWANCE: Rate = Rate {
    operations: Steady {
        at_once: 4 * HANDOUT_ALLOWANCE.operations.at_once,
        each_second: 4 * HANDOUT_ALLOWANCE.operations.each_second,
    },
    bytes: Steady {
        at_once: 4 * HANDOUT_ALLOWANCE.bytes.at_once,
        each_second: 4 * HANDOUT_ALLOWANCE.bytes.each_second,
    },
};
/// Passwords that are hashed at once, if there are as many processors: each takes one and 64 MiB.
pub const PASSWORDS_AT_ONCE: usize = 2;
/// Passwords that wait to be hashed. For the next one the newest of the address that has the most is
/// told to come later.
pub const PASSWORD_QUEUE: usize = 128;
/// Of them, those of one address: 50 people who begin a shift behind one address are all let in, in
/// less time than a device waits for its answer. Others are not held up, as addresses take turns.
pub const ADDRESS_PASSWORD_QUEUE: usize = 48;
/// Seconds that a password waits before whoever typed it is told to come later; with the check that
/// follows, less than a request may take.
pub const PASSWORD_WAIT_SECONDS: u64 = 15;
/// Seconds after which somebody comes again who found the queue full, or waited in vain.
pub const PASSWORD_QUEUE_SECONDS: u32 = 3;
/// By how much less than everything else hashing counts for the system's scheduler, on its scale
/// from 0 to 19: when both want a processor, it gets a quarter.
pub const PASSWORD_NICENESS: i32 = 5;
/// Pushes of all devices that wait for the judgement of one hotel; the next one waits outside.
pub const HOTEL_QUEUE: usize = 256;
/// Pushes that one hotel judges and stores together.
pub const MAX_ROUND_PUSHES: usize = 64;
/// Times that a round is judged, because the log was not as it was known here: another server wrote
/// in between, somebody's role changed, or something had been judged before.
pub const APPEND_TRIES: usize = 4;
/// Bytes of entries that are sent to one session at once, unless one entry is larger. A session has no
/// queue: this is what waits for a device that does not read.
pub const DELIVER_BYTES: usize = 32 << 10;

/// Bytes that a device is sent before it has answered a ping that was sent after the half of them: what
/// is in the buffers on the way to it does not keep the next ping from it for long, though it may read as
/// slowly as five kilobytes a second.
pub const AHEAD_BYTES: usize = 256 << 10;

/// Bytes of entries that a hotel keeps after it told its sessions of them, for those that are a little
/// behind. Whoever is further behind reads the log.
pub const RECENT_BYTES: usize = 4 << 20;

/// Bytes of the log's pages that a hotel keeps for sessions that are behind at the same place, beside
/// one that is being read.
pub const CATCH_UP_BYTES: usize = 4 << 20;

/// Milliseconds without anything to tell after which a hotel keeps none of both.
pub const RECENT_MILLIS: u64 = 10_000;
/// Bytes of documents that a hotel has open for the gate, as they are estimated. The others are folded.
pub const OPEN_BYTES: usize = 48 << 20;
/// What an open document is taken to need, measured with Automerge 0.12: for itself, for a row, and for a
/// change with what it builds on.
pub const OPEN_DOCUMENT_BYTES: usize = 8 << 10;
pub const OPEN_ROW_BYTES: u64 = 64;
pub const OPEN_CHANGE_BYTES: u64 = 700;
/// Bytes of documents that a hotel keeps folded; those beyond are read from the log.
pub const FOLDED_BYTES: usize = 16 << 20;
/// Milliseconds without a push after which a hotel folds its documents.
pub const HOTEL_REST_MILLIS: u64 = 2_000;
/// Documents that it folds before it looks whether somebody came meanwhile.
pub const FOLDED_AT_ONCE: usize = 128;
/// Milliseconds without a push or a session after which a hotel is put away.
pub const HOTEL_IDLE_MILLIS: u64 = 60_000;
/// Milliseconds after which a device asks again when the server could not judge.
pub const RETRY_MILLIS: u32 = 2_000;
/// Milliseconds after such an answer in which nothing of that device is refused for a gap: it may
/// learn of the answer late, and has sent by then what builds on what it was about. A device that
/// hears nothing for [`DROP_MILLIS`] begins with the oldest again.
pub const HELD_MILLIS: i64 = 5 * DROP_MILLIS;
/// Of that, what goes by between two rounds of a hotel at most: a server's clock may be set forward.
pub const HELD_STEP_MILLIS: i64 = 30_000;
/// How long after a log was brought back devices may send again what it lost, before something
/// that builds on what is still missing is refused.
pub const RECOVERY_MILLIS: i64 = 24 * 60 * 60 * 1_000;
/// Milliseconds after which a device asks again for what builds on something missing.
pub const RECOVERY_RETRY_MILLIS: u32 = 10_000;

/// Entries of the audit log that one answer names.
pub const AUDIT_PAGE: usize = 100;
/// Entries of the audit log that are read at once when it is checked.
pub const AUDIT_CHECK_PAGE: usize = 1_000;
/// Entries that a request has checked; a longer log is checked by the operator. A server reads so
/// many in less time than a request may take.
pub const MAX_AUDIT_CHECK: u64 = 250_000;
/// Seconds after which somebody asks again whose check met another one of their hotel, or waited in
/// vain.
pub const AUDIT_CHECK_SECONDS: u32 = 5;
/// Seconds that a check waits for those of other hotels: with its own, less than a request may take.
pub const AUDIT_WAIT_SECONDS: u64 = 10;
/// How often the server signs the head of a hotel's audit log and records it outside the database,
/// while there are new entries.
pub const AUDIT_HEAD_MILLIS: i64 = 60_000;
/// How often the audit log tells of failed sign-ins of one person, of names that nobody has, and of what
/// one person asked for without a right to it, with their count: guessing fills no disk.
pub const AUDIT_FAILED_MILLIS: i64 = 60_000;
/// People whose failures of each kind are counted until the audit log tells of them; beyond it those
/// of whom nothing is untold are forgotten.
pub const AUDIT_FAILED_KEPT: usize = 10_000;

/// Characters of a server's address.
pub const MAX_ADDRESS: usize = 300;
/// Actions, the latest, by which a device knows when others were heard of last: more than a large
/// hotel does in a shift.
pub const HEARD_ACTIONS: usize = 2_000;
/// How long nothing was heard of a device on which somebody works before what they do is shown as of
/// then: longer than a room takes from beginning to end.
pub const QUIET_MILLIS: i64 = 60 * 60 * 1_000;
/// Documents whose story one question asks for.
pub const MAX_STORY_DOCUMENTS: usize = 1_000;
/// Actions of a story that one question returns.
pub const MAX_STORY: usize = 500;
/// Calls of the interface that wait for the engine; the next one waits outside.
pub const CALL_QUEUE: usize = 64;
/// Frames that wait to be written to, and those that wait to be read from, the device's WebSocket.
pub const LINK_QUEUE: usize = 32;
/// Bytes of an HTTP answer that a device reads.
pub const MAX_ANSWER: usize = 64 << 10;
/// Bytes of an answer about people, devices and access, which names all of a hotel's.
pub const MAX_ADMINISTERED: usize = 8 << 20;
/// Questions about people, devices and access that a device has open at the server.
pub const ADMINISTRATIONS_AT_ONCE: usize = 8;
/// Characters of a server's sentence that a person is told.
pub const MAX_DECLINED: usize = 300;

/// How far the working set of a device reaches back from the business date, and how far back the
/// story of its documents goes.
pub const WORKING_SET_DAYS: i32 = 35;
/// Documents that a device lets go of at once, when they are over.
pub const TIDY_DOCUMENTS: usize = 500;
/// Documents in one segment.
pub const SEGMENT_DOCUMENTS: usize = 1_000;
/// Bytes of a list of segments, or of a page of records, that a device takes.
pub const MAX_HANDED_OUT: usize = 8 << 20;
/// Bytes of a segment before it is packed. A document that is larger by itself has one of its own.
pub const SEGMENT_BYTES: usize = 4 << 20;
/// Segments of one working set that a device takes.
pub const MAX_SEGMENTS: usize = 4_096;
/// Parts of the story of one document in a segment.
pub const SEGMENT_STORY: usize = 500;
/// Entries that may follow a working set before another one is made.
pub const WORKING_SET_REUSE: u64 = 1_000;
/// Entries that may follow one that is handed out while another one is made: what a device reads of
/// the log sooner than the other one is there.
pub const WORKING_SET_REACH: u64 = 10_000;
/// Records in one answer.
pub const RECORD_PAGE: usize = 500;
/// Bytes of a saved document when its columns are inflated, and of the keys that its rows name.
pub const MAX_SAVED: usize = 16 << 20;
/// Rows of a saved document: one for each operation that is not a deletion, so one for each character
/// that was ever typed. Counted before Automerge reads it; a row takes up to 300 bytes meanwhile.
pub const MAX_SAVED_ROWS: u64 = 400_000;
/// Successors that the rows of a saved document may claim: one for each value that another replaced
/// and each character that was deleted.
pub const MAX_SAVED_SUCCESSORS: u64 = MAX_SAVED_ROWS;
/// Changes of a saved document, and what they say that they build on.
pub const MAX_SAVED_CHANGES: u64 = 100_000;
/// Changes of a saved document, times the actors that wrote them: Automerge keeps four bytes for each
/// pair of an actor and a sixteenth change.
pub const MAX_SAVED_CLOCKS: u64 = 1 << 28;
/// What may be written into one document: rows that its changes claim, or what they replace.
/// Whatever is admitted can be saved, handed out and read by every device.
pub const MAX_DOCUMENT_ROWS: u64 = MAX_SAVED_ROWS * 3 / 4;
/// Changes of one document, and what they say that they build on.
pub const MAX_DOCUMENT_CHANGES: u64 = MAX_SAVED_CHANGES / 2;
/// Those changes times the actors that wrote them.
pub const MAX_DOCUMENT_CLOCKS: u64 = MAX_SAVED_CLOCKS / 2;
/// The part of each of these bounds, one in so many, that is left to those who put in order what
/// others have filled.
pub const DOCUMENT_RESERVE: u64 = 5;
/// Comments that come with a work order that is asked for by itself.
pub const DOCUMENT_COMMENTS: usize = 500;
/// Bytes of a segment before it is packed that a device takes, however large one document is.
pub const MAX_SEGMENT: usize = 64 << 20;
/// How long the segments of a working set stay after there is a newer one.
pub const SEGMENT_GRACE_MILLIS: i64 = 60 * 60 * 1_000;
/// Entries that snapshots take in at once, and the documents that end such a batch.
pub const SNAPSHOT_BATCH_ENTRIES: usize = 8_000;
pub const SNAPSHOT_BATCH_DOCUMENTS: usize = 2_000;
/// Documents of a batch that are open at once.
pub const SNAPSHOT_OPEN_DOCUMENTS: usize = 250;
/// Milliseconds between two looks at the logs of the hotels in use for what snapshots lack.
pub const SNAPSHOT_MILLIS: u64 = 2_000;
/// Entries that they may lack while the log grows; when it rests they lack none.
pub const SNAPSHOT_LAG: u64 = 8_000;
/// Batches of one hotel before the next hotel has its turn.
pub const SNAPSHOT_TURN: usize = 3;
/// Batches, segments and single documents that a server works on at once.
pub const SNAPSHOT_BENCHES: usize = 2;
/// Entries of the log that are packed together, and their bytes before that, which end a range
/// earlier.
pub const PACK_ENTRIES: usize = 1_000;
pub const PACK_BYTES: usize = 4 << 20;
