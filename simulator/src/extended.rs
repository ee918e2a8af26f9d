//! The values that JSON has no form for, as the API writes them: an object
//! with a key that starts with `$`.

use serde_json::Value;

/// Refuses what looks like such a value and is none.
pub(crate) fn check(value: &Value) -> Result<(), String> {
    match value {
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(object) => {
            for (key, inner) in object {
                let well_formed = match (key.as_str(), object.len()) {
                    ("$date", 1) => inner.is_i64() || inner.is_f64(),
                    ("$time", 1) => inner.as_str().is_some_and(is_time),
                    ("$set", 1) => inner.is_array(),
                    ("$type", 2) if inner == "date" => {
                        let day = object.get("$value").and_then(Value::as_str);
                        day.is_some_and(is_day)
                    }
                    ("$ipv4_interface", 1) => {
                        inner.as_str().is_some_and(|text| is_interface(text, false))
                    }
                    ("$ipv6_interface", 1) => {
                        inner.as_str().is_some_and(|text| is_interface(text, true))
                    }
                    _ => true,
                };
                if !well_formed {
                    return Err(format!("the value of {key:?} is malformed"));
                }
                check(inner)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// `YYYY-MM-DD`.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year, month, day] => {
            year.len() == 4
                && number(year, 9999).is_some_and(|year| year > 0)
                && month.len() == 2
                && number(month, 12).is_some_and(|month| month > 0)
                && day.len() == 2
                && number(day, 31).is_some_and(|day| day > 0)
        }
        _ => false,
    }
}

/// `HH:MM:SS[.ffffff][±HH:MM]`.
fn is_time(text: &str) -> bool {
    let (clock, offset) = match text.find(['+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let fine = |text: &str, limit| text.len() == 2 && number(text, limit).is_some();
    let parts: Vec<&str> = clock.split(':').collect();
    let clock = matches!(parts.as_slice(), [hour, minute, second]
        if fine(hour, 23) && fine(minute, 59) && fine(second, 59));
    let offset = match offset.get(1..).map(|offset| offset.split_once(':')) {
        None => true,
        Some(Some((hours, minutes))) => fine(hours, 23) && fine(minutes, 59),
        Some(None) => false,
    };
    clock && offset && fraction.len() <= 6 && number(fraction, 999_999).is_some()
}

/// An address, with or without the length of its network.
fn is_interface(text: &str, six: bool) -> bool {
    let (address, length) = text.split_once('/').unwrap_or((text, "0"));
    if six {
        address.parse::<std::net::Ipv6Addr>().is_ok() && number(length, 128).is_some()
    } else {
        address.parse::<std::net::Ipv4Addr>().is_ok() && number(length, 32).is_some()
    }
}

fn number(text: &str, limit: u32) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.filter(|number| *number <= limit)
}
