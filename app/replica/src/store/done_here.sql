-- What was done on this device and the log had when the device let go of its changes: should the log
-- lose it, it is done again by its command.
create table done_here (
    operation blob primary key,
    -- Where the log had it.
    sequence integer not null,
    received_at integer not null,
    -- Without its changes.
    action blob not null
) strict, without rowid;
