//! A system that runs during a test, and how it is asked.

use tokio::runtime::Runtime;
use truenas_simulator::{Builder, Simulator};

use crate::folder::{Done, Folder};

pub(crate) const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas");

/// A system that runs during a test.
pub(crate) struct System {
    pub(crate) simulator: Simulator,
    pub(crate) runtime: Runtime,
}

impl System {
    pub(crate) fn of(api: &str) -> Self {
        Self::start(Simulator::builder().api(api))
    }

    pub(crate) fn start(builder: Builder) -> Self {
        let runtime = Runtime::new().unwrap();
        Self {
            simulator: runtime.block_on(builder.start()).unwrap(),
            runtime,
        }
    }

    /// Its name and port.
    pub(crate) fn host(&self) -> String {
        let url = self.simulator.https_url();
        url.trim_start_matches("https://").to_owned()
    }

    /// Runs a command that asks it, logged in by password.
    pub(crate) fn ask(&self, folder: &Folder, arguments: &[&str]) -> Done {
        let (host, fingerprint) = (self.host(), self.simulator.fingerprint());
        let user = self.simulator.user();
        let who = [
            "--host",
            &host,
            "--user",
            user,
            "--fingerprint",
            &fingerprint,
        ];
        let password = ("TRUENAS_PASSWORD", self.simulator.password());
        folder.run(&[arguments, &who].concat(), &[password], b"")
    }
}
