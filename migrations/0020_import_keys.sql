-- Programs that bring files in: each has a key, which opens nothing else.

create table import_key (
    hotel uuid not null references hotel,
    key uuid not null,
    -- What people call the program.
    name text not null,
    -- BLAKE3 of the key's secret: whoever reads this table brings nothing in.
    hash bytea not null check (length(hash) = 32),
    -- A key ends when its maker's right to make one does, as they have seen it.
    made_by uuid not null,
    made_at bigint not null,
    -- When it last opened anything, to a minute; null until it has.
    used_at bigint,
    -- A key that was taken back has no row any more; the audit log tells of it.
    primary key (hotel, key),
    constraint import_key_hash unique (hotel, hash),
    foreign key (hotel, made_by) references person
);

grant select, insert, delete on import_key to keyrack_app;
grant update (used_at) on import_key to keyrack_app;

do $$
declare
    name text;
begin
    foreach name in array array['import_key'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;
end
$$;
