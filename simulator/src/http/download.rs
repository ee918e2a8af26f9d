//! `/_download/{id}`: what a job gives.

use std::sync::{Arc, PoisonError};

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use tokio::time::Instant;

use crate::auth::Purpose;
use crate::connection::Peer;
use crate::faults::Phase;
use crate::jobs::{Download, Job};
use crate::system::System;

/// How many bytes are sent at once.
const CHUNK: usize = 64 << 10;
/// How long a job may take until it has something to give.
const PREPARING: std::time::Duration = std::time::Duration::from_secs(60);

#[derive(Deserialize)]
pub(super) struct Parameters {
    auth_token: Option<String>,
}

/// Sends what a job gives, once, to who has the token for it.
pub(super) async fn download(
    State(system): State<Arc<System>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<i64>,
    Query(parameters): Query<Parameters>,
) -> Response {
    let token = parameters.auth_token.unwrap_or_default();
    let owner = system
        .tokens
        .redeem(&token, Purpose::Download(id), &peer.address);
    if owner.is_none() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Some(job) = system.jobs.get(id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A job that fails before it gives anything answers too, with nothing.
    let given = tokio::time::timeout(PREPARING, prepared(&job)).await;
    let output = job
        .output
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let content = match output {
        Some(output) if Instant::now() <= output.until => output.content,
        None if given == Ok(Given::Nothing) => Bytes::new(),
        _ => return StatusCode::GONE.into_response(),
    };
    let cut = system.faults.strike(Phase::Download, &job.method).is_some();
    let name = job
        .filename
        .get()
        .map_or("download", String::as_str)
        .replace(['"', '\\', '\r', '\n'], "_");
    let disposition = format!("attachment; filename=\"{name}\"");
    (
        [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        Body::from_stream(chunks(job, content, cut)),
    )
        .into_response()
}

/// Whether there was something to fetch.
#[derive(Debug, PartialEq)]
enum Given {
    Something,
    Nothing,
}

/// Waits until the job has something to give, or has ended without.
async fn prepared(job: &Job) -> Given {
    let mut ready = job.ready.subscribe();
    tokio::select! {
        biased;
        _ = ready.wait_for(|ready| *ready) => Given::Something,
        _ = job.finished() => Given::Nothing,
    }
}

/// The content in pieces; the job hears how it ends.
fn chunks(
    job: Arc<Job>,
    content: Bytes,
    cut: bool,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    let end = if cut {
        content.len() / 2
    } else {
        content.len()
    };
    let content = content.slice(..end);
    job.download.send_replace(Download::Running);
    let sending = Sending { job, sent: false };
    stream::unfold(
        (sending, content, cut),
        |(sending, mut content, cut)| async move {
            if content.is_empty() {
                sending.end(!cut);
                return None;
            }
            let chunk = content.split_to(content.len().min(CHUNK));
            Some((Ok(chunk), (sending, content, cut)))
        },
    )
}

/// Tells the job how its download ended, even if nobody reads on.
struct Sending {
    job: Arc<Job>,
    sent: bool,
}

impl Sending {
    fn end(mut self, sent: bool) {
        self.sent = sent;
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        let end = if self.sent {
            Download::Done
        } else {
            Download::Cut
        };
        self.job.download.send_replace(end);
    }
}
