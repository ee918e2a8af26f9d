//! API keys, and the forms they come in.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use configparser::ini::Ini;
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use zeroize::Zeroizing;

use super::scram::Keys;

/// The section of an INI file that holds the key, if there is more than one.
const SECTION: &str = "TRUENAS_API_KEY";

/// An API key of a user: what a TrueNAS shows once when the key is made.
///
/// `Debug` shows its number only, and its memory is wiped when it is dropped.
///
/// ```
/// use truenas_runtime::client::auth::ApiKey;
///
/// let key: ApiKey = "7-Lg3PzqTnK0vRw8yXaYb2".parse()?;
/// assert_eq!(format!("{key:?}"), "ApiKey(7-…)");
/// # Ok::<(), truenas_runtime::client::auth::KeyError>(())
/// ```
#[derive(Clone)]
pub struct ApiKey {
    id: u64,
    material: Material,
}

/// What of a key the holder has.
#[derive(Clone)]
pub(super) enum Material {
    /// The text after `<id>-`.
    Text(SecretString),
    /// What SCRAM derives from the text, which is not known.
    Keys(Keys),
}

impl ApiKey {
    /// Reads the key from a file: JSON, INI, or the key's text alone.
    ///
    /// A JSON file holds an object, an INI file the section
    /// `[TRUENAS_API_KEY]` or one section only. In it stands either
    /// `raw_key`, the text of the key, or `client_key`, `stored_key` and
    /// `server_key` in base64 with the number `api_key_id`. With the latter
    /// only SCRAM is possible, which needs TrueNAS 26.0.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or holds no key. The error says which file and
    /// what is wrong in it, and nothing of what it holds.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let fail = |problem| KeyError::new(path.display(), problem);
        let content = std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|error| fail(Problem::Unreadable(error.kind())))?;
        let content = content.trim_start_matches('\u{feff}').trim();
        let found = if content.starts_with('{') {
            from_json(content)
        } else if content.contains(['=', '[', '\n']) {
            from_ini(content)
        } else {
            from_text(content)
        };
        found.map_err(fail)
    }

    /// Reads the key's text from an environment variable.
    ///
    /// # Errors
    ///
    /// The variable is not set or holds no key.
    pub fn from_env(variable: &str) -> Result<Self, KeyError> {
        let fail = |problem| KeyError::new(format_args!("${variable}"), problem);
        let text = std::env::var(variable)
            .map(Zeroizing::new)
            .map_err(|error| {
                fail(match error {
                    std::env::VarError::NotPresent => Problem::NotSet,
                    std::env::VarError::NotUnicode(_) => Problem::NoKey,
                })
            })?;
        from_text(text.trim()).map_err(fail)
    }

    /// The number of the key on its server.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn material(&self) -> &Material {
        &self.material
    }

    /// The whole key as it is shown to its user, if it is known.
    pub(super) fn plain(&self) -> Option<Zeroizing<String>> {
        match &self.material {
            Material::Text(text) => {
                let (id, text) = (self.id, text.expose_secret());
                Some(Zeroizing::new(format!("{id}-{text}")))
            }
            Material::Keys(_) => None,
        }
    }
}

impl FromStr for ApiKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        from_text(text.trim()).map_err(|problem| KeyError::new("the API key", problem))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}-…)", self.id)
    }
}

/// There is no API key where one was looked for.
///
/// Says where and what to do, and nothing of what was found there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct KeyError {
    place: String,
    problem: Problem,
}

impl KeyError {
    fn new(place: impl fmt::Display, problem: Problem) -> Self {
        Self {
            place: place.to_string(),
            problem,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("cannot be read ({0})")]
    Unreadable(io::ErrorKind),
    #[error("is not set; put the API key into it")]
    NotSet,
    #[error(
        "is not of the form <number>-<letters and digits>; copy the key as TrueNAS showed it when it was made"
    )]
    NoKey,
    #[error("is not JSON (line {line}, column {column})")]
    Json { line: usize, column: usize },
    #[error("is not an INI file")]
    Ini,
    #[error("has more than one section and no [{SECTION}]")]
    Section,
    #[error("`{0}` has to be text or a number")]
    Kind(String),
    #[error("has neither `raw_key` nor `{0}`")]
    Missing(&'static str),
    #[error("`raw_key` {0}")]
    Raw(Box<Problem>),
    #[error("`api_key_id` is not the number that `raw_key` begins with, or no number")]
    Id,
    #[error("`{0}` is not base64 of 64 bytes")]
    Base64(&'static str),
    #[error("`stored_key` does not belong to `client_key`; have the file made again")]
    Mismatch,
}

type Fields = BTreeMap<String, Zeroizing<String>>;

fn from_text(text: &str) -> Result<ApiKey, Problem> {
    let (id, key) = text.split_once('-').ok_or(Problem::NoKey)?;
    let digits = id.bytes().all(|byte| byte.is_ascii_digit());
    let plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match id.parse() {
        Ok(id) if digits && plain => Ok(ApiKey {
            id,
            material: Material::Text(key.into()),
        }),
        _ => Err(Problem::NoKey),
    }
}

fn from_json(content: &str) -> Result<ApiKey, Problem> {
    let object: serde_json::Map<String, Value> =
        serde_json::from_str(content).map_err(|error| Problem::Json {
            line: error.line(),
            column: error.column(),
        })?;
    let fields = object.into_iter().filter_map(|(name, value)| match value {
        Value::Null => None,
        Value::String(text) => Some(Ok((name, Zeroizing::new(text)))),
        Value::Number(number) => Some(Ok((name, Zeroizing::new(number.to_string())))),
        _ => Some(Err(Problem::Kind(name))),
    });
    from_fields(&fields.collect::<Result<_, _>>()?)
}

fn from_ini(content: &str) -> Result<ApiKey, Problem> {
    let mut ini = Ini::new_cs();
    // Its message can hold the line that it does not understand.
    let mut sections = ini
        .read(content.to_owned())
        .map_err(|_| Problem::Ini)?
        .into_iter()
        .filter(|(_, fields)| !fields.is_empty())
        .collect::<Vec<_>>();
    let fields = match sections
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case(SECTION))
    {
        Some(index) => sections.swap_remove(index).1,
        None if sections.len() > 1 => return Err(Problem::Section),
        None => sections.pop().ok_or(Problem::Missing("client_key"))?.1,
    };
    let fields = fields.into_iter().filter_map(|(name, value)| {
        value.map(|value| (name.to_ascii_lowercase(), Zeroizing::new(value)))
    });
    from_fields(&fields.collect())
}

fn from_fields(fields: &Fields) -> Result<ApiKey, Problem> {
    let id = match fields.get("api_key_id") {
        Some(id) => Some(id.trim().parse().map_err(|_| Problem::Id)?),
        None => None,
    };
    if let Some(raw) = fields.get("raw_key") {
        let key = from_text(raw.trim()).map_err(|problem| Problem::Raw(Box::new(problem)))?;
        return if id.is_none_or(|id| id == key.id) {
            Ok(key)
        } else {
            Err(Problem::Id)
        };
    }
    let bytes = |name| -> Result<_, Problem> {
        let text = fields.get(name).ok_or(Problem::Missing(name))?;
        BASE64
            .decode(text.trim().as_bytes())
            .map(Zeroizing::new)
            .ok()
            .filter(|bytes| bytes.len() == Keys::LENGTH)
            .ok_or(Problem::Base64(name))
    };
    let (client, stored, server) = (
        bytes("client_key")?,
        bytes("stored_key")?,
        bytes("server_key")?,
    );
    Ok(ApiKey {
        id: id.ok_or(Problem::Missing("api_key_id"))?,
        material: Material::Keys(Keys::stored(client, &stored, server).ok_or(Problem::Mismatch)?),
    })
}

#[cfg(test)]
mod tests;
