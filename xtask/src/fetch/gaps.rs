//! What a version still does not say, though nothing went wrong.

use truenas_codegen::model::{ApiVersion, InputKind};

/// What is missing, and where it could be had.
pub(super) fn of(version: &ApiVersion) -> Vec<String> {
    let mut gaps = Vec::new();
    let is_get_methods = |kind| kind == InputKind::GetMethods;
    let has_dump = version
        .provenance
        .iter()
        .any(|input| !is_get_methods(input.kind));
    if !has_dump {
        gaps.push(
            "no events, and not when methods will be removed: core.get_methods does not say \
             them; a site (`--site`) or a dump does"
                .to_owned(),
        );
    }
    if version.jobs() == 0 {
        gaps.push("no job: a site or dump of 25.04 does not say which methods are; core.get_methods does (`--host`, `--methods`)".to_owned());
    }
    let methods = || version.methods.iter();
    let unsaid = [
        (
            "what they answer",
            names(methods().filter(|(_, method)| says_nothing(method.result.as_value()))),
        ),
        (
            "which roles may call them",
            names(methods().filter(|(_, method)| method.roles.is_empty())),
        ),
    ];
    for (what, names) in unsaid {
        if let Some(first) = names.first() {
            gaps.push(format!(
                "{} methods do not say {what}, such as {first}",
                names.len()
            ));
        }
    }
    for roles in version
        .provenance
        .iter()
        .filter_map(|input| input.roles.as_ref())
    {
        if roles != &["FULL_ADMIN"] {
            gaps.push(format!(
                "the account that asked was no full administrator (it has {}): what it may not \
                 call is missing",
                roles.join(", ")
            ));
        }
    }
    gaps
}

fn names<'a, T: 'a>(found: impl Iterator<Item = (&'a String, &'a T)>) -> Vec<&'a str> {
    found.map(|(name, _)| name.as_str()).collect()
}

fn says_nothing(schema: &serde_json::Value) -> bool {
    schema == &serde_json::json!({}) || schema == &serde_json::json!(true)
}
