//! JSON that somebody else wrote, before it is parsed.

use anyhow::{Result, ensure};

/// In bytes: 64 MB. A dump and an answer of `core.get_methods` have less than
/// 10, with all their texts.
pub(super) const MOST: usize = 64 << 20;
/// A value of two bytes takes more than a hundred once it is parsed. Real
/// ones have 200 000 values.
const MOST_VALUES: usize = 1_000_000;

/// Refuses a text that would fill the memory.
pub(crate) fn check(text: &str) -> Result<()> {
    ensure!(text.len() <= MOST, "larger than {MOST} bytes");
    let (mut values, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            b'"' if !escaped => in_string = !in_string,
            // There is one behind it, or this is one.
            b',' | b'[' | b'{' if !in_string => values = values.saturating_add(1),
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
    }
    ensure!(values <= MOST_VALUES, "more than {MOST_VALUES} values");
    Ok(())
}
