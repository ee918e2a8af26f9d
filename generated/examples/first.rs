//! A first program. A simulator stands in for the NAS, and takes no harm.

use std::process::ExitCode;

use truenas_api::runtime::Patch;
use truenas_api::v25_10::pool::dataset::{
    PoolDatasetCreateFilesystem, PoolDatasetSync, PoolDatasetUpdate,
};
use truenas_api::v25_10::{self, pool::PoolAction, pool::dataset::field};
use truenas_api::{Auth, Client, Error, Notice, Trust};
use truenas_simulator::Simulator;

async fn first(address: &str, trust: Trust, auth: Auth) -> Result<(), Error> {
    let nas = Client::<v25_10::Api>::builder(address)
        .trust(trust)
        .login(auth)
        .connect()
        .await?;
    let datasets = nas.pool().dataset();
    let mut events = datasets.query_events().await?;

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

    // A field knows its type, and to which entries it belongs.
    let in_tank = datasets
        .query()
        .filter(field::ID.starts_with("tank/"))
        .order_by(field::ID.desc())
        .limit(3)
        .await?;
    for dataset in in_tank {
        println!("{}", dataset.id.unwrap_or_default());
    }

    // What takes its time is a job.
    let job = nas.pool().scrub(1, PoolAction::Start).await?;
    let mut progress = job.progress();
    while let Some(step) = progress.next().await {
        println!("job {}: {step}", job.id());
    }
    job.wait().await?;

    // What has happened meanwhile.
    while let Some(notice) = events.next().await {
        match notice? {
            Notice::Added(dataset) => println!("{} is new", dataset.id),
            Notice::Changed(dataset) => {
                println!("{} has changed", dataset.id);
                break;
            }
            _ => {}
        }
    }
    nas.session().close().await;
    Ok(())
}

async fn simulated() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::builder().api("v25.10.5").start().await?;
    let trust = Trust::fingerprint(simulator.fingerprint().parse()?);
    let auth = Auth::password(simulator.user(), simulator.password());
    first(&simulator.wss_url(), trust, auth).await?;
    simulator.shutdown().await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() -> ExitCode {
    match simulated().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
