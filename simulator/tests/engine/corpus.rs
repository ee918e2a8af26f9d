//! The simulator's answers have the same keys, and values of the same kinds, as
//! the answers in `tests/corpus/` that were built after the server's source.
//! Recorded answers come from systems without storage, and from calls that change
//! something.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::system::System;

/// The parameters of the methods that need some.
const PARAMETERS: &[(&str, &str)] = &[
    ("disk.temperature_agg", r#"[["sda", "sdb"]]"#),
    ("filesystem.getacl", r#"["/mnt/tank/media"]"#),
    ("filesystem.listdir", r#"["/mnt/tank"]"#),
    ("filesystem.stat", r#"["/mnt/tank/media"]"#),
    ("reporting.netdata_get_data", r#"[[{"name": "cpu"}]]"#),
];

/// Objects whose keys are arbitrary names, by the end of their path.
const MAPS: &[&str] = &[
    "disk.temperatures",
    "disk.temperature_agg",
    "pool.snapshot.query[].holds",
    "reporting.netdata_get_data[].aggregations.max",
    "reporting.netdata_get_data[].aggregations.mean",
    "reporting.netdata_get_data[].aggregations.min",
    "tn_connect.config.registration_details",
    "zfs.snapshot.query[].holds",
];

/// Known differences, by method and path.
const KNOWN: &[(&str, &str)] = &[
    // A system that has joined keeps no password, but this one has not joined.
    ("activedirectory.config", ".bindpw"),
];

/// Queries that are empty on the made-up system.
const EMPTY: &[&str] = &[
    // The sessions and keys of accounts, which are outside of the engine.
    "api_key.query",
    "acme.dns.authenticator.query",
    "alertservice.query",
    "certificateauthority.query",
    "cronjob.query",
    "enclosure2.query",
    "kerberos.keytab.query",
    "kerberos.realm.query",
];

/// The values at one path.
#[derive(Default)]
struct Seen {
    kinds: BTreeSet<&'static str>,
    times: usize,
}

/// The values by path: `[].topology.data.[].guid`.
type Shape = BTreeMap<String, Seen>;

#[test]
fn answers_have_the_keys_and_kinds_of_real_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    let mut problems = Vec::new();
    for api in ["v25.04.2", "v25.10.5", "v26.0.0"] {
        let text = std::fs::read_to_string(folder.join(format!("{api}.jsonl"))).unwrap();
        let mut real: BTreeMap<String, Shape> = BTreeMap::new();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let name = line["name"].as_str().unwrap();
            let is_built = line["from"]
                .as_str()
                .is_some_and(|from| from.starts_with("built"));
            if line["kind"] == "result" && is_built {
                let shape = real.entry(name.to_owned()).or_default();
                look(shape, name, "", &line["value"]);
            }
        }
        assert!(
            real.len() > 50,
            "{api}: there is too little to compare with"
        );
        let system = System::new(api);
        for (name, real) in &real {
            let Some(made_up) = answer(&system, name) else {
                continue;
            };
            if made_up == json!([]) && !EMPTY.contains(&name.as_str()) {
                problems.push(format!("{api} {name}: there is nothing to compare"));
            }
            let mut shape = Shape::new();
            look(&mut shape, name, "", &made_up);
            compare(real, &shape, |path, problem| {
                if !KNOWN.contains(&(name, path)) {
                    problems.push(format!("{api} {name} at {path:?}: {problem}"));
                }
            });
        }
    }
    assert!(problems.is_empty(), "{}: {problems:#?}", problems.len());
}

/// Skips methods that are answered outside of the engine (`core.*` and
/// `auth.*`), jobs, which change something, and methods about one object.
fn answer(system: &System, name: &str) -> Option<Value> {
    let outside = name.starts_with("core.") || name.starts_with("auth.");
    let action = name.rsplit('.').next().unwrap_or(name);
    let of_one = [
        "create",
        "get_instance",
        "renew_2fa_secret",
        "unlock",
        "update",
    ];
    if outside || of_one.contains(&action) {
        return None;
    }
    let params = PARAMETERS.iter().find(|(method, _)| *method == name);
    let params = params.map_or(json!([]), |(_, params)| {
        serde_json::from_str(params).unwrap()
    });
    Some(system.call(name, params))
}

fn look(shape: &mut Shape, name: &str, path: &str, value: &Value) {
    // A redacted value can have any kind.
    if value == "********" {
        return;
    }
    let seen = shape.entry(path.to_owned()).or_default();
    seen.times += 1;
    seen.kinds.insert(kind(value));
    match value {
        Value::Array(items) => {
            // Children of datasets are datasets.
            let path = match path {
                "[].children" if name == "pool.dataset.query" => "[]".to_owned(),
                path => format!("{path}[]"),
            };
            items.iter().for_each(|item| look(shape, name, &path, item));
        }
        Value::Object(object) if kind(value) == "object" => {
            let is_map = MAPS.contains(&format!("{name}{path}").as_str());
            for (key, value) in object {
                let key = if is_map { "*" } else { key };
                look(shape, name, &format!("{path}.{key}"), value);
            }
        }
        _ => {}
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        // An integer with too many digits is read as a number.
        Value::Number(number) if number.is_f64() && number.as_f64().unwrap() < 1e19 => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(object) if object.contains_key("$date") => "date",
        Value::Object(_) => "object",
    }
}

fn compare(real: &Shape, made_up: &Shape, mut report: impl FnMut(&str, String)) {
    for (path, seen) in real {
        let parent = path.rsplit_once('.').map(|(parent, _)| parent);
        let Some(parent) = parent.filter(|_| !path.ends_with("[]") && !path.ends_with('*')) else {
            continue;
        };
        // A key that is always in the real answers and never in the
        // simulator's.
        let always = real
            .get(parent)
            .is_some_and(|parent| parent.kinds.contains("object") && parent.times == seen.times);
        let is_object = made_up
            .get(parent)
            .is_some_and(|parent| parent.kinds.contains("object"));
        if always && is_object && !made_up.contains_key(path) {
            report(path, format!("missing, real ones have {:?}", seen.kinds));
        }
    }
    for (path, seen) in made_up {
        if path.ends_with("[]") && !real.contains_key(path) {
            continue;
        }
        let Some(known) = real.get(path) else {
            let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
            if real
                .get(parent)
                .is_some_and(|parent| parent.kinds.contains("object"))
            {
                report(path, format!("{:?}, real ones do not have it", seen.kinds));
            }
            continue;
        };
        let fits = |kind: &&str| {
            *kind == "null"
                || known.kinds.contains(kind)
                || *kind == "integer" && known.kinds.contains("number")
        };
        // The kind of a value that is always null is unknown.
        let only_null = known.kinds.iter().all(|kind| *kind == "null");
        if !only_null && !seen.kinds.iter().all(fits) {
            report(
                path,
                format!("{:?}, real ones have {:?}", seen.kinds, known.kinds),
            );
        }
    }
}
