-- Whether somebody wants to see a document with all of its story: a part of it does not do then.
alter table wanted add column whole integer not null default 0;
