//! Columns of a query in place of whole entries, and types of the caller's own.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::QueryError;
use super::field::QueryField;
use super::filter::has_step;
use super::order::Key;
use crate::answer::Answer;
use crate::error::DecodeError;
use crate::method::Quirk;
use crate::source::with_strings;

/// A column of [`select`](super::QueryRequest::select): a field of entries of
/// type `E`, and what it is to be called.
pub struct Column<E> {
    path: Cow<'static, str>,
    name: Option<Cow<'static, str>>,
    entry: PhantomData<fn(&E)>,
}

impl<E> Column<E> {
    /// Returns the value at a path of keys. Without a [name](Self::named) it
    /// has the same path in the answer. The server selects nothing inside the
    /// items of a list.
    #[must_use]
    pub fn new(path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            path: path.into(),
            name: None,
            entry: PhantomData,
        }
    }

    /// The same under a key of this name.
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    fn write(self) -> Value {
        let path = Value::from(self.path);
        match self.name {
            Some(name) => Value::Array(vec![path, name.into()]),
            None => path,
        }
    }

    /// Returns the path in the selected columns for a path in the entry.
    fn selected(&self, path: &str) -> Option<Cow<'static, str>> {
        let below = path.strip_prefix(self.path.as_ref())?;
        if !below.is_empty() && !below.starts_with('.') {
            return None;
        }
        Some(match &self.name {
            Some(name) => format!("{}{below}", name.replace('.', "\\.")).into(),
            None => path.to_owned().into(),
        })
    }
}

/// Writes the option `select`.
pub(super) fn write<E>(
    columns: Vec<Column<E>>,
    quirks: &[Quirk],
) -> Result<Vec<Value>, QueryError> {
    let keys_only = quirks.contains(&Quirk::SelectsKeysOnly);
    let columns = columns.into_iter().map(|column| {
        let path = || column.path.to_string();
        let is_item = |step: &str| step == "*" || step.parse::<u64>().is_ok();
        if has_step(&column.path, is_item) {
            Err(QueryError::SelectsItem(path()))
        } else if keys_only && (column.name.is_some() || column.path.contains('.')) {
            Err(QueryError::SelectsKeysOnly(path()))
        } else {
            Ok(column.write())
        }
    });
    columns.collect()
}

/// Changes the paths of an order to those of the selected columns, because most
/// services sort these.
pub(super) fn sorted<E>(
    mut order_by: Vec<Key>,
    columns: &[Column<E>],
    quirks: &[Quirk],
) -> Result<Vec<Key>, QueryError> {
    let before = [Quirk::FiltersInSql, Quirk::SortsBeforeSelect];
    if before.iter().any(|quirk| quirks.contains(quirk)) {
        return Ok(order_by);
    }
    for key in &mut order_by {
        let mut names = columns.iter().filter_map(|column| column.name.as_ref());
        let is_name = names.any(|name| *name == key.path);
        match columns.iter().find_map(|column| column.selected(&key.path)) {
            Some(path) => key.path = path,
            // The program sorts by the name of the column.
            None if is_name => {}
            None => return Err(QueryError::NotSelected(key.path.to_string())),
        }
    }
    Ok(order_by)
}

impl<E, T: ?Sized> From<QueryField<E, T>> for Column<E> {
    fn from(field: QueryField<E, T>) -> Self {
        Self::new(field.into_path())
    }
}

impl<E> fmt::Debug for Column<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("Column");
        debug.field(&self.path);
        self.name.iter().for_each(|name| {
            debug.field(name);
        });
        debug.finish()
    }
}

/// What [`select`](super::QueryRequest::select) takes: a tuple of up to twelve
/// fields and [`Column`]s, or a list of columns.
pub trait Columns<E> {
    /// The columns in order.
    fn columns(self) -> Vec<Column<E>>;
}

impl<E> Columns<E> for Vec<Column<E>> {
    fn columns(self) -> Vec<Column<E>> {
        self
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<E, $($name: Into<Column<E>>),*> Columns<E> for ($($name,)*) {
            fn columns(self) -> Vec<Column<E>> {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                vec![$($name.into()),*]
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D F);
tuples!(A B C D F G);
tuples!(A B C D F G H);
tuples!(A B C D F G H I);
tuples!(A B C D F G H I J);
tuples!(A B C D F G H I J K);
tuples!(A B C D F G H I J K L);
tuples!(A B C D F G H I J K L M);

/// Reads an answer as a type that is not of this crate.
///
/// `serde_json` would round an integer that neither `i64` nor `u64` can hold,
/// so the type receives a string of its digits.
pub(crate) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, DecodeError> {
    let text = with_strings(answer.text());
    let mut text = serde_json::Deserializer::from_str(&text);
    serde_path_to_error::deserialize(&mut text).map_err(|error| {
        let path = match error.path().to_string().as_str() {
            "." => "$".to_owned(),
            path if path.starts_with('[') => format!("${path}"),
            path => format!("$.{path}"),
        };
        DecodeError::new(path, message(&error.inner().to_string())).with_answer(answer)
    })
}

/// What serde says, without what it says of the value: that can be a secret.
fn message(serde: &str) -> String {
    let what = serde
        .rsplit_once(" at line ")
        .map_or(serde, |(what, _)| what);
    if what.starts_with("missing field `") {
        return what.to_owned();
    }
    match what.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "does not fit the type".to_owned(),
    }
}
