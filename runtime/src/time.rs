//! Times of day, in the API's extended JSON.

use std::fmt;

use serde_json::{Map, Value};

use crate::json::Json;
use crate::reader::Reader;
use crate::tape::View;

const KEY: &str = "$time";

/// A time of day: `{"$time": "HH:MM:SS"}`, maybe with a fraction and an offset.
///
/// A plain string or `{"$time": null}` from the server is sent back unchanged.
///
/// ```
/// use truenas_runtime::{Time, from_str, to_string};
///
/// let time: Time = from_str(r#"{"$time": "23:45:00+01:00"}"#)?;
/// assert_eq!(time.as_str(), "23:45:00+01:00");
///
/// let made = Time::new(23, 45, 0).ok_or("no time of day")?;
/// assert_eq!(to_string(&made), r#"{"$time":"23:45:00"}"#);
/// assert_eq!(to_string(&Time::from("23:45".to_owned())), r#""23:45""#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Time {
    /// `None` if the server sent null.
    text: Option<String>,
    wrapped: bool,
}

impl Time {
    /// A time of day; `None` if there is no such time.
    #[must_use]
    pub fn new(hour: u8, minute: u8, second: u8) -> Option<Self> {
        (hour < 24 && minute < 60 && second < 60).then(|| Self {
            text: Some(format!("{hour:02}:{minute:02}:{second:02}")),
            wrapped: true,
        })
    }

    /// Returns the time as the server writes it; empty if it sent null.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// A time that is sent as a plain string.
impl From<String> for Time {
    fn from(text: String) -> Self {
        Self {
            text: Some(text),
            wrapped: false,
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Json for Time {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.value() {
            View::Text(text) => return text.to_owned().into(),
            View::Object(entries) => {
                if let Some(text) = entries.only(KEY) {
                    return Self {
                        text: Json::read(&reader.key(KEY, Some(text))),
                        wrapped: true,
                    };
                }
            }
            _ => {}
        }
        reader.mismatch("`{\"$time\": …}` or string");
        String::new().into()
    }

    fn write(&self) -> Value {
        let text = self.text.write();
        if self.wrapped {
            Value::Object(Map::from_iter([(KEY.to_owned(), text)]))
        } else {
            text
        }
    }
}
