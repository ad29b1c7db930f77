-- Whether anybody has gone on with what a refresh handed out. An answer may be lost for longer than a
-- minute, and the same token then gets the same successor again; once somebody has opened something
-- with what came with that successor, whoever shows the old token has taken it from them.
alter table token
    -- The refresh token that was handed out with it. Null where that is not known.
    add column refresh_hash bytea,
    -- When it first opened something.
    add column opened_at bigint;
create index token_by_refresh on token (hotel, refresh_hash);

grant update (opened_at) on token to keyrack_app;
