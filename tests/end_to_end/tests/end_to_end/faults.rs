//! What a server does to those who stay connected for long.

use std::time::Duration;

use truenas_api::runtime::client::{Builder, Error, Notice, Reconnect};
use truenas_api::v25_10::Api;
use truenas_api::v25_10::cronjob::CronjobCreate;
use truenas_simulator::Simulator;

use crate::reach::{self, Way};

/// Quick to come back, so that the test is.
fn builder(simulator: &Simulator) -> Builder<Api> {
    reach::client::<Api>(simulator, Way::Wss)
        .timeout(Duration::from_secs(120))
        .reconnect(Reconnect {
            first: Duration::from_millis(5),
            longest: Duration::from_millis(50),
            attempts: None,
            logins_per_minute: 60_000,
        })
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
