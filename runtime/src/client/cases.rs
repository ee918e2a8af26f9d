//! Finds the errors that are about the case of a choice that was sent.
//!
//! If a parameter can have one of several types, the server tries all of them
//! and lists the errors of each: `data.FILESYSTEM.name`, `data.VOLUME.size`.
//! Only one of these cases is the one that the caller meant.

use std::collections::BTreeMap;

use super::error::FieldError;

/// The mismatches between a case and the sent value.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Verdict {
    /// The case has another JSON type than the sent value.
    other_type: bool,
    /// The case has another tag.
    other_tag: bool,
    /// The number of missing and of extra keys.
    other_keys: usize,
}

/// Returns the errors of the cases that fit the sent value best, in order, and
/// all errors that are not about a choice.
pub(super) fn that_fit(fields: &[FieldError]) -> Vec<&FieldError> {
    let mut choices: BTreeMap<&str, BTreeMap<&str, Verdict>> = BTreeMap::new();
    for field in fields {
        for (choice, case, rest) in cases(field) {
            let verdict = choices
                .entry(choice)
                .or_default()
                .entry(case)
                .or_insert_with(|| Verdict {
                    other_type: true,
                    ..Verdict::default()
                });
            verdict.other_type &= rest.is_empty();
            let direct = !rest.is_empty() && !rest.contains('.');
            verdict.other_tag |= direct && is_other_tag(&field.message);
            let other_key = field.message == "Field required"
                || field.message == "Extra inputs are not permitted";
            verdict.other_keys = verdict.other_keys.saturating_add(other_key.into());
        }
    }
    let fits = |choice: &str, case: &str| {
        let cases = choices.get(choice);
        let best = cases.and_then(|cases| cases.values().min());
        cases.and_then(|cases| cases.get(case)) == best
    };
    let fitting = |field: &&FieldError| cases(field).all(|(choice, case, _)| fits(choice, case));
    let shown: Vec<&FieldError> = fields.iter().filter(fitting).collect();
    match shown.is_empty() {
        true => fields.iter().collect(),
        false => shown,
    }
}

/// Returns each place in the attribute that names a case, as the text before,
/// the name, and the text after.
fn cases(field: &FieldError) -> impl Iterator<Item = (&str, &str, &str)> {
    let attribute = field.attribute.as_deref().unwrap_or_default();
    let mut start = 0_usize;
    attribute.split('.').filter_map(move |part| {
        let end = start.saturating_add(part.len());
        let before = attribute.get(..start).unwrap_or_default();
        let after = attribute.get(end.saturating_add(1)..).unwrap_or_default();
        start = end.saturating_add(1);
        (!before.is_empty() && is_case(part)).then_some((before, part, after))
    })
}

/// Models begin with a capital letter, unlike the API's keys. The other names
/// are Python types.
fn is_case(part: &str) -> bool {
    part.starts_with(|first: char| first.is_ascii_uppercase())
        || part.contains('[')
        || matches!(
            part,
            "str" | "int" | "bool" | "float" | "none" | "constrained-str" | "constrained-int"
        )
}

/// Only one word is valid: `Input should be 'A'`.
fn is_other_tag(message: &str) -> bool {
    message
        .strip_prefix("Input should be '")
        .and_then(|rest| rest.strip_suffix('\''))
        .is_some_and(|word| !word.contains('\''))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use proptest::prelude::*;

    use super::*;
    use crate::client::Errno;

    fn field(attribute: &str, message: &str) -> FieldError {
        FieldError {
            attribute: Some(attribute.to_owned()),
            message: message.to_owned(),
            errno: Errno::Invalid,
        }
    }

    fn shown(fields: &[(&str, &str)]) -> Vec<String> {
        let fields: Vec<FieldError> = fields.iter().map(|(a, m)| field(a, m)).collect();
        that_fit(&fields)
            .into_iter()
            .map(|field| field.attribute.clone().unwrap())
            .collect()
    }

    /// The errors as pydantic reports them.
    #[test]
    fn the_case_that_was_sent_is_shown() {
        // {"type": "A", "x": "q"} for A {type, x: int} | B {type, y} | int.
        let sent = [
            ("data.u.A.x", "Input should be a valid integer"),
            ("data.u.B.type", "Input should be 'B'"),
            ("data.u.B.y", "Field required"),
            ("data.u.B.x", "Extra inputs are not permitted"),
            ("data.u.int", "Input should be a valid integer"),
            ("data.name", "Field required"),
        ];
        assert_eq!(shown(&sent), ["data.u.A.x", "data.name"]);
    }

    #[test]
    fn without_a_tag_the_keys_decide() {
        let sent = [
            ("data.Cron.minute", "Input should be a valid string"),
            ("data.Periodic.every", "Field required"),
            ("data.Periodic.minute", "Extra inputs are not permitted"),
        ];
        assert_eq!(shown(&sent), ["data.Cron.minute"]);
    }

    #[test]
    fn cases_that_fit_equally_are_all_shown() {
        let scalars = [
            ("id.str", "Input should be a valid string"),
            ("id.int", "Input should be a valid integer"),
        ];
        assert_eq!(shown(&scalars), ["id.str", "id.int"]);
    }

    proptest! {
        #[test]
        fn something_is_always_shown(
            fields in prop::collection::vec(
                (r"([a-z]{1,3}|[A-B]|int|0)?(\.([a-z]{1,3}|[A-B]|int|list\[str\]|0))?(\.[a-b])?",
                 "Field required|Input should be 'A'|other"),
                1..8,
            )
        ) {
            let fields: Vec<FieldError> = fields.iter().map(|(a, m)| field(a, m)).collect();
            prop_assert!(!that_fit(&fields).is_empty());
        }
    }
}
