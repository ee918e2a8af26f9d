//! Ends work that somebody interrupts, or that takes too long.

use std::convert::Infallible;
use std::io;
use std::process::exit;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::output::tell;

/// How long work that is told to stop may take to remove what is temporary.
const GRACE: Duration = Duration::from_secs(2);
/// What a shell says of a program that was interrupted. No command here means
/// anything else by it.
const STOPPED: i32 = 130;

/// Who waits for a signal or the end of the time, on a thread of its own: it
/// does not depend on what the work does meanwhile.
pub(super) struct Watch {
    /// Why the work has to stop.
    pub(super) stopped: oneshot::Receiver<String>,
    /// Ends the thread when this is dropped.
    _working: oneshot::Sender<Infallible>,
}

impl Watch {
    /// Listens from now on. Work that does not heed it within a grace, because
    /// it blocks, or until a second signal, ends with the program.
    pub(super) fn begin(limit: Duration, addition: &'static str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let (working, over) = oneshot::channel();
        let entered = runtime.enter();
        let mut signals = Signals::new()?;
        drop(entered);
        let watch = async move {
            let why = match timeout(limit, signals.next()).await {
                Ok(()) => format!("interrupted{addition}"),
                Err(_) => format!("not done after {} seconds{addition}", limit.as_secs()),
            };
            // If nobody listens, nothing goes on either.
            let _ = stop.send(why.clone());
            tokio::select! {
                () = sleep(GRACE) => {}
                () = signals.next() => {}
            }
            tell("error", why);
            exit(STOPPED);
        };
        thread::Builder::new().spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = over => {}
                    () = watch => {}
                }
            });
        })?;
        Ok(Self {
            stopped,
            _working: working,
        })
    }
}

/// The signals that ask a program to end.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
