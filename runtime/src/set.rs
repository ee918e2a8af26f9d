//! Lists without repetition.

use std::ops::Deref;

use serde_json::{Map, Value};

use crate::json::Json;
use crate::reader::Reader;
use crate::tape::View;

const KEY: &str = "$set";

/// A list in which nothing repeats.
///
/// The server writes sets as `{"$set": […]}` in some places and as plain
/// arrays in others; each goes back the way it came, and one made here goes
/// out as an array. Sets are equal when they hold the same, in any order.
///
/// ```
/// use truenas_runtime::{Set, from_str, to_string};
///
/// let read: Set<String> = from_str(r#"{"$set": ["a", "b"]}"#)?;
/// let made: Set<String> = ["b", "a", "b"].map(String::from).into_iter().collect();
/// assert_eq!(read, made);
/// assert_eq!(to_string(&read), r#"{"$set":["a","b"]}"#);
/// assert_eq!(to_string(&made), r#"["b","a"]"#);
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Set<T> {
    items: Vec<T>,
    wrapped: bool,
}

impl<T> Set<T> {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            items: Vec::new(),
            wrapped: false,
        }
    }

    /// What the set holds, in the order it came.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.items
    }
}

impl<T: PartialEq> Set<T> {
    /// Adds an item; false if the set held it already.
    ///
    /// ```
    /// let mut set = truenas_runtime::Set::new();
    /// assert!(set.insert(1));
    /// assert!(!set.insert(1));
    /// ```
    pub fn insert(&mut self, item: T) -> bool {
        let new = !self.items.contains(&item);
        if new {
            self.items.push(item);
        }
        new
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for Set<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T: PartialEq> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        // Both ways: what the server sends may repeat itself.
        self.items.iter().all(|item| other.items.contains(item))
            && other.items.iter().all(|item| self.items.contains(item))
    }
}

impl<T: Eq> Eq for Set<T> {}

impl<T: PartialEq> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = Self::new();
        set.extend(items);
        set
    }
}

impl<T: PartialEq> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}

impl<T: PartialEq> From<Vec<T>> for Set<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Set<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// What the server sends is taken as it is: that nothing repeats is its promise.
impl<T: Json> Json for Set<T> {
    const SECRET: bool = T::SECRET;

    fn read(reader: &Reader<'_>) -> Self {
        if let View::Object(entries) = reader.value()
            && let Some(items) = entries.only(KEY)
        {
            return Self {
                items: Json::read(&reader.key(KEY, Some(items))),
                wrapped: true,
            };
        }
        Self {
            items: Json::read(reader),
            wrapped: false,
        }
    }

    fn write(&self) -> Value {
        let items = self.items.write();
        if self.wrapped {
            Value::Object(Map::from_iter([(KEY.to_owned(), items)]))
        } else {
            items
        }
    }
}
