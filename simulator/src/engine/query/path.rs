//! Paths into an entry: `schedule.hour`, `disks.0.name`, `disks.*.name`.

use serde_json::Value;

use super::super::Failure;
use super::nature::Nature;
use super::own::{self, Own};

/// A path, step by step. `\.` is a dot that is part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

/// A place in an entry: the value there, and the keys that led to it. A `*`
/// stands for the items of a list.
#[derive(Debug, Clone)]
pub(super) struct Place<'v> {
    value: &'v Value,
    keys: Vec<String>,
}

impl Path {
    pub(super) fn parse(text: &str) -> Self {
        let mut steps = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            match (char, steps.last_mut()) {
                ('.', _) => steps.push(String::new()),
                ('\\', Some(step)) if chars.peek() == Some(&'.') => {
                    step.extend(chars.next());
                }
                (char, Some(step)) => step.push(char),
                (_, None) => {}
            }
        }
        // The server stops where no text is left.
        steps.pop_if(|step| step.is_empty());
        Self(steps)
    }

    /// The server fails where a path has nothing between two dots.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.0.iter().any(String::is_empty) {
            return Err(Failure::raised("IndexError", "string index out of range"));
        }
        Ok(())
    }

    pub(super) fn steps(&self) -> &[String] {
        &self.0
    }

    /// The value that it leads to as text: keys with dots between them.
    pub(super) fn as_key(&self) -> String {
        self.0.join(".")
    }

    /// Whether the test holds for the value that it leads to; where a `*` is in
    /// it, for any of the values. It holds for nothing that is missing.
    pub(super) fn any<'v>(
        &self,
        entry: &'v Value,
        nature: &Nature,
        test: &mut impl FnMut(&Own<'v>) -> Result<bool, Failure>,
    ) -> Result<bool, Failure> {
        self.check()?;
        any(&self.0, Place::of(entry), nature, test)
    }

    /// The value to sort by: null where the key is missing, and a whole list
    /// where a `*` begins.
    pub(super) fn key<'v>(&self, entry: &'v Value, nature: &Nature) -> Result<Own<'v>, Failure> {
        self.check()?;
        let mut place = Place::of(entry);
        for step in &self.0 {
            if step == "*" && place.value.is_array() {
                break;
            }
            match place.below(step)? {
                Some(below) => place = below,
                None => return Ok(Own::Null),
            }
        }
        Ok(place.own(nature))
    }
}

fn any<'v>(
    steps: &[String],
    mut place: Place<'v>,
    nature: &Nature,
    test: &mut impl FnMut(&Own<'v>) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    let mut steps = steps.iter();
    while let Some(step) = steps.next() {
        if let ("*", Value::Array(items)) = (step.as_str(), place.value) {
            for item in items {
                let mut keys = place.keys.clone();
                keys.push("*".to_owned());
                let item = Place { value: item, keys };
                if any(steps.as_slice(), item, nature, test)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        match place.below(step)? {
            Some(below) => place = below,
            None => return Ok(false),
        }
    }
    test(&place.own(nature))
}

impl<'v> Place<'v> {
    pub(super) fn of(value: &'v Value) -> Self {
        Self {
            value,
            keys: Vec::new(),
        }
    }

    /// The value under a key or an index; nothing where the key is missing.
    /// What holds no others leads to itself.
    fn below(&self, step: &str) -> Result<Option<Self>, Failure> {
        let mut keys = self.keys.clone();
        let value = match self.value {
            Value::Object(object) if !own::is_extended(object) => {
                keys.push(step.to_owned());
                match object.get(step) {
                    Some(value) => value,
                    None => return Ok(None),
                }
            }
            Value::Array(items) => {
                keys.push("*".to_owned());
                if !step.bytes().all(|byte| byte.is_ascii_digit()) {
                    let message = format!("{step}: must be array index or wildcard character");
                    return Err(Failure::raised("ValueError", &message));
                }
                let index = step.parse::<usize>().ok();
                let item = index.and_then(|index| items.get(index));
                item.unwrap_or(&Value::Null)
            }
            other => other,
        };
        Ok(Some(Self { value, keys }))
    }

    fn own(&self, nature: &Nature) -> Own<'v> {
        Own::of(self.value, nature.time(&self.keys.join(".")))
    }
}
