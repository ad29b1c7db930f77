-- Two servers may each have a hotel under the same code, and so under the same id. What tells them
-- apart is drawn when the hotel is made. A backup holds it, so it outlives any epoch of the log.
alter table hotel add column origin uuid not null default gen_random_uuid();
