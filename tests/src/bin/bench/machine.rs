//! What the kernel says of a process and of a port: processor time, memory, bytes on the wire.

use rustix::process::Pid;
use std::{fs, process::Command, time::Duration};

/// Processor time of a process and of all that it started and that has ended, by `/proc`.
pub fn processor_time(pid: Pid) -> Duration {
    ticks(pid, 4)
}

/// Processor time of a process and of all that runs or ran below it.
pub fn processor_time_of_tree(pid: Pid) -> Duration {
    let below: Duration = children(pid).into_iter().map(processor_time_of_tree).sum();
    ticks(pid, 4) + below
}

/// The first of utime, stime, cutime and cstime, which follow each other.
fn ticks(pid: Pid, fields: usize) -> Duration {
    /// The place of utime after the name, which may hold anything and ends with a parenthesis.
    const UTIME: usize = 11;
    let stat = fs::read_to_string(place(pid, "stat")).unwrap_or_default();
    let facts = stat.rsplit_once(')').map_or("", |(_, facts)| facts);
    let ticks: u64 = facts
        .split_whitespace()
        .skip(UTIME)
        .take(fields)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

fn children(pid: Pid) -> Vec<Pid> {
    let number = pid.as_raw_nonzero();
    let children = fs::read_to_string(place(pid, &format!("task/{number}/children")));
    let children = children.unwrap_or_default();
    let numbers = children.split_whitespace();
    numbers
        .filter_map(|number| Pid::from_raw(number.parse().ok()?))
        .collect()
}

/// Bytes that a process has in memory now, and the most that it ever had.
pub fn memory(pid: Pid) -> (u64, u64) {
    let status = fs::read_to_string(place(pid, "status")).unwrap_or_default();
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        number.unwrap_or_default() * 1_024
    };
    (kilobytes("VmRSS:"), kilobytes("VmHWM:"))
}

/// The connections to a local port that are open, and the bytes that they have carried.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Wire {
    pub connections: usize,
    /// Towards the port.
    pub received: u64,
    /// From it.
    pub sent: u64,
}

pub fn wire(port: u16) -> Wire {
    let sockets = Command::new("ss")
        .args(["-tinOH", "state", "established"])
        .arg(format!("( sport = :{port} )"))
        .output()
        .expect("ss, of iproute2, runs");
    let sockets = String::from_utf8_lossy(&sockets.stdout).into_owned();
    let sum = |name: &str| -> u64 {
        let counts = sockets.split_whitespace();
        counts
            .filter_map(|count| count.strip_prefix(name)?.parse::<u64>().ok())
            .sum()
    };
    Wire {
        connections: sockets.lines().count(),
        received: sum("bytes_received:"),
        sent: sum("bytes_sent:"),
    }
}

fn place(pid: Pid, file: &str) -> String {
    format!("/proc/{}/{file}", pid.as_raw_nonzero())
}
