//! Values as the server stores and compares them.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::super::Failure;

/// A value on the server. JSON writes some of them as an object with a key that
/// starts with `$`.
#[derive(Debug, Clone)]
pub(super) enum Own<'v> {
    Null,
    Bool(bool),
    Number(&'v Number),
    Text(&'v str),
    List(&'v [Value]),
    Object(&'v Map<String, Value>),
    Time(Time),
    /// A day, a time of day or an address.
    Other(&'static str, &'v str),
    Set(&'v [Value]),
}

/// A time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) micros: i128,
    pub(super) naive: bool,
}

/// The form of a time in the server's own entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    Aware,
    Naive { microseconds: bool },
}

/// Returns whether an object stands for a value of another kind.
pub(super) fn is_extended(object: &Map<String, Value>) -> bool {
    let single = [
        "$date",
        "$time",
        "$set",
        "$ipv4_interface",
        "$ipv6_interface",
    ];
    match object.len() {
        1 => single.iter().any(|key| object.contains_key(*key)),
        2 => object.contains_key("$type") && object.contains_key("$value"),
        _ => false,
    }
}

impl<'v> Own<'v> {
    /// Returns a value of an entry.
    pub(super) fn of(value: &'v Value, zone: Zone) -> Self {
        Self::read(value, |millis| {
            let micros = i128::from(millis) * 1_000;
            match zone {
                // The fraction of a second that answers do not show.
                Zone::Naive { microseconds: true } => Time {
                    micros: micros.div_euclid(1_000_000) * 1_000_000 + 500_000,
                    naive: true,
                },
                Zone::Naive { .. } => Time {
                    micros,
                    naive: true,
                },
                Zone::Aware => Time {
                    micros,
                    naive: false,
                },
            }
        })
    }

    /// Returns a value that a caller gives. The server counts the fraction of a
    /// time twice.
    pub(super) fn given(value: &'v Value) -> Self {
        Self::read(value, |millis| {
            let fraction = millis.rem_euclid(1_000);
            Time {
                micros: (i128::from(millis) + i128::from(fraction)) * 1_000,
                naive: false,
            }
        })
    }

    fn read(value: &'v Value, time: impl FnOnce(i64) -> Time) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items),
            Value::Object(object) if is_extended(object) => {
                if let Some(millis) = object.get("$date").and_then(Value::as_i64) {
                    return Self::Time(time(millis));
                }
                if let Some(Value::Array(items)) = object.get("$set") {
                    return Self::Set(items);
                }
                let kinds = [
                    ("$value", "datetime.date"),
                    ("$time", "datetime.time"),
                    ("$ipv4_interface", "IPv4Interface"),
                    ("$ipv6_interface", "IPv6Interface"),
                ];
                let text = |key| object.get(key).and_then(Value::as_str);
                let mut others = kinds
                    .iter()
                    .filter_map(|(key, kind)| Some(Self::Other(kind, text(*key)?)));
                others.next().unwrap_or(Self::Object(object))
            }
            Value::Object(object) => Self::Object(object),
        }
    }

    /// Returns the name of the value's class in Python.
    pub(super) fn class(&self) -> &'static str {
        match self {
            Self::Null => "NoneType",
            Self::Bool(_) => "bool",
            Self::Number(number) if number.is_f64() => "float",
            Self::Number(_) => "int",
            Self::Text(_) => "str",
            Self::List(_) => "list",
            Self::Object(_) => "dict",
            Self::Time(_) => "datetime.datetime",
            Self::Other(class, _) => class,
            Self::Set(_) => "set",
        }
    }

    pub(super) fn is_hashable(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_) | Self::Set(_))
    }

    /// Returns whether the value is false in Python.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(bool) => !bool,
            Self::Number(number) => number.as_f64() == Some(0.0),
            Self::Text(text) => text.is_empty(),
            Self::List(items) | Self::Set(items) => items.is_empty(),
            Self::Object(object) => object.is_empty(),
            Self::Time(_) | Self::Other(..) => false,
        }
    }

    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Time(one), Self::Time(other)) => one == other,
            (Self::Other(kind, one), Self::Other(other_kind, other)) => {
                kind == other_kind && one == other
            }
            (Self::List(one), Self::List(other)) => {
                one.len() == other.len()
                    && one.iter().zip(*other).all(|(one, other)| same(one, other))
            }
            (Self::Set(one), Self::Set(other)) => {
                let within =
                    |one: &[Value], other: &[Value]| one.iter().all(|item| has(other, item));
                within(one, other) && within(other, one)
            }
            (Self::Object(one), Self::Object(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
            }
            _ => self.number_order(other) == Some(Ordering::Equal),
        }
    }

    /// Returns the order of two values.
    ///
    /// # Errors
    ///
    /// An error if the server cannot order them.
    pub(super) fn order(&self, other: &Self) -> Result<Ordering, Failure> {
        if let Some(order) = self.number_order(other) {
            return Ok(order);
        }
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => Ok(one.cmp(other)),
            (Self::Time(one), Self::Time(other)) if one.naive == other.naive => {
                Ok(one.micros.cmp(&other.micros))
            }
            (Self::Time(_), Self::Time(_)) => Err(Failure::raised(
                "TypeError",
                "can't compare offset-naive and offset-aware datetimes",
            )),
            (Self::Other(kind, one), Self::Other(other_kind, other)) if kind == other_kind => {
                Ok(one.cmp(other))
            }
            (Self::List(one), Self::List(other)) => {
                for (one, other) in one.iter().zip(*other) {
                    if !same(one, other) {
                        return Own::given(one).order(&Own::given(other));
                    }
                }
                Ok(one.len().cmp(&other.len()))
            }
            (one, other) => Err(Failure::raised(
                "TypeError",
                &format!(
                    "'<' not supported between instances of '{}' and '{}'",
                    one.class(),
                    other.class()
                ),
            )),
        }
    }

    /// Returns the order of numbers; true is 1.
    fn number_order(&self, other: &Self) -> Option<Ordering> {
        let integer = |own: &Self| match own {
            Self::Bool(bool) => Some(i128::from(*bool)),
            Self::Number(number) => number.as_i128(),
            _ => None,
        };
        let float = |own: &Self| match own {
            Self::Bool(bool) => Some(f64::from(u8::from(*bool))),
            Self::Number(number) => number.as_f64(),
            _ => None,
        };
        match (integer(self), integer(other)) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => float(self)?.partial_cmp(&float(other)?),
        }
    }
}

fn same(one: &Value, other: &Value) -> bool {
    Own::given(one).same(&Own::given(other))
}

/// Returns whether a list has an item.
pub(super) fn has(items: &[Value], item: &Value) -> bool {
    items.iter().any(|other| same(other, item))
}
