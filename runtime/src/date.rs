//! Days, in the API's extended JSON.

use std::fmt;

use serde_json::{Value, json};

use crate::json::Json;
use crate::reader::Reader;
use crate::tape::View;

const KEY: &str = "$value";

/// A day: `{"$type": "date", "$value": "YYYY-MM-DD"}`.
///
/// A plain string or a null `$value` from the server is sent back unchanged.
///
/// ```
/// use truenas_runtime::{Date, from_str, to_string};
///
/// let made = Date::new(2024, 2, 29).ok_or("no such day")?;
/// assert_eq!(to_string(&made), r#"{"$type":"date","$value":"2024-02-29"}"#);
/// assert_eq!(from_str::<Date>(r#"{"$type": "date", "$value": "2024-02-29"}"#)?, made);
/// assert_eq!(Date::new(2023, 2, 29), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Date {
    /// `None` if the server sent null.
    text: Option<String>,
    wrapped: bool,
}

impl Date {
    /// A day; `None` if there is no such day, or not between the years 1 and 9999.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 => 28 + u8::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        ((1..=9999).contains(&year) && (1..=days).contains(&day)).then(|| Self {
            text: Some(format!("{year:04}-{month:02}-{day:02}")),
            wrapped: true,
        })
    }

    /// Returns the day as the server writes it; empty if it sent null.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// A day that is sent as a plain string.
impl From<String> for Date {
    fn from(text: String) -> Self {
        Self {
            text: Some(text),
            wrapped: false,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Json for Date {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.value() {
            View::Text(text) => return text.to_owned().into(),
            View::Object(entries) => {
                let map = entries.sorted();
                if let (2, Some(View::Text("date"))) =
                    (map.len(), map.get("$type").map(|kind| kind.view()))
                {
                    let value = map.get(KEY).copied();
                    let place = reader.key(KEY, value);
                    if value.is_none() {
                        place.missing();
                    }
                    return Self {
                        text: Json::read(&place),
                        wrapped: true,
                    };
                }
            }
            _ => {}
        }
        reader.mismatch("`{\"$type\": \"date\", …}` or string");
        String::new().into()
    }

    fn write(&self) -> Value {
        if self.wrapped {
            json!({"$type": "date", KEY: self.text})
        } else {
            self.text.write()
        }
    }
}
