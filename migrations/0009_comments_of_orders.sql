-- The comments on a work order are looked for when it is asked for by itself.
create index snapshot_by_subject on snapshot (hotel, kind, subject) where subject is not null;
