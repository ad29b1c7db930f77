//! The whole product at work: real servers over a real Postgres, real devices, real windows.
//!
//! One program, so that what waits (for a window, a restart, a slow disk) waits beside something
//! that works.

mod at_once;
mod attacks;
mod audit;
mod bad_input;
mod bad_network;
mod board;
mod clock_skew;
mod crowd;
mod database_kill;
mod database_password;
mod day_at_the_desk;
mod decision_undone;
mod desk_day;
mod disk_errors;
mod double_booking;
mod full_disk;
mod import;
mod import_file;
mod kill;
mod left_alone;
mod left_desk;
mod not_here;
mod one_press;
mod power_cut;
mod renew_key;
mod renewal_cut;
mod rescue_cut;
mod review;
mod rules;
mod run;
mod server_amnesia;
mod settings;
mod settings_hotel;
mod settings_rooms;
mod shared_desk;
mod sign_in;
mod sign_in_rush;
mod stolen_disk;
mod story_of_a_day;
mod tls;
mod to_decide;
mod told;
mod touch;
mod two_desks;
mod two_hotels;
mod two_servers;
mod version_skew;
mod web_view;
mod whose_order;
mod working_set;
