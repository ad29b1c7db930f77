-- Whoever changes what others may do, or chooses a first PIN, has shown the password of the session a
-- moment ago: somebody who found a desk open, or has a token, cannot.

alter table session
    -- When the password of its person was last shown in it: at the sign-in, or since. Null for a session
    -- of before, whose person is asked once more.
    add column confirmed_at bigint;

grant update (confirmed_at) on session to keyrack_app;

alter table audit_head
    -- The public key with which a server signs where the log ends, as it was when an entry was added last.
    -- Another one is told of by the log itself. Null: nothing was signed so far.
    add column signed_by bytea check (length(signed_by) = 32);

grant update (signed_by) on audit_head to keyrack_app;
