//! What the generated TrueNAS API types lean on: how a value is read from and
//! written to JSON, the value types the API speaks of, and the description of
//! a method.
//!
//! Generated code holds tables and nothing generic; the work is done here,
//! once, and not again for each of some thousand types. A type is read through
//! a [`Reader`] that keeps the first error to itself, so that reading needs no
//! `?`:
//!
//! ```
//! use truenas_runtime::{Field, Json, Reader, Value, from_str, write_object};
//!
//! #[derive(Debug, PartialEq)]
//! struct Disk {
//!     name: String,
//!     size: Option<i64>,
//! }
//!
//! const DISK: &[Field] = &[Field::required("name"), Field::optional("size")];
//!
//! impl Json for Disk {
//!     fn read(reader: &Reader<'_>) -> Self {
//!         let mut object = reader.object(DISK);
//!         Self { name: object.next(), size: object.next() }
//!     }
//!
//!     fn write(&self) -> Value {
//!         write_object(DISK, &[&self.name, &self.size])
//!     }
//! }
//!
//! let disk: Disk = from_str(r#"{"name": "sda", "size": null}"#)?;
//! assert_eq!(disk, Disk { name: "sda".into(), size: None });
//!
//! let error = from_str::<Disk>(r#"{"name": 7}"#).unwrap_err();
//! assert_eq!(error.to_string(), "at `$.name`: expected string, found integer");
//! # Ok::<(), truenas_runtime::DecodeError>(())
//! ```

mod answer;
mod api;
pub mod as_json;
mod big_integer;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "client")]
pub mod client;
mod collections;
mod date;
mod date_time;
mod error;
mod event;
mod exact;
mod interface;
mod json;
mod kinds;
mod memo;
mod method;
mod number;
mod numeric;
mod object;
mod params;
mod patch;
mod query;
mod raw;
mod reader;
mod request;
mod result;
mod rows;
mod scalar;
mod secret;
mod secret_value;
mod set;
mod source;
mod subscribe;
#[cfg(feature = "table")]
pub mod table;
mod tape;
mod text;
mod time;
mod transport;
mod tuple;
mod union;
mod words;

pub use serde_json::{Map, Value};
pub use smol_str::SmolStr;

pub use answer::Answer;
pub use api::Api;
pub use as_json::Typed;
pub use big_integer::{BigInteger, ParseBigIntegerError};
pub use date::Date;
pub use date_time::DateTime;
pub use error::DecodeError;
pub use event::{Absent, Change, EntryId, Event, EventInfo};
pub use interface::IpInterface;
pub use json::{
    Json, WriteJson, blank, from_str, from_value, from_value_strict, to_string, to_value,
};
pub use kinds::Kinds;
pub use method::{Job, Method, MethodInfo, MethodKind, Pipes, Query, Quirk};
pub use object::{Field, Object, write_object, write_open_object};
pub use params::{Parameter, Params, params_from_value};
pub use patch::Patch;
pub use query::{
    Column, Columns, Entries, Filter, List, Op, Order, Ordered, QueryError, QueryField,
    QueryRequest,
};
pub use raw::Raw;
pub use reader::Reader;
pub use request::{JobRequest, Request, RequestFuture};
pub use result::{QueryResult, Row};
pub use scalar::Scalar;
pub use secret::Secret;
pub use secret_value::SecretValue;
pub use set::Set;
pub use subscribe::Subscribe;
pub use time::Time;
pub use transport::{Call, Transport};
pub use union::Case;
pub use words::word;
