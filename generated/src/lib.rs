//! The TrueNAS API in types: a client, and bindings for every version.
//!
//! ```no_run
//! use truenas_api::{ApiKey, Auth, Client, v25_10};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let key = ApiKey::from_file("/etc/backup/truenas.key")?;
//! let nas = Client::<v25_10::Api>::builder("wss://nas.example")
//!     .login(Auth::api_key("backup", key).allow_plain())
//!     .connect()
//!     .await?;
//! for pool in nas.pool().query().await? {
//!     println!("{}: {}", pool.name, pool.status);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The client logs in, keeps the connection alive and makes it anew when it
//! breaks, follows jobs and events, and repeats no call that may have changed
//! something; see [`client`]. All it offers of the API is made from the
//! schemas that the releases themselves publish.
//!
//! # Versions
//!
//! A Cargo feature brings a version's module: `v25_10_5` that exact version,
//! `v25_10` the newest of its series, `latest` the newest that will not change
//! any more. There is no default. Any set of features compiles: what several
//! versions have in common is one type, and a value read with one version can
//! be given to another wherever they agree.
//!
//! ```
//! # #[cfg(all(feature = "v25_10_4", feature = "v25_10_5"))] {
//! use truenas_api::{v25_10_4, v25_10_5};
//!
//! fn take_over(pool: v25_10_4::pool::PoolEntry) -> v25_10_5::pool::PoolEntry {
//!     pool
//! }
//! # }
//! ```
//!
//! # Calls
//!
//! The services are functions of the client, and their methods functions of
//! those. What a method's function gives is a [`Request`], a call that is sent
//! by awaiting it, or for a job a [`JobRequest`], which gives a
//! [`JobHandle`].
//!
//! The same functions are there without a client, in every version's
//! `TrueNas`. It works over anything that is a [`Transport`].
//!
//! ```
//! use truenas_api::runtime::Transport;
//! use truenas_api::v25_10::{TrueNas, pool::PoolAction};
//!
//! async fn scrub<C: Transport>(client: &C, pool: i64) -> Result<i64, C::Error> {
//!     let nas = TrueNas::new(client);
//!     let entry = nas.pool().get_instance(pool, None).await?;
//!     println!("{}: {}", entry.name, entry.status);
//!     nas.pool().scrub(entry.id, PoolAction::Start).detach().await
//! }
//! ```
//!
//! # Events
//!
//! Beside the methods stand the events, as functions that end in `_events`.
//! What they give is a [`Subscribe`], a subscription that is made by awaiting
//! it; a source takes its arguments.
//!
//! ```
//! use truenas_api::runtime::Event;
//! use truenas_api::v25_10::{TrueNas, common::IntervalArgs, pool};
//!
//! let nas = TrueNas::new(());
//! let datasets = nas.pool().dataset().query_events();
//! assert_eq!(datasets.collection(), pool::dataset::QueryEvent::INFO.name);
//!
//! let every_five_seconds = IntervalArgs { interval: Some(5) };
//! let load = nas.reporting().realtime_events(every_five_seconds);
//! assert_eq!(load.collection(), r#"reporting.realtime:{"interval":5}"#);
//! ```
//!
//! # Queries
//!
//! A `query` is narrowed down with the fields of its entries, which stand in
//! the service's module `field`, and sent by what it is to answer: `.await`
//! for whole entries, `get` or `first` for one, `count` for a number, `select`
//! for single columns in a type of the caller's own, `stream` for all entries
//! page by page. See [`QueryRequest`] and [`QueryField`].
//!
//! ```
//! use truenas_api::runtime::{Filter, Transport};
//! use truenas_api::v25_10::TrueNas;
//! use truenas_api::v25_10::user::{UserEntry, field};
//!
//! async fn people<C: Transport>(client: &C) -> Result<Vec<UserEntry>, C::Error> {
//!     TrueNas::new(client)
//!         .user()
//!         .query()
//!         .filter(field::BUILTIN.eq(false))
//!         .filter(Filter::any_of([
//!             field::UID.lt(3000),
//!             field::USERNAME.starts_with("guest").ignore_case(),
//!         ]))
//!         .order_by(field::USERNAME)
//!         .await
//! }
//! ```
//!
//! The fields of another service do not fit, and neither does a value of
//! another type:
//!
//! ```compile_fail
//! # use truenas_api::v25_10::{TrueNas, group, user};
//! TrueNas::new(()).user().query().filter(group::field::GID.gt(1000));
//! ```
//!
//! ```compile_fail
//! # use truenas_api::v25_10::{TrueNas, user};
//! TrueNas::new(()).user().query().filter(user::field::UID.eq("root"));
//! ```
//!
//! ```
//! # use truenas_api::v25_10::{TrueNas, user};
//! let _ = TrueNas::new(()).user().query().filter(user::field::UID.eq(0));
//! ```
//!
//! What has no constant is named in the server's own words, with
//! [`Filter::new`](runtime::Filter::new).
//!
//! # Errors
//!
//! Every call gives the client's [`Error`]. Shown with `{error}` it says what
//! happened and what to do; programs ask whether the same call may be made
//! again ([`Error::is_retryable`]) or what it names is not there
//! ([`Error::is_not_found`]), and find in [`Error::Invalid`] which parameters
//! were refused.
//!
//! ```no_run
//! # #[cfg(feature = "client")] {
//! use truenas_api::{Client, Error, v25_10};
//!
//! async fn exists(nas: &Client<v25_10::Api>, user: i64) -> Result<bool, Error> {
//!     match nas.user().get_instance(user, None).await {
//!         Ok(_) => Ok(true),
//!         Err(error) if error.is_not_found() => Ok(false),
//!         Err(error) => Err(error),
//!     }
//! }
//! # }
//! ```
//!
//! # Files, and programs that are not async
//!
//! With the feature `files` a job's request takes files by `upload` and gives
//! one by `download`, see [`client`]. With the feature `blocking` the module
//! `blocking` has a client with the same names, where `.send()` stands for
//! `.await` and streams are iterators.
//!
//! # Left out, null, set
//!
//! A key that a request need not have is an [`Option`] where null means
//! nothing to the server, and a [`Patch`] where it does: `*.update` leaves a
//! key alone, clears it, or sets it. What is not set is not sent. A type's
//! `new` takes the keys that must be there; where there are none it has
//! [`Default`].
//!
//! ```
//! use truenas_api::runtime::{Patch, to_string};
//! use truenas_api::v25_10::pool::dataset::PoolDatasetUpdate;
//!
//! let update = PoolDatasetUpdate { quota: Patch::Null, ..PoolDatasetUpdate::default() };
//! assert_eq!(to_string(&update), r#"{"quota":null}"#);
//! ```
//!
//! In an answer there is no such difference: a key that is null and one that
//! is missing are both `None`.
//!
//! # What a schema does not say
//!
//! Servers answer more than their schemas say. An unknown key is ignored, or
//! kept in `other` where the schema allows more keys; an unknown word or variant
//! is kept as `Unrecognized` and goes out again as it came in. `Debug` shows
//! neither that nor passwords and keys; fields that hold any JSON it does show.
//!
//! ```
//! use truenas_api::runtime::{from_str, to_string};
//! use truenas_api::v25_10::pool::dataset::PoolDatasetSync;
//!
//! assert_eq!(from_str::<PoolDatasetSync>(r#""ALWAYS""#)?, PoolDatasetSync::Always);
//!
//! let new: PoolDatasetSync = from_str(r#""SOMETIMES""#)?;
//! assert_eq!(new, PoolDatasetSync::Unrecognized("SOMETIMES".into()));
//! assert_eq!(to_string(&new), r#""SOMETIMES""#);
//! # Ok::<(), truenas_api::runtime::DecodeError>(())
//! ```
//!
//! # Methods as types
//!
//! Behind each function is a marker type that says what the method is:
//! its parameters, its result, and in [`MethodInfo`] its wire name, whether it
//! is a job, who may call it and whether it only reads. Generic code takes the
//! type; tools take the tables `METHODS` and `EVENTS` of a version's module. The
//! version itself is a type too, `Api`.
//!
//! ```
//! use truenas_api::runtime::{Method, MethodKind};
//! use truenas_api::v25_10::{METHODS, pool};
//!
//! assert_eq!(pool::Scrub::INFO.name, "pool.scrub");
//! assert_eq!(pool::dataset::Create::INFO.kind, MethodKind::Call);
//!
//! let jobs = METHODS.iter().filter(|method| method.kind == MethodKind::Job);
//! assert!(jobs.count() > 100);
//! ```
//!
//! [`Transport`]: runtime::Transport
//! [`Request`]: runtime::Request
//! [`JobRequest`]: runtime::JobRequest
//! [`Subscribe`]: runtime::Subscribe
//! [`QueryRequest`]: runtime::QueryRequest
//! [`QueryField`]: runtime::QueryField
//! [`Patch`]: runtime::Patch
//! [`MethodInfo`]: runtime::MethodInfo

// What the next version removes is deprecated for users; the bindings
// themselves have to mention it. The generator formats what it writes.
#[allow(deprecated)]
#[rustfmt::skip]
mod shared;
#[allow(deprecated)]
#[rustfmt::skip]
mod versions;

pub use truenas_runtime as runtime;
#[cfg(feature = "blocking")]
pub use truenas_runtime::blocking;
#[cfg(feature = "client")]
pub use truenas_runtime::client::{
    self, ApiKey, Auth, Client, Errno, Error, Fingerprint, JobHandle, Notice, Subscription, Trust,
};
// Without a version one error says what to write, and nothing else.
#[allow(unused_imports)]
pub use versions::*;
