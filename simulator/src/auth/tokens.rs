//! Tokens: of `auth.generate_token`, for reconnecting, and for one download.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

/// How many are kept; the one that was used longest ago gives way.
const MOST: usize = 10_000;

/// What a token is asked for.
#[derive(Debug, Clone)]
pub(crate) struct TokenRequest {
    /// Whose it is.
    pub(crate) username: String,
    /// How long it may lie unused.
    pub(crate) ttl: Duration,
    /// Where it was asked for, if it is good from there alone.
    pub(crate) address: Option<String>,
    /// Whether it is gone once used.
    pub(crate) single_use: bool,
    /// What it is good for.
    pub(crate) purpose: Purpose,
    /// What is said of the session that asked for it.
    pub(crate) parent: Value,
}

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A login, or an upload.
    Login,
    /// The download of what a job gives.
    Download(i64),
}

/// The tokens that are out.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<String, Token>>);

struct Token {
    request: TokenRequest,
    used: Instant,
}

impl Tokens {
    /// Gives out a token.
    pub(crate) fn add(&self, text: String, request: TokenRequest) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if tokens.len() >= MOST {
            tokens.retain(|_, token| now.duration_since(token.used) <= token.request.ttl);
        }
        if tokens.len() >= MOST {
            let oldest = tokens.iter().min_by_key(|(_, token)| token.used);
            if let Some(oldest) = oldest.map(|(text, _)| text.clone()) {
                tokens.remove(&oldest);
            }
        }
        tokens.insert(text, Token { request, used: now });
    }

    /// What was asked for, if the token is good for this purpose and from there.
    pub(crate) fn redeem(
        &self,
        text: &str,
        purpose: Purpose,
        address: &str,
    ) -> Option<TokenRequest> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get_mut(text)?;
        let now = Instant::now();
        let request = &token.request;
        if now.duration_since(token.used) > request.ttl {
            tokens.remove(text);
            return None;
        }
        let from_here = request
            .address
            .as_deref()
            .is_none_or(|origin| origin == address);
        if request.purpose != purpose || !from_here {
            return None;
        }
        token.used = now;
        let request = request.clone();
        if request.single_use {
            tokens.remove(text);
        }
        Some(request)
    }

    /// Forgets all tokens, as a restart does.
    pub(crate) fn clear(&self) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.clear();
    }
}
