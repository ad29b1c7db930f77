-- Snapshots of documents, and the working set in segments made from them: what a new device gets
-- instead of the whole log. All of it is a cache of the log and can be dropped at any time.

-- How far the snapshots of a hotel are, as a whole.
create table snapshot_mark (
    hotel uuid primary key references hotel,
    -- Snapshots of another epoch are dropped: the log may have been brought back behind them.
    epoch uuid not null,
    -- Of the code that makes rows from documents; what another version made is made again.
    version integer not null,
    -- The last entry of the log that is in them.
    sequence bigint not null,
    -- How many there are, so that one that went missing is noticed.
    documents bigint not null
) with (fillfactor = 50);

create table snapshot (
    hotel uuid not null references hotel,
    kind smallint not null,
    document uuid not null,
    -- The last entry that changed the document: it is the same at every later one up to the mark.
    sequence bigint not null,
    -- The latest that any of its entries was received.
    received_at bigint not null,
    -- What the working set is chosen by. Business dates are text, as in the documents; in this
    -- collation it is ordered as they are.
    open boolean not null,
    subject uuid,
    from_date text collate "C",
    to_date text collate "C",
    -- The saved Automerge document, and BLAKE3 of its heads.
    saved bytea not null,
    heads bytea not null,
    -- CBOR: the row, and what the last actions did.
    shown bytea not null,
    story bytea not null,
    -- Whether the story goes back to the beginning.
    is_whole boolean not null,
    -- BLAKE3 of all columns above: the log is the truth, and a copy that does not hold is made
    -- again from it.
    checksum bytea not null,
    primary key (hotel, kind, document)
);
alter table snapshot alter column saved set storage external;

-- A working set: what to ask for, and up to which entry it is.
create table working_set (
    hotel uuid not null references hotel,
    sequence bigint not null,
    epoch uuid not null,
    begun_at bigint not null,
    -- Null while its segments are being made. What is told to devices has both.
    finished_at bigint,
    -- CBOR.
    manifest bytea,
    primary key (hotel, sequence)
);

create table segment (
    hotel uuid not null references hotel,
    -- BLAKE3 of the packed bytes.
    id bytea not null check (length(id) = 32),
    -- The newest working set that names it. No foreign key: it is only what keeps it here.
    sequence bigint not null,
    -- One zstd frame. Left as it is by the table, so that a part of it is read without the rest.
    packed bytea not null,
    primary key (hotel, id)
);
alter table segment alter column packed set storage external;

grant select, insert, update, delete on snapshot_mark, snapshot, working_set, segment
    to keyrack_app;

do $$
declare
    name text;
begin
    foreach name in array array['snapshot_mark', 'snapshot', 'working_set', 'segment'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;
end
$$;
