//! A made-up TrueNAS to test against: any version of the API in `schemas/`,
//! strict where a real one is strict, with the faults of real networks on
//! demand.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use truenas_simulator::Simulator;
//!
//! let simulator = Simulator::builder().api("v25.10.5").seed(7).start().await?;
//! println!("connect to {} as {}", simulator.wss_url(), simulator.user());
//! simulator.shutdown().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The inside, without any network, is [`engine`]: one system's state, and
//! what the API of each version makes of it. What is simulated and what is not
//! is listed in the crate's README.

mod auth;
mod auth_methods;
mod builder;
mod call;
mod clock;
mod connection;
mod core_methods;
pub mod engine;
mod events;
mod extended;
mod faults;
mod files;
mod http;
mod job_run;
mod jobs;
mod json;
mod keep;
mod listen;
mod methods;
mod number;
mod record;
mod rpc;
mod settings;
mod simulator;
mod socket;
mod stats;
mod system;
mod tls;
mod wreck;

pub use builder::{Builder, StartError};
pub use faults::{Fault, FaultKind, Faults, ParseFaultError, duration as parse_duration};
pub use simulator::{Login, Simulator};
pub use stats::Stats;
