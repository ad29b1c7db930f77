-- Whether a log still is the one that was read: one that was brought back and has grown since is as
-- long, or longer, and has something else at the same place.

create function log_has(tenant uuid, place bigint, named uuid, received bigint) returns boolean
    language plpgsql as $$
begin
    perform set_config('app.hotel', tenant::text, true);
    return exists (select from action
                   where hotel = tenant and sequence = place and operation = named
                       and received_at = coalesce(received, received_at))
        or exists (select from record
                   where hotel = tenant and sequence = place and operation = named
                       and received_at = coalesce(received, received_at));
end
$$;
