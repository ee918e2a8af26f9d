//! One request for a file, and what comes of it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Error, Result, anyhow, bail, ensure};
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, TRANSFER_ENCODING,
};
use reqwest::{Client, Response, StatusCode, Url};

use super::advice::tls_error;
use super::cache::{Cache, Entry, Label};
use super::draft::Draft;
use super::pace::retry_after;
use super::part::{Part, header};
use super::progress::Progress;
use super::web::Expected;
use crate::output::{beginning, tell};

/// The most that is fetched in one run; a real site has 165 MB of HTML.
const MOST_IN_ALL: u64 = 512 << 20;

/// What files are fetched with, one by one.
#[derive(Debug)]
pub(super) struct Transfer {
    client: Client,
    cache: Cache,
    timeout: Duration,
    left: AtomicU64,
}

/// What there is at an address.
pub(super) enum Found {
    File(PathBuf),
    Nothing,
    /// Not what was asked for, or not for us.
    Other(Error),
}

/// Why an attempt gave no answer.
pub(super) enum Failure {
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

impl Transfer {
    pub(super) fn new(client: Client, cache: Cache, timeout: Duration) -> Self {
        Self {
            client,
            cache,
            timeout,
            left: AtomicU64::new(MOST_IN_ALL),
        }
    }

    /// Asks once for what has changed, or for what has not come yet.
    pub(super) async fn attempt(&self, url: &Url, expected: Expected) -> Result<Found, Failure> {
        let entry = self.cache.entry(url, expected.is_long);
        let whole = entry.whole();
        let label = whole.as_ref().map(|(label, _)| label);
        let part = entry.part();
        let mut response = self.ask(url, expected, label, part.as_ref()).await?;
        if let Some(mut part) = part {
            match goes_on(&mut part, &response, expected) {
                Ok(true) => return self.receive(url, &entry, part, response, expected).await,
                Ok(false) => {}
                Err(why) => {
                    tell("note", format_args!("{url}: from the beginning: {why}"));
                    entry.discard();
                    response = self.ask(url, expected, label, None).await?;
                }
            }
        }
        let status = response.status();
        let answered = || anyhow!("the server answered {status}");
        match (status, whole) {
            (StatusCode::OK, _) => self.begin(url, &entry, response, expected).await,
            (StatusCode::NOT_MODIFIED, Some((_, path))) => {
                entry.discard();
                Ok(Found::File(path))
            }
            (StatusCode::NOT_FOUND | StatusCode::GONE, _) => {
                entry.discard();
                Ok(Found::Nothing)
            }
            // Where a listing is forbidden, what is not there is as well.
            (StatusCode::FORBIDDEN, _) => Ok(Found::Other(answered())),
            (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, _) => {
                Err(Failure::Busy(answered(), retry_after(response.headers())))
            }
            _ if status.is_server_error() => Err(Failure::Broken(answered())),
            _ => Err(answered().into()),
        }
    }

    /// Whether something was known of this address, which is not any more.
    pub(super) fn forget(&self, url: &Url) -> bool {
        self.cache.entry(url, false).forget()
    }

    async fn ask(
        &self,
        url: &Url,
        expected: Expected,
        whole: Option<&Label>,
        part: Option<&Draft>,
    ) -> Result<Response, Failure> {
        let mut request = self.client.get(url.clone());
        if !expected.is_long {
            request = request.timeout(self.timeout);
        }
        if let Some(label) = whole {
            request = match (&label.etag, &label.last_modified) {
                (Some(etag), _) => request.header(IF_NONE_MATCH, etag),
                (None, Some(date)) => request.header(IF_MODIFIED_SINCE, date),
                (None, None) => request,
            };
        }
        if let Some(draft) = part {
            request = draft.part.ask(request);
        }
        request.send().await.map_err(broken)
    }

    /// Takes an answer with the whole file.
    async fn begin(
        &self,
        url: &Url,
        entry: &Entry<'_>,
        response: Response,
        expected: Expected,
    ) -> Result<Found, Failure> {
        if let Err(other) = check_type(&response, expected) {
            return Ok(Found::Other(other));
        }
        // Else whatever breaks the connection would make a shorter file.
        if response.content_length().is_none() && !is_chunked(response.headers()) {
            let why = "the server does not say where its answer ends (neither Content-Length nor \
                       chunks)";
            return Err(anyhow!(why).into());
        }
        check_size(response.content_length().unwrap_or_default(), expected)?;
        let draft = entry.begin(&response)?;
        self.receive(url, entry, draft, response, expected).await
    }

    /// Takes the body to its end, which makes the file whole, or leaves what can
    /// be gone on with.
    async fn receive(
        &self,
        url: &Url,
        entry: &Entry<'_>,
        mut draft: Draft,
        response: Response,
        expected: Expected,
    ) -> Result<Found, Failure> {
        match self.fill(url, &mut draft, response, expected).await {
            Ok(()) => Ok(Found::File(entry.keep(draft)?)),
            Err(Failure::Final(error)) => {
                entry.discard();
                Err(Failure::Final(error))
            }
            Err(failure) => {
                draft.note()?;
                Err(failure)
            }
        }
    }

    async fn fill(
        &self,
        url: &Url,
        draft: &mut Draft,
        mut response: Response,
        expected: Expected,
    ) -> Result<(), Failure> {
        let Part {
            size: had,
            total,
            end,
            ..
        } = draft.part;
        let progress = expected
            .is_long
            .then(|| Progress::bytes(url.as_str(), had, total));
        // Who has begun to answer is trusted, and may come to an end next time.
        let cut = |error: reqwest::Error| Failure::Broken(Error::new(error.without_url()));
        while let Some(piece) = response.chunk().await.map_err(cut)? {
            let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            let size = draft.part.size.saturating_add(bytes);
            check_size(size, expected)?;
            if end.is_some_and(|end| size > end) {
                return Err(anyhow!("the server sent more bytes than it said").into());
            }
            self.spend(bytes)?;
            draft.write(&piece)?;
            if let Some(progress) = &progress {
                progress.add(bytes);
            }
        }
        let size = draft.part.size;
        match total {
            Some(total) if total != size => {
                let error = anyhow!("the server sent {size} of {total} bytes");
                Err(Failure::Broken(error))
            }
            _ => Ok(()),
        }
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

/// Whether an answer has the rest of a file.
///
/// # Errors
///
/// If it has something else that was not asked for: then nobody can go on with
/// what came before.
fn goes_on(draft: &mut Draft, response: &Response, expected: Expected) -> Result<bool> {
    match response.status() {
        StatusCode::PARTIAL_CONTENT => {
            check_type(response, expected)?;
            draft.part.go_on(response)?;
            check_size(draft.part.total.unwrap_or_default(), expected)?;
            Ok(true)
        }
        status @ StatusCode::RANGE_NOT_SATISFIABLE => bail!("the server answered {status}"),
        _ => Ok(false),
    }
}

/// Whether the body comes in chunks, of which the last one says that it is. Any
/// other coding, asked for by nobody, would end with the connection.
fn is_chunked(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter().peekable();
    let has_some = codings.peek().is_some();
    has_some && codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
}

fn check_type(response: &Response, expected: Expected) -> Result<()> {
    let encoding = header(response.headers(), CONTENT_ENCODING).unwrap_or_default();
    ensure!(
        encoding.is_empty() || encoding.eq_ignore_ascii_case("identity"),
        "the server sent it as {}, which nobody asked for",
        beginning(&encoding)
    );
    let Some(found) = header(response.headers(), CONTENT_TYPE) else {
        return Ok(());
    };
    let bare = found.split(';').next().unwrap_or_default().trim();
    let mut wanted = expected.content_types.iter();
    ensure!(
        wanted.any(|wanted| bare.eq_ignore_ascii_case(wanted)),
        "the server sent {}, not {}",
        beginning(&found),
        expected.content_types.join(" or ")
    );
    Ok(())
}

fn check_size(size: u64, expected: Expected) -> Result<()> {
    let most = expected.most;
    ensure!(size <= most, "larger than {most} bytes, which is too much");
    Ok(())
}

/// An attempt that the network or the server has ended before an answer came.
fn broken(error: reqwest::Error) -> Failure {
    let is_final = error.is_redirect() || error.is_builder();
    // The address is told with the failure as a whole.
    let error = Error::new(error.without_url());
    match is_final || is_untrusted(&error) {
        true => Failure::Final(error),
        false => Failure::Broken(error),
    }
}

/// Whether it is the certificate that was wrong, which the next attempt will not
/// change: a server that begins anew may say anything else of TLS for a while.
fn is_untrusted(error: &Error) -> bool {
    use rustls::Error::{InvalidCertificate, NoCertificatesPresented};
    matches!(
        tls_error(error.as_ref()),
        Some(InvalidCertificate(_) | NoCertificatesPresented)
    )
}
