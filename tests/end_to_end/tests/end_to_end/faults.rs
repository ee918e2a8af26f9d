//! Faults of real networks: nothing is lost, nothing is done twice, and
//! nothing is left over.

use std::collections::BTreeMap;
use std::time::Duration;

use truenas_api::runtime::client::{Builder, Client, Error, Notice, Reconnect, Status};
use truenas_api::v25_10::Api;
use truenas_api::v25_10::cronjob::CronjobCreate;
use truenas_simulator::{Fault, FaultKind, Simulator};

use crate::reach::{self, Way};

const CREATES: usize = 100;
const READS: usize = 200;

/// Quick to come back, so that the test is.
fn builder(simulator: &Simulator) -> Builder<Api> {
    reach::client::<Api>(simulator, Way::Wss)
        .timeout(Duration::from_secs(120))
        .reconnect(Reconnect {
            first: Duration::from_millis(5),
            longest: Duration::from_millis(50),
            attempts: None,
        })
}

async fn commands(nas: &Client<Api>) -> BTreeMap<String, usize> {
    let mut commands = BTreeMap::new();
    for cronjob in nas.cronjob().query().await.unwrap() {
        *commands.entry(cronjob.command).or_default() += 1;
    }
    commands
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Outcomes {
    done: usize,
    unsure: usize,
    unreadable: usize,
}

/// Many calls at once while a fault strikes some of them.
async fn storm(kind: FaultKind) -> (Outcomes, Outcomes) {
    let simulator = reach::simulator::<Api>().await;
    let nas = builder(&simulator).connect().await.unwrap();
    let fault = Fault::new(kind)
        .probability(0.02)
        .seed(11)
        .methods("cronjob.*");
    simulator.faults().add(fault);
    let creates = (0..CREATES).map(|n| {
        let nas = nas.clone();
        async move {
            let create = CronjobCreate::new(&format!("/bin/echo {n}"), "root");
            nas.cronjob().create(create).await.map(drop)
        }
    });
    let reads = (0..READS).map(|_| {
        let nas = nas.clone();
        async move { nas.cronjob().query().await.map(drop) }
    });
    let (creates, reads) = tokio::join!(
        futures_util::future::join_all(creates),
        futures_util::future::join_all(reads)
    );
    simulator.faults().clear();
    let there = commands(&nas).await;
    let (mut created, mut read) = (Outcomes::default(), Outcomes::default());
    for (n, outcome) in creates.into_iter().enumerate() {
        let times = there.get(&format!("/bin/echo {n}")).copied().unwrap_or(0);
        match outcome {
            Ok(()) => {
                assert_eq!(times, 1, "{kind:?}: answered, and there {times} times");
                created.done += 1;
            }
            Err(Error::Interrupted { .. }) => {
                assert!(times <= 1, "{kind:?}: there {times} times");
                created.unsure += 1;
            }
            Err(Error::Decode(_)) => {
                assert_eq!(times, 1, "{kind:?}: answered, and there {times} times");
                created.unreadable += 1;
            }
            Err(error) => panic!("{kind:?}: {error:?}"),
        }
    }
    for outcome in reads {
        match outcome {
            Ok(()) => read.done += 1,
            Err(Error::Decode(_)) => read.unreadable += 1,
            Err(error) => panic!("{kind:?}: {error:?}"),
        }
    }
    println!("{kind:?}: creates {created:?}, reads {read:?}");
    nas.session().close().await;
    assert_eq!(nas.session().status(), Status::Closed);
    for _ in 0..100 {
        if simulator.stats().open == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        simulator.stats().open,
        0,
        "{kind:?}: connections are left over"
    );
    simulator.shutdown().await.unwrap();
    (created, read)
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_cost_no_call() {
    for kind in [
        FaultKind::Delay(Duration::from_millis(20)),
        FaultKind::Reorder,
        FaultKind::DuplicateReply,
        FaultKind::ExpireSession,
        FaultKind::SlowReader(Duration::from_millis(20)),
    ] {
        let (created, read) = storm(kind).await;
        assert_eq!((created.done, read.done), (CREATES, READS), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_leaves_doubt_only_about_what_changes_something() {
    for kind in [
        FaultKind::DropBeforeCall,
        FaultKind::DropBeforeReply,
        FaultKind::DropDuringReply,
        FaultKind::HalfFrame,
        FaultKind::DropAfterReply,
        FaultKind::Close(1011),
        FaultKind::Restart,
    ] {
        let (created, read) = storm(kind).await;
        assert_eq!(created.done + created.unsure, CREATES, "{kind:?}");
        assert_eq!(read.done, READS, "{kind:?}");
        assert!(created.unsure > 0, "{kind:?} has not struck");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_breaks_its_schema_costs_its_own_call() {
    for kind in [FaultKind::NanResult, FaultKind::BrokenResult] {
        let (created, read) = storm(kind).await;
        assert_eq!(created.done + created.unreadable, CREATES, "{kind:?}");
        assert_eq!(read.done + read.unreadable, READS, "{kind:?}");
        // Not every break is one for types that forgive.
        assert!(created.unreadable + read.unreadable > 0, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_calls_at_once() {
    let simulator = reach::simulator::<Api>().await;
    let nas = builder(&simulator)
        .timeout(Duration::from_secs(600))
        .connect()
        .await
        .unwrap();
    let before = simulator.stats().calls("core.ping");
    let pings = (0..10_000).map(|_| {
        let nas = nas.clone();
        async move { nas.session().ping().await }
    });
    futures_util::future::try_join_all(pings).await.unwrap();
    assert_eq!(simulator.stats().calls("core.ping") - before, 10_000);
}

#[tokio::test]
async fn a_restart_ends_jobs_with_an_unknown_outcome_and_events_with_a_gap() {
    let simulator = reach::builder::<Api>()
        .job_duration(Duration::from_secs(600))
        .start()
        .await
        .unwrap();
    let nas = builder(&simulator).connect().await.unwrap();
    let created = nas
        .cronjob()
        .create(CronjobCreate::new("/bin/true", "root"))
        .await
        .unwrap();
    let mut events = nas.cronjob().query_events().await.unwrap();
    let job = nas.cronjob().run(created.id, None).await.unwrap();
    let mut progress = job.progress();
    assert!(progress.next().await.is_some());
    simulator.restart();
    let error = job.wait().await.unwrap_err();
    assert!(matches!(error, Error::JobLost { .. }), "{error:?}");
    while progress.next().await.is_some() {}
    assert!(matches!(events.next().await, Some(Ok(Notice::Gap))));
    nas.cronjob().delete(created.id).await.unwrap();
    assert!(matches!(events.next().await, Some(Ok(Notice::Removed(_)))));
}

#[tokio::test]
async fn a_job_outlives_its_connection() {
    let simulator = reach::builder::<Api>()
        .job_duration(Duration::from_millis(600))
        .start()
        .await
        .unwrap();
    let nas = builder(&simulator).connect().await.unwrap();
    let created = nas
        .cronjob()
        .create(CronjobCreate::new("/bin/true", "root"))
        .await
        .unwrap();
    let job = nas.cronjob().run(created.id, None).await.unwrap();
    for _ in 0..3 {
        simulator.drop_connections();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    job.wait().await.unwrap();
    assert_eq!(simulator.stats().calls("cronjob.run"), 1);
}

#[tokio::test]
async fn an_aborted_job_is_no_success() {
    let simulator = reach::builder::<Api>()
        .job_duration(Duration::from_secs(600))
        .start()
        .await
        .unwrap();
    for legacy in [true, false] {
        let nas = builder(&simulator)
            .legacy_jobs(legacy)
            .connect()
            .await
            .unwrap();
        let created = nas
            .cronjob()
            .create(CronjobCreate::new("/bin/true", "root"))
            .await
            .unwrap();
        let job = nas.cronjob().run(created.id, None).await.unwrap();
        assert!(job.id() > 0);
        if let Err(error) = job.abort().await {
            panic!("legacy_jobs {legacy}: {error}");
        }
        let error = job.wait().await.unwrap_err();
        assert!(
            matches!(error, Error::JobAborted { .. }),
            "legacy_jobs {legacy}: {error:?}"
        );
    }
}

#[tokio::test]
async fn sessions_that_expire_are_renewed_without_a_word() {
    let simulator = reach::simulator::<Api>().await;
    let nas = builder(&simulator).connect().await.unwrap();
    let mut events = nas.cronjob().query_events().await.unwrap();
    for round in 0..5 {
        simulator.expire_sessions();
        let create = CronjobCreate::new(&format!("/bin/echo {round}"), "root");
        nas.cronjob().create(create).await.unwrap();
    }
    assert_eq!(simulator.stats().logins, 6);
    // The creation itself came after the new subscription.
    assert!(matches!(events.next().await, Some(Ok(Notice::Gap))));
    assert!(matches!(events.next().await, Some(Ok(Notice::Added(_)))));
}

#[tokio::test]
async fn transient_jobs_are_waited_for() {
    let simulator = reach::builder::<truenas_api::v26_0::Api>()
        .transient_jobs("cronjob.run")
        .job_duration(Duration::from_millis(500))
        .start()
        .await
        .unwrap();
    let nas = reach::client::<truenas_api::v26_0::Api>(&simulator, Way::Wss)
        .connect()
        .await
        .unwrap();
    let create = truenas_api::v26_0::cronjob::CronjobCreate::new("/bin/true", "root");
    let created = nas.cronjob().create(create).await.unwrap();
    nas.cronjob()
        .run(created.id, None)
        .await
        .unwrap()
        .wait()
        .await
        .unwrap();
}
