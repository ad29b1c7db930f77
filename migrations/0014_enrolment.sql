-- Devices come to a hotel with a code that is good once. Those that it knows stay known.

create table device_code (
    hotel uuid not null references hotel,
    -- BLAKE3 of the hotel's id and the code's letters: whoever reads this table has no code.
    hash bytea not null check (length(hash) = 32),
    -- Null: the operator of the server. No foreign key, as nobody's row is kept for a code; whoever
    -- makes codes no more takes them along.
    made_by uuid,
    expires_at bigint not null,
    -- A code that was used has no row any more.
    primary key (hotel, hash)
);

grant select, insert, delete on device_code to keyrack_app;
-- What the hotel calls a device may be put right.
grant update (name) on device to keyrack_app;

do $$
declare
    name text;
begin
    foreach name in array array['device_code'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;
end
$$;
