-- What a device has of documents whose whole log it did not read: they come from the server as they
-- were at an entry, and their later changes follow in the log.

create table base (
    document blob primary key,
    kind integer not null,
    -- Everything that the log has of the document up to this entry is in the bytes.
    sequence integer not null,
    -- The saved Automerge document.
    bytes blob not null,
    -- What it said then, and what the actions did to it, as far back as the server told.
    entity_row blob not null,
    story blob not null,
    -- Whether the story goes back to the beginning.
    is_whole integer not null
) strict;

-- The actions that the stories tell of. They are apart from those whose changes are here: these
-- have none, so they are never sent, and never taken back.
create table line (
    sequence integer primary key,
    operation blob not null unique,
    author blob not null,
    device blob not null,
    wall integer not null,
    counter integer not null,
    received_at integer not null,
    -- How many documents it changed, here or not.
    documents integer not null,
    command blob not null
) strict;

-- Documents that the server has and this device does not, although it may have changes of them.
create table absent (
    document blob primary key
) strict, without rowid;

-- Documents to be asked for: something of them changed, or somebody wants to see them.
create table wanted (
    document blob primary key,
    kind integer not null,
    -- Grows when it was asked for and did not come.
    turn integer not null default 0
) strict, without rowid;
