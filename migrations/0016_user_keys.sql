-- With which key each person signs what they do on a device that others use as well. Every sign-in
-- brings another one; work that was signed with an earlier one may still wait there.

create table user_key (
    hotel uuid not null,
    device uuid not null,
    person uuid not null,
    -- Ed25519. The other half is known to the device alone.
    public_key bytea not null check (length(public_key) = 32),
    begun_at bigint not null,
    -- When the person showed another one there, or left. What it signed is taken all the same, as
    -- nobody can tell when that was; the row goes a while later.
    ended_at bigint,
    primary key (hotel, device, person, public_key),
    foreign key (hotel, device, person) references device_person
);
-- All those of somebody who leaves.
create index user_key_of_person on user_key (hotel, person) where ended_at is null;

grant select, insert, delete, update (ended_at) on user_key to keyrack_app;

do $$
declare
    name text;
begin
    foreach name in array array['user_key'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;
end
$$;
