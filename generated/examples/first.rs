//! A first program. The server is made up: it answers from this file.

use std::fmt;

use truenas_api::runtime::{Answer, Call, DecodeError, Patch, QueryError, Transport, Value};
use truenas_api::v25_10::TrueNas;
use truenas_api::v25_10::pool::PoolAction;
use truenas_api::v25_10::pool::dataset::{
    PoolDatasetCreateFilesystem, PoolDatasetSync, PoolDatasetUpdate, field,
};

async fn first<C: Transport>(client: &C) -> Result<(), C::Error> {
    let nas = TrueNas::new(client);
    let datasets = nas.pool().dataset();

    // What is not set is not sent, and the server's own default holds.
    let mut films = PoolDatasetCreateFilesystem::new("tank/films");
    films.sync = Some(PoolDatasetSync::Always);
    films.quota = Patch::Set(20 << 30);
    datasets.create(films).await?;

    // An update says of each key: leave it, clear it, or set it.
    let update = PoolDatasetUpdate {
        quota: Patch::Null,
        refquota: Patch::Set(10 << 30),
        ..PoolDatasetUpdate::default()
    };
    datasets.update("tank/films", update).await?;

    // A query answers whole entries.
    let in_tank = datasets
        .query()
        .filter(field::POOL.eq("tank"))
        .order_by(field::NAME)
        .await?;
    for dataset in in_tank {
        println!("{:?}, encrypted: {:?}", dataset.name, dataset.encrypted);
    }

    // A method that takes its time answers the id of a job.
    let job = nas.pool().scrub(1, PoolAction::Start).detach().await?;
    println!("job {job} scrubs the pool");
    Ok(())
}

/// Stands for a connection.
struct Recorded;

impl Transport for Recorded {
    type Error = Error;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        println!("→ {} {}", call.method.name, Value::from(call.params));
        let answer = match call.method.name {
            "pool.dataset.create" | "pool.dataset.update" => r#"{"id": "tank/films"}"#,
            "pool.dataset.query" => {
                r#"[
                    {"id": "tank", "name": "tank", "encrypted": false},
                    {"id": "tank/films", "name": "tank/films", "encrypted": true}
                ]"#
            }
            "pool.scrub" => "471",
            _ => "null",
        };
        Ok(answer.to_owned().into())
    }
}

#[derive(Debug)]
pub enum Error {
    Decode(DecodeError),
    Query(QueryError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Query(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<QueryError> for Error {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

pub fn main() -> Result<(), Error> {
    pollster::block_on(first(&Recorded))
}
