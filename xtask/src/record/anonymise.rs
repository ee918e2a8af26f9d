//! Replaces everything that identifies the system or people, each value by the
//! same text everywhere.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value;
use truenas_codegen::types::{Method, Types};

use super::names::{is_common, is_name, is_prose, is_serial};
use super::walk::{Possible, Visit, walk};

/// The original texts with their replacements.
#[derive(Default)]
pub(super) struct Anonymiser {
    names: BTreeMap<String, String>,
    texts: BTreeMap<String, String>,
    serials: BTreeMap<String, String>,
    addresses: BTreeMap<String, String>,
}

/// Learns the names in an answer.
struct Learn<'a>(&'a mut Anonymiser);

/// Replaces the known names.
struct Apply<'a>(&'a mut Anonymiser);

impl Anonymiser {
    /// Learns the names in an answer, for all other answers as well.
    pub(super) fn learn(&mut self, types: &Types, method: Option<&Method>, value: &mut Value) {
        walk(types, method, value, &mut Learn(self));
    }

    /// Replaces everything that is recognised.
    pub(super) fn apply(&mut self, types: &Types, method: Option<&Method>, value: &mut Value) {
        walk(types, method, value, &mut Apply(self));
    }

    fn add_name(&mut self, name: &str) {
        // The parts of a path or an address are replaced on their own.
        for part in name.split(['/', '@', '\\']) {
            let part = part.trim();
            let is_address = other_address(part, 0).is_some() || is_local(part);
            if !is_common(part) && !is_address && part != super::mask::MASK {
                number(&mut self.names, part, |number| format!("name{number}"));
            }
        }
    }

    /// Returns the replacement for a text.
    fn text(&mut self, text: &str) -> String {
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        if let Some(label) = certificate(text) {
            return format!("-----BEGIN {label}-----\nexample\n-----END {label}-----\n");
        }
        // Names may contain spaces. Addresses and words in sentences do not.
        let parts = [
            '/', '=', ',', ';', '@', '\\', '"', '\'', '(', ')', '\n', '\t',
        ];
        pieces(text, &parts, |piece| {
            self.known(piece).unwrap_or_else(|| {
                pieces(piece, &[' ', '[', ']', '<', '>'], |word| self.word(word))
            })
        })
    }

    fn word(&mut self, word: &str) -> String {
        self.known(word).unwrap_or_else(|| {
            // For example a port or a key of a list.
            pieces(word, &[':'], |part| {
                self.known(part).unwrap_or_else(|| part.to_owned())
            })
        })
    }

    fn known(&mut self, piece: &str) -> Option<String> {
        if let Some(name) = self.names.get(piece) {
            return Some(name.clone());
        }
        let count = self.addresses.len();
        let other = other_address(piece, count)?;
        Some(
            self.addresses
                .entry(piece.to_owned())
                .or_insert(other)
                .clone(),
        )
    }
}

impl Visit for Learn<'_> {
    fn visit(&mut self, value: &mut Value, key: &str, seen: &Possible<'_>) -> bool {
        if let Value::String(text) = value
            && (seen.is_text || seen.is_any)
        {
            if is_name(key) || is_email(text) {
                self.0.add_name(text);
            } else if let Some(host) = host(text) {
                self.0.add_name(host);
            }
        }
        // These are the same on every system.
        value.get("builtin") != Some(&Value::Bool(true))
    }
}

impl Visit for Apply<'_> {
    fn visit(&mut self, value: &mut Value, key: &str, seen: &Possible<'_>) -> bool {
        let Value::String(text) = value else {
            return true;
        };
        let is_open = seen.is_text || seen.is_any;
        if text.is_empty() || text == super::mask::MASK || !is_open {
            return false;
        }
        *text = if is_prose(key) {
            number(&mut self.0.texts, text, |number| format!("text {number}"))
        } else if is_serial(key) {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            let digits = text.len();
            number(&mut self.0.serials, text, |number| match is_number {
                true => format!("1{number:0>width$}", width = digits.saturating_sub(1)),
                false => format!("SERIAL{number}"),
            })
        } else {
            self.0.text(text)
        };
        false
    }

    fn key(&mut self, key: &str) -> Option<String> {
        Some(self.0.text(key))
    }
}

/// Returns the replacement for a text. Equal texts get the same number.
fn number(
    known: &mut BTreeMap<String, String>,
    text: &str,
    make: impl FnOnce(usize) -> String,
) -> String {
    let next = known.len() + 1;
    let entry = known.entry(text.to_owned());
    entry.or_insert_with(|| make(next)).clone()
}

/// Replaces the pieces of a text between separators.
fn pieces(text: &str, separators: &[char], mut replace: impl FnMut(&str) -> String) -> String {
    let pieces = text.split_inclusive(separators).map(|piece| {
        let bare = piece.trim_end_matches(separators);
        let end = piece.strip_prefix(bare).unwrap_or_default();
        replace(bare) + end
    });
    pieces.collect()
}

/// Returns whether a text is `user@domain`.
fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    let is_plain = |part: &str| {
        let mut letters = part.chars();
        !part.is_empty() && letters.all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c))
    };
    parts.is_some_and(|(user, domain)| is_plain(user) && is_plain(domain) && domain.contains('.'))
}

/// Returns the host in an address such as `https://nas.example:8443/ui`.
fn host(text: &str) -> Option<&str> {
    let authority = text.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    // The brackets contain an address.
    (!host.starts_with('[')).then(|| host.split(':').next())?
}

/// Returns the label of a block such as `-----BEGIN CERTIFICATE-----`.
fn certificate(text: &str) -> Option<&str> {
    let (label, _) = text.split_once("-----BEGIN ")?.1.split_once("-----")?;
    Some(label)
}

/// Returns an address reserved for documentation, or `None` if the text does
/// not identify anything.
fn other_address(text: &str, number: usize) -> Option<String> {
    if is_local(text) {
        return None;
    }
    let byte = |number: usize| u8::try_from(number % 250).unwrap_or_default();
    if text.parse::<Ipv4Addr>().is_ok() {
        // There are three networks for documentation; then the numbers start
        // again.
        let networks = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];
        let [a, b, c] = networks.get(number / 250 % 3).copied()?;
        return Some(Ipv4Addr::new(a, b, c, byte(number) + 1).to_string());
    }
    if text.contains("::") || text.matches(':').count() == 7 {
        let low = u16::try_from(number % 65_535).unwrap_or_default() + 1;
        let address: Option<Ipv6Addr> = text.parse().ok();
        return address.map(|_| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, low).to_string());
    }
    let hexadecimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lengths = |mark: char| -> Vec<usize> {
        let parts = text.split(mark);
        parts
            .map(|part| if hexadecimal(part) { part.len() } else { 0 })
            .collect()
    };
    if lengths(':') == [2; 6] {
        return Some(format!("00:00:5e:00:53:{:02x}", byte(number)));
    }
    if lengths('-') == [8, 4, 4, 4, 12] {
        return Some(format!("00000000-0000-4000-8000-{number:012x}"));
    }
    None
}

/// Returns whether this is an address that every system has, or a network mask.
fn is_local(text: &str) -> bool {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        let [first, ..] = address.octets();
        return [0, 127, 255].contains(&first);
    }
    text.parse::<Ipv6Addr>()
        .is_ok_and(|address| address.is_loopback() || address.is_unspecified())
}
