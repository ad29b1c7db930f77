-- The audit log: what happened to people's access, each entry sealed with the one before.

create table audit (
    hotel uuid not null references hotel,
    -- From 1 on, without a gap.
    number bigint not null check (number > 0),
    at bigint not null,
    -- A word of the model's `AuditEvent`.
    event text not null,
    -- Who did it. Null: nobody who is known, the operator of the server, or the server itself.
    actor uuid,
    device uuid,
    -- Whom it is about. No foreign keys: an entry says what was so, whatever is there later.
    person uuid,
    -- Words of roles, names of devices, numbers; no name of a person, no secret.
    detail text not null,
    -- The hash of the entry before; of the first, what is made of the hotel's id.
    previous bytea not null check (length(previous) = 32),
    -- Over all of the above.
    hash bytea not null check (length(hash) = 32),
    primary key (hotel, number)
);

-- Where each log ends. Whoever adds an entry locks this row until the entry is committed, so that two
-- never have the same one before them. Nobody has to believe it: it says what the last entry says.
create table audit_head (
    hotel uuid primary key references hotel,
    number bigint not null,
    hash bytea not null check (length(hash) = 32)
);

grant select, insert on audit to keyrack_app;
grant select, insert, update (number, hash) on audit_head to keyrack_app;

-- The owner of the tables changes no entry by a mistake either. Whoever means to can take the trigger
-- away; for that, the chain and what is kept of it elsewhere are there.
create function audit_stays() returns trigger
    language plpgsql as $$
begin
    raise exception 'entries of the audit log are neither changed nor taken away';
end
$$;

create trigger audit_stays before update or delete or truncate on audit
    for each statement execute function audit_stays();

do $$
declare
    name text;
begin
    foreach name in array array['audit', 'audit_head'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;
end
$$;
