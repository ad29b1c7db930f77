-- What a password opened ends with it, and so does what was shown beside it: a key that somebody may
-- have shown who only knew the password of another proves nothing from then on.

alter table user_key
    -- When what it signs stopped being believed: the password became another one, or the session that
    -- showed it was ended because it was not its person's. The row stays, so that the device is not
    -- taken for one on which its person never showed any. One of a person who never did has a key of
    -- zeros here, which nobody can sign with.
    add column revoked_at bigint,
    add constraint user_key_revoked_has_ended check (revoked_at is null or ended_at is not null);

grant update (revoked_at) on user_key to keyrack_app;
