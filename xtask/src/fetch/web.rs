//! Files over HTTP, from a server that may be slow, broken or hostile.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use clap::Args;
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, TRANSFER_ENCODING,
};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, StatusCode, Url};
use truenas_runtime::client::Trust;

use super::cache::{Cache, Label};
use super::pace::{LONGEST, Pace, pauses, retry_after};
use crate::output::tell;

/// The most that is fetched in one run; a real site has 165 MB of HTML.
const MOST_IN_ALL: u64 = 512 << 20;
/// The longest tag or date by which a server knows a file.
const LONGEST_TAG: usize = 1 << 10;
const MOST_REDIRECTS: usize = 5;

/// How files are fetched.
#[derive(Debug, Args)]
pub(super) struct WebOptions {
    /// Follow redirects to this host as well (may be repeated)
    #[arg(long, value_name = "HOST")]
    allow_redirect_to: Vec<String>,

    /// How many requests are under way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(super) concurrency: u8,

    /// How long one request may take, in seconds, its answer included; for the
    /// zip of a site, how long nothing may come
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: u64,

    /// How often a request is repeated that failed for want of a connection, or
    /// because the server is busy
    #[arg(long, value_name = "N", default_value_t = 4)]
    retries: usize,

    /// Where fetched files are kept, for asking only whether they have changed
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/fetch"), hide_default_value = true)]
    cache: PathBuf,
}

/// Whether what the environment says of proxies counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proxy {
    FromEnvironment,
    None,
}

/// What a file may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    /// In bytes.
    pub(super) most: u64,
    pub(super) content_types: &'static [&'static str],
    /// Whether it may take its time, as long as it goes on.
    pub(super) is_long: bool,
}

/// A way to fetch files.
#[derive(Debug)]
pub(super) struct Web {
    client: Client,
    cache: Cache,
    pace: Pace,
    retries: usize,
    timeout: Duration,
    left: AtomicU64,
}

/// What there is at an address.
enum Found {
    File(PathBuf),
    Nothing,
    /// Not what was asked for, or not for us.
    Other(Error),
}

/// Why an attempt gave no answer.
enum Failure {
    /// The next one will fail as well.
    Final(Error),
    /// The next one may not.
    Broken(Error),
    /// The server has too much to do; how long it wants to be left alone.
    Busy(Error, Option<Duration>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

impl Web {
    /// `known` is by what the server is known; `None` is not at all.
    pub(super) fn new(
        options: &WebOptions,
        trust: &Trust,
        known: Option<&str>,
        proxy: Proxy,
    ) -> Result<Self> {
        let cache = match known {
            Some(known) => Cache::open(options.cache.clone(), format!("{known} {proxy:?}"))?,
            None => Cache::temporary()?,
        };
        let allowed = options.allow_redirect_to.clone();
        let timeout = Duration::from_secs(options.timeout);
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
        Ok(Self {
            client: builder.build().context("cannot set up HTTP")?,
            cache,
            pace: Pace::default(),
            retries: options.retries,
            timeout,
            left: AtomicU64::new(MOST_IN_ALL),
        })
    }

    /// The file at an address, in the cache; `None` where there is none.
    pub(super) async fn get(&self, url: &Url, expected: Expected) -> Result<Option<PathBuf>> {
        match self.ask(url, expected).await? {
            Found::File(path) => Ok(Some(path)),
            Found::Nothing => Ok(None),
            Found::Other(error) => Err(error.context(url.to_string())),
        }
    }

    /// The same where the file may as well be elsewhere: something else is as
    /// good as nothing, and remembered.
    pub(super) async fn probe(
        &self,
        url: &Url,
        expected: Expected,
        others: &mut Vec<String>,
    ) -> Result<Option<PathBuf>> {
        match self.ask(url, expected).await? {
            Found::File(path) => Ok(Some(path)),
            Found::Nothing => Ok(None),
            Found::Other(error) => {
                others.push(format!("\n  {url}: {error:#}"));
                Ok(None)
            }
        }
    }

    async fn ask(&self, url: &Url, expected: Expected) -> Result<Found> {
        let mut pauses = pauses(self.retries);
        let mut attempts = 0_usize;
        loop {
            attempts = attempts.saturating_add(1);
            self.pace.wait().await;
            let (error, asked, is_busy) = match self.attempt(url, expected).await {
                Ok(found) => return Ok(found),
                Err(Failure::Final(error)) => return Err(error.context(url.to_string())),
                Err(Failure::Broken(error)) => (error, None, false),
                Err(Failure::Busy(error, asked)) => (error, asked, true),
            };
            if let Some(asked) = asked.filter(|asked| *asked > LONGEST) {
                let later = format!("{url}: try again in {} seconds", asked.as_secs());
                return Err(error.context(later));
            }
            let Some(pause) = pauses.next() else {
                let times = if attempts == 1 { "attempt" } else { "attempts" };
                let given_up = format!("{url}: given up after {attempts} {times}");
                return Err(error.context(given_up));
            };
            match is_busy {
                true => {
                    let pause = asked.unwrap_or_default().max(pause);
                    let seconds = pause.as_secs_f32();
                    tell("note", format_args!("{url}: busy, waiting {seconds:.1} s"));
                    self.pace.hold(pause);
                }
                false => tokio::time::sleep(pause).await,
            }
        }
    }

    async fn attempt(&self, url: &Url, expected: Expected) -> Result<Found, Failure> {
        let cached = self.cache.find(url);
        let mut request = self.client.get(url.clone());
        if !expected.is_long {
            request = request.timeout(self.timeout);
        }
        if let Some((label, _)) = &cached {
            request = match (&label.etag, &label.last_modified) {
                (Some(etag), _) => request.header(IF_NONE_MATCH, etag),
                (None, Some(date)) => request.header(IF_MODIFIED_SINCE, date),
                (None, None) => request,
            };
        }
        let response = request.send().await.map_err(broken)?;
        let status = response.status();
        let answered = || anyhow!("the server answered {status}");
        match (status, cached) {
            (StatusCode::OK, _) => self.receive(url, response, expected).await,
            (StatusCode::NOT_MODIFIED, Some((_, path))) => Ok(Found::File(path)),
            (StatusCode::NOT_FOUND | StatusCode::GONE, _) => Ok(Found::Nothing),
            // Where a listing is forbidden, what is not there is as well.
            (StatusCode::FORBIDDEN, _) => Ok(Found::Other(answered())),
            (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, _) => {
                Err(Failure::Busy(answered(), retry_after(response.headers())))
            }
            _ if status.is_server_error() => Err(Failure::Broken(answered())),
            _ => Err(answered().into()),
        }
    }

    /// Takes the whole body, or nothing.
    async fn receive(
        &self,
        url: &Url,
        mut response: Response,
        expected: Expected,
    ) -> Result<Found, Failure> {
        let headers = response.headers();
        if let Some(found) = header(headers, CONTENT_TYPE) {
            let bare = found.split(';').next().unwrap_or_default().trim();
            let mut wanted = expected.content_types.iter();
            if !wanted.any(|wanted| bare.eq_ignore_ascii_case(wanted)) {
                let wanted = expected.content_types.join(" or ");
                let other = anyhow!("the server sent {found}, not {wanted}");
                return Ok(Found::Other(other));
            }
        }
        // Else whatever breaks the connection would make a shorter file.
        let has_end =
            headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
        if !has_end {
            let why = "the server does not say where its answer ends (neither Content-Length nor \
                       chunks)";
            return Err(anyhow!(why).into());
        }
        let label = Label::new(url, tag(headers, ETAG), tag(headers, LAST_MODIFIED));
        let mut draft = self.cache.draft()?;
        self.check(response.content_length().unwrap_or_default(), expected)?;
        let mut size = 0_u64;
        while let Some(piece) = response.chunk().await.map_err(broken)? {
            let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            size = size.saturating_add(bytes);
            self.check(size, expected)?;
            self.spend(bytes)?;
            draft.write_all(&piece).context("cannot write the cache")?;
        }
        Ok(Found::File(self.cache.keep(url, draft, label)?))
    }

    fn check(&self, size: u64, expected: Expected) -> Result<()> {
        let most = expected.most;
        ensure!(size <= most, "larger than {most} bytes, which is too much");
        Ok(())
    }

    fn spend(&self, bytes: u64) -> Result<()> {
        let less = |left: u64| left.checked_sub(bytes);
        let spent = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        if spent.is_err() {
            bail!("more than {MOST_IN_ALL} bytes in all, which is too much");
        }
        Ok(())
    }
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// By what the server knows the file, if that is of a reasonable size.
fn tag(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    header(headers, name).filter(|tag| tag.len() <= LONGEST_TAG)
}

/// An attempt that the network or the server has ended.
fn broken(error: reqwest::Error) -> Failure {
    // A certificate that is not trusted, TLS that is none.
    let is_refused = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
    };
    let is_final = error.is_redirect() || error.is_builder();
    // The address is told with the failure as a whole.
    let error = Error::new(error.without_url());
    let is_final = is_final || error.chain().any(is_refused);
    match is_final {
        true => Failure::Final(error),
        false => Failure::Broken(error),
    }
}

/// Follows a redirect that stays with the host, or goes where it may.
fn redirect(attempt: Attempt<'_>, allowed: &[String]) -> reqwest::redirect::Action {
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
    if stays || allowed.iter().any(|allowed| allowed == host) {
        return attempt.follow();
    }
    let refusal = format!(
        "the server redirects to {next}; if that is right, allow it by `--allow-redirect-to {host}`"
    );
    attempt.error(refusal)
}
