-- What is old in a log is read seldom: the bulk of it can be moved into packed ranges of entries.
-- What identifies an entry or a change stays where it is, with its constraints: a change, an
-- operation or a place under an actor that was there once is never taken again.

-- Null for an entry whose range is packed.
alter table action alter column command drop not null;
alter table change alter column bytes drop not null;

create table packed_log (
    hotel uuid not null references hotel,
    -- The range of entries, both included. Ranges follow each other from the first entry on.
    first bigint not null,
    last bigint not null check (last >= first),
    -- BLAKE3 of the packed bytes.
    checksum bytea not null,
    -- CBOR of commands and changes in one zstd frame.
    packed bytea not null,
    primary key (hotel, first)
);
alter table packed_log alter column packed set storage external;

-- The application reads what is packed and no more. Packing takes bytes out of the log, which the
-- application may not: the owner of the tables does it.
grant select on packed_log to keyrack_app;

alter table packed_log enable row level security;
alter table packed_log force row level security;
create policy own_hotel on packed_log
    using (hotel = app_hotel()) with check (hotel = app_hotel());
