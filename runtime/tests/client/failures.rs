//! Errors with advice.

use serde_json::{Value, json};
use truenas_runtime::client::{Client, Errno, Error};
use truenas_runtime::{Job, Json, Map, Method, MethodInfo, MethodKind, Parameter, Pipes, Request};

use crate::api::V1;
use crate::listener::{lines_with, listen};
use crate::peer::{self, Line};

const ID: &[Parameter] = &[Parameter {
    name: "id",
    required: true,
    default: None,
}];

const fn info(name: &'static str, kind: MethodKind) -> MethodInfo {
    MethodInfo {
        name,
        kind,
        pipes: Pipes::NONE,
        roles: &[],
        parameters: ID,
        reads_only: false,
        removed_in: None,
    }
}

/// A method that a later release runs as a job.
struct Rewrite;

impl Method for Rewrite {
    const INFO: &'static MethodInfo = &info("disk.rewrite", MethodKind::Call);
    type Params = (i64,);
    type Result = Map<String, Value>;
}

/// A method that changes nothing.
struct Inspect;

impl Method for Inspect {
    const INFO: &'static MethodInfo = &MethodInfo {
        reads_only: true,
        ..info("disk.inspect", MethodKind::Call)
    };
    type Params = (i64,);
    type Result = Map<String, Value>;
}

/// A job that ends with whether it has succeeded.
struct Control;

impl Method for Control {
    const INFO: &'static MethodInfo = &info("service.control", MethodKind::Job);
    type Params = (i64,);
    type Result = bool;
}

impl Job for Control {}

/// Returns the error of a call that the server answers with this error.
async fn failing(code: i64, data: Value) -> Error {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let call = line.expect("disk.create").await;
        let error = json!({"code": code, "message": "it failed", "data": data});
        line.say(json!({"jsonrpc": "2.0", "error": error, "id": call.id}).to_string())
            .await;
    };
    let (created, ()) = tokio::join!(nas.create(1).into_future(), server);
    created.unwrap_err()
}

/// Returns the error of a job that the server reports like this.
async fn failing_job(rest: Value) -> Error {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.starts(7).await;
        line.job("changed", 7, "FAILED", rest).await;
        line
    };
    let client = async { nas.scrub(1).await.unwrap().wait().await };
    let (ended, _line) = tokio::join!(client, server);
    ended.unwrap_err()
}

fn invalid(extra: &Value) -> Value {
    json!({"error": 22, "reason": "invalid", "extra": extra})
}

#[tokio::test(start_paused = true)]
async fn an_object_that_already_exists_is_recognised() {
    let taken = |errno, message| invalid(&json!([["data.name", message, errno]]));
    for data in [
        taken(17, "a pool with this name already exists"),
        // The check that all services of the middleware share has no number.
        taken(22, "Object with this name already exists"),
    ] {
        let error = failing(-32602, data).await;
        assert!(error.is_already_exists(), "{error}");
        assert!(!error.is_not_found());
    }
    let failed = json!({"error": 17, "reason": "[EEXIST] it is there", "extra": null});
    assert!(failing(-32001, failed).await.is_already_exists());
    // A similar text is not enough.
    let error = failing(-32602, taken(22, "the share already exists elsewhere")).await;
    assert!(!error.is_already_exists());

    let extra = json!([["data.name", "taken", 17]]);
    let validation = json!({"exc_info": {"type": "VALIDATION", "extra": extra}, "error": "no"});
    assert!(failing_job(validation).await.is_already_exists());
}

#[tokio::test(start_paused = true)]
async fn a_failed_job_shows_its_reason_or_that_there_is_none() {
    let error = failing_job(json!({"error": null, "exc_info": null})).await;
    assert_eq!(
        error.to_string(),
        "job 7 (disk.scrub) failed without a reason; see its log"
    );
    let extra = json!([
        ["data.name", "the name is too long", 36],
        ["data.size", "no", 22]
    ]);
    let validation = json!({
        "error": "[ENAMETOOLONG] data.name: the name is too long\n",
        "exc_info": {"type": "VALIDATION", "errno": null, "extra": extra},
    });
    let error = failing_job(validation).await;
    assert_eq!(error.errno(), Some(Errno::NameTooLong));
    assert_eq!(
        error.to_string(),
        "job 7 (disk.scrub) failed: data.name: the name is too long; data.size: no"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_result_was_lost_is_not_retryable() {
    let data = json!({"error": 14, "reason": "not JSON serializable", "extra": null});
    let error = failing(-32603, data).await;
    assert!(matches!(error, Error::ResultLost { .. }), "{error:?}");
    assert!(!error.is_retryable());
    let error = error.to_string();
    assert!(
        error.contains("not JSON serializable") && error.contains("probably executed"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_result_of_a_read_that_cannot_be_sent_is_not_said_to_have_done_anything() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let call = line.expect("disk.read").await;
        line.fail(call.id, -32603, 14, json!(null)).await;
    };
    let (read, ()) = tokio::join!(nas.read(1).into_future(), server);
    let error = read.unwrap_err();
    assert!(matches!(
        error,
        Error::ResultLost {
            reads_only: true,
            ..
        }
    ));
    assert!(!error.is_retryable());
    assert!(!error.to_string().contains("done"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn of_a_choice_the_case_that_was_sent_is_shown_and_all_are_kept() {
    let extra = json!([
        [
            "data.u.Filesystem.quota",
            "Input should be a valid integer",
            22
        ],
        ["data.u.Volume.type", "Input should be 'VOLUME'", 22],
        ["data.u.Volume.size", "Field required", 22],
    ]);
    let error = failing(-32602, invalid(&extra)).await;
    assert_eq!(
        error.to_string(),
        "disk.create: data.u.Filesystem.quota: Input should be a valid integer"
    );
    assert!(matches!(&error, Error::Invalid { fields, .. } if fields.len() == 3));
}

#[tokio::test(start_paused = true)]
async fn what_was_not_found_is_named() {
    let extra = json!([[null, "CronJob 99 does not exist", 2]]);
    let error = failing(-32602, invalid(&extra)).await;
    assert!(error.is_not_found());
    assert_eq!(error.to_string(), "disk.create: CronJob 99 does not exist");
    let none =
        json!({"error": 22, "reason": "", "extra": null, "trace": {"class": "MatchNotFound"}});
    let error = failing(-32001, none).await;
    assert!(error.is_not_found());
    assert_eq!(
        error.to_string(),
        "disk.create: not found: no entry matches the filters"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_became_a_job_can_be_followed() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let call = line.expect("disk.rewrite").await;
        line.answer(call.id, json!(17)).await;
        line.subscribed("core.get_jobs").await;
        let rest = json!({"method": "disk.rewrite", "result": {"rewritten": 3}});
        line.job("changed", 17, "SUCCESS", rest).await;
        line
    };
    let client = async {
        let session = nas.session();
        let error = Request::<_, Rewrite>::new(session, (1,)).await.unwrap_err();
        let Error::BecameJob { job, .. } = error else {
            panic!("{error:?}");
        };
        assert!(error.to_string().contains("has started job 17"), "{error}");
        session.job::<Rewrite>(job).await.unwrap().wait().await
    };
    let (rewritten, _line) = tokio::join!(client, server);
    assert_eq!(rewritten.unwrap()["rewritten"], 3);
}

#[tokio::test(start_paused = true)]
async fn another_answer_that_does_not_fit_is_not_taken_for_a_job() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    for answer in [json!("17"), json!([17]), json!(-1), json!(0), json!(1.5)] {
        let server = async {
            let call = line.expect("disk.rewrite").await;
            line.answer(call.id, answer.clone()).await;
        };
        let call = Request::<_, Rewrite>::new(nas.session(), (1,)).into_future();
        let (error, ()) = tokio::join!(call, server);
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Decode(_)), "{answer}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_that_answers_a_number_has_started_no_job() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let call = line.expect("disk.inspect").await;
        line.answer(call.id, json!(17)).await;
    };
    let call = Request::<_, Inspect>::new(nas.session(), (1,)).into_future();
    let (error, ()) = tokio::join!(call, server);
    let error = error.unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error:?}");
}

/// A job that ends with this answer, as its method's own result.
async fn ended<M: Method<Params = (i64,)>>(
    nas: &Client<V1>,
    line: &mut Line,
    rest: Value,
) -> Result<M::Result, Error>
where
    M::Result: Json,
{
    let server = async {
        let asked = line.expect("core.subscribe").await;
        line.answer(asked.id, json!("subscription-1")).await;
        line.job("changed", 17, "SUCCESS", rest).await;
    };
    let client = async { nas.session().job::<M>(17).await.unwrap().wait().await };
    tokio::join!(client, server).0
}

#[tokio::test(start_paused = true)]
async fn a_service_that_did_not_start_causes_a_warning() {
    for (result, warnings) in [(true, 0), (false, 1)] {
        let _listening = listen();
        let (builder, mut peer) = peer::start();
        let (nas, mut line) = peer::connected(builder, &mut peer).await;
        let rest = json!({
            "method": "service.control", "result": result,
            "arguments": ["START", "nfs", {"silent": true}],
        });
        let answered = ended::<Control>(&nas, &mut line, rest).await.unwrap();
        assert_eq!(answered, result);
        assert_eq!(lines_with("service.control returned false"), warnings);
        assert_eq!(lines_with("nfs"), warnings);
    }
}
