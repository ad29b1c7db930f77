-- Until when a password that somebody else knows lets its person in, in milliseconds since 1970: one
-- that is never used would be good for whoever finds the note that it is on.
alter table person
    -- None of a password that its person chose, and of those from before.
    add column password_until bigint;

grant update (password_until) on person to keyrack_app;
