//! `anyOf` and `oneOf`: which branches are one type, and which a choice.

use super::{Case, Integer, Type};

/// A branch, lowered far enough to be compared with the others.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Branch {
    /// A type that is ready.
    Ready(Type),
    /// String constants; they have no shape yet since they may grow.
    Words(Vec<String>),
}

/// Branches that the same Rust type holds become one, in the place of the
/// first: constants and plain strings (text holds any constant), integers,
/// equal types. Any JSON accepts everything. Integers and floats stay separate.
/// Integers come first and use the widest Rust integer, so that a large one is
/// not read as a float.
pub(super) fn merge(branches: Vec<Branch>) -> Vec<Branch> {
    if branches.contains(&Branch::Ready(Type::Any)) {
        return vec![Branch::Ready(Type::Any)];
    }
    let mut merged: Vec<Branch> = Vec::new();
    for branch in branches {
        let slot = merged.iter_mut().find_map(|held| {
            let both = join(held, &branch)?;
            Some((held, both))
        });
        match slot {
            Some((held, both)) => *held = both,
            None => merged.push(branch),
        }
    }
    let whole = merged
        .iter()
        .position(|branch| matches!(branch, Branch::Ready(Type::Integer(_))));
    let floating = merged
        .iter()
        .position(|branch| *branch == Branch::Ready(Type::Float));
    if let (Some(whole), Some(floating)) = (whole, floating) {
        if let Some(branch) = merged.get_mut(whole) {
            *branch = Branch::Ready(Type::Integer(Integer::I128));
        }
        if floating < whole {
            merged.swap(whole, floating);
        }
    }
    merged
}

/// The one branch that holds what either does.
fn join(a: &Branch, b: &Branch) -> Option<Branch> {
    use Branch::{Ready, Words};
    use Type::Text;
    match (a, b) {
        (a, b) if a == b => Some(a.clone()),
        (Words(_), Ready(Text)) | (Ready(Text), Words(_)) => Some(Ready(Text)),
        (Words(_), Ready(Type::Secret)) | (Ready(Type::Secret), Words(_)) => {
            Some(Ready(Type::Secret))
        }
        (Words(first), Words(second)) => {
            let mut words = first.clone();
            words.extend(second.iter().filter(|word| !first.contains(word)).cloned());
            Some(Words(words))
        }
        (Ready(Type::Integer(a)), Ready(Type::Integer(b))) => {
            Some(Ready(Type::Integer(match (a, b) {
                _ if a == b => *a,
                (Integer::Big, _) | (_, Integer::Big) => Integer::Big,
                _ => Integer::I128,
            })))
        }
        _ => None,
    }
}

/// What a case is called when its type has no name of its own.
pub(super) fn plain_name(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Any => "Any",
        Type::Null => "Null",
        Type::Bool => "Boolean",
        Type::Integer(_) => "Integer",
        Type::Float => "Number",
        Type::Text | Type::Secret => "String",
        Type::SecretValue(inner) => return plain_name(inner),
        Type::DateTime => "DateTime",
        Type::Time => "Time",
        Type::Date => "Date",
        Type::IpInterface => "IpInterface",
        Type::List(_) => "List",
        Type::Set(_) => "Set",
        Type::Tuple(_) => "Tuple",
        Type::Map(_) => "Map",
        Type::Optional(inner) | Type::Patch(inner) => return plain_name(inner),
        Type::QueryResult(_) | Type::Change(..) | Type::EntryId(_) | Type::Shape(_) => return None,
    })
}

/// Models in a choice often begin alike: of `DatasetCreateFilesystem` and
/// `DatasetCreateVolume` only the last word says something.
pub(super) fn shorten(cases: &mut [Case]) {
    let models = |case: &&mut Case| plain_name(&case.ty).is_none();
    let names: Vec<String> = cases
        .iter_mut()
        .filter(models)
        .map(|case| case.name.clone())
        .collect();
    let [first, others @ ..] = names.as_slice() else {
        return;
    };
    if others.is_empty() {
        return;
    }
    let between_words = |at: usize| {
        names.iter().all(|name| {
            let (before, after) = name.split_at_checked(at).unwrap_or_default();
            before.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && after.starts_with(|c: char| c.is_ascii_uppercase())
        })
    };
    let shared = (0..first.len())
        .take_while(|at| {
            others
                .iter()
                .all(|other| other.as_bytes().get(*at) == first.as_bytes().get(*at))
        })
        .count();
    let Some(cut) = (1..=shared).rev().find(|at| between_words(*at)) else {
        return;
    };
    for case in cases.iter_mut().filter(models) {
        case.name = case.name.split_off(cut);
    }
}

/// Gives every case a name of its own: a second `List` is `List2`.
pub(super) fn number(cases: &mut [Case]) {
    let mut seen: Vec<String> = Vec::new();
    for case in cases {
        let count = seen.iter().filter(|name| **name == case.name).count();
        seen.push(case.name.clone());
        if count > 0 {
            case.name = format!("{}{}", case.name, count + 1);
        }
    }
}
