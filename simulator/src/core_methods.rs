//! `core.*`: what concerns the connection and its jobs and not the state.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};
use truenas_codegen::model::split;

use crate::call::{Buffered, Context, Pipes, start};
use crate::engine::{Failure, Query};
use crate::events::subscribe;
use crate::jobs::Job;
use crate::methods::describe;
use crate::number::{Number, V25_10};
use crate::system::{System, may_see};

/// Answers a call of a method that is not about the state; `None` if it is
/// none of these. The parameters have been checked.
pub(crate) fn call(
    system: &Arc<System>,
    context: &Context,
    name: &str,
    params: &[Value],
) -> Option<Result<Value, Failure>> {
    let answer = match (name, params) {
        ("core.ping", _) => Ok(json!("pong")),
        ("core.subscribe", [Value::String(event)]) => subscribe_to(system, context, event),
        ("core.unsubscribe", [Value::String(id)]) => Ok(unsubscribe(context, id)),
        ("core.set_options", [options]) => Ok(set_options(context, options)),
        ("core.get_jobs", [filters, options]) => get_jobs(system, context, filters, options),
        ("core.job_abort", [id]) => find_job(system, context, id).map(|job| {
            job.abort.notify_one();
            Value::Null
        }),
        // Whoever may see the job may read its log, and not any file.
        ("core.job_download_logs", [id, filename, buffered]) => log(system, context, id)
            .and_then(|path| {
                let args = vec![path.into()];
                fetch(system, context, "filesystem.get", args, filename, buffered)
            })
            .map(|(_, url)| url.into()),
        (
            "core.download",
            [
                Value::String(method),
                Value::Array(args),
                filename,
                buffered,
            ],
        ) => may_call(system, context, method)
            .and_then(|()| fetch(system, context, method, args.clone(), filename, buffered))
            .map(|(id, url)| json!([id, url])),
        ("core.get_methods", [service, _]) => Ok(methods(system, context, service.as_str())),
        ("core.get_services", _) => Ok(services(system)),
        _ => return None,
    };
    Some(answer)
}

fn subscribe_to(system: &System, context: &Context, name: &str) -> Result<Value, Failure> {
    let session = context.session()?;
    let denied = || Err(Failure::call(13, "EACCES", "Not authorized"));
    let Some(connection) = &context.connection else {
        return denied();
    };
    let event = name.split_once(':').map_or(name, |(event, _)| event);
    let own = system.engine.own();
    // An event is for those who may call the method that it is named after, of
    // which 25.04 alone says the roles.
    let roles = own.events().get(event).map(|event| &event.roles);
    let roles = roles.filter(|roles| !roles.is_empty());
    let roles = roles.or_else(|| own.methods().get(event).map(|method| &method.roles));
    let allowed = match roles {
        Some(roles) if !roles.is_empty() => session.account.has_one_of(roles),
        _ => name != "*" || session.account.is_full_admin(),
    };
    if !allowed {
        return denied();
    }
    let id = system.uuid();
    subscribe(&system.engine, connection, name, id.clone())?;
    Ok(id.into())
}

/// An id that nobody was given is fine too.
fn unsubscribe(context: &Context, id: &str) -> Value {
    if let Some(connection) = &context.connection {
        let source = connection.subscriptions().remove(id);
        if let Some(name) = source {
            connection.unsubscribed(&name, &Value::Null);
        }
    }
    Value::Null
}

fn set_options(context: &Context, options: &Value) -> Value {
    let Some(connection) = &context.connection else {
        return Value::Null;
    };
    if Number::new(context.catalog.api()) < V25_10 {
        return Value::Null;
    }
    let mut now = Map::new();
    for (key, flag) in [
        ("legacy_jobs", &connection.legacy_jobs),
        ("private_methods", &connection.private_methods),
        ("py_exceptions", &connection.py_exceptions),
    ] {
        if let Some(Value::Bool(set)) = options.get(key) {
            flag.store(*set, Ordering::Relaxed);
        }
        now.insert(key.to_owned(), flag.load(Ordering::Relaxed).into());
    }
    Value::Object(now)
}

fn get_jobs(
    system: &System,
    context: &Context,
    filters: &Value,
    options: &Value,
) -> Result<Value, Failure> {
    let session = context.session()?;
    let raw = options.pointer("/extra/raw_result") == Some(&Value::Bool(true));
    let jobs = system.jobs.all();
    let seen = jobs.iter().filter(|job| may_see(session, job));
    let entries: Vec<Value> = seen.map(|job| system.describe(job, raw)).collect();
    let nature = system.engine.nature("core.get_jobs");
    Query::parse(filters, options)?.of(nature).run(&entries)
}

/// A job that this caller may know of.
pub(crate) fn find_job(
    system: &System,
    context: &Context,
    id: &Value,
) -> Result<Arc<Job>, Failure> {
    let session = context.session()?;
    let job = id.as_i64().and_then(|id| system.jobs.get(id));
    job.filter(|job| may_see(session, job))
        .ok_or_else(|| Failure::instance_not_found(&format!("Job with id {id} does not exist")))
}

/// The path of a job's log.
fn log(system: &System, context: &Context, id: &Value) -> Result<String, Failure> {
    let job = find_job(system, context, id)?;
    match job.log() {
        Some(_) => Ok(format!("/var/log/jobs/{}.log", job.id)),
        None => Err(Failure::call(22, "EINVAL", "Job has no logs")),
    }
}

/// Fails unless the caller may call what is to run within another call.
fn may_call(system: &System, context: &Context, method: &str) -> Result<(), Failure> {
    let called = system.engine.find(system.engine.own(), method)?;
    match context.session()?.account.may_call(method, called) {
        true => Ok(()),
        false => Err(Failure::call(13, "EACCES", "Not authorized")),
    }
}

/// Starts the job whose output is to be downloaded; its id, and the address.
fn fetch(
    system: &Arc<System>,
    context: &Context,
    method: &str,
    args: Vec<Value>,
    filename: &Value,
    buffered: &Value,
) -> Result<(i64, String), Failure> {
    let session = context.session()?;
    let pipes = Pipes {
        input: None,
        output: Some(Buffered(*buffered == Value::Bool(true))),
    };
    crate::call::count(system, method);
    let started = start(system, &context.within(system), method, args, None, pipes)?;
    let job = &started.job;
    let filename = filename.as_str().unwrap_or("download");
    job.filename.get_or_init(|| filename.to_owned());
    let token = system.download_token(session, &context.address, job.id);
    Ok((job.id, format!("/_download/{}?auth_token={token}", job.id)))
}

/// `core.get_methods`: those of the system's own version that the caller may
/// call, of a service or of all.
fn methods(system: &System, context: &Context, service: Option<&str>) -> Value {
    let Some(session) = &context.session else {
        return json!({});
    };
    let published = system.engine.published();
    let wanted = published.methods.iter().filter(|(name, method)| {
        service.is_none_or(|service| split(name).0 == service)
            && session.account.may_call(name, method)
    });
    let described = wanted.map(|(name, method)| (name.clone(), describe(published, name, method)));
    Value::Object(described.collect())
}

/// The same on 25.04, where it is private: for full administrators.
pub(crate) fn private_get_methods(
    system: &System,
    context: &Context,
    params: &[Value],
) -> Result<Value, Failure> {
    if !context.session()?.account.is_full_admin() {
        return Err(Failure::call(13, "EACCES", "Not authorized"));
    }
    Ok(methods(
        system,
        context,
        params.first().and_then(Value::as_str),
    ))
}

/// `core.get_services`: what is known of each is what its methods are called.
fn services(system: &System) -> Value {
    let methods = system.engine.own().methods();
    let names: BTreeSet<&str> = methods.keys().map(|name| split(name).0).collect();
    let services = names.into_iter().map(|name| {
        let has = |method: &str| methods.contains_key(&format!("{name}.{method}"));
        let kind = if has("create") && has("query") {
            "crud"
        } else if has("config") && has("update") {
            "config"
        } else {
            "service"
        };
        (name.to_owned(), json!({"config": {}, "type": kind}))
    });
    Value::Object(services.collect())
}
