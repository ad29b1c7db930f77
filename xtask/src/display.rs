//! A display in memory, for windows that nobody looks at.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{
    interrupt,
    problem::{Problem, While},
    process::{Background, Farewell, Running},
};

const START_PATIENCE: Duration = Duration::from_secs(20);

/// Large enough for a window of every size that is tested or pictured.
const SCREEN: &str = "1920x1200x24";

/// A running X server; dropping it ends it.
#[derive(Debug)]
pub struct Display {
    number: u32,
    _server: Running,
}

impl Display {
    /// Starts Xvfb on the first display number that is free.
    pub fn start() -> Result<Display, Problem> {
        let log = tempfile::NamedTempFile::new()
            .while_doing(|| "No temporary file for the display".to_owned())?;
        let mut xvfb = Background::new("Xvfb", Farewell::Terminate);
        // Xvfb writes the number that it chose to its standard output.
        xvfb.command
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .args(["-screen", "0", SCREEN]);
        let mut server = xvfb.start(log.as_file())?;
        let deadline = Instant::now() + START_PATIENCE;
        let number = interrupt::wait_for(|| {
            let said = fs::read_to_string(log.path()).unwrap_or_default();
            if let Some(number) = chosen_number(&said) {
                return Ok(Some(number));
            }
            if server.end().is_none() && Instant::now() < deadline {
                return Ok(None);
            }
            Err(Problem::DidNotStart {
                what: "Xvfb, the display in memory,",
                log: said,
            })
        })?;
        Ok(Display {
            number,
            _server: server,
        })
    }

    /// The value of `DISPLAY`.
    pub fn name(&self) -> String {
        format!(":{}", self.number)
    }
}

/// The first whole line that is a number.
fn chosen_number(said: &str) -> Option<u32> {
    said.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .find_map(|line| line.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_display_number_is_found_among_warnings() {
        assert_eq!(chosen_number("Warning: no keymap\n12\n"), Some(12));
        assert_eq!(chosen_number("1"), None);
    }
}
