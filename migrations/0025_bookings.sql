-- By what number a hotel calls its stays: a file that names a booking asks for those stays, and does
-- not read the whole log for them.

-- Null for what is no stay, and for a stay without a number. It is under the checksum, as every other
-- column. Snapshots that are there are of older code, and are made again from the log with it.
alter table snapshot add column booking text;

create index snapshot_of_booking on snapshot (hotel, booking) where booking is not null;
