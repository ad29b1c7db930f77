-- What a judgement of the server rests on, so that the log takes it in one statement, which is a
-- transaction of its own, while all of that still holds.

-- Counts up with every change of who may do what: people and their roles, devices that are not
-- trusted, and what is kept for review.
alter table hotel_head add column standing bigint not null default 0;
grant update (standing) on hotel_head to keyrack_app;

create function standing_moved() returns trigger
    language plpgsql as $$
begin
    update hotel_head set standing = standing + 1 where hotel = coalesce(new.hotel, old.hotel);
    return null;
end
$$;

create trigger people_move after insert or delete or update of role on person
    for each row execute function standing_moved();
create trigger roles_move after insert or update or delete on role_change
    for each row execute function standing_moved();
create trigger trust_moves after update of distrusted_at on device
    for each row execute function standing_moved();
create trigger reviews_move after insert or update or delete on review
    for each row execute function standing_moved();

-- Stores judged actions, a list a column, after the end that was expected.
--
-- Says `stored`; or stores nothing and says which part of the basis does not hold: `known` for an
-- operation that has a verdict, `end`, `standing`, or `hotel` where there is none.
create function append_actions(
    tenant uuid,
    expected_end bigint,
    -- Both null for what rests on nobody's standing.
    expected_epoch uuid,
    expected_standing bigint,
    unknown uuid[],
    new_end bigint,
    action_sequences bigint[],
    operations uuid[],
    authors uuid[],
    roles text[],
    devices uuid[],
    walls bigint[],
    counters bigint[],
    received bigint[],
    clocks text[],
    schemas integer[],
    commands bytea[],
    sizes bigint[],
    change_sequences bigint[],
    ordinals integer[],
    documents uuid[],
    kinds smallint[],
    actors uuid[],
    actor_seqs bigint[],
    hashes bytea[],
    chunks bytea[]
) returns text
    language plpgsql as $$
begin
    perform set_config('app.hotel', tenant::text, true);
    if exists (select from action where hotel = tenant and operation = any (unknown))
        or exists (select from record where hotel = tenant and operation = any (unknown))
        or exists (select from refusal where hotel = tenant and operation = any (unknown))
    then
        return 'known';
    end if;
    -- Locks the end of the log until the commit: the order of appends is the order of the log.
    update hotel_head set sequence = new_end
    where hotel = tenant and sequence = expected_end
        and (expected_epoch is null or epoch = expected_epoch)
        and (expected_standing is null or standing = expected_standing);
    if not found then
        return coalesce(
            (select case when sequence = expected_end then 'standing' else 'end' end
             from hotel_head where hotel = tenant),
            'hotel');
    end if;
    insert into action
        (hotel, sequence, operation, author, role, device, wall, counter, received_at, clock,
         schema, command, size)
    select tenant, * from unnest(
        action_sequences, operations, authors, roles, devices, walls, counters, received, clocks,
        schemas, commands, sizes);
    insert into change
        (hotel, sequence, ordinal, document, kind, actor, actor_seq, hash, bytes)
    select tenant, * from unnest(
        change_sequences, ordinals, documents, kinds, actors, actor_seqs, hashes, chunks);
    return 'stored';
end
$$;
