-- The author's signature of an action that was done here, with the key that made it: without it
-- nobody else's session can send the action. It goes with the row that it is about.
alter table action add column proof blob;
-- What waits is counted after every step, and what of it is not signed is looked for with every push.
drop index action_outside_log;
create index action_outside_log on action (id, received_at, proof is null) where sequence is null;
