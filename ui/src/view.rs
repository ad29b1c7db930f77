//! What is on the screen: components, each with what it needs and nothing more.

pub mod board;
pub mod choice;
pub mod conflict;
pub mod controls;
pub mod frame;
pub mod guest;
pub mod history;
pub mod icon;
pub mod modal;
pub mod my_list;
pub mod not_here;
pub mod order_drawer;
pub mod order_fields;
pub mod order_form;
pub mod order_texts;
pub mod orders;
pub mod palette;
pub mod registers;
pub mod room_drawer;
pub mod room_work;
pub mod shortcuts;
pub mod sign_in;
pub mod sign_out;
pub mod sync_popover;
pub mod tile;
pub mod toasts;
