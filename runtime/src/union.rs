//! Values of which a schema names several types.

use crate::error::DecodeError;
use crate::json::Json;
use crate::kinds::{Kinds, kind_name};
use crate::reader::{Mode, Reader};
use crate::tape::{Node, View};
use crate::words::one_of;

/// So much of the reason why a case does not fit is told: unions in unions
/// would make texts without end.
const REASON: usize = 160;

/// One of the types that a value may have.
#[derive(Clone, Copy)]
pub struct Case {
    name: &'static str,
    kinds: Kinds,
    probe: Option<fn(&Reader<'_>)>,
}

impl Case {
    /// A type that is known by the kind of its values alone.
    #[must_use]
    pub const fn kind(name: &'static str, kinds: Kinds) -> Self {
        Self {
            name,
            kinds,
            probe: None,
        }
    }

    /// A type that must be tried where others have values of its kinds as well.
    #[must_use]
    pub const fn probe<T: Json>(name: &'static str, kinds: Kinds) -> Self {
        Self {
            name,
            kinds,
            probe: Some(read_and_forget::<T>),
        }
    }
}

fn read_and_forget<T: Json>(reader: &Reader<'_>) {
    drop(T::read(reader));
}

impl Reader<'_> {
    /// Which of the cases the value here fits.
    ///
    /// The kind of the value often decides. Else the cases are tried in their
    /// order: the first that holds all of the value, then the first whose
    /// required keys and constants match. Where none does, that is an error
    /// which says of each why; `fallback` is what is then read as blank, and
    /// must be a case that does not lead back to this union.
    ///
    /// The table must be a constant:
    ///
    /// ```
    /// use truenas_runtime::{Case, Json, Kinds, Reader, EntryId, Value, from_str};
    ///
    /// #[derive(Debug, PartialEq)]
    /// enum Which {
    ///     Id(i64),
    ///     Entry(EntryId<i64>),
    /// }
    ///
    /// const WHICH: &[Case] = &[
    ///     Case::kind("integer", Kinds::INTEGER),
    ///     Case::probe::<EntryId<i64>>("EntryId", Kinds::OBJECT),
    /// ];
    ///
    /// impl Json for Which {
    ///     fn read(reader: &Reader<'_>) -> Self {
    ///         match reader.choose(WHICH, 0) {
    ///             0 => Self::Id(Json::read(reader)),
    ///             _ => Self::Entry(Json::read(reader)),
    ///         }
    ///     }
    ///
    ///     fn write(&self) -> Value {
    ///         match self {
    ///             Self::Id(id) => id.write(),
    ///             Self::Entry(entry) => entry.write(),
    ///         }
    ///     }
    /// }
    ///
    /// assert_eq!(from_str::<Which>("7")?, Which::Id(7));
    /// assert_eq!(
    ///     from_str::<Which>("true").unwrap_err().message(),
    ///     "none of integer (expected integer, found boolean), \
    ///      EntryId (expected object, found boolean)"
    /// );
    /// # Ok::<(), truenas_runtime::DecodeError>(())
    /// ```
    #[must_use]
    pub fn choose(&self, cases: &'static [Case], fallback: usize) -> usize {
        if self.failed() || self.mode() == Mode::Blank {
            return fallback;
        }
        let mut fitting = (0..)
            .zip(cases)
            .filter(|(_, case)| case.kinds.fit(self.value()));
        if let (Some((only, _)), None) = (fitting.next(), fitting.next()) {
            return only;
        }
        let mut chosen = self.pick(cases, Mode::Strict);
        if chosen.is_err() && self.mode() != Mode::Strict {
            chosen = self.pick(cases, Mode::Shape);
        }
        chosen.unwrap_or_else(|reasons| {
            self.fail(&format!("none of {reasons}"));
            fallback
        })
    }

    /// Which case the value fits with nothing left over; `None`, to be kept
    /// [raw](crate::Raw), for one that this version does not have.
    #[must_use]
    pub fn recognize(&self, cases: &'static [Case]) -> Option<usize> {
        if self.failed() || self.mode() == Mode::Blank {
            return None;
        }
        let found = self.pick(cases, Mode::Strict);
        if let (Err(reasons), Mode::Strict) = (&found, self.mode()) {
            self.fail(&format!("none of {reasons}"));
        }
        found.ok()
    }

    /// The first case that can be read, or why each cannot.
    fn pick(&self, cases: &'static [Case], mode: Mode) -> Result<usize, String> {
        if let Some(known) = self
            .memo()
            .and_then(|memo| memo.get(self.node(), cases, mode))
        {
            return known;
        }
        let found = self.try_each(cases, mode);
        if let (true, Some(memo)) = (self.is_trial(), self.memo()) {
            memo.set(self.node(), cases, mode, found.clone());
        }
        found
    }

    fn try_each(&self, cases: &'static [Case], mode: Mode) -> Result<usize, String> {
        let mut errors = Vec::new();
        for (index, case) in cases.iter().enumerate() {
            match self.try_case(case, mode) {
                Ok(()) => return Ok(index),
                Err(error) => errors.push(error),
            }
        }
        let reasons: Vec<_> = cases
            .iter()
            .zip(errors)
            .map(|(case, error)| format!("{} ({})", case.name, self.reason(case, error)))
            .collect();
        Err(reasons.join(", "))
    }

    /// The error is `None` where the kind of the value says enough.
    fn try_case(&self, case: &Case, mode: Mode) -> Result<(), Option<DecodeError>> {
        if !case.kinds.fit(self.value()) {
            return Err(None);
        }
        match case.probe {
            Some(probe) => self.attempt(mode, probe).map_err(Some),
            None => Ok(()),
        }
    }

    fn reason(&self, case: &Case, error: Option<DecodeError>) -> String {
        let Some(error) = error else {
            return format!("expected {}, found {}", case.kinds, kind_name(self.value()));
        };
        let here = self.path();
        let inner = error.path().strip_prefix(&here).unwrap_or(error.path());
        if inner.is_empty() {
            shortened(error.message())
        } else {
            shortened(&format!("at `{inner}`: {}", error.message()))
        }
    }

    /// Which of the tags the object here carries under a key.
    ///
    /// Each case has its tags, and the answer is its number. Where the key may
    /// be missing there are cases to choose from as [`Reader::choose`] does. An
    /// unknown tag gives `None`, and the caller keeps the [raw](Reader::raw)
    /// value.
    ///
    /// ```
    /// use truenas_runtime::{Json, Map, Reader, Value, from_str, to_string};
    ///
    /// enum Share {
    ///     Smb(Map<String, Value>),
    ///     Other(Value),
    /// }
    ///
    /// impl Json for Share {
    ///     fn read(reader: &Reader<'_>) -> Self {
    ///         match reader.tag("protocol", &[&["SMB"]], &[]) {
    ///             Some(0) => Self::Smb(Json::read(reader)),
    ///             _ => Self::Other(reader.raw()),
    ///         }
    ///     }
    ///
    ///     fn write(&self) -> Value {
    ///         match self {
    ///             Self::Smb(share) => share.write(),
    ///             Self::Other(raw) => raw.clone(),
    ///         }
    ///     }
    /// }
    ///
    /// let share: Share = from_str(r#"{"protocol":"NEW"}"#)?;
    /// assert_eq!(to_string(&share), r#"{"protocol":"NEW"}"#);
    /// # Ok::<(), truenas_runtime::DecodeError>(())
    /// ```
    #[must_use]
    pub fn tag(&self, name: &str, tags: &[&[&str]], untagged: &'static [Case]) -> Option<usize> {
        if self.failed() {
            return None;
        }
        let View::Object(entries) = self.value() else {
            self.mismatch("object");
            return None;
        };
        let value = entries.get(name);
        let place = self.key(name, value);
        match value.map(Node::view) {
            None if !untagged.is_empty() => return Some(self.choose(untagged, 0)),
            None => {
                if self.mode() != Mode::Lenient {
                    place.missing();
                }
            }
            Some(View::Text(tag)) => {
                let found = tags.iter().position(|case| case.contains(&tag));
                if found.is_none() && self.mode() == Mode::Strict {
                    let known = one_of(&tags.concat());
                    place.fail(&format!("expected {known}, found another string"));
                }
                return found;
            }
            Some(_) => {
                if self.mode() != Mode::Lenient {
                    place.mismatch("string");
                }
            }
        }
        None
    }
}

fn shortened(reason: &str) -> String {
    match reason.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}…", reason.get(..end).unwrap_or_default()),
        None => reason.to_owned(),
    }
}
