//! Rust identifiers for whatever the API calls things.

use std::collections::HashSet;

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Names that generated code uses without a path; a definition of the same
/// name would shadow them.
const TAKEN: [&str; 20] = [
    "Api", "BTreeMap", "Box", "C", "Default", "Err", "Field", "From", "Into", "None", "Ok",
    "Option", "Result", "Self", "Service", "Some", "String", "TrueNas", "Value", "Vec",
];

/// A type's name: the API's own if Rust takes it, its words in upper camel
/// case otherwise.
pub fn type_name(text: &str) -> String {
    let own = text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric());
    give_way(if own { text.to_owned() } else { camel(text) })
}

/// A type's name that does not shadow what generated code uses.
pub(super) fn give_way(name: String) -> String {
    if TAKEN.contains(&name.as_str()) {
        format!("{name}Type")
    } else {
        name
    }
}

/// A method marker's name.
pub fn marker_name(action: &str) -> String {
    let name = camel(action);
    if TAKEN.contains(&name.as_str()) {
        format!("{name}Method")
    } else {
        name
    }
}

/// A field's, parameter's, module's or function's name.
pub fn value_name(text: &str) -> String {
    let own = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && text.chars().any(|c| c != '_')
        && !text.contains("__")
        && !text.starts_with(|c: char| c.is_ascii_digit());
    if own && !is_keyword(text) {
        return text.to_owned();
    }
    let mut name = spell(text).to_snake_case();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if is_keyword(&name) {
        name.push('_');
    }
    name
}

/// Names for constants, each of its own.
pub fn const_names<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let names = texts.map(|text| value_name(text).trim_end_matches('_').to_owned());
    let names = distinct(names.collect(), &[]);
    names.iter().map(|name| name.to_uppercase()).collect()
}

/// A variant's name.
pub fn variant_name(text: &str) -> String {
    let name = if text.is_empty() {
        "Empty".to_owned()
    } else {
        camel(text)
    };
    if name == "Self" {
        "SelfValue".to_owned()
    } else {
        name
    }
}

/// Gives each name of a list a form of its own: the second of two equal
/// names gets a `2`, and so on. `reserved` names are never given out.
pub fn distinct(names: Vec<String>, reserved: &[&str]) -> Vec<String> {
    let mut used: HashSet<String> = reserved.iter().map(|&name| name.to_owned()).collect();
    names
        .into_iter()
        .map(|name| {
            let mut candidate = name.clone();
            let mut number = 2;
            while !used.insert(candidate.clone()) {
                candidate = numbered(&name, number);
                number += 1;
            }
            candidate
        })
        .collect()
}

/// `name2`, or `name_2` where the name ends in a digit or is in snake case.
pub(super) fn numbered(name: &str, number: usize) -> String {
    let apart = name.ends_with(|c: char| c.is_ascii_digit())
        || name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let separator = if apart && !name.ends_with('_') {
        "_"
    } else {
        ""
    };
    format!("{name}{separator}{number}")
}

/// The words of any text in upper camel case; never empty.
pub(super) fn camel(text: &str) -> String {
    let name = spell(text).to_upper_camel_case();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("V{name}")
    } else {
        name
    }
}

/// Text with what no identifier can hold written out, so that `+` and `-`
/// do not become the same name. Separators between words stay separators.
fn spell(text: &str) -> String {
    if text.chars().any(|c| c.is_ascii_alphanumeric()) {
        return text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
            .collect();
    }
    if text.is_empty() {
        return "empty".to_owned();
    }
    let words: Vec<String> = text.chars().map(symbol).collect();
    words.join(" ")
}

fn symbol(c: char) -> String {
    let word = match c {
        ' ' => "space",
        '!' => "not",
        '"' => "quote",
        '#' => "hash",
        '$' => "dollar",
        '%' => "percent",
        '&' => "and",
        '*' => "star",
        '+' => "plus",
        ',' => "comma",
        '-' => "minus",
        '.' => "dot",
        '/' => "slash",
        ':' => "colon",
        '<' => "less",
        '=' => "equal",
        '>' => "greater",
        '?' => "question",
        '@' => "at",
        '\\' => "backslash",
        '^' => "caret",
        '_' => "underscore",
        '|' => "pipe",
        '~' => "tilde",
        other => return format!("u{:x}", u32::from(other)),
    };
    word.to_owned()
}

fn is_keyword(name: &str) -> bool {
    const KEYWORDS: [&str; 52] = [
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
        "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
        "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
        "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type",
        "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    ];
    KEYWORDS.contains(&name)
}
