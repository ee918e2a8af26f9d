//! What a version does not say: because it is missing, because it is no longer
//! there, or because no source of it knows.

use std::collections::{BTreeMap, BTreeSet};

use truenas_codegen::model::{ApiVersion, InputKind};
use truenas_codegen::read::Reading;
use truenas_site::Kind;

use super::material::{Material, Why};
use crate::verify::{Difference, compare};

/// The series of which a site and a dump have half.
const HALF: &str = "v25.04.";

/// What a source should have or prove and does not, nor does any other.
pub(crate) fn faults(materials: &[Material], version: &ApiVersion) -> Vec<String> {
    let unproven = materials.iter().flat_map(|material| &material.unproven);
    absent(materials, version, Why::Lost)
        .chain(unproven.cloned())
        .collect()
}

/// What the site itself has overwritten, and no other source has.
pub(crate) fn overwritten(materials: &[Material], version: &ApiVersion) -> Vec<String> {
    absent(materials, version, Why::Overwritten).collect()
}

/// What a source speaks of and does not give, nor does any other.
fn absent(materials: &[Material], version: &ApiVersion, why: Why) -> impl Iterator<Item = String> {
    let absent = materials.iter().flat_map(|material| &material.absent);
    let absent = absent.filter(move |absent| {
        absent.why == why
            && match absent.kind {
                Kind::Event => !version.events.contains_key(&absent.name),
                Kind::Method => !version.methods.contains_key(&absent.name),
            }
    });
    absent.map(ToString::to_string)
}

/// Where a dump or a site and `core.get_methods` do not have the same methods,
/// although they should.
pub(super) fn of_another_release(materials: &[Material], reading: &Reading) -> Vec<String> {
    let absent: BTreeSet<&str> = materials
        .iter()
        .flat_map(|material| &material.absent)
        .map(|absent| absent.name.as_str())
        .collect();
    let unlisted = reading.only_in_get_methods.iter();
    let unlisted: Vec<&str> = unlisted
        .map(String::as_str)
        // Of 25.04 all others have half.
        .filter(|name| !absent.contains(name) && !reading.version.api.starts_with(HALF))
        .collect();
    let unanswered = &reading.only_in_dump;
    let mut found = Vec::new();
    if let Some(first) = unanswered.first() {
        found.push(format!(
            "{} methods in the answer of core.get_methods, such as {first}: is it of another \
             release, or of an account with fewer roles?",
            unanswered.len()
        ));
    }
    if let Some(first) = unlisted.first() {
        found.push(format!(
            "{} methods that core.get_methods has and nothing else, such as {first}: is it of \
             another release?",
            unlisted.len()
        ));
    }
    found
}

/// What only the file that is there says, by kinds.
pub(super) fn lost(stored: &ApiVersion, version: &ApiVersion) -> Vec<String> {
    let differences = compare(stored, version);
    let mut kinds: BTreeMap<&str, (usize, &Difference)> = BTreeMap::new();
    for difference in differences.iter().filter(|found| found.right.is_none()) {
        kinds.entry(&difference.kind).or_insert((0, difference)).0 += 1;
    }
    let lost = kinds.into_values().map(|(count, first)| match count {
        1 => format!("{first}, which the file has"),
        _ => format!(
            "{first}, which the file has, and {} more of this kind",
            count - 1
        ),
    });
    lost.collect()
}

/// What sources of these kinds cannot say, and where it could be had.
pub(crate) fn unknown(version: &ApiVersion) -> Vec<String> {
    let is_get_methods = |kind| kind == InputKind::GetMethods;
    let inputs = || version.provenance.iter().map(|input| input.kind);
    let mut unknown = Vec::new();
    if inputs().all(is_get_methods) {
        unknown.push(
            "events, and when methods will be removed: core.get_methods does not say them; a \
             site (`--site`) or a dump does"
                .to_owned(),
        );
    }
    if version.api.starts_with(HALF) && !inputs().any(is_get_methods) {
        unknown.push(
            "half of the methods, and which are jobs: a site or dump of 25.04 does not have \
             them; core.get_methods does (`--host`, `--methods`)"
                .to_owned(),
        );
    } else if version.jobs() == 0 {
        unknown.push(
            "which methods are jobs: there is none; core.get_methods says it (`--host`, \
             `--methods`)"
                .to_owned(),
        );
    }
    let roles = version.provenance.iter().flat_map(|input| &input.roles);
    for roles in roles.filter(|roles| *roles != &["FULL_ADMIN"]) {
        unknown.push(format!(
            "what the account may not call: it is no full administrator (its roles: {})",
            roles.join(", ")
        ));
    }
    unknown
}

/// What is said of single keywords and methods by no source.
pub(super) fn unsaid(version: &ApiVersion) -> Vec<String> {
    let mut gaps = Vec::new();
    let inputs = || version.provenance.iter().map(|input| input.kind);
    if inputs().any(|kind| kind == InputKind::Site)
        && !inputs().any(|kind| kind == InputKind::GetMethods)
    {
        gaps.push(
            "pages have no words for some keywords, such as `propertyNames` and a `oneOf` of one \
             branch; core.get_methods adds them (`--host`, `--methods`)"
                .to_owned(),
        );
    }
    let methods = || version.methods.iter();
    if version.jobs() > 0 && methods().all(|(_, method)| method.pipes.is_none()) {
        gaps.push(
            "no source says which jobs take or give a file; core.get_methods does (`--host`, \
             `--methods`)"
                .to_owned(),
        );
    }
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
    gaps
}

fn names<'a, T: 'a>(found: impl Iterator<Item = (&'a String, &'a T)>) -> Vec<&'a str> {
    found.map(|(name, _)| name.as_str()).collect()
}

fn says_nothing(schema: &serde_json::Value) -> bool {
    schema == &serde_json::json!({}) || schema == &serde_json::json!(true)
}
