//! Jobs, in all the orders in which they report.

use std::time::Duration;

use serde_json::json;
use truenas_runtime::client::{Builder, Client, Errno, Error, JobState};

use crate::api::{Scrub, V1};
use crate::peer::{self, Line, Peer};

fn done(result: i64) -> serde_json::Value {
    json!({"progress": {"percent": 100, "description": "done", "extra": null}, "result": result})
}

#[tokio::test(start_paused = true)]
async fn a_report_can_come_before_the_answer() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.subscribed("core.get_jobs").await;
        let call = line.expect("disk.scrub").await;
        line.job("added", 7, "WAITING", json!({})).await;
        line.job("changed", 7, "RUNNING", json!({})).await;
        line.job("changed", 7, "SUCCESS", done(42)).await;
        line.answer(call.id, json!(7)).await;
        // Nothing had to be looked up.
        assert!(line.is_quiet().await);
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        assert_eq!((job.id(), job.method()), (7, "disk.scrub"));
        assert_eq!(job.wait().await.unwrap(), Some(42));
        // What is known stays known.
        assert_eq!(job.wait().await.unwrap(), Some(42));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn progress_ends_with_the_job_and_reports_repeat() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.job("added", 7, "WAITING", json!({})).await;
        assert!(line.is_quiet().await);
        let half = json!({"progress": {"percent": 50, "description": "half", "extra": null}});
        line.job("changed", 8, "SUCCESS", done(1)).await;
        line.job("changed", 7, "RUNNING", half).await;
        assert!(line.is_quiet().await);
        line.job("changed", 7, "SUCCESS", done(42)).await;
        line.job("changed", 7, "SUCCESS", done(42)).await;
        // A report that was overtaken.
        line.job("changed", 7, "RUNNING", json!({})).await;
        assert!(line.is_quiet().await);
        line
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        let mut progress = job.progress();
        let mut steps = Vec::new();
        while let Some(step) = progress.next().await {
            steps.push(step.to_string());
        }
        assert_eq!(steps, ["0 %", "50 % half", "100 % done"]);
        assert_eq!(job.wait().await.unwrap(), Some(42));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_job_fails_with_reasons_and_is_aborted() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        let extra = json!([["data.disk", "it is gone", 2]]);
        let failed = json!({
            "error": "[ENOENT] data.disk: it is gone\n", "exception": "…",
            "exc_info": {"repr": "…", "type": "VALIDATION", "errno": null, "extra": extra},
        });
        line.job("changed", 7, "FAILED", failed).await;

        let call = line.expect("disk.scrub").await;
        line.answer(call.id, json!(8)).await;
        line.job("added", 8, "RUNNING", json!({})).await;
        let abort = line.expect("core.job_abort").await;
        assert_eq!(abort.params, json!([8]));
        line.answer(abort.id, json!(null)).await;
        line.job("changed", 8, "ABORTED", json!({})).await;
        assert!(line.is_quiet().await);
    };
    let client = async {
        let error = nas.scrub(1).await.unwrap().wait().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "job 7 (disk.scrub) failed: data.disk: it is gone"
        );
        let Error::JobFailed(failure) = error else {
            panic!();
        };
        assert_eq!(failure.fields[0].errno, Errno::NotFound);

        let job = nas.scrub(1).await.unwrap();
        job.abort().await.unwrap();
        let error = job.wait().await.unwrap_err();
        assert!(matches!(error, Error::JobAborted { id: 8, .. }));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_says_nothing_is_looked_up() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        for state in ["RUNNING", "RUNNING", "SUCCESS"] {
            let look = line.expect("core.get_jobs").await;
            assert_eq!(look.params[0], json!([["id", "=", 7]]));
            assert_eq!(look.params[1]["extra"]["raw_result"], true);
            let job = json!({"id": 7, "method": "disk.scrub", "state": state, "result": 42});
            line.answer(look.id, json!([job])).await;
        }
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        assert_eq!(job.wait().await.unwrap(), Some(42));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_transient_job_is_waited_for_by_another() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        let look = line.expect("core.get_jobs").await;
        let job = json!({"id": 7, "method": "disk.scrub", "state": "RUNNING", "transient": true});
        line.answer(look.id, json!([job])).await;
        let wait = line.expect("core.job_wait").await;
        assert_eq!(wait.params, json!([7]));
        line.answer(wait.id, json!(9)).await;
        line.job("added", 9, "RUNNING", json!({"method": "core.job_wait"}))
            .await;
        let ended = json!({"method": "core.job_wait", "result": 42});
        line.job("changed", 9, "SUCCESS", ended).await;
        assert!(line.is_quiet().await);
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        assert_eq!(job.wait().await.unwrap(), Some(42));
        assert_eq!(job.id(), 7);
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_job_goes_on_while_the_connection_does_not() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.job("added", 7, "RUNNING", json!({})).await;
        assert!(line.is_quiet().await);
        line.end().await;
        let mut line = peer.line().await;
        line.subscribed("core.get_jobs").await;
        let look = line.expect("core.get_jobs").await;
        let job = json!({"id": 7, "method": "disk.scrub", "state": "RUNNING",
                         "time_started": {"$date": 1_700_000_000_000_i64}});
        line.answer(look.id, json!([job])).await;
        line.job("changed", 7, "SUCCESS", done(42)).await;
        assert!(line.is_quiet().await);
        line
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        assert_eq!(job.wait().await.unwrap(), Some(42));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_the_outcome_is_unknown() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.job("added", 7, "RUNNING", json!({})).await;
        assert!(line.is_quiet().await);
        line.end().await;
        peer.boot_id = "boot-2";
        let mut line = peer.line().await;
        line.subscribed("core.get_jobs").await;
        // The same number, but another job.
        line.job("changed", 7, "SUCCESS", done(42)).await;
        assert!(line.is_quiet().await);
        line
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        let error = job.wait().await.unwrap_err();
        assert!(matches!(error, Error::JobLost { id: 7, .. }), "{error:?}");
        assert!(error.to_string().contains("not known"));
        // Nor is anything done to the job that has its number now.
        assert!(matches!(job.abort().await, Err(Error::JobLost { .. })));
        assert!(matches!(job.status().await, Err(Error::JobLost { .. })));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_number_that_was_given_again_is_another_job() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.job("added", 7, "RUNNING", json!({})).await;
        assert!(line.is_quiet().await);
        line.end().await;
        // Only the middleware was restarted.
        let mut line = peer.line().await;
        line.subscribed("core.get_jobs").await;
        let look = line.expect("core.get_jobs").await;
        let job = json!({"id": 7, "method": "disk.scrub", "state": "SUCCESS", "result": 1,
                         "time_started": {"$date": 1_700_000_999_000_i64}});
        line.answer(look.id, json!([job])).await;
        line
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        let error = job.wait().await.unwrap_err();
        assert!(matches!(error, Error::JobLost { id: 7, .. }), "{error:?}");
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_report_of_another_job_with_the_number_is_not_taken_for_this_one() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.job("added", 7, "RUNNING", json!({})).await;
        assert!(line.is_quiet().await);
        line.end().await;
        // Only the middleware was restarted, and tells of its new job at once.
        let mut line = peer.line().await;
        line.subscribed("core.get_jobs").await;
        line.job(
            "changed",
            7,
            "SUCCESS",
            json!({"method": "disk.wipe", "result": 1}),
        )
        .await;
        line
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        let error = job.wait().await.unwrap_err();
        assert!(matches!(error, Error::JobLost { id: 7, .. }), "{error:?}");
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn an_abort_that_waits_for_a_connection_is_not_sent_to_a_restarted_server() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let started = async {
        line.starts(7).await;
    };
    let (job, ()) = tokio::join!(nas.scrub(1).into_future(), started);
    let job = job.unwrap();
    line.end().await;
    peer::reconnecting(&nas).await;
    peer.boot_id = "boot-2";
    let server = async {
        let mut line = peer.line().await;
        line.subscribed("core.get_jobs").await;
        assert!(line.is_quiet().await);
        line
    };
    let (aborted, _line) = tokio::join!(job.abort(), server);
    assert!(
        matches!(aborted, Err(Error::JobLost { id: 7, .. })),
        "{aborted:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn steps_may_be_asked_for_after_the_last_one() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.job("changed", 7, "SUCCESS", done(1)).await;
        assert!(line.is_quiet().await);
    };
    let client = async {
        let mut progress = nas.scrub(1).await.unwrap().progress();
        while progress.next().await.is_some() {}
        assert!(progress.next().await.is_none());
        assert!(progress.next().await.is_none());
    };
    tokio::join!(client, server);
}

/// A client and a server that answers a job call when the job has ended.
async fn late_answers(peer: &mut Peer, builder: Builder<V1>) -> (Client<V1>, Line) {
    let connect = async { builder.legacy_jobs(false).connect().await.unwrap() };
    let options = async {
        let mut line = peer.line().await;
        let options = line.expect("core.set_options").await;
        assert_eq!(options.params, json!([{"legacy_jobs": false}]));
        line.answer(options.id, json!({"legacy_jobs": false})).await;
        line
    };
    tokio::join!(connect, options)
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_as_if_nobody_had_logged_in_is_not_started_again() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = late_answers(&mut peer, builder).await;
    let server = async {
        line.subscribed("core.get_jobs").await;
        let call = line.expect("disk.scrub").await;
        line.job("added", 7, "RUNNING", json!({"message_ids": [call.id]}))
            .await;
        assert!(line.is_quiet().await);
        // The login that was refused is one of the job's own.
        line.fail(call.id, -32001, 207, json!(null)).await;
        assert!(line.is_quiet().await);
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        let error = job.wait().await.unwrap_err();
        assert_eq!(error.errno(), Some(Errno::NotAuthenticated));
    };
    tokio::join!(client, server);
    assert_eq!(peer.logins, 1);
}

#[tokio::test(start_paused = true)]
async fn a_report_of_anothers_job_is_not_taken_for_the_start_of_this_one() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = late_answers(&mut peer, builder).await;
    let server = async {
        line.subscribed("core.get_jobs").await;
        let call = line.expect("disk.scrub").await;
        // Another program's call has the same number.
        let other = json!({"message_ids": [call.id], "method": "disk.wipe", "result": 1});
        line.job("changed", 6, "SUCCESS", other).await;
        line.job("added", 7, "RUNNING", json!({"message_ids": [call.id]}))
            .await;
        line.job("changed", 7, "SUCCESS", done(42)).await;
        line.answer(call.id, json!(42)).await;
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        assert_eq!((job.id(), job.wait().await.unwrap()), (7, Some(42)));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_nobody_follows_answers_its_id_also_where_answers_come_late() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = late_answers(&mut peer, builder).await;
    let server = async {
        line.subscribed("core.get_jobs").await;
        let call = line.expect("disk.scrub").await;
        line.job("added", 7, "RUNNING", json!({"message_ids": [call.id]}))
            .await;
        assert!(line.is_quiet().await);
    };
    let (id, ()) = tokio::join!(nas.scrub(1).detach(), server);
    assert_eq!(id.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn calls_of_two_clients_have_different_numbers() {
    let mut firsts = Vec::new();
    for _ in 0..2 {
        let (builder, mut peer) = peer::start();
        let (nas, mut line) = peer::connected(builder, &mut peer).await;
        let server = async {
            let call = line.expect("disk.read").await;
            line.answer(call.id, json!(1)).await;
            call.id
        };
        let (_, id) = tokio::join!(nas.read(1).into_future(), server);
        assert!(id < 1 << 53);
        firsts.push(id);
    }
    assert_ne!(firsts[0], firsts[1]);
}

#[tokio::test(start_paused = true)]
async fn odd_progress_does_not_hide_the_end() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        // Half a character is no text, and the server sends it nevertheless.
        line.say(
            r#"{"method": "collection_update", "params": {"msg": "changed",
                "collection": "core.get_jobs", "id": 7, "fields": {"id": 7, "method": "disk.scrub",
                "state": "SUCCESS", "result": 42, "logs_excerpt": "\ud800", "description": 1,
                "progress": {"percent": "half"}, "exc_info": "none"}}}"#,
        )
        .await;
        assert!(line.is_quiet().await);
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        assert_eq!(job.wait().await.unwrap(), Some(42));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn the_answer_can_come_at_the_end() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = late_answers(&mut peer, builder).await;
    let server = async {
        line.subscribed("core.get_jobs").await;
        // A success.
        let call = line.expect("disk.scrub").await;
        line.job("added", 7, "WAITING", json!({"message_ids": [call.id]}))
            .await;
        assert!(line.is_quiet().await);
        line.answer(call.id, json!(42)).await;
        // One that joins another's.
        let call = line.expect("disk.scrub").await;
        line.job(
            "changed",
            7,
            "RUNNING",
            json!({"message_ids": [4711, call.id]}),
        )
        .await;
        line.job("changed", 7, "SUCCESS", done(43)).await;
        line.answer(call.id, json!(43)).await;
        // One that was aborted answers null.
        let call = line.expect("disk.scrub").await;
        line.job("added", 8, "WAITING", json!({"message_ids": [call.id]}))
            .await;
        line.answer(call.id, json!(null)).await;
        let look = line.expect("core.get_jobs").await;
        assert_eq!(look.params[0], json!([["id", "=", 8]]));
        let job = json!({"id": 8, "method": "disk.scrub", "state": "ABORTED",
                         "time_started": {"$date": 1_700_000_000_000_i64}});
        line.answer(look.id, json!([job])).await;
        // One that fails.
        let call = line.expect("disk.scrub").await;
        line.job("added", 9, "WAITING", json!({"message_ids": [call.id]}))
            .await;
        line.fail(call.id, -32001, 5, json!(null)).await;
        // One of which nothing was heard, and that ended with nothing.
        let call = line.expect("disk.scrub").await;
        line.answer(call.id, json!(null)).await;
        let look = line.expect("core.get_jobs").await;
        assert_eq!(look.params[0], json!([["message_ids", "rin", call.id]]));
        line.answer(look.id, json!([])).await;
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        assert_eq!(job.id(), 7);
        assert_eq!(job.wait().await.unwrap(), Some(42));
        let job = nas.scrub(1).await.unwrap();
        assert_eq!(job.wait().await.unwrap(), Some(43));
        let job = nas.scrub(1).await.unwrap();
        let error = job.wait().await.unwrap_err();
        assert!(matches!(error, Error::JobAborted { id: 8, .. }));
        let error = nas.scrub(1).await.unwrap().wait().await.unwrap_err();
        assert_eq!(error.errno(), Some(Errno::Io));
        let job = nas.scrub(1).await.unwrap();
        assert_eq!(job.wait().await.unwrap(), None);
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_job_can_be_followed() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.subscribed("core.get_jobs").await;
        let look = line.expect("core.get_jobs").await;
        let job = json!({"id": 7, "method": "disk.scrub", "state": "RUNNING"});
        line.answer(look.id, json!([job])).await;
        let look = line.expect("core.get_jobs").await;
        let job = json!({"id": 7, "method": "disk.scrub", "state": "SUCCESS", "result": 5});
        line.answer(look.id, json!([job])).await;
        let look = line.expect("core.get_jobs").await;
        line.answer(look.id, json!([])).await;
    };
    let client = async {
        let job = nas.session().job::<Scrub>(7).await.unwrap();
        assert_eq!(job.status().await.unwrap().state, JobState::Running);
        assert_eq!(job.wait().await.unwrap(), Some(5));
        let job = nas.session().job::<Scrub>(99).await.unwrap();
        assert!(matches!(
            job.wait().await,
            Err(Error::JobLost { id: 99, .. })
        ));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_has_ended_is_not_taken_for_a_new_one_of_its_number() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.job("changed", 7, "SUCCESS", done(42)).await;
    };
    let (first, ()) = tokio::join!(nas.scrub(1).into_future(), server);
    let first = first.unwrap();
    assert_eq!(first.wait().await.unwrap(), Some(42));
    // The middleware is restarted and counts from the start.
    line.end().await;
    let mut line = peer.line().await;
    line.subscribed("core.get_jobs").await;
    let server = async {
        let call = line.expect("disk.scrub").await;
        line.answer(call.id, json!(7)).await;
        line.job("changed", 7, "SUCCESS", done(43)).await;
    };
    let (second, ()) = tokio::join!(nas.scrub(2).into_future(), server);
    assert_eq!(second.unwrap().wait().await.unwrap(), Some(43));
    assert_eq!(first.wait().await.unwrap(), Some(42));
}

#[tokio::test(start_paused = true)]
async fn a_restart_is_noticed_although_a_connection_broke_while_asking() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.end().await;
        let mut line = peer.socket().await;
        let login = line.expect("auth.login_ex").await;
        line.answer(login.id, json!({"response_type": "SUCCESS"}))
            .await;
        line.expect("system.boot_id").await;
        line.end().await;
        peer.boot_id = "boot-2";
        let mut line = peer.line().await;
        line.subscribed("core.get_jobs").await;
        // The look was on its way before; the number is the same, the job another.
        let look = line.expect("core.get_jobs").await;
        let job = json!({"id": 7, "method": "disk.scrub", "state": "SUCCESS", "result": 43});
        line.answer(look.id, json!([job])).await;
        assert!(line.is_quiet().await);
        line
    };
    let client = async { nas.scrub(1).await.unwrap().wait().await };
    let (outcome, _line) = tokio::join!(client, server);
    assert!(
        matches!(outcome, Err(Error::JobLost { id: 7, .. })),
        "{outcome:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_transient_job_may_end_while_it_is_looked_up() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        let look = line.expect("core.get_jobs").await;
        // Up to 25.10 these report as well.
        let ended = json!({"transient": true, "result": 42});
        line.job("changed", 7, "SUCCESS", ended).await;
        line.answer(look.id, json!([])).await;
    };
    let client = async { nas.scrub(1).await.unwrap().wait().await };
    let (outcome, ()) = tokio::join!(client, server);
    assert_eq!(outcome.unwrap(), Some(42));
}

#[tokio::test(start_paused = true)]
async fn a_long_outage_ends_no_job() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.job("added", 7, "RUNNING", json!({})).await;
        assert!(line.is_quiet().await);
        line.end().await;
        peer.away(Duration::from_secs(600)).await;
        let mut line = peer.line().await;
        line.subscribed("core.get_jobs").await;
        let look = line.expect("core.get_jobs").await;
        let job = json!({"id": 7, "method": "disk.scrub", "state": "RUNNING"});
        line.answer(look.id, json!([job])).await;
        line.job("changed", 7, "SUCCESS", done(42)).await;
        line
    };
    let client = async {
        let job = nas.scrub(1).await.unwrap();
        let steps = async {
            let mut progress = job.progress();
            let mut last = None;
            while let Some(step) = progress.next().await {
                last = Some(step.to_string());
            }
            last
        };
        let (outcome, last) = tokio::join!(job.wait(), steps);
        assert_eq!(outcome.unwrap(), Some(42));
        assert_eq!(last.as_deref(), Some("100 % done"));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_transient_job_that_fails_is_named_by_its_own_number() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        let look = line.expect("core.get_jobs").await;
        let job = json!({"id": 7, "method": "disk.scrub", "state": "RUNNING", "transient": true});
        line.answer(look.id, json!([job])).await;
        let wait = line.expect("core.job_wait").await;
        line.answer(wait.id, json!(9)).await;
        let failed = json!({"method": "core.job_wait", "error": "[EIO] it broke"});
        line.job("changed", 9, "FAILED", failed).await;
    };
    let client = async { nas.scrub(1).await.unwrap().wait().await };
    let (outcome, ()) = tokio::join!(client, server);
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "job 7 (disk.scrub) failed: [EIO] it broke"
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_that_still_runs_after_its_answer_is_not_looked_up_without_end() {
    let (builder, mut peer) = peer::start();
    let server = async {
        let mut line = peer.line().await;
        let options = line.expect("core.set_options").await;
        line.answer(options.id, json!({"legacy_jobs": false})).await;
        line.subscribed("core.get_jobs").await;
        let call = line.expect("disk.scrub").await;
        line.answer(call.id, json!(null)).await;
        let started = tokio::time::Instant::now();
        for _ in 0..10 {
            let look = line.expect("core.get_jobs").await;
            let job = json!({"id": 7, "method": "disk.scrub", "state": "RUNNING"});
            line.answer(look.id, json!([job])).await;
        }
        // The clock is the test's own: it moves only while everybody sleeps.
        assert!(started.elapsed() > Duration::from_secs(1));
        let look = line.expect("core.get_jobs").await;
        let job = json!({"id": 7, "method": "disk.scrub", "state": "ABORTED"});
        line.answer(look.id, json!([job])).await;
        line
    };
    let client = async {
        let nas = builder.legacy_jobs(false).connect().await.unwrap();
        nas.scrub(1).await.unwrap().wait().await
    };
    let (outcome, _line) = tokio::join!(client, server);
    assert!(matches!(outcome, Err(Error::JobAborted { id: 7, .. })));
}
