//! How far the work is: a bar on a terminal, lines elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

/// A line for so many things.
const LINE_EVERY: u64 = 200;

/// The progress of a known number of things.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(what: &str, total: usize) -> Self {
        // Drawn only where standard error is a terminal.
        let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
        if let Ok(style) =
            ProgressStyle::with_template("{msg} [{bar:30}] {pos} of {len}, {eta} left")
        {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        if bar.is_hidden() {
            eprintln!("{what}: {total}");
        }
        Self(bar)
    }

    pub(super) fn step(&self) {
        self.0.inc(1);
        let (done, total) = (self.0.position(), self.0.length().unwrap_or_default());
        if self.0.is_hidden() && done % LINE_EVERY == 0 && done < total {
            eprintln!("{done} of {total}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
