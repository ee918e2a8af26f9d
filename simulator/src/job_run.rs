//! A job, from its start to its end.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use crate::call::{Buffered, Context, Pipes, complete, result, run as run_call};
use crate::engine::{Change, Failure};
use crate::faults::Phase;
use crate::jobs::{Download, Job, Outcome, Output, patience};
use crate::system::System;

/// In how many steps a job comes forward.
const STEPS: u8 = 4;
/// How many bytes there are of what no call has said the content of.
const CONTENT: usize = 256 << 10;

/// Runs a job once its caller has heard of it.
pub(crate) async fn run(
    system: Arc<System>,
    context: Context,
    job: Arc<Job>,
    pipes: Pipes,
    gate: oneshot::Receiver<()>,
) {
    // Dropping the other end is what opens the gate.
    let _ = gate.await;
    let outcome = tokio::select! {
        biased;
        () = job.abort.notified() => Outcome::Aborted,
        outcome = work(&system, &context, &job, pipes) => match outcome {
            Ok(result) => Outcome::Success(result),
            Err(failure) => Outcome::Failed(failure),
        },
    };
    let success = matches!(outcome, Outcome::Success(_));
    if job.finish(outcome) {
        system.publish_job(&job, Change::Changed);
        if success {
            // The server says so twice.
            system.publish_job(&job, Change::Changed);
        }
    }
    if job.transient {
        system.jobs.forget(job.id);
    }
}

async fn work(
    system: &Arc<System>,
    context: &Context,
    job: &Arc<Job>,
    pipes: Pipes,
) -> Result<Value, Failure> {
    job.run();
    system.publish_job(job, Change::Changed);
    let name = job.method.as_str();
    let params = system
        .engine
        .check(&context.catalog, name, job.arguments.clone())?;
    if system.faults.strike(Phase::Job, name).is_some() {
        return Err(Failure::call(
            5,
            "EIO",
            "The simulator was told to let this job fail",
        ));
    }
    match (name, params.as_slice()) {
        ("core.bulk", [Value::String(method), Value::Array(calls), ..]) => {
            return bulk(system, context, job, method, calls).await;
        }
        ("core.job_wait", [id]) => return wait(system, context, id).await,
        ("filesystem.put", [Value::String(path), options]) => {
            let append = options.get("append") == Some(&Value::Bool(true));
            system
                .files
                .put(path, pipes.input.clone().unwrap_or_default(), append)?;
        }
        _ => {}
    }
    let content = match &pipes.output {
        Some(_) => content(system, name, &params)?,
        None => Bytes::new(),
    };
    // What fails fails at once, as on a real system; so a job that is aborted
    // has already left its mark.
    let result = run_call(system, context, name, params)?;
    let pause = system.settings.job_duration / u32::from(STEPS);
    for step in 1..=STEPS {
        sleep(pause).await;
        if step < STEPS && pause > Duration::ZERO {
            job.progress(100 / STEPS * step, &format!("Step {step} of {STEPS}"));
            system.publish_job(job, Change::Changed);
        }
    }
    if let Some(buffered) = pipes.output {
        hand_over(job, content, buffered).await?;
    }
    Ok(result)
}

/// Makes calls one after the other; one that fails ends only itself.
async fn bulk(
    system: &Arc<System>,
    context: &Context,
    job: &Arc<Job>,
    method: &str,
    calls: &[Value],
) -> Result<Value, Failure> {
    let context = context.within(system);
    let total = calls.len();
    let mut results = Vec::new();
    for (done, params) in calls.iter().enumerate() {
        let percent = u8::try_from(100 * done / total.max(1)).unwrap_or(100);
        job.progress(percent, &format!("{done} / {total}"));
        system.publish_job(job, Change::Changed);
        // Those who listen get to read, however many calls there are.
        tokio::task::yield_now().await;
        let params = params.as_array().cloned().unwrap_or_default();
        let (job_id, answer) = complete(system, &context, method, params).await;
        let (result, error) = match answer {
            Ok(result) => (result, None),
            Err(failure) => (Value::Null, Some(failure.reason)),
        };
        results.push(json!({"job_id": job_id, "result": result, "error": error}));
    }
    Ok(Value::Array(results))
}

async fn wait(system: &Arc<System>, context: &Context, id: &Value) -> Result<Value, Failure> {
    let job = crate::core_methods::find_job(system, context, id)?;
    result(job.finished().await).map_err(|failure| Failure::call(14, "EFAULT", &failure.reason))
}

/// What a job gives: a file that was uploaded, or made-up bytes that are the
/// same for the same call.
fn content(system: &System, name: &str, params: &[Value]) -> Result<Bytes, Failure> {
    if let ("filesystem.get", Some(Value::String(path))) = (name, params.first()) {
        return match logs(system, path) {
            Some(log) => Ok(log),
            None => system.files.get(path),
        };
    }
    let mut chance = fastrand::Rng::with_seed(system.settings.seed);
    Ok((0..CONTENT).map(|_| chance.u8(..)).collect())
}

/// The log of a job, by its path.
fn logs(system: &System, path: &str) -> Option<Bytes> {
    let id = path.strip_prefix("/var/log/jobs/")?.strip_suffix(".log")?;
    let job = system.jobs.get(id.parse().ok()?)?;
    job.log().map(Bytes::from)
}

/// Lets what the job gives be fetched. What is buffered can wait for that
/// after the job has ended; anything else the job waits for.
async fn hand_over(job: &Job, content: Bytes, buffered: Buffered) -> Result<(), Failure> {
    let patience = patience(buffered.0);
    let until = Instant::now() + patience;
    let mut download = job.download.subscribe();
    *job.output.lock().unwrap_or_else(PoisonError::into_inner) = Some(Output { content, until });
    job.ready.send_replace(true);
    if buffered.0 {
        return Ok(());
    }
    let begun = download.wait_for(|download| *download != Download::NotStarted);
    if timeout(patience, begun).await.is_err() {
        return Err(Failure::call(110, "ETIMEDOUT", "Nobody came to download"));
    }
    let ended = download
        .wait_for(|download| *download > Download::Running)
        .await;
    match ended.map(|ended| *ended) {
        Ok(Download::Done) => Ok(()),
        _ => Err(Failure::call(32, "EPIPE", "The download was cut")),
    }
}
