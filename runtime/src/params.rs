//! The parameters of a call: an array, read and written along a table.

use serde_json::Value;

use crate::error::DecodeError;
use crate::json::{Json, WriteJson, read_value};
use crate::reader::{Mode, Reader};
use crate::tape::{Items as Nodes, View};
use crate::text;

/// A parameter of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The name; on the wire only the position counts.
    pub name: &'static str,
    /// Whether a call must give it.
    pub required: bool,
    /// What the server takes for it when it is not given, as JSON text.
    pub default: Option<&'static str>,
}

/// The parameters of a method: the tuple of their types.
///
/// A parameter that need not be given is an [`Option`] or a
/// [`Patch`](crate::Patch).
///
/// ```
/// use truenas_runtime::{Parameter, Params};
///
/// const PARAMETERS: &[Parameter] = &[
///     Parameter { name: "id", required: true, default: None },
///     Parameter { name: "options", required: false, default: Some("{}") },
///     Parameter { name: "force", required: false, default: Some("false") },
/// ];
///
/// type Given = (i64, Option<Vec<i64>>, Option<bool>);
/// let given: Given = (5, None, None);
/// assert_eq!(given.write_params(PARAMETERS), [5]);
/// let given: Given = (5, None, Some(true));
/// assert_eq!(given.write_params(PARAMETERS), [5.into(), serde_json::json!({}), true.into()]);
/// ```
pub trait Params: Sized {
    /// Reads the array that the reader stands at.
    fn read_params(reader: &Reader<'_>, parameters: &'static [Parameter]) -> Self;

    /// Writes the parameters, without those behind the last that is given.
    ///
    /// One before it that is not given is filled with its default.
    fn write_params(&self, parameters: &'static [Parameter]) -> Vec<Value>;
}

/// Reads the parameters of a call from their array.
///
/// # Errors
///
/// Too many parameters, too few, or one that does not fit its type.
///
/// ```
/// use truenas_runtime::{Parameter, params_from_value};
///
/// const PARAMETERS: &[Parameter] =
///     &[Parameter { name: "id", required: true, default: None }];
///
/// let error = params_from_value::<(i64,)>(&serde_json::json!([]), PARAMETERS).unwrap_err();
/// assert_eq!(error.to_string(), "at `$`: missing parameter `id`");
/// ```
pub fn params_from_value<P: Params>(
    value: &Value,
    parameters: &'static [Parameter],
) -> Result<P, DecodeError> {
    read_value(value, Mode::Lenient, |reader| {
        P::read_params(reader, parameters)
    })
}

/// An array whose items differ in type, read item by item.
pub(crate) struct Items<'r> {
    reader: &'r Reader<'r>,
    /// `None` once reading has failed.
    items: Option<Nodes<'r>>,
    parameters: &'static [Parameter],
    next: usize,
}

impl<'r> Items<'r> {
    pub(crate) fn tuple(reader: &'r Reader<'r>, len: usize) -> Self {
        let items = Self::new(reader, &[]);
        let found = items.len();
        if found > len || (found < len && reader.mode() != Mode::Lenient) {
            reader.fail(&format!("expected {len} items, found {found}"));
        }
        items
    }

    pub(crate) fn params(reader: &'r Reader<'r>, parameters: &'static [Parameter]) -> Self {
        let items = Self::new(reader, parameters);
        let (known, found) = (parameters.len(), items.len());
        if found > known {
            let last = parameters.last().map_or_else(String::new, |last| {
                format!(" (the last is `{}`)", last.name)
            });
            reader.fail(&format!(
                "expected at most {known} parameters{last}, found {found}"
            ));
        }
        items
    }

    fn new(reader: &'r Reader<'r>, parameters: &'static [Parameter]) -> Self {
        let items = match reader.value() {
            View::Array(items) => Some(items),
            _ => {
                reader.mismatch("array");
                None
            }
        };
        Self {
            reader,
            items,
            parameters,
            next: 0,
        }
    }

    fn len(&self) -> usize {
        self.items.map_or(0, |items| items.len())
    }

    pub(crate) fn next<T: Json>(&mut self) -> T {
        let (reader, found) = self.advance();
        if found {
            T::read(&reader)
        } else {
            T::absent(&reader)
        }
    }

    fn advance(&mut self) -> (Reader<'r>, bool) {
        let index = self.next;
        self.next = index.saturating_add(1);
        let value = self.items.as_mut().and_then(Iterator::next);
        if let (None, Some(parameter)) = (value, self.parameters.get(index))
            && parameter.required
        {
            self.reader
                .fail(&format!("missing parameter `{}`", parameter.name));
        }
        // Without an array reading has failed, and what is read is blank.
        let found = value.is_some() || self.items.is_none();
        (self.reader.index(index, value), found)
    }
}

pub(crate) fn write_items(
    parameters: &'static [Parameter],
    values: &[&dyn WriteJson],
) -> Vec<Value> {
    let given = |parameter: Option<&Parameter>, value: &dyn WriteJson| {
        parameter.is_some_and(|parameter| parameter.required) || !value.is_left_out()
    };
    let mut items = Vec::new();
    // How many of the items a call needs: up to the last that is given.
    let mut needed = 0;
    for (index, value) in values.iter().enumerate() {
        let parameter = parameters.get(index);
        if given(parameter, *value) {
            items.push(value.encode());
            needed = items.len();
        } else {
            items.push(default_of(parameter));
        }
    }
    items.truncate(needed);
    items
}

fn default_of(parameter: Option<&Parameter>) -> Value {
    parameter
        .and_then(|parameter| parameter.default)
        .and_then(|text| text::parse(text).ok())
        .unwrap_or(Value::Null)
}
