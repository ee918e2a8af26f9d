//! Replaces what tells which system and which people an answer is about, each
//! thing by the same text everywhere.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value;
use truenas_codegen::types::{Method, Types};

use super::names::{is_common, is_name, is_prose, is_serial};
use super::walk::{Possible, Visit, walk};

/// What a text was, and what it has become.
#[derive(Default)]
pub(super) struct Anonymiser {
    names: BTreeMap<String, String>,
    texts: BTreeMap<String, String>,
    serials: BTreeMap<String, String>,
    addresses: BTreeMap<String, String>,
}

/// Learns the names in an answer.
struct Learn<'a>(&'a mut Anonymiser);

/// Replaces what is known.
struct Apply<'a>(&'a mut Anonymiser);

impl Anonymiser {
    /// Learns the names in an answer, for all other answers as well.
    pub(super) fn learn(&mut self, types: &Types, method: Option<&Method>, value: &mut Value) {
        walk(types, method, value, &mut Learn(self));
    }

    /// Replaces everything that could be recognised.
    pub(super) fn apply(&mut self, types: &Types, method: Option<&Method>, value: &mut Value) {
        walk(types, method, value, &mut Apply(self));
    }

    fn add_name(&mut self, name: &str) {
        // The parts of a path or an address are known on their own.
        for part in name.split(['/', '@', '\\']) {
            let part = part.trim();
            let address = without_zone(part);
            let is_address = other_address(address, 0).is_some() || is_local(address);
            if !is_common(part) && !is_address && part != super::mask::MASK {
                number(&mut self.names, part, |number| format!("name{number}"));
            }
        }
    }

    /// The text in place of another.
    fn text(&mut self, text: &str) -> String {
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        if let Some(label) = certificate(text) {
            return format!("-----BEGIN {label}-----\nexample\n-----END {label}-----\n");
        }
        // Names may have blanks; addresses and what stands in sentences has none.
        let parts = [
            '/', '=', ',', ';', '@', '\\', '"', '\'', '(', ')', '\n', '\t',
        ];
        pieces(text, &parts, |piece| {
            self.known(piece).unwrap_or_else(|| {
                pieces(piece, &[' ', '[', ']', '<', '>', '%'], |word| {
                    self.word(word)
                })
            })
        })
    }

    /// Replaces a serial number. Returns whether others are inside of it.
    fn serial(&mut self, value: &mut Value, seen: &Possible<'_>) -> bool {
        match value {
            Value::String(text) => {
                if seen.is_wide || is_open(text, seen) {
                    *text = self.serial_text(text);
                }
                false
            }
            Value::Number(number) => {
                let other = self.serial_text(&number.to_string());
                if let Ok(other) = other.parse() {
                    *number = other;
                }
                false
            }
            // A property of ZFS has its value several times.
            Value::Object(map) => {
                let any = Possible::any();
                for key in ["parsed", "rawvalue", "value"] {
                    if let Some(value) = map.get_mut(key) {
                        self.serial(value, &any);
                    }
                }
                true
            }
            _ => true,
        }
    }

    /// The text in place of a serial number: digits for digits.
    fn serial_text(&mut self, text: &str) -> String {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let width = digits.len().saturating_sub(1);
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        number(&mut self.serials, text, |number| match is_number {
            true => format!("1{number:0>width$}"),
            false => format!("SERIAL{number}"),
        })
    }

    fn word(&mut self, word: &str) -> String {
        self.known(word).unwrap_or_else(|| {
            // A port, a key of a list.
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
        // The same on every system.
        value.get("builtin") != Some(&Value::Bool(true))
    }
}

impl Visit for Apply<'_> {
    fn visit(&mut self, value: &mut Value, key: &str, seen: &Possible<'_>) -> bool {
        if is_serial(key) {
            return self.0.serial(value, seen);
        }
        let Value::String(text) = value else {
            return true;
        };
        if is_open(text, seen) {
            *text = match is_prose(key) {
                true => number(&mut self.0.texts, text, |number| format!("text {number}")),
                false => self.0.text(text),
            };
        }
        false
    }

    fn key(&mut self, key: &str) -> Option<String> {
        Some(self.0.text(key))
    }
}

/// Whether a text may be replaced by any other, and tells something.
fn is_open(text: &str, seen: &Possible<'_>) -> bool {
    (seen.is_text || seen.is_any) && !text.is_empty() && text != super::mask::MASK
}

/// The text in place of another: the same for the same, and numbered.
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

/// Whether this is `user@domain`.
fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    let is_plain = |part: &str| {
        let mut letters = part.chars();
        !part.is_empty() && letters.all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c))
    };
    parts.is_some_and(|(user, domain)| is_plain(user) && is_plain(domain) && domain.contains('.'))
}

/// The host in an address such as `https://nas.example:8443/ui`.
fn host(text: &str) -> Option<&str> {
    let authority = text.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    // In brackets is an address.
    (!host.starts_with('[')).then(|| host.split(':').next())?
}

/// The label of a block such as `-----BEGIN CERTIFICATE-----`.
fn certificate(text: &str) -> Option<&str> {
    let (label, _) = text.split_once("-----BEGIN ")?.1.split_once("-----")?;
    Some(label)
}

/// An address of a network for documentation, or of a private one when those
/// are used up, in place of one that tells something. Each number has its own.
fn other_address(text: &str, number: usize) -> Option<String> {
    if is_local(text) {
        return None;
    }
    let number = u32::try_from(number).ok()?;
    let [high, middle, low, least] = number.to_be_bytes();
    if text.parse::<Ipv4Addr>().is_ok() {
        let networks = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];
        let network = usize::try_from(number / 250).ok()?;
        let host = u8::try_from(number % 250).ok()?.saturating_add(1);
        let address = match networks.get(network) {
            Some(&[a, b, c]) => Ipv4Addr::new(a, b, c, host),
            None => Ipv4Addr::new(10, middle, low, least),
        };
        return Some(address.to_string());
    }
    if text.contains("::") || text.matches(':').count() == 7 {
        let [upper, lower] = [
            number.saturating_add(1) >> 16,
            number.saturating_add(1) & 0xffff,
        ];
        let (upper, lower) = (u16::try_from(upper).ok()?, u16::try_from(lower).ok()?);
        let address: Option<Ipv6Addr> = text.parse().ok();
        return address.map(|_| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, upper, lower).to_string());
    }
    let hexadecimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lengths = |mark: char| -> Vec<usize> {
        let parts = text.split(mark);
        parts
            .map(|part| if hexadecimal(part) { part.len() } else { 0 })
            .collect()
    };
    if lengths(':') == [2; 6] {
        return Some(match number {
            0..=255 => format!("00:00:5e:00:53:{least:02x}"),
            _ => format!("02:00:{high:02x}:{middle:02x}:{low:02x}:{least:02x}"),
        });
    }
    if lengths('-') == [8, 4, 4, 4, 12] {
        return Some(format!("00000000-0000-4000-8000-{number:012x}"));
    }
    None
}

/// An address such as `fe80::1%eth0` without the interface.
fn without_zone(text: &str) -> &str {
    text.split_once('%').map_or(text, |(address, _)| address)
}

/// Whether this is an address that every system has, or a mask.
fn is_local(text: &str) -> bool {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        let [first, ..] = address.octets();
        return [0, 127, 255].contains(&first);
    }
    text.parse::<Ipv6Addr>()
        .is_ok_and(|address| address.is_loopback() || address.is_unspecified())
}
