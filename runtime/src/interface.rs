//! Addresses with the length of their network, in the API's extended JSON.

use std::fmt;

use serde_json::{Map, Value};

use crate::json::Json;
use crate::reader::Reader;
use crate::tape::View;

/// An address of an interface: `192.0.2.1/24`.
///
/// The server writes `{"$ipv4_interface": …}`, `{"$ipv6_interface": …}` or a
/// plain string; each goes back the way it came, and one made here goes out as
/// a string.
///
/// ```
/// use truenas_runtime::{IpInterface, from_str, to_string};
///
/// let read: IpInterface = from_str(r#"{"$ipv4_interface": "192.0.2.1/24"}"#)?;
/// assert_eq!(read.as_str(), "192.0.2.1/24");
/// assert_eq!(to_string(&read), r#"{"$ipv4_interface":"192.0.2.1/24"}"#);
/// assert_eq!(to_string(&IpInterface::from("::1/128")), r#""::1/128""#);
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IpInterface {
    text: String,
    /// The key it is wrapped in.
    key: Option<&'static str>,
}

impl IpInterface {
    /// The address as the server writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<String> for IpInterface {
    fn from(text: String) -> Self {
        Self { text, key: None }
    }
}

impl From<&str> for IpInterface {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Display for IpInterface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Json for IpInterface {
    fn read(reader: &Reader<'_>) -> Self {
        if let View::Object(entries) = reader.value() {
            for key in ["$ipv4_interface", "$ipv6_interface"] {
                if let Some(text) = entries.only(key) {
                    return Self {
                        text: reader.key(key, Some(text)).text(),
                        key: Some(key),
                    };
                }
            }
        }
        if !matches!(reader.value(), View::Text(_)) {
            reader.mismatch("`{\"$ipv4_interface\": …}`, `{\"$ipv6_interface\": …}` or string");
        }
        reader.text().into()
    }

    fn write(&self) -> Value {
        let text = Value::String(self.text.clone());
        match self.key {
            Some(key) => Value::Object(Map::from_iter([(key.to_owned(), text)])),
            None => text,
        }
    }
}
