//! How much of a file has come, and whether an answer goes on with it (RFC
//! 9110, sections 8.8, 13.1.5 and 14).

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::header::{
    CONTENT_RANGE, DATE, ETAG, HeaderMap, HeaderName, IF_RANGE, LAST_MODIFIED, RANGE,
};
use reqwest::{RequestBuilder, Response, Url};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cache::{Label, hex};
use crate::output::beginning;

/// The longest tag or date by which a server knows a file.
const LONGEST_TAG: usize = 1 << 10;
/// A file may change twice within the second that its date names, and a
/// server's clocks differ.
const LASTING: Duration = Duration::from_secs(60);

/// What has come of a file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Part {
    /// Its hash is that of the first `size` bytes.
    pub(super) label: Label,
    /// The hash of where it came from in the end: elsewhere, a tag may stand for
    /// another file.
    address: String,
    /// In bytes.
    pub(super) size: u64,
    /// That of the whole, if the server says it.
    pub(super) total: Option<u64>,
    /// How much has come once the answer ends that is being taken, if the server
    /// says it.
    #[serde(skip)]
    pub(super) end: Option<u64>,
}

impl Part {
    /// None yet of what this answer has.
    pub(super) fn none(url: &Url, response: &Response) -> Self {
        let tag = |name| header(response.headers(), name).filter(|tag| tag.len() <= LONGEST_TAG);
        Self {
            label: Label::new(url, tag(ETAG), tag(LAST_MODIFIED)),
            address: address(response),
            size: 0,
            total: response.content_length(),
            end: response.content_length(),
        }
    }

    /// Whether the server will be able to tell that the file is the same still,
    /// byte for byte, if this is the beginning of its answer.
    pub(super) fn is_lasting(&self, headers: &HeaderMap) -> bool {
        let date = |text: &str| httpdate::parse_http_date(text).ok();
        match (&self.label.etag, &self.label.last_modified) {
            // A weak one begins with `W/`.
            (Some(tag), _) => tag.len() > 1 && tag.starts_with('"') && tag.ends_with('"'),
            (None, Some(changed)) => {
                let said = header(headers, DATE).and_then(|said| date(&said));
                let age = said.zip(date(changed));
                let age = age.and_then(|(said, changed)| said.duration_since(changed).ok());
                age.is_some_and(|age| age >= LASTING)
            }
            (None, None) => false,
        }
    }

    /// Asks for the rest, or for the whole if the file has changed.
    pub(super) fn ask(&self, request: RequestBuilder) -> RequestBuilder {
        let label = &self.label;
        match label.etag.as_ref().or(label.last_modified.as_ref()) {
            Some(validator) => request
                .header(RANGE, format!("bytes={}-", self.size))
                .header(IF_RANGE, validator),
            None => request,
        }
    }

    /// Takes up an answer that goes on with it.
    ///
    /// # Errors
    ///
    /// If it is anything else.
    pub(super) fn go_on(&mut self, response: &Response) -> Result<()> {
        let headers = response.headers();
        ensure!(
            address(response) == self.address,
            "it came from another address before"
        );
        ensure!(
            header(headers, ETAG) == self.label.etag,
            "the server sent a part of another file"
        );
        let date = header(headers, LAST_MODIFIED);
        ensure!(
            self.label.etag.is_some() || date.is_none() || date == self.label.last_modified,
            "the server sent a part of a file of another date"
        );
        let range = header(headers, CONTENT_RANGE).unwrap_or_default();
        let (first, last, total) = numbers(&range).with_context(|| {
            format!(
                "the server does not say what it sent ({})",
                beginning(&range)
            )
        })?;
        ensure!(
            first == self.size && self.total.is_none_or(|before| before == total),
            "the server sent {}, not from byte {} on",
            beginning(&range),
            self.size
        );
        let end = last.saturating_add(1);
        let length = end.checked_sub(first).filter(|length| *length > 0);
        ensure!(
            last < total
                && length.is_some()
                && response
                    .content_length()
                    .is_none_or(|said| length == Some(said)),
            "the server sent {}, and not so many bytes",
            beginning(&range)
        );
        (self.total, self.end) = (Some(total), Some(end));
        Ok(())
    }
}

/// Without its query, by which a mirror lets somebody in for some minutes, and
/// as a hash, as its path may do so as well.
fn address(response: &Response) -> String {
    let url = response.url();
    let origin = url.origin().ascii_serialization();
    hex(Sha256::digest(origin + url.path()))
}

/// The first byte, the last byte and the number of all, as in `bytes 2-8/9`.
fn numbers(range: &str) -> Option<(u64, u64, u64)> {
    let (range, total) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((number(first)?, number(last)?, number(total)?))
}

/// Digits and no sign.
fn number(digits: &str) -> Option<u64> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| digits.parse().ok()).flatten()
}

/// The text of a header; of the first if there are several of the name.
pub(super) fn header(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
