//! `/_upload`: a call with a file beside it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Query, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::login::session;
use crate::call::{Context, Pipes, count, start};
use crate::connection::Peer;
use crate::engine::METHOD_NOT_FOUND;
use crate::number::V25_10;
use crate::system::System;

/// How many files a call may bring, from 25.10 on and before.
const FILES: usize = 5;
const FILES_BEFORE: usize = 1;

#[derive(Deserialize)]
pub(super) struct Parameters {
    auth_token: Option<String>,
}

/// The part `data`.
#[derive(Deserialize)]
struct Call {
    method: String,
    #[serde(default)]
    params: Vec<Value>,
}

/// Starts the job of a call that takes a file.
pub(super) async fn upload(
    State(system): State<Arc<System>>,
    Extension(peer): Extension<Peer>,
    Query(parameters): Query<Parameters>,
    request: Request,
) -> Response {
    if request.method() != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let token = parameters.auth_token.as_deref();
    let Some(session) = session(&system, &peer, request.headers(), token) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    // Closed only when the simulator is gone.
    let _permit = system.uploads.acquire().await;
    let most = if system.number < V25_10 {
        FILES_BEFORE
    } else {
        FILES
    };
    let (call, file) = match parts(request, most).await {
        Ok(parts) => parts,
        Err((status, problem)) => return (status, problem).into_response(),
    };
    let context = Context {
        catalog: Arc::clone(system.engine.own()),
        session: Some(session.clone()),
        address: peer.address,
        connection: None,
    };
    let Ok(method) = system.engine.find(&context.catalog, &call.method) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    if !session.account.may_call(&call.method, method) {
        return StatusCode::FORBIDDEN.into_response();
    }
    count(&system, &call.method);
    let pipes = Pipes {
        input: Some(file),
        output: None,
    };
    match start(&system, &context, &call.method, call.params, None, pipes) {
        Ok(started) => Json(json!({"job_id": started.job.id})).into_response(),
        Err(failure) if failure.code == METHOD_NOT_FOUND => {
            StatusCode::UNPROCESSABLE_ENTITY.into_response()
        }
        Err(failure) => (StatusCode::PRECONDITION_FAILED, Json(failure.to_data())).into_response(),
    }
}

/// Takes the request apart: `data` first, then the files, of which the first
/// is what the job gets.
async fn parts(request: Request, most: usize) -> Result<(Call, Bytes), (StatusCode, String)> {
    let bad = |problem: &str| (StatusCode::BAD_REQUEST, problem.to_owned());
    let misplaced = |problem: &str| (StatusCode::METHOD_NOT_ALLOWED, problem.to_owned());
    let mut multipart = Multipart::from_request(request, &())
        .await
        .map_err(|error| bad(&error.body_text()))?;
    let mut call: Option<Call> = None;
    let mut file: Option<Bytes> = None;
    let mut files = 0;
    loop {
        let field = multipart
            .next_field()
            .await
            .map_err(|error| bad(&error.body_text()))?;
        let Some(field) = field else { break };
        let name = field.name().unwrap_or_default().to_owned();
        let content = field
            .bytes()
            .await
            .map_err(|error| bad(&error.body_text()))?;
        match (name.as_str(), &call) {
            ("data", None) => {
                let data = serde_json::from_slice(&content);
                call = Some(data.map_err(|error| bad(&format!("data: {error}")))?);
            }
            ("file", Some(_)) => {
                files += 1;
                file.get_or_insert(content);
            }
            _ => return Err(misplaced("first the part `data`, then the part `file`")),
        }
        if files > most {
            return Err(misplaced("too many files"));
        }
    }
    match (call, file) {
        (Some(call), Some(file)) => Ok((call, file)),
        _ => Err(misplaced("the parts `data` and `file` are needed")),
    }
}
