//! Workload W as tables: a column a server, and Keyrack's ratio to the best of the others.

use super::phase::{Phase, Run, Size};
use crate::baseline::Commit;
use std::time::Duration;

pub struct Table<'a> {
    size: Size,
    others: &'a [Run],
    keyrack: &'a Run,
    durable: Option<&'a Run>,
    commit: Commit,
}

/// Which of two figures is the better one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Better {
    More,
    Less,
}

/// A line of the table.
struct Line {
    what: &'static str,
    phase: &'static str,
    figure: fn(&Phase, Size) -> f64,
    better: Better,
    digits: usize,
    direction: &'static str,
}

const LINES: &[Line] = &[
    line(
        "edits/s",
        "edit",
        |p, s| s.all_edits() / p.wall_s,
        Better::More,
        0,
        "≥ 2",
    ),
    line(
        "server CPU, ms an edit",
        "edit",
        |p, s| p.server_cpu_s * 1e3 / s.all_edits(),
        Better::Less,
        3,
        "≤ 0.5",
    ),
    line(
        "Postgres CPU, ms an edit",
        "edit",
        |p, s| p.postgres_cpu_s * 1e3 / s.all_edits(),
        Better::Less,
        3,
        "",
    ),
    line(
        "clients' CPU, ms an edit",
        "edit",
        |p, s| p.client_cpu_s * 1e3 / s.all_edits(),
        Better::Less,
        3,
        "",
    ),
    line(
        "bytes an edit",
        "edit",
        |p, s| (p.received + p.sent) / s.all_edits(),
        Better::Less,
        0,
        "≤ 1",
    ),
    line(
        "one edit seen elsewhere, p50, ms",
        "latency",
        |p, _| p.p50_ms,
        Better::Less,
        2,
        "",
    ),
    line(
        "one edit seen elsewhere, p95, ms",
        "latency",
        |p, _| p.p95_ms,
        Better::Less,
        2,
        "",
    ),
    line(
        "bytes an edit, one at a time",
        "latency",
        |p, _| (p.received + p.sent) / super::phase::SINGLE_EDITS as f64,
        Better::Less,
        0,
        "",
    ),
    line(
        "server memory after the edits, MB",
        "latency",
        |p, _| p.memory_mb,
        Better::Less,
        0,
        "< 1",
    ),
    line(
        "server memory at most, MB",
        "cold-hot-server",
        |p, _| p.peak_mb,
        Better::Less,
        0,
        "",
    ),
    line("seed, s", "seed", |p, _| p.wall_s, Better::Less, 2, ""),
    line(
        "cold start, s",
        "cold-hot-server",
        |p, _| p.wall_s,
        Better::Less,
        2,
        "≤ 0.25",
    ),
    line(
        "cold start, server CPU, s",
        "cold-hot-server",
        |p, _| p.server_cpu_s,
        Better::Less,
        2,
        "",
    ),
    line(
        "cold start, Postgres CPU, s",
        "cold-hot-server",
        |p, _| p.postgres_cpu_s,
        Better::Less,
        2,
        "",
    ),
    line(
        "cold start, client CPU, s",
        "cold-hot-server",
        |p, _| p.client_cpu_s,
        Better::Less,
        2,
        "",
    ),
    line(
        "cold start, kB",
        "cold-hot-server",
        |p, _| (p.received + p.sent) / 1e3,
        Better::Less,
        0,
        "",
    ),
    line(
        "cold start of a restarted server, s",
        "cold-restarted-server",
        |p, _| p.wall_s,
        Better::Less,
        2,
        "≤ 0.25",
    ),
    line(
        "memory of the restarted server, MB",
        "cold-restarted-server",
        |p, _| p.memory_mb,
        Better::Less,
        0,
        "",
    ),
    line(
        "on disk, MB",
        "disk",
        |p, _| p.disk_bytes / 1e6,
        Better::Less,
        1,
        "",
    ),
];

const fn line(
    what: &'static str,
    phase: &'static str,
    figure: fn(&Phase, Size) -> f64,
    better: Better,
    digits: usize,
    direction: &'static str,
) -> Line {
    Line {
        what,
        phase,
        figure,
        better,
        digits,
        direction,
    }
}

impl Line {
    fn of(&self, run: &Run, size: Size) -> Option<f64> {
        let figure = (self.figure)(run.phase(self.phase)?, size);
        // Zero is what a server does not have or a driver does not tell.
        (figure.is_finite() && figure > 0.0).then_some(figure)
    }

    fn shown(&self, figure: Option<f64>) -> String {
        figure.map_or("–".to_owned(), |figure| {
            format!("{figure:.*}", self.digits)
        })
    }

    fn best(&self, figures: impl Iterator<Item = f64>) -> Option<f64> {
        match self.better {
            Better::More => figures.reduce(f64::max),
            Better::Less => figures.reduce(f64::min),
        }
    }
}

impl<'a> Table<'a> {
    pub fn of(
        size: Size,
        others: &'a [Run],
        keyrack: &'a Run,
        durable: Option<&'a Run>,
        commit: Commit,
    ) -> Self {
        Self {
            size,
            others,
            keyrack,
            durable,
            commit,
        }
    }

    pub fn print(&self) {
        let Size {
            documents,
            clients,
            edits,
        } = self.size;
        println!("### D = {documents}, C = {clients}, K = {edits}\n");
        let runs = self.others.iter().chain([self.keyrack]);
        let runs: Vec<&Run> = runs.chain(self.durable).collect();
        let names: Vec<&str> = runs.iter().map(|run| run.server.as_str()).collect();
        println!(
            "| what | {} | Keyrack / best other | direction |",
            names.join(" | ")
        );
        println!("|---|{}---|---|", "---|".repeat(runs.len()));
        for line in LINES {
            let figures = runs.iter().map(|run| line.shown(line.of(run, self.size)));
            let figures: Vec<String> = figures.collect();
            let others = self.others.iter();
            let best = line.best(others.filter_map(|run| line.of(run, self.size)));
            let ratio = line.of(self.keyrack, self.size).zip(best);
            let ratio = ratio.map_or("–".to_owned(), |(own, best)| format!("{:.2}", own / best));
            let (figures, direction) = (figures.join(" | "), line.direction);
            println!("| {} | {figures} | {ratio} | {direction} |", line.what);
        }
        println!();
        self.print_latency(self.keyrack, "≤ 2");
        if let Some(durable) = self.durable {
            self.print_latency(durable, "≤ 4");
        }
        println!();
    }

    /// An edit on its way, in commits of the same disk.
    fn print_latency(&self, run: &Run, direction: &str) {
        let Some(latency) = run.phase("latency") else {
            return;
        };
        let commits = |one: Duration| latency.p50_ms / (one.as_secs_f64() * 1e3);
        println!(
            "{}: an edit is seen elsewhere after {:.2} Postgres commits (p50; direction {direction}), {:.2} of those after a rest.",
            run.server,
            commits(self.commit.steady),
            commits(self.commit.rested),
        );
    }
}

/// What an edit costs as the documents become more.
pub fn print_growth(runs: &[(Size, Run)]) {
    println!("### Keyrack as D grows\n");
    println!(
        "| D, C | edits/s | server CPU, ms an edit | Postgres CPU, ms an edit | bytes an edit | server memory, MB | cold start, s |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (size, run) in runs {
        let shown = [0, 1, 2, 4, 8, 11].map(|at: usize| LINES[at].shown(LINES[at].of(run, *size)));
        let Size {
            documents, clients, ..
        } = size;
        println!("| {documents}, {clients} | {} |", shown.join(" | "));
    }
    println!();
}
