//! Lists that are read entry by entry, so that an entry that does not fit its
//! type does not affect the others.

use std::ops::Range;

use crate::answer::Answer;
use crate::error::DecodeError;
use crate::json::Json;
use crate::source::string_length;

/// The entries of a list, each with an error if it could not be read.
pub(crate) type Rows<T> = Vec<Result<T, DecodeError>>;

/// Reads the entries of a list one by one. The path of an error begins with the
/// entry's index, counted from `first`.
pub(crate) fn read_rows<T: Json>(answer: &Answer, first: usize) -> Result<Rows<T>, DecodeError> {
    // Usually all entries fit, and this is the faster way.
    let error = match answer.read::<Vec<T>>() {
        Ok(entries) => return Ok(entries.into_iter().map(Ok).collect()),
        Err(error) => error,
    };
    let entries = entries(answer.text()).ok_or(error)?;
    let read = |(index, range)| {
        let entry = answer.slice(range).read();
        entry.map_err(|error| error.of_entry(index))
    };
    Ok((first..).zip(entries).map(read).collect())
}

/// Reads all entries of a list. The error is that of the first entry that does
/// not fit, and includes the number of all such entries.
pub(crate) fn read_all<T: Json>(answer: &Answer) -> Result<Vec<T>, DecodeError> {
    answer.read().map_err(|error: DecodeError| {
        let Some(entries) = entries(answer.text()) else {
            return error;
        };
        let total = entries.len();
        let unread = entries
            .into_iter()
            .filter(|range| answer.slice(range.clone()).read::<T>().is_err())
            .count();
        error.of_entries(unread, total)
    })
}

/// Returns the positions of a list's entries in its text, or `None` if it is
/// not a complete list. The entries themselves do not have to be JSON: the
/// server may have written `NaN`.
fn entries(text: &str) -> Option<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    let mut entries = Vec::new();
    // The closing brackets of the open lists and objects.
    let mut open: Vec<u8> = Vec::new();
    let mut at = bytes.len().checked_sub(text.trim_ascii_start().len())?;
    let mut start = at.saturating_add(1);
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    loop {
        let rest = bytes.get(at..)?;
        let byte = *rest.first()?;
        match byte {
            b'[' => open.push(b']'),
            b'{' => open.push(b'}'),
            b']' | b'}' if open.pop() != Some(byte) => return None,
            _ => {}
        }
        if open.is_empty() || (byte == b',' && open.len() == 1) {
            entries.push(trimmed(text, start..at));
            start = at.saturating_add(1);
        }
        if open.is_empty() {
            break;
        }
        at = at.saturating_add(if byte == b'"' { string_length(rest) } else { 1 });
    }
    if !text.get(start..)?.trim_ascii().is_empty() {
        return None;
    }
    if entries.len() == 1 {
        entries.retain(|entry| !entry.is_empty());
    }
    let whole = entries.iter().all(|entry| !entry.is_empty());
    whole.then_some(entries)
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let entry = text.get(range.clone()).unwrap_or_default();
    let start = range.end.saturating_sub(entry.trim_ascii_start().len());
    start..start.saturating_add(entry.trim_ascii().len())
}
