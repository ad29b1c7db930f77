-- Offline grants: until when a device that hears nothing may take a role for somebody's own. Kept
-- here and not handed out, because nobody but the server asks for it.

-- When the server last knew that the device had heard it: what the log told by then of everybody's
-- role, the device knows. Null for one that has not connected since this is written down.
alter table device add column told_at bigint;
grant update (told_at) on device to keyrack_app;

-- A role that somebody had until it was changed, on a device on which they had signed in.
create table offline_grant (
    hotel uuid not null,
    -- In the order of the changes.
    turn bigint generated always as identity,
    device uuid not null,
    -- No foreign key, as in `role_change`.
    person uuid not null,
    -- The one from before the change.
    role text not null,
    -- When the device last heard of this role, by the server's clock.
    told_at bigint not null,
    -- Where the log ended before it told of the change: a device that has more of it knows.
    sequence bigint not null,
    -- When the server knew that the device knew of the change. Null until then.
    ended_at bigint,
    primary key (hotel, turn),
    foreign key (hotel, device) references device
);
create index offline_grant_on on offline_grant (hotel, device) where ended_at is null;
create index offline_grant_told on offline_grant (hotel, told_at);

-- A sign-in tells somebody their own role; a connection, everybody's.
create function keep_what_was_told() returns trigger
    language plpgsql as $$
declare
    log_end bigint;
begin
    -- Held, so that what tells of the change comes right after this place.
    select sequence into log_end from hotel_head where hotel = new.hotel for update;
    insert into offline_grant (hotel, device, person, role, told_at, sequence)
    select new.hotel, told.device, new.person, new.before, told.at, coalesce(log_end, 0)
    from (
        select device, greatest(device.told_at, (
            select max(begun_at) from session
            where session.hotel = new.hotel and session.device = device.device
                and session.person = new.person)) as at
        from device_person join device using (hotel, device)
        where device_person.hotel = new.hotel and device_person.person = new.person
    ) as told
    where told.at is not null
    order by told.device;
    return null;
end
$$;

-- Who leaves has no grant: their late work is set aside, whatever they knew.
create trigger roles_were_told after insert on role_change
    for each row when (new.after is not null)
    execute function keep_what_was_told();

create function end_what_was_told() returns trigger
    language plpgsql as $$
begin
    update offline_grant set ended_at = new.begun_at
    where hotel = new.hotel and device = new.device and person = new.person
        and ended_at is null;
    return null;
end
$$;

create trigger sign_in_tells_the_role after insert on session
    for each row execute function end_what_was_told();

-- What the gate judges by has changed.
create trigger grants_move after insert or update on offline_grant
    for each row execute function standing_moved();

grant select, insert, delete, update (ended_at) on offline_grant to keyrack_app;

alter table offline_grant enable row level security;
alter table offline_grant force row level security;
create policy own_hotel on offline_grant
    using (hotel = app_hotel()) with check (hotel = app_hotel());
