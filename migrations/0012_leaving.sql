-- People who leave, and passwords that change.

-- Since when somebody does not work at the hotel any more. The row stays: the history names them.
alter table person add column left_at bigint;
grant update (left_at, password_hash) on person to keyrack_app;

-- Somebody new may have the name of somebody who has left.
alter table person drop constraint person_name_taken;
create unique index person_name_taken on person (hotel, name) where left_at is null;

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
