//! What is served over HTTP; WebSockets begin here as well.

mod control;
mod download;
mod login;
mod upload;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Json, Router};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::connection::Peer;
use crate::files;
use crate::number::V25_10;
use crate::socket;
use crate::system::System;

/// All paths.
pub(crate) fn router(system: Arc<System>) -> Router {
    Router::new()
        .route("/api/versions", get(versions))
        .route("/api/boot_id", get(boot_id))
        .route("/api/{version}", get(open))
        .route("/_upload", any(upload::upload))
        .route("/_download/{id}", get(download::download))
        .route("/_simulator/{what}", any(control::control))
        .layer(DefaultBodyLimit::max(files::MOST_BYTES))
        .with_state(system)
}

async fn versions(State(system): State<Arc<System>>) -> Json<Vec<String>> {
    Json(system.engine.versions())
}

async fn boot_id(State(system): State<Arc<System>>) -> Response {
    if system.number < V25_10 {
        return StatusCode::NOT_FOUND.into_response();
    }
    let boot_id = system.boot_id().clone();
    Json(boot_id).into_response()
}

/// Opens a WebSocket to a version of the API.
async fn open(
    State(system): State<Arc<System>>,
    Extension(peer): Extension<Peer>,
    Path(version): Path<String>,
    mut request: Request,
) -> Response {
    let Some(catalog) = system.catalog(&version) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = request.headers();
    let says = |name, word: &str| {
        let values = headers.get_all(name).iter();
        let mut words = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','));
        words.any(|found: &str| found.trim().eq_ignore_ascii_case(word))
    };
    let key = headers.get(header::SEC_WEBSOCKET_KEY).cloned();
    let wanted = says(header::CONNECTION, "upgrade")
        && says(header::UPGRADE, "websocket")
        && says(header::SEC_WEBSOCKET_VERSION, "13");
    let (Some(key), true) = (key, wanted) else {
        return (StatusCode::BAD_REQUEST, "a WebSocket is what is here").into_response();
    };
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if !system.has_room() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let accept = derive_accept_key(key.as_bytes());
    tokio::spawn(async move {
        if let Ok(stream) = upgrade.await {
            socket::serve(system, peer, catalog, TokioIo::new(stream)).await;
        }
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, accept)
        .body(Body::empty())
        .unwrap_or_default()
}
