//! Waiting for what is async.

use std::future::Future;
use std::io;
use std::sync::Arc;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::client::Error;

/// A runtime with a thread of its own, on which the connection lives.
#[derive(Clone)]
pub(super) struct Waiter {
    handle: Handle,
    _runtime: Arc<Owned>,
}

struct Owned(Option<Runtime>);

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Any other way of ending it waits, and panics where nobody may wait.
            runtime.shutdown_background();
        }
    }
}

impl Waiter {
    pub(super) fn new() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("truenas")
            .enable_io()
            .enable_time()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            _runtime: Arc::new(Owned(Some(runtime))),
        })
    }

    /// Waits, unless the thread belongs to an async runtime: that panics.
    pub(super) fn wait<F: Future>(&self, future: F) -> Result<F::Output, Error> {
        match Handle::try_current() {
            Ok(_) => Err(Error::InAsync),
            Err(_) => Ok(self.handle.block_on(future)),
        }
    }
}
