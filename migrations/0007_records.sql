-- Records: what is in the log and is no document, because it is the server's to say or has to be
-- erasable. Their places are among those of actions, given by the same head.

create table record (
    hotel uuid not null references hotel,
    sequence bigint not null,
    -- What made this version: an operation of a device, or one of the server's own.
    operation uuid not null,
    author uuid not null,
    role text not null,
    device uuid not null,
    wall bigint not null,
    counter bigint not null,
    received_at bigint not null,
    clock text not null,
    kind text not null,
    id uuid not null,
    version bigint not null,
    -- The class whose readers get it.
    audience text not null,
    -- Bytes of the whole entry on the wire, for bounding pages without reading them.
    size bigint not null,
    primary key (hotel, sequence),
    constraint record_operation_taken unique (hotel, operation),
    constraint record_version_taken unique (hotel, kind, id, version)
);

-- What the versions say, apart from the log: the one thing of it that can be taken away. A version
-- without a row here was erased, or is the one that erased the others.
create table record_payload (
    hotel uuid not null,
    sequence bigint not null,
    payload jsonb not null,
    primary key (hotel, sequence),
    foreign key (hotel, sequence) references record
);

grant select, insert on record to keyrack_app;
grant select, insert, delete on record_payload to keyrack_app;
grant update (role) on person to keyrack_app;

-- People and devices that are there already get their first versions. The owner of the tables sees
-- one hotel at a time, as everybody does, but hotels can only be listed without that.
alter table hotel no force row level security;

do $$
declare
    name text;
    tenant uuid;
    last bigint;
begin
    foreach name in array array['record', 'record_payload'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy own_hotel on %I using (hotel = app_hotel()) with check (hotel = app_hotel())',
            name);
    end loop;

    for tenant in select hotel from hotel order by hotel loop
        perform set_config('app.hotel', tenant::text, true);
        select sequence into last from hotel_head where hotel = tenant for update;
        -- A hotel whose making was cut off has no log yet, and nobody in it.
        continue when last is null;
        create temporary table new_record on commit drop as
            select last + row_number() over (order by kind desc, id) as sequence, *
            from (
                select 'person' as kind, person as id, 'people' as audience,
                       jsonb_build_object('Person', jsonb_build_object(
                           'name', person.name, 'display', display, 'role', role)) as payload
                from person where hotel = tenant
                union all
                select 'device', device, 'devices',
                       jsonb_build_object('Device', jsonb_build_object(
                           'name', device.name, 'revoked', false))
                from device where hotel = tenant
            ) as known;
        insert into record
            (hotel, sequence, operation, author, role, device, wall, counter, received_at, clock,
             kind, id, version, audience, size)
        select tenant, sequence, gen_random_uuid(), '6b657972-6163-6b00-8000-000000000001',
               'server', '6b657972-6163-6b00-8000-000000000002', 0, 0, 0, 'plausible',
               kind, id, 1, audience, 512 + length(payload::text)
        from new_record;
        insert into record_payload (hotel, sequence, payload)
        select tenant, sequence, payload from new_record;
        update hotel_head set sequence = sequence + (select count(*) from new_record)
        where hotel = tenant;
        drop table new_record;
    end loop;
    perform set_config('app.hotel', '', true);
end
$$;

alter table hotel force row level security;
