//! `/_simulator/…`: what only a simulator has. It is for tests in any language,
//! and answers to this machine alone.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use crate::connection::{Peer, PeerKind};
use crate::faults::Fault;
use crate::system::System;

/// Changes or tells what the simulator does.
pub(super) async fn control(
    State(system): State<Arc<System>>,
    Extension(peer): Extension<Peer>,
    Path(what): Path<String>,
    method: Method,
    body: Bytes,
) -> Response {
    let loopback = peer
        .address
        .parse()
        .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    if !loopback && !matches!(peer.kind, PeerKind::Unix | PeerKind::Memory) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match (what.as_str(), method) {
        ("stats", Method::GET) => {
            let stats = system.snapshot();
            Json(stats).into_response()
        }
        ("faults", Method::GET) => {
            let faults = system.faults.list();
            let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
            Json(faults).into_response()
        }
        ("faults", Method::POST) => add_faults(&system, &body),
        ("faults", Method::DELETE) => {
            system.faults.clear();
            StatusCode::NO_CONTENT.into_response()
        }
        ("restart", Method::POST) => {
            system.restart();
            StatusCode::NO_CONTENT.into_response()
        }
        ("expire_sessions", Method::POST) => {
            system.expire_sessions();
            StatusCode::NO_CONTENT.into_response()
        }
        ("drop_connections", Method::POST) => {
            system.drop_connections();
            StatusCode::NO_CONTENT.into_response()
        }
        ("stats" | "faults" | "restart" | "expire_sessions" | "drop_connections", _) => {
            StatusCode::METHOD_NOT_ALLOWED.into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A JSON list of faults, each as on the command line. All of them, or none.
fn add_faults(system: &System, body: &[u8]) -> Response {
    let bad = |problem: String| (StatusCode::BAD_REQUEST, problem).into_response();
    let texts: Vec<String> = match serde_json::from_slice(body) {
        Ok(texts) => texts,
        Err(error) => return bad(format!("a list of faults is needed: {error}")),
    };
    let faults: Result<Vec<Fault>, _> = texts.iter().map(|text| text.parse()).collect();
    match faults {
        Ok(faults) => {
            faults
                .into_iter()
                .for_each(|fault| system.faults.add(fault));
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => bad(error.to_string()),
    }
}
