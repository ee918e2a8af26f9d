//! Listens to whatever is logged, printed for debugging or reported as an
//! error.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail, and need not use everything"
)]

use std::cell::RefCell;
use std::fmt::{Debug, Display, Write};

use tracing::field::{Field, Visit};
use tracing::span;
use truenas_runtime::client::Error;

thread_local! {
    /// All that was logged and shown in this thread, which is all of a test.
    static SHOWN: RefCell<String> = const { RefCell::new(String::new()) };
}

pub(crate) fn show(text: impl Display) {
    SHOWN.with_borrow_mut(|shown| writeln!(shown, "{text}").unwrap());
}

pub(crate) fn show_debug(value: &dyn Debug) {
    show(format_args!("{value:?}"));
    show(format_args!("{value:#?}"));
}

/// An error with all its causes, in both forms.
pub(crate) fn show_error(error: &Error) {
    show_debug(error);
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        show(error);
        cause = error.source();
    }
}

/// Logs everything, spans included.
struct Log;

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        show(attributes.metadata().name());
        attributes.record(&mut Fields);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Fields);
    }

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Fields);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Fields;

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        show(format_args!("{field}={value:?}"));
    }
}

/// What libraries log. That of the peer logs every message; it is no part of
/// the client.
impl log::Log for Log {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        !metadata.target().starts_with("tungstenite")
            && !metadata.target().starts_with("tokio_tungstenite")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            show(record.args());
        }
    }

    fn flush(&self) {}
}

/// Listens to all logs of this thread, as long as what it gives lives.
pub(crate) fn listen() -> tracing::subscriber::DefaultGuard {
    // Another test may have been first.
    let _ = log::set_logger(&Log);
    log::set_max_level(log::LevelFilter::Trace);
    SHOWN.take();
    tracing::subscriber::set_default(Log)
}

/// Returns how many lines have this text.
pub(crate) fn lines_with(text: &str) -> usize {
    SHOWN.with_borrow(|shown| shown.lines().filter(|line| line.contains(text)).count())
}

/// Fails if a secret was shown, or nothing was logged at all.
pub(crate) fn check(secrets: &[&str]) {
    let logged = SHOWN.with_borrow(|shown| shown.contains("endpoint"));
    assert!(logged, "nothing was logged");
    check_shown(secrets);
}

/// Fails if a secret was shown.
pub(crate) fn check_shown(secrets: &[&str]) {
    let shown = SHOWN.take();
    assert!(!shown.is_empty());
    for secret in secrets {
        assert!(!secret.is_empty());
        if let Some(line) = shown.lines().find(|line| line.contains(secret)) {
            panic!("{secret} is shown in: {line}");
        }
    }
    println!(
        "{} secrets are in none of {} lines",
        secrets.len(),
        shown.lines().count()
    );
}
