//! Moments, in the API's extended JSON.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::json::Json;
use crate::number::floor;
use crate::reader::{Mode, Reader};
use crate::tape::View;

const KEY: &str = "$date";
const DAY_MILLIS: i64 = 86_400_000;

/// A moment: `{"$date": milliseconds since 1970, UTC}`.
///
/// A string in place of a time, and `{"$date": null}`, are kept unchanged.
/// Moments sort by time, strings after them by their characters. Fractions of a
/// millisecond are rounded down.
///
/// ```
/// use truenas_runtime::{DateTime, from_str, to_string};
///
/// let time: DateTime = from_str(r#"{"$date": 1700000000123}"#)?;
/// assert_eq!(time.to_string(), "2023-11-14T22:13:20.123Z");
/// assert_eq!(to_string(&time), r#"{"$date":1700000000123}"#);
///
/// let text: DateTime = from_str(r#""2023-11-14""#)?;
/// assert_eq!(text.millis(), None);
/// assert_eq!(to_string(&text), r#""2023-11-14""#);
///
/// let none: DateTime = from_str(r#"{"$date": null}"#)?;
/// assert_eq!(none.millis(), None);
/// assert_eq!(to_string(&none), r#"{"$date":null}"#);
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(Moment);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Moment {
    Millis(i64),
    Text(String),
    /// `{"$date": null}`
    None,
}

impl DateTime {
    /// So many milliseconds after the start of 1970, UTC.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(Moment::Millis(millis))
    }

    /// Returns the milliseconds since the start of 1970, UTC, or `None` if the
    /// server sent a string or null.
    #[must_use]
    pub const fn millis(&self) -> Option<i64> {
        match self.0 {
            Moment::Millis(millis) => Some(millis),
            Moment::Text(_) | Moment::None => None,
        }
    }

    /// The same as the standard library has it; `None` if the server sent a
    /// string or null, or where the system's clock does not reach.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use truenas_runtime::DateTime;
    ///
    /// let start = DateTime::from(SystemTime::UNIX_EPOCH);
    /// assert_eq!(start, DateTime::from_millis(0));
    /// assert_eq!(start.system_time(), Some(SystemTime::UNIX_EPOCH));
    /// ```
    #[must_use]
    pub fn system_time(&self) -> Option<SystemTime> {
        let millis = self.millis()?;
        let distance = Duration::from_millis(millis.unsigned_abs());
        if millis < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        }
    }
}

/// To the millisecond, rounded towards 1970.
impl From<SystemTime> for DateTime {
    fn from(time: SystemTime) -> Self {
        let millis = |distance: Duration| i64::try_from(distance.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => millis(after),
            Err(before) => -millis(before.duration()),
        })
    }
}

impl From<String> for DateTime {
    /// A time in the server's own words, sent as a string.
    fn from(text: String) -> Self {
        Self(Moment::Text(text))
    }
}

/// Writes RFC 3339, or the string or `null` that the server sent in its place.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = match &self.0 {
            Moment::Millis(millis) => *millis,
            Moment::Text(text) => return f.write_str(text),
            Moment::None => return f.write_str("null"),
        };
        let (year, month, day) = civil(millis.div_euclid(DAY_MILLIS));
        let of_day = millis.rem_euclid(DAY_MILLIS);
        let (seconds, fraction) = (of_day / 1000, of_day % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        if fraction != 0 {
            write!(f, ".{fraction:03}")?;
        }
        f.write_str("Z")
    }
}

/// Year, month and day of a number of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted from March of year 0: then a leap day is the last of its year,
    // of its four years, and of its 400.
    const MARCH_0000: i64 = -719_468;
    const MONTHS: [i64; 11] = [31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31];

    let (eras, rest) = divided(days - MARCH_0000, 146_097, i64::MAX);
    let (centuries, rest) = divided(rest, 36_524, 3);
    let (leap_cycles, rest) = divided(rest, 1_461, 24);
    let (years, mut rest) = divided(rest, 365, 3);

    let mut months = 0;
    for length in MONTHS {
        if rest < length {
            break;
        }
        rest -= length;
        months += 1;
    }
    let year = 400 * eras + 100 * centuries + 4 * leap_cycles + years + months / 10;
    (year, (months + 2) % 12 + 1, rest + 1)
}

/// Quotient and rest; the quotient is at most `most`, as the last period may
/// be a day longer.
fn divided(days: i64, length: i64, most: i64) -> (i64, i64) {
    let periods = days.div_euclid(length).min(most);
    (periods, days - periods * length)
}

impl Moment {
    /// Reads the value of `$date`.
    fn read(reader: &Reader<'_>) -> Self {
        let below = match reader.value() {
            View::Null => return Self::None,
            View::Number(number) if reader.mode() != Mode::Strict => floor(number),
            _ => None,
        };
        below
            .and_then(|millis| millis.try_into().ok())
            .map_or_else(|| Self::Millis(Json::read(reader)), Self::Millis)
    }
}

impl Json for DateTime {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.value() {
            View::Text(text) => return text.to_owned().into(),
            View::Object(entries) => {
                if let Some(millis) = entries.only(KEY) {
                    return Self(Moment::read(&reader.key(KEY, Some(millis))));
                }
            }
            _ => {}
        }
        reader.mismatch("`{\"$date\": …}` or string");
        Self::from_millis(0)
    }

    fn write(&self) -> Value {
        match &self.0 {
            Moment::Millis(millis) => wrapped((*millis).into()),
            Moment::Text(text) => Value::String(text.clone()),
            Moment::None => wrapped(Value::Null),
        }
    }
}

fn wrapped(millis: Value) -> Value {
    Value::Object(Map::from_iter([(KEY.to_owned(), millis)]))
}
