//! The program's options.

use crate::{data_folder::DataFolder, trouble::Trouble};
use clap::Parser;
use std::path::PathBuf;

/// Keyrack: the hotel's rooms, tasks and work orders, with or without a network.
#[derive(Parser, Debug)]
#[command(name = "keyrack", version)]
pub struct Arguments {
    /// Where this installation keeps its data [default: keyrack in the user's data folder]
    #[arg(long, env = "KEYRACK_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,

    /// The address of the server that the sign-in offers
    #[arg(long, env = "KEYRACK_SERVER", value_name = "ADDRESS")]
    pub(crate) server: Option<String>,

    /// The code of the hotel that the sign-in offers
    #[arg(long, env = "KEYRACK_HOTEL", value_name = "CODE")]
    pub(crate) hotel: Option<String>,

    /// The manager's code that adds this device to the hotel, which the sign-in offers
    #[arg(
        long,
        env = "KEYRACK_CODE",
        value_name = "CODE",
        hide_env_values = true
    )]
    pub(crate) code: Option<String>,

    /// Brings the data under a new key, which goes into the desktop's keyring where there is one,
    /// and ends without opening a window
    #[arg(long)]
    renew_key: bool,
}

/// What the program was started for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    Work,
    RenewKey,
}

impl Arguments {
    pub(crate) fn purpose(&self) -> Purpose {
        if self.renew_key {
            Purpose::RenewKey
        } else {
            Purpose::Work
        }
    }

    pub(crate) fn data_folder(&self) -> Result<PathBuf, Trouble> {
        self.data
            .clone()
            .or_else(DataFolder::usual)
            .ok_or(Trouble::NoHome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_options_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_window_is_opened_unless_the_key_is_to_be_renewed() {
        let purpose = |arguments: &[&str]| Arguments::parse_from(arguments).purpose();
        assert_eq!(purpose(&["keyrack"]), Purpose::Work);
        assert_eq!(purpose(&["keyrack", "--renew-key"]), Purpose::RenewKey);
    }

    #[test]
    fn a_folder_that_is_named_is_used() {
        let arguments = Arguments::parse_from(["keyrack", "--data", "/somewhere"]);
        assert_eq!(
            arguments.data_folder().unwrap(),
            PathBuf::from("/somewhere")
        );
    }
}
