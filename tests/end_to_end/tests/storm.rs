//! Faults of real networks strike calls of every kind in every phase: nothing
//! is lost, nothing is done twice, nothing is left over. Prints the counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use truenas_api::runtime::client::{Auth, Client, Error, Fingerprint, Reconnect, Status, Trust};
use truenas_api::v25_10::cronjob::CronjobCreate;
use truenas_api::v25_10::{self, Api};
use truenas_simulator::{Fault, FaultKind, Simulator};

const CREATES: usize = 80;
const READS: usize = 160;
const JOBS: usize = 20;
const STREAMS: usize = 20;

/// What became of the calls of one kind.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcomes {
    done: usize,
    /// It may have happened, and the client says so.
    unsure: usize,
    /// It happened, and its result was no such result.
    unreadable: usize,
}

impl Outcomes {
    fn count<T>(results: &[Result<T, Error>], what: &str) -> Self {
        let mut outcomes = Self::default();
        for result in results {
            match result {
                Ok(_) => outcomes.done += 1,
                Err(Error::Interrupted { .. } | Error::JobLost { .. }) => outcomes.unsure += 1,
                Err(Error::Decode(_)) => outcomes.unreadable += 1,
                Err(error) => panic!("{what}: {error:?}"),
            }
        }
        outcomes
    }
}

/// What a storm may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cost {
    Nothing,
    Doubt,
    Results,
}

async fn storm(kind: FaultKind, cost: Cost) {
    let what = format!("{kind:?}");
    let simulator = Simulator::builder()
        .api("v25.10.5")
        .seed(7)
        .job_duration(Duration::from_millis(100))
        .rate_limit(None)
        .start()
        .await
        .unwrap();
    let pin: Fingerprint = simulator.fingerprint().parse().unwrap();
    let nas = Client::<Api>::builder(&simulator.wss_url())
        .trust(Trust::fingerprint(pin))
        .login(Auth::password(simulator.user(), simulator.password()))
        .timeout(Duration::from_secs(300))
        .reconnect(Reconnect {
            first: Duration::from_millis(5),
            longest: Duration::from_millis(50),
            attempts: None,
            logins_per_minute: 60_000,
        })
        .connect()
        .await
        .unwrap();
    let sample = nas
        .cronjob()
        .create(CronjobCreate::new("/bin/true", "root"))
        .await
        .unwrap();
    let before = simulator.stats();

    // Not only the calls of the program: logins and subscriptions as well.
    let fault = Fault::new(kind).probability(0.015).seed(11);
    let fault = match cost {
        Cost::Results => fault.methods("cronjob.*"),
        _ => fault,
    };
    simulator.faults().add(fault);
    let creates = (0..CREATES).map(|n| create(&nas, n));
    let reads = (0..READS).map(|_| async { nas.cronjob().query().await });
    let jobs = (0..JOBS).map(|_| async {
        let job = nas.cronjob().run(sample.id, None).await?;
        job.wait().await
    });
    let streams = (0..STREAMS).map(|n| subscribe(&nas, n));
    let (creates, reads, jobs, streams) = tokio::join!(
        join_all(creates),
        join_all(reads),
        join_all(jobs),
        join_all(streams)
    );
    simulator.faults().clear();

    // Nothing doubled.
    let mut there: BTreeMap<String, usize> = BTreeMap::new();
    for cronjob in nas.cronjob().query().await.unwrap() {
        *there.entry(cronjob.command.to_string()).or_default() += 1;
    }
    for (n, outcome) in creates.iter().enumerate() {
        let times = there.get(&command(n)).copied().unwrap_or(0);
        match outcome {
            Err(Error::Interrupted { .. }) => assert!(times <= 1, "{what}: {times} times"),
            _ => assert_eq!(times, 1, "{what}: {outcome:?}"),
        }
    }
    let after = simulator.stats();
    let run = after.calls("cronjob.run") - before.calls("cronjob.run");
    assert!(usize::try_from(run).unwrap() <= JOBS, "{what}: {run} jobs");

    // Nothing lost.
    let created = Outcomes::count(&creates, &what);
    let read = Outcomes::count(&reads, &what);
    let run = Outcomes::count(&jobs, &what);
    let heard = Outcomes::count(&streams, &what);
    let connections = after.connections - before.connections;
    println!("{what}: {connections} new connections");
    for (name, outcomes) in [
        ("create", &created),
        ("read", &read),
        ("job", &run),
        ("stream", &heard),
    ] {
        let Outcomes {
            done,
            unsure,
            unreadable,
        } = outcomes;
        println!("    {name:<8}{done:>5} done {unsure:>5} unsure {unreadable:>5} unreadable");
    }
    let all = [&created, &read, &run, &heard];
    let unsure: usize = all.iter().map(|outcomes| outcomes.unsure).sum();
    let unreadable: usize = all.iter().map(|outcomes| outcomes.unreadable).sum();
    assert_eq!(
        (read.unsure, heard.unsure),
        (0, 0),
        "{what}: what only reads is repeated"
    );
    match cost {
        Cost::Nothing => assert_eq!((unsure, unreadable), (0, 0), "{what}"),
        Cost::Doubt => assert_eq!(unreadable, 0, "{what}"),
        Cost::Results => assert_eq!(unsure, 0, "{what}"),
    }

    // Nothing left over.
    for _ in 0..200 {
        // That of the jobs stays.
        if simulator.stats().subscriptions <= 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        simulator.stats().subscriptions <= 1,
        "{what}: {:?}",
        simulator.stats()
    );
    nas.session().close().await;
    assert_eq!(nas.session().status(), Status::Closed);
    for _ in 0..200 {
        if simulator.stats().open == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        simulator.stats().open,
        0,
        "{what}: connections are left over"
    );
    simulator.shutdown().await.unwrap();
}

fn command(n: usize) -> String {
    format!("/bin/echo {n}")
}

async fn create(nas: &Client<Api>, n: usize) -> Result<(), Error> {
    let create = CronjobCreate::new(&command(n), "root");
    nas.cronjob().create(create).await.map(drop)
}

async fn subscribe(nas: &Client<Api>, n: usize) -> Result<(), Error> {
    // Some share a subscription, and some do not.
    let interval = i64::try_from(n % 5).unwrap() + 2;
    let arguments = v25_10::common::IntervalArgs {
        interval: Some(interval),
    };
    let stream = nas.reporting().realtime_events(arguments).await?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(stream);
    Ok(())
}

#[tokio::main]
async fn main() {
    let short = Duration::from_millis(20);
    for (kind, cost) in [
        (FaultKind::Delay(short), Cost::Nothing),
        (FaultKind::Reorder, Cost::Nothing),
        (FaultKind::DuplicateReply, Cost::Nothing),
        (FaultKind::SlowReader(short), Cost::Nothing),
        (FaultKind::ExpireSession, Cost::Doubt),
        (FaultKind::DropBeforeCall, Cost::Doubt),
        (FaultKind::DropBeforeReply, Cost::Doubt),
        (FaultKind::DropDuringReply, Cost::Doubt),
        (FaultKind::HalfFrame, Cost::Doubt),
        (FaultKind::DropAfterReply, Cost::Doubt),
        (FaultKind::Close(1011), Cost::Doubt),
        (FaultKind::Restart, Cost::Doubt),
        (FaultKind::NanResult, Cost::Results),
        (FaultKind::BrokenResult, Cost::Results),
    ] {
        storm(kind, cost).await;
    }
}
