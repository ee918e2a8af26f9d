//! A call, from its name to its answer.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::oneshot;
use truenas_codegen::model::{Method, MethodKind};

use crate::auth::{Access, Session, access};
use crate::connection::Connection;
use crate::engine::{Catalog, Failure};
use crate::jobs::{Added, Job, NewJob, Outcome};
use crate::json::{merge, set};
use crate::number::{Number, V25_10};
use crate::system::System;
use crate::{auth_methods, core_methods, job_run};

/// Who calls, and by which version.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) session: Option<Session>,
    pub(crate) address: String,
    /// Where it comes from, unless over HTTP.
    pub(crate) connection: Option<Arc<Connection>>,
}

/// What a call is answered with.
pub(crate) enum Answer {
    Value(Value),
    Job(Started),
}

/// A job that a call has started or joined.
pub(crate) struct Started {
    pub(crate) job: Arc<Job>,
    /// It begins once this is dropped, so that the caller hears its id before
    /// it hears of its progress.
    pub(crate) gate: Option<oneshot::Sender<()>>,
}

/// What flows beside a call.
#[derive(Default)]
pub(crate) struct Pipes {
    /// What was uploaded.
    pub(crate) input: Option<axum::body::Bytes>,
    /// What is to be downloaded: whether all of it is kept until then.
    pub(crate) output: Option<Buffered>,
}

/// Whether a job's output is kept until it is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Buffered(pub(crate) bool);

/// No login, or one that is over.
pub(crate) fn not_authenticated() -> Failure {
    Failure::call(207, "ENOTAUTHENTICATED", "Not authenticated")
}

/// Too many calls of someone who is not logged in.
pub(crate) fn too_many() -> Failure {
    Failure::call(16, "EBUSY", "Rate Limit Exceeded")
}

impl Context {
    /// The same for what runs within another call, which is not adapted: it
    /// speaks the system's own version.
    pub(crate) fn within(&self, system: &System) -> Self {
        Self {
            catalog: Arc::clone(system.engine.own()),
            ..self.clone()
        }
    }

    /// Who is logged in.
    pub(crate) fn session(&self) -> Result<&Session, Failure> {
        self.session.as_ref().ok_or_else(not_authenticated)
    }

    /// Fails unless this caller may call the method.
    fn authorize(&self, system: &System, name: &str, method: &Method) -> Result<(), Failure> {
        // What 25.04 asks a login for even to see whether it is there.
        let ping_is_free = system.number >= V25_10;
        match access(name, ping_is_free) {
            Access::NoLogin => Ok(()),
            Access::AnyLogin => self.session().map(|_| ()),
            Access::Roles if self.session()?.account.has_one_of(&method.roles) => Ok(()),
            Access::Roles => Err(Failure::call(13, "EACCES", "Not authorized")),
        }
    }

    /// A method's result, as this caller may see it.
    pub(crate) fn shown(&self, system: &System, name: &str, result: Value) -> Value {
        let account = self.session.as_ref().map(|session| &session.account);
        if account.is_some_and(|account| account.sees_secrets(system.engine.own(), name)) {
            result
        } else {
            system.engine.redacted(&self.catalog, name, result)
        }
    }
}

/// Carries out a call.
pub(crate) fn call(
    system: &Arc<System>,
    context: &Context,
    name: &str,
    params: Vec<Value>,
    message_id: Option<&Value>,
) -> Result<Answer, Failure> {
    if name == "core.get_methods" && system.number < V25_10 {
        // There, but private: no schema has it.
        return core_methods::private_get_methods(system, context, &params).map(Answer::Value);
    }
    let method = system.engine.find(&context.catalog, name)?;
    context.authorize(system, name, method)?;
    count(system, name);
    if method.kind == MethodKind::Job {
        let started = start(system, context, name, params, message_id, Pipes::default())?;
        return Ok(Answer::Job(started));
    }
    let params = system.engine.check(&context.catalog, name, params)?;
    let own = match name.split_once('.') {
        Some(("auth", _)) => auth_methods::call(system, context, name, &params),
        Some(("core", _)) => core_methods::call(system, context, name, &params),
        _ => None,
    };
    match own {
        Some(answer) => answer.map(Answer::Value),
        None => {
            let result = run(system, context, name, params)?;
            Ok(Answer::Value(context.shown(system, name, result)))
        }
    }
}

/// Counts a call that is carried out.
pub(crate) fn count(system: &System, name: &str) {
    let mut stats = system.stats();
    match stats.calls.get_mut(name) {
        Some(calls) => *calls += 1,
        None => {
            stats.calls.insert(name.to_owned(), 1);
        }
    }
}

/// Runs a checked call on the state, and tells subscribers. Nothing is hidden in
/// the result.
pub(crate) fn run(
    system: &System,
    context: &Context,
    name: &str,
    params: Vec<Value>,
) -> Result<Value, Failure> {
    if name == "system.boot_id" {
        return Ok(Value::from(system.boot_id().clone()));
    }
    // A key that is made, or made anew, is one that one can log in with.
    let new_key = match (name, params.get(1)) {
        ("api_key.create", _) => true,
        ("api_key.update", Some(data)) => data.get("reset") == Some(&Value::Bool(true)),
        _ => false,
    };
    let (mut result, mut updates) = system.engine.run(&context.catalog, name, params);
    if let (true, Ok(entry)) = (new_key, &mut result) {
        let key = auth_methods::set_new_key(system, entry);
        // Subscribers hear of the key as well.
        let fields = updates
            .iter_mut()
            .filter_map(|update| update.fields.as_mut());
        fields.for_each(|fields| merge(fields, &key));
    }
    for update in &updates {
        system.publish(update);
    }
    let mut result = result?;
    if name == "system.reboot.info" {
        set(
            &mut result,
            "boot_id",
            Value::from(system.boot_id().clone()),
        );
    }
    Ok(result)
}

/// Starts a job, or joins one that does the same.
pub(crate) fn start(
    system: &Arc<System>,
    context: &Context,
    name: &str,
    params: Vec<Value>,
    message_id: Option<&Value>,
    pipes: Pipes,
) -> Result<Started, Failure> {
    let method = system.engine.find(&context.catalog, name)?;
    for (taken, given, pipe) in [
        (method.pipes.input, pipes.input.is_some(), "input"),
        (method.pipes.output, pipes.output.is_some(), "output"),
    ] {
        let problem = match (taken, given) {
            (true, false) if method.pipes.check => "is not open",
            (false, true) if context.catalog.says_pipes() => "is none of this method's",
            _ => continue,
        };
        let message = format!("Pipe '{pipe}' {problem}");
        return Err(Failure::call(22, "EINVAL", &message));
    }
    if Number::new(context.catalog.api()) < system.number {
        // What an older version asks for is checked before it is translated;
        // the system's own version is checked by the job itself.
        system
            .engine
            .check(&context.catalog, name, params.clone())?;
    }
    let description = match (name, params.get(2)) {
        ("core.bulk", Some(Value::String(description))) => Some(description.clone()),
        _ => None,
    };
    let transient = &system.settings.transient;
    let added = system.jobs.add(NewJob {
        method: name,
        arguments: params,
        description,
        transient: transient.as_ref().is_some_and(|names| names.matches(name)),
        session: context.session.as_ref(),
        message_id,
    })?;
    match added {
        Added::Joined(job) => Ok(Started { job, gate: None }),
        Added::New(job) => {
            system.stats().jobs += 1;
            system.publish_job(&job, crate::engine::Change::Added);
            let (gate, opened) = oneshot::channel();
            let run = job_run::run(
                Arc::clone(system),
                context.clone(),
                Arc::clone(&job),
                pipes,
                opened,
            );
            tokio::spawn(run);
            Ok(Started {
                job,
                gate: Some(gate),
            })
        }
    }
}

/// A call within a job, which waits for the jobs that it starts; the id of
/// such a job, and what the call comes to.
pub(crate) async fn complete(
    system: &Arc<System>,
    context: &Context,
    name: &str,
    params: Vec<Value>,
) -> (Option<i64>, Result<Value, Failure>) {
    match call(system, context, name, params, None) {
        Ok(Answer::Value(value)) => (None, Ok(value)),
        Ok(Answer::Job(Started { job, gate })) => {
            drop(gate);
            (Some(job.id), result(job.finished().await))
        }
        Err(failure) => (None, Err(failure)),
    }
}

/// What a call that waits for a job is answered with.
pub(crate) fn result(outcome: Outcome) -> Result<Value, Failure> {
    match outcome {
        Outcome::Success(result) => Ok(result),
        Outcome::Failed(failure) => Err(failure),
        // The server takes an abort for an end like any other.
        Outcome::Aborted => Ok(Value::Null),
    }
}
