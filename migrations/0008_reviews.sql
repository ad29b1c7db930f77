-- What people did in a role that they no longer have, and what is set aside.

-- Every change of somebody's role, by the clock of the database. Together with the present role it
-- says what somebody was at a time.
create table role_change (
    hotel uuid not null references hotel,
    turn bigint generated always as identity,
    -- No foreign key: the history of somebody who was taken away stays.
    person uuid not null,
    at bigint not null,
    before text not null,
    -- Null: does not work here any more.
    after text,
    primary key (hotel, turn)
);
create index role_change_at on role_change (hotel, at);

-- Whoever changes a role writes the history by that, whichever program it is.
create function note_role_change() returns trigger
    language plpgsql as $$
begin
    insert into role_change (hotel, person, at, before, after)
    values (old.hotel, old.person, (extract(epoch from clock_timestamp()) * 1000)::bigint,
            old.role, new.role);
    return null;
end
$$;

create trigger role_changes after update of role on person
    for each row when (old.role is distinct from new.role)
    execute function note_role_change();

-- Since when a device is not trusted: it was lost, or its key is known to somebody else.
alter table device add column distrusted_at bigint;
create index device_distrusted on device (hotel, device) where distrusted_at is not null;

-- Actions that were refused for now and are kept whole: for review, or in quarantine.
create table review (
    hotel uuid not null references hotel,
    operation uuid not null,
    -- Order of arrival.
    turn bigint generated always as identity,
    -- role-changed, dismissed, distrusted
    cause text not null,
    -- What the author was when they did it, by their device's clock. Null where nobody knows.
    role text,
    author uuid not null,
    device uuid not null,
    received_at bigint not null,
    digest bytea not null,
    -- Bytes of the action, for bounding what is kept without reading it.
    size bigint not null,
    -- CBOR of the whole action.
    action bytea not null,
    -- waiting, approved, declined
    outcome text not null default 'waiting',
    decided_by uuid,
    decided_at bigint,
    primary key (hotel, operation)
);
create index review_waiting on review (hotel, outcome, turn);

grant select, insert on role_change, review to keyrack_app;
-- An action that is made again under its operation takes the place of the one that waits.
grant update (cause, role, received_at, digest, size, action, outcome, decided_by, decided_at)
    on review to keyrack_app;
grant update (distrusted_at) on device to keyrack_app;

do $$
declare
    name text;
begin
    foreach name in array array['role_change', 'review'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;
end
$$;
