-- Hotels, their people and devices.
--
-- Every key begins with the hotel, so that the tables can one day be distributed by it, and every
-- table admits only the rows of the hotel that the transaction names in `app.hotel`. The owner of
-- the tables is bound by that too. Times are milliseconds since the Unix epoch, as on the wire.

create function app_hotel() returns uuid
    language sql stable parallel safe
    -- Unset and empty both mean that no hotel was named: then no row is seen.
    return nullif(current_setting('app.hotel', true), '')::uuid;

create table hotel (
    hotel uuid primary key,
    -- The id is derived from the code, which therefore never changes.
    code text not null,
    name text not null
);

create table person (
    hotel uuid not null references hotel,
    person uuid not null,
    -- What the person signs in with.
    name text not null,
    display text not null,
    role text not null,
    -- Argon2id in PHC form, parameters included.
    password_hash text not null,
    primary key (hotel, person),
    constraint person_name_taken unique (hotel, name)
);

create table device (
    hotel uuid not null references hotel,
    device uuid not null,
    name text not null,
    -- Ed25519. The first key that a device shows stays.
    public_key bytea not null check (length(public_key) = 32),
    primary key (hotel, device)
);

-- Who has signed in on which device: a shared desktop sends what each of them did.
create table device_person (
    hotel uuid not null,
    device uuid not null,
    person uuid not null,
    primary key (hotel, device, person),
    foreign key (hotel, device) references device,
    foreign key (hotel, person) references person
);

create table token (
    hotel uuid not null,
    -- Only the hash is kept: whoever reads this table cannot sign in with it.
    hash bytea not null,
    person uuid not null,
    device uuid not null,
    expires_at bigint not null,
    primary key (hotel, hash),
    foreign key (hotel, person) references person,
    foreign key (hotel, device) references device
);

grant select, insert on hotel, person, device, device_person to keyrack_app;
grant select, insert, delete on token to keyrack_app;

do $$
declare
    name text;
begin
    foreach name in array array['hotel', 'person', 'device', 'device_person', 'token'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;
end
$$;
