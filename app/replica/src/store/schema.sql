-- The store of one device. Ids are 16-byte blobs, times are milliseconds since the Unix epoch,
-- and structured values are CBOR.

-- Single values: the device's identity, the session, the cursor.
create table setting (
    key text primary key,
    value blob not null
) strict, without rowid;

-- Records of the log, each in the highest version that was told: people, devices, and guests where
-- those who sit here may know them. What was erased has no content.
create table record (
    kind text not null,
    id blob not null,
    version integer not null,
    -- Where the log has that version.
    sequence integer not null,
    record blob not null,
    primary key (kind, id)
) strict, without rowid;

-- Actions of this device that write a record, found by it: what they say has to be erasable.
create table record_edit (
    operation blob primary key,
    kind text not null,
    id blob not null
) strict, without rowid;
create index record_edit_of on record_edit (kind, id);

-- Who writes under which actor on this device. Actors of a change that waits must be registered
-- with the server before it is pushed.
create table actor (
    id blob primary key,
    user blob not null
) strict, without rowid;

-- What people did: this device's own actions at once, others' when the server delivered them. An
-- action that has no place in the server's log and was never received there waits to be sent:
-- these rows are the outbox. One that was received and has no place was lost when the log was
-- brought back to an older state, and may come again. Every page that an action touches is
-- encrypted and written, so it touches few.
create table action (
    -- Order in which this device learned of it; never given twice.
    id integer primary key autoincrement,
    operation blob not null unique,
    sequence integer,
    author blob not null,
    device blob not null,
    wall integer not null,
    counter integer not null,
    received_at integer,
    schema integer not null,
    command blob not null
) strict;
create unique index action_in_log on action (sequence) where sequence is not null;
create index action_outside_log on action (id) where sequence is null;

-- The changes are the truth; everything below, and what a change did, can be made again from
-- their bytes.
create table change (
    -- 1024 times the action's id, and its place among that action's changes: every change comes
    -- after those it builds on.
    position integer primary key,
    document blob not null,
    kind integer not null,
    bytes blob not null,
    -- Whether it made the document, and its fields before and after.
    created integer not null,
    fields blob not null
) strict;
create index change_of_document on change (document);

-- Actions that the server refused for good: never deleted unread, their content whole.
create table refused (
    operation blob primary key,
    author blob not null,
    at integer not null,
    command blob not null,
    action blob not null,
    reason blob not null,
    dismissed integer not null default 0
) strict;

-- A document as of a change, so that a long-lived one need not be replayed from its beginning.
create table snapshot (
    document blob primary key,
    position integer not null,
    bytes blob not null
) strict, without rowid;

-- The projection: one row a document.
create table entity (
    document blob primary key,
    kind integer not null,
    -- The room of a stay, task or work order; the work order of a comment.
    subject blob,
    -- Business dates that the document concerns.
    from_date text,
    to_date text,
    -- Still asks for somebody's attention.
    open integer not null,
    changed_at integer not null,
    entity blob not null,
    conflicts blob
) strict, without rowid;
create index entity_by_date on entity (kind, to_date, from_date);
create index entity_open on entity (kind) where open = 1;
create index entity_by_subject on entity (kind, subject);
