//! How far the work is: a bar on a terminal, lines elsewhere.

use std::io::{self, Write as _};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

/// How far some work is.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    unit: Unit,
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Things,
    Bytes,
}

impl Progress {
    /// Of a known number of things.
    pub(super) fn new(what: &str, total: usize) -> Self {
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        Self::at(what, 0, Some(total), Unit::Things)
    }

    /// Of the bytes of a file, of which so many are there before.
    pub(super) fn bytes(what: &str, done: u64, total: Option<u64>) -> Self {
        Self::at(what, done, total, Unit::Bytes)
    }

    fn at(what: &str, done: u64, total: Option<u64>, unit: Unit) -> Self {
        // Drawn only where standard error is a terminal.
        let bar = ProgressBar::no_length().with_position(done);
        if let Some(total) = total {
            bar.set_length(total);
        }
        if let Ok(style) = ProgressStyle::with_template(unit.template(total.is_some())) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        // What was there before says nothing of how fast the rest comes.
        bar.tick();
        bar.reset_eta();
        let progress = Self { bar, unit };
        if progress.bar.is_hidden() {
            let place = match (done, total) {
                (0, Some(total)) => unit.show(total),
                _ => progress.place(),
            };
            line(&format!("{what}: {place}"));
        }
        progress
    }

    pub(super) fn step(&self) {
        self.add(1);
    }

    pub(super) fn add(&self, more: u64) {
        let before = self.bar.position();
        self.bar.inc(more);
        let done = self.bar.position();
        let lines = |at: u64| at / self.unit.line_every();
        let is_last = self.bar.length() == Some(done);
        if self.bar.is_hidden() && lines(before) < lines(done) && !is_last {
            line(&self.place());
        }
    }

    fn place(&self) -> String {
        let done = self.unit.show(self.bar.position());
        match self.bar.length() {
            Some(total) => format!("{done} of {}", self.unit.show(total)),
            None => done,
        }
    }
}

fn line(text: &str) {
    // Whether anybody reads it makes no difference to the work.
    let _ = writeln!(io::stderr(), "{text}");
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Unit {
    fn template(self, has_total: bool) -> &'static str {
        match (self, has_total) {
            (Self::Things, _) => "{wide_msg} [{bar:30}] {pos} of {len}, {eta} left",
            (Self::Bytes, true) => "{wide_msg} [{bar:20}] {bytes} of {total_bytes}, {eta} left",
            (Self::Bytes, false) => "{wide_msg} {bytes}",
        }
    }

    /// After how many there is a line.
    fn line_every(self) -> u64 {
        match self {
            Self::Things => 200,
            Self::Bytes => 2 << 20,
        }
    }

    fn show(self, count: u64) -> String {
        match self {
            Self::Things => count.to_string(),
            Self::Bytes => HumanBytes(count).to_string(),
        }
    }
}
