-- What is kept of an action that writes a record goes with the record: who a guest was is in no table
-- once it was erased.

alter table review add column record uuid;
create index review_of_record on review (hotel, record) where record is not null;

grant delete on review to keyrack_app;
grant update (record) on review to keyrack_app;
