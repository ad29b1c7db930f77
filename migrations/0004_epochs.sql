-- Logs that were brought back to an older state. Each begins another epoch, and says up to where
-- it is the same log as the one before.
create table hotel_epoch (
    hotel uuid not null references hotel,
    -- Order of the epochs after the first, from 1.
    number integer not null,
    epoch uuid not null,
    previous uuid not null,
    -- The last entry that is in both.
    shared bigint not null,
    began_at bigint not null,
    primary key (hotel, number),
    unique (hotel, epoch)
);

grant select, insert on hotel_epoch to keyrack_app;
grant update (epoch) on hotel_head to keyrack_app;

alter table hotel_epoch enable row level security;
alter table hotel_epoch force row level security;
create policy own_hotel on hotel_epoch
    using (hotel = app_hotel()) with check (hotel = app_hotel());
