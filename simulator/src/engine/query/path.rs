//! Paths into an entry: `schedule.hour`, `disks.0.name`, `disks.*.name`.

use serde_json::Value;

/// A path, step by step. `\.` is a dot that is part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

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
        Self(steps)
    }

    pub(super) fn steps(&self) -> &[String] {
        &self.0
    }

    /// Whether it leads to a time's milliseconds.
    pub(super) fn is_date(&self) -> bool {
        self.0.last().is_some_and(|step| step == "$date")
    }

    /// All values it leads to: more than one where a `*` stands for the items
    /// of a list.
    pub(super) fn find<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![value];
        for step in &self.0 {
            found = found
                .into_iter()
                .flat_map(|value| below(value, step))
                .collect();
        }
        found
    }

    /// The first of them.
    pub(super) fn first<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.find(value).into_iter().next()
    }

    /// The value it leads to; where a `*` is in it, the list of all of them.
    pub(super) fn value(&self, value: &Value) -> Option<Value> {
        if self.0.iter().any(|step| step == "*") {
            let found = self.find(value);
            return Some(found.into_iter().cloned().collect());
        }
        self.first(value).cloned()
    }
}

fn below<'v>(value: &'v Value, step: &str) -> Vec<&'v Value> {
    match value {
        Value::Object(object) => object.get(step).into_iter().collect(),
        Value::Array(items) if step == "*" => items.iter().collect(),
        Value::Array(items) => {
            let index = step.parse::<usize>().ok();
            index
                .and_then(|index| items.get(index))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}
