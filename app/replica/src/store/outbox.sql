-- What waits is counted after every step: the index alone tells how many there are.
drop index action_outside_log;
create index action_outside_log on action (id, received_at) where sequence is null;
