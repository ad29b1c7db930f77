-- People who leave, and passwords that change.

-- Since when somebody does not work at the hotel any more. The row stays: the history names them.
-- Its name is given another ending, so that somebody new may have it, and that a server from before
-- this finds nobody by it.
alter table person add column left_at bigint;
grant update (left_at, name, password_hash) on person to keyrack_app;

create function note_leaving() returns trigger
    language plpgsql as $$
begin
    insert into role_change (hotel, person, at, before, after)
    values (old.hotel, old.person, (extract(epoch from clock_timestamp()) * 1000)::bigint,
            old.role, null);
    return null;
end
$$;

-- The change of role that it writes moves the hotel's standing.
create trigger people_leave after update of left_at on person
    for each row when (old.left_at is null and new.left_at is not null)
    execute function note_leaving();
