-- Who the guests are may be kept off a device, whoever works there: off a tablet in the lobby, or off a
-- housekeeping cart that is left in a corridor.
alter table device
    -- True of every device until somebody who looks after people says otherwise.
    add column reads_guests boolean not null default true;

grant update (reads_guests) on device to keyrack_app;
