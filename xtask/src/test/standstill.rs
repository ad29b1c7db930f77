//! Ends a test program that says nothing any more: one test that hangs is to fail by its name, and
//! not to keep everything after it from running.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

/// The longest that nothing is said on a busy machine is some minutes: the 2,000 simulated hotels.
pub const LIMIT: Duration = Duration::from_secs(20 * 60);

/// Does `end` whenever nothing was heard for the limit, until nobody can be heard any more.
pub fn watch(heard: &Receiver<()>, limit: Duration, mut end: impl FnMut()) {
    loop {
        match heard.recv_timeout(limit) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => end(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread};

    #[test]
    fn whoever_falls_silent_is_ended_and_whoever_goes_on_is_not() {
        let (say, heard) = mpsc::channel();
        for _ in 0..3 {
            say.send(()).unwrap();
        }
        let mut say = Some(say);
        let mut ended = 0;
        watch(&heard, Duration::from_millis(10), || {
            ended += 1;
            say.take();
        });
        assert_eq!(ended, 1);

        // All in all for longer than the limit, and never silent for so long.
        let (say, heard) = mpsc::channel();
        let speaking = thread::spawn(move || {
            for _ in 0..40 {
                say.send(()).unwrap();
                thread::sleep(Duration::from_millis(50));
            }
        });
        watch(&heard, Duration::from_millis(1_500), || panic!("ended"));
        speaking.join().unwrap();
    }
}
