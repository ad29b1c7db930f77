-- Sessions: what a sign-in begins on a device, with all the tokens that come of it, and what ends
-- as one.

-- A token of before belongs to no session. Whoever is signed in signs in once more; what waits on
-- their device stays there. Truncated, because the owner too sees only the rows of a named hotel.
truncate token;

create table session (
    hotel uuid not null,
    session uuid not null,
    person uuid not null,
    device uuid not null,
    begun_at bigint not null,
    -- When the server last heard of it, to about a minute.
    seen_at bigint not null,
    -- Null while it goes on. The row stays: it tells who was in, and why no longer.
    ended_at bigint,
    -- signed-out, dismissed, password, device, ended-elsewhere, reused, lapsed
    ended_why text,
    primary key (hotel, session),
    foreign key (hotel, person) references person,
    foreign key (hotel, device) references device,
    constraint session_end_has_a_reason check ((ended_at is null) = (ended_why is null))
);
create index session_of_person on session (hotel, person) where ended_at is null;
create index session_on_device on session (hotel, device) where ended_at is null;

alter table token
    add column session uuid not null,
    add foreign key (hotel, session) references session;
create index token_of_session on token (hotel, session);

-- What a session goes on with. Each is good once and then stays until it expires, so that using it
-- again is noticed.
create table refresh_token (
    hotel uuid not null,
    -- Only the hash is kept, as of a token.
    hash bytea not null,
    session uuid not null,
    -- The successor is made of this and of the token itself: whoever shows the token again, because
    -- the answer was lost, gets the same one, and nobody can make it of what is kept here.
    nonce bytea not null check (length(nonce) = 32),
    issued_at bigint not null,
    expires_at bigint not null,
    -- When it was used first. Null for the one that the device goes on with.
    used_at bigint,
    primary key (hotel, hash),
    foreign key (hotel, session) references session
);
create index refresh_token_of_session on refresh_token (hotel, session);

grant select, insert, update (seen_at, ended_at, ended_why) on session to keyrack_app;
grant select, insert, delete, update (used_at) on refresh_token to keyrack_app;

do $$
declare
    name text;
begin
    foreach name in array array['session', 'refresh_token'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;
end
$$;
