//! The HTTP client: where it goes, and where not.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Client;
use reqwest::redirect::{Action, Attempt, Policy};
use truenas_runtime::client::Trust;

use super::web::Proxy;

const MOST_REDIRECTS: usize = 5;

/// A client that follows redirects to these hosts as well.
pub(super) fn client(
    trust: &Trust,
    proxy: Proxy,
    timeout: Duration,
    allowed: Vec<String>,
) -> Result<Client> {
    let tls = trust.client_config()?;
    let builder = Client::builder()
        .user_agent("truenas-api-xtask")
        .redirect(Policy::custom(move |attempt| redirect(attempt, &allowed)))
        .retry(reqwest::retry::never())
        .http1_only()
        .read_timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(30)))
        .tls_backend_preconfigured((*tls).clone());
    let builder = match proxy {
        Proxy::FromEnvironment => builder,
        Proxy::None => builder.no_proxy(),
    };
    builder.build().context("cannot set up HTTP")
}

/// Follows a redirect that stays with the host, or goes where it may.
fn redirect(attempt: Attempt<'_>, allowed: &[String]) -> Action {
    let next = attempt.url();
    let Some(from) = attempt.previous().last() else {
        return attempt.stop();
    };
    if attempt.previous().len() > MOST_REDIRECTS {
        return attempt.error("too many redirects");
    }
    let host = next.host_str().unwrap_or_default();
    let stays = from.host_str() == Some(host)
        && (from.port_or_known_default() == next.port_or_known_default()
            // The same server, encrypted.
            || (from.port().is_none() && next.port().is_none()));
    if from.scheme() == "https" && next.scheme() != "https" {
        let refusal = format!("the server redirects to {next}, which is not encrypted");
        return attempt.error(refusal);
    }
    if stays
        || allowed
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(host))
    {
        return attempt.follow();
    }
    let refusal = format!(
        "the server redirects to {next}; if that is right, allow it by `--allow-redirect-to {host}`"
    );
    attempt.error(refusal)
}
