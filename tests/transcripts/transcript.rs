//! A transcript, read and written. Used where the server is tested and where the device is.

use std::fmt::Write;

/// One thing that was said.
pub struct Step {
    /// The device.
    pub who: String,
    pub direction: Direction,
    /// The kind of a frame, method and path of a request, the status of an answer, `socket` for a
    /// connection that begins, `session` for a sign-in of which nothing is told, or `?` for an answer
    /// that is still to be recorded.
    pub what: String,
    pub content: Vec<u8>,
}

impl Step {
    /// Whether the answer is still to be recorded.
    pub fn is_open(&self) -> bool {
        self.what == "?"
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    ToServer,
    FromServer,
}

/// Reads a transcript; what begins with `#` is a remark.
pub fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(content) = line.strip_prefix("  ") {
            let step = steps.last_mut().expect("content stands under a step");
            step.content.extend(match content.starts_with('{') {
                true => content.as_bytes().to_vec(),
                false => bytes(content),
            });
        } else if let [who, direction, what] = line.splitn(3, ' ').collect::<Vec<_>>()[..] {
            steps.push(Step {
                who: who.to_owned(),
                direction: match direction {
                    ">" => Direction::ToServer,
                    "<" => Direction::FromServer,
                    other => panic!("no direction: {other}"),
                },
                what: what.to_owned(),
                content: Vec::new(),
            });
        }
    }
    steps
}

/// A step as it is written down.
pub fn written(who: &str, direction: Direction, what: &str, content: &[u8]) -> String {
    let direction = match direction {
        Direction::ToServer => '>',
        Direction::FromServer => '<',
    };
    let mut text = format!("{who} {direction} {what}\n");
    if content.starts_with(b"{") {
        let json = String::from_utf8_lossy(content);
        writeln!(text, "  {json}").expect("memory takes it");
    } else {
        for line in content.chunks(48) {
            let digits: String = line.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(text, "  {digits}").expect("memory takes it");
        }
    }
    text
}

fn bytes(digits: &str) -> Vec<u8> {
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits"))
        .collect()
}
