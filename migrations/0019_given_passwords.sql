-- Passwords that somebody knows beside their person: those that the server made for whoever takes
-- people on or gives them another one, and those that the operator set. Whoever has one is asked for
-- one of their own, and it is seen of whom that is still awaited.
alter table person
    -- False of everybody who was there before: of their passwords nobody knows who chose them.
    add column password_given boolean not null default false;

grant update (password_given) on person to keyrack_app;

-- Nobody changes it: whoever begins a session of a person on a device locks their row, so that of
-- two who do so at once one ends what the other began, and locking takes this right.
grant update (person) on device_person to keyrack_app;
