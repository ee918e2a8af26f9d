//! Who makes an HTTP request.

use axum::http::{HeaderMap, header};
use data_encoding::BASE64;

use crate::auth::{KeyCheck, PasswordCheck, Purpose, Session, SessionKind};
use crate::connection::Peer;
use crate::system::System;

/// The session of a request: by a header, or by a token in its address.
pub(super) fn session(
    system: &System,
    peer: &Peer,
    headers: &HeaderMap,
    token: Option<&str>,
) -> Option<Session> {
    let header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let (username, kind) = match (token, header.and_then(|header| header.split_once(' '))) {
        (Some(token), _) | (None, Some(("Token", token))) => by_token(system, peer, token)?,
        (None, Some(("Basic", pair))) => by_password(system, pair)?,
        (None, Some(("Bearer", key))) => by_key(system, peer, key)?,
        _ => return None,
    };
    let account = system.accounts.account(&username)?;
    Some(system.session(peer, account, kind))
}

fn by_token(system: &System, peer: &Peer, token: &str) -> Option<(String, SessionKind)> {
    let request = system.tokens.redeem(token, Purpose::Login, &peer.address)?;
    let parent = request.parent;
    Some((request.username, SessionKind::Token { parent }))
}

fn by_password(system: &System, pair: &str) -> Option<(String, SessionKind)> {
    let pair = String::from_utf8(BASE64.decode(pair.trim().as_bytes()).ok()?).ok()?;
    let (username, password) = pair.split_once(':')?;
    let kind = match system.accounts.check_password(username, password) {
        PasswordCheck::Good => SessionKind::Password,
        PasswordCheck::OneTime => SessionKind::OneTimePassword,
        PasswordCheck::NeedsOtp | PasswordCheck::Wrong => return None,
    };
    Some((username.to_owned(), kind))
}

fn by_key(system: &System, peer: &Peer, text: &str) -> Option<(String, SessionKind)> {
    let KeyCheck::Good(key) = system.accounts.check_key(None, text) else {
        return None;
    };
    if !peer.secure {
        system.revoke(key.id);
        return None;
    }
    Some((
        key.username,
        SessionKind::ApiKey {
            id: key.id,
            name: key.name,
        },
    ))
}
