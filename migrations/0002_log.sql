-- The log of each hotel. What is in it never changes: the application may add to these tables and
-- read them, and move the head, nothing else.

-- The end of each log. Locked by whoever appends: the order of this lock is the order of the log,
-- and a reader's cursor can trust it.
create table hotel_head (
    hotel uuid primary key references hotel,
    -- Another one after the log was restored to an older state.
    epoch uuid not null,
    sequence bigint not null
) with (fillfactor = 50);

create table actor (
    hotel uuid not null references hotel,
    actor uuid not null,
    -- No foreign keys: the server itself writes too, and is neither a person nor a device.
    person uuid not null,
    device uuid not null,
    primary key (hotel, actor)
);

create table action (
    hotel uuid not null references hotel,
    sequence bigint not null,
    operation uuid not null,
    author uuid not null,
    -- What the author was when the server judged the action.
    role text not null,
    device uuid not null,
    -- Event time by the author's device, and when the server learned of it.
    wall bigint not null,
    counter bigint not null,
    received_at bigint not null,
    -- How far the device's clock was off: plausible, ahead, behind.
    clock text not null,
    schema integer not null,
    -- CBOR.
    command bytea not null,
    -- Bytes of the whole entry on the wire, for bounding pages without reading them.
    size bigint not null,
    primary key (hotel, sequence),
    constraint operation_taken unique (hotel, operation)
);

create table change (
    hotel uuid not null,
    sequence bigint not null,
    -- Place within the action.
    ordinal integer not null,
    document uuid not null,
    kind smallint not null,
    actor uuid not null,
    actor_seq bigint not null,
    hash bytea not null,
    -- A plain change chunk. Already as small as it gets, so the table does not try to compress.
    bytes bytea not null,
    primary key (hotel, sequence, ordinal),
    foreign key (hotel, sequence) references action,
    constraint change_taken unique (hotel, document, kind, hash),
    constraint actor_place_taken unique (hotel, document, kind, actor, actor_seq)
);
alter table change alter column bytes set storage external;
create index change_of_document on change (hotel, document, kind, sequence, ordinal);

-- Verdicts of what was refused for good, for whoever asks again. A device makes a refused action
-- again under the same operation, and may be refused again: the last verdict counts.
create table refusal (
    hotel uuid not null references hotel,
    operation uuid not null,
    turn bigint generated always as identity,
    -- BLAKE3 of the action that was judged.
    digest bytea not null,
    author uuid not null,
    device uuid not null,
    received_at bigint not null,
    -- CBOR.
    refusal bytea not null,
    primary key (hotel, operation, turn)
);

grant select, insert on hotel_head, action, change, actor, refusal to keyrack_app;
grant update (sequence) on hotel_head to keyrack_app;

do $$
declare
    name text;
begin
    foreach name in array array['hotel_head', 'actor', 'action', 'change', 'refusal'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;
end
$$;
