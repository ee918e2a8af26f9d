//! Several versions: what they share, and what follows from their list.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use truenas_codegen::generate::{Generated, generate};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::overrides::Overrides;
use truenas_codegen::versions::{Version, VersionList};

use super::{generate_all, list, method, model, object, version};

/// A version in which each model is what a method of its name answers.
fn models(api: &str, models: &Value) -> ApiVersion {
    let methods = models.as_object().unwrap().keys().map(|name| {
        let wire = format!("a.get_{}", name.to_lowercase());
        (wire, method(&json!([]), &model(name)))
    });
    version(api, &Value::Object(methods.collect()), &json!({}), models)
}

fn with(key: &str) -> Value {
    object(&json!({key: {"type": "integer"}}), &[key])
}

fn defining(generated: &Generated, item: &str) -> Vec<String> {
    let item = format!("pub struct {item} {{");
    let files = generated.files.iter();
    files
        .filter(|(_, content)| content.contains(&item))
        .map(|(path, _)| path.clone())
        .collect()
}

#[test]
fn what_is_equal_is_written_once() {
    let generated = generate_all(&[
        models("v1.0.0", &json!({"Same": with("a"), "Changed": with("b")})),
        models("v1.1.0", &json!({"Same": with("a"), "Changed": with("c")})),
    ]);
    assert_eq!(
        defining(&generated, "Same"),
        ["src/shared/since_v1_0_0/a.rs"]
    );
    assert_eq!(
        defining(&generated, "Changed"),
        [
            "src/shared/since_v1_0_0_until_v1_1_0/a.rs",
            "src/shared/since_v1_1_0/a.rs",
        ]
    );
}

#[test]
fn equal_means_all_that_it_refers_to() {
    let outer = object(&json!({"inner": model("Inner")}), &["inner"]);
    let generated = generate_all(&[
        models("v1.0.0", &json!({"Outer": outer, "Inner": with("a")})),
        models("v1.1.0", &json!({"Outer": outer, "Inner": with("b")})),
    ]);
    assert_eq!(defining(&generated, "Outer").len(), 2);
}

#[test]
fn a_recursive_shape_is_shared_as_well() {
    let node = object(
        &json!({"next": {"anyOf": [model("Node"), {"type": "null"}]}}),
        &[],
    );
    let generated = generate_all(&[
        models("v1.0.0", &json!({"Node": node})),
        models("v1.1.0", &json!({"Node": node, "New": with("a")})),
    ]);
    assert_eq!(
        defining(&generated, "Node"),
        ["src/shared/since_v1_0_0/a.rs"]
    );
}

#[test]
fn a_shape_under_a_new_title_is_the_same_type_under_both_names() {
    let generated = generate_all(&[
        models("v1.0.0", &json!({"Old": with("a")})),
        models("v1.1.0", &json!({"New": with("a")})),
    ]);
    // The compiler shows the newest name.
    assert_eq!(
        defining(&generated, "New"),
        ["src/shared/since_v1_0_0/a.rs"]
    );
    let facade = &generated.files["src/versions/v1_0_0/a.rs"];
    assert!(facade.contains("New as Old"), "{facade}");
}

#[test]
fn an_equal_version_costs_a_re_export() {
    let same = json!({"Same": with("a")});
    let one = generate_all(&[models("v1.0.0", &same)]);
    let versions = [models("v1.0.0", &same), models("v1.0.1", &same)];
    let two = generate_all(&versions);

    assert_eq!(two.summary[1].same_as.as_deref(), Some("v1.0.0"));
    let changed: Vec<&String> = two
        .files
        .iter()
        .filter(|(path, content)| one.files.get(*path) != Some(content))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(changed, ["src/versions/mod.rs"]);
    let modules = &two.files["src/versions/mod.rs"];
    assert!(modules.contains("pub use super::v1_0_0::*;"), "{modules}");
    assert!(
        modules.contains("pub const VERSION: &str = \"v1.0.1\";"),
        "{modules}"
    );
    assert!(modules.contains("pub enum Api {}"), "{modules}");
    assert!(two.features.contains("v1_0_1 = [\"v1_0_0\"]"));
}

/// The reports of names, and which file each definition is in.
fn names_and_places(generated: &Generated) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let reports = generated.files.iter();
    let reports = reports.filter(|(path, _)| path.starts_with("names/"));
    let mut places = BTreeMap::new();
    for (path, content) in &generated.files {
        if let Some(path) = path.strip_prefix("src/shared/") {
            for line in content.lines().filter(|line| line.starts_with("pub ")) {
                places.insert(format!("{path} {line}"), path.to_owned());
            }
        }
    }
    (
        reports
            .map(|(path, content)| (path.clone(), content.clone()))
            .collect(),
        places,
    )
}

#[test]
fn a_new_version_renames_and_moves_nothing() {
    let first = models("v1.0.0", &json!({"Kept": with("a"), "Gone": with("b")}));
    let second = models("v1.1.0", &json!({"Kept": with("a"), "Fresh": with("c")}));
    // It takes the old names for other shapes, and other names for old shapes.
    let third = models(
        "v1.2.0",
        &json!({"Kept": with("z"), "Renamed": with("a"), "Fresh": with("c")}),
    );
    let before = generate_all(&[first.clone(), second.clone()]);
    let after = generate_all(&[first, second, third]);

    let (reports, places) = names_and_places(&before);
    let (new_reports, new_places) = names_and_places(&after);
    for (path, report) in &reports {
        assert_eq!(&new_reports[path], report);
    }
    // Items that the new version lacks are now in a module that ends with the
    // old version, and items that it renames have the new name. Everything else
    // is unchanged.
    for (place, path) in places {
        if place.contains("Kept") {
            continue;
        }
        let ended = place.replacen('/', "_until_v1_2_0/", 1);
        assert!(
            new_places.contains_key(&place) || new_places.contains_key(&ended),
            "{place} of {path}"
        );
    }
}

fn released(versions: &[(&str, &str, &[&str])]) -> Generated {
    let mut listed = VersionList::default();
    let mut contents = Vec::new();
    for (number, (api, release, aliases)) in versions.iter().enumerate() {
        let mut content = models(api, &json!({"Data": with(&format!("key{number}"))}));
        content.release = (*release).to_owned();
        contents.push(content);
        listed
            .register(Version {
                api: (*api).to_owned(),
                release: (*release).to_owned(),
                aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            })
            .unwrap();
    }
    generate(&contents, &listed, &Overrides::default()).unwrap()
}

#[test]
fn features_follow_from_the_list() {
    let generated = released(&[
        ("v25.04.0", "25.04.0", &[]),
        ("v25.10.2", "25.10.2.2", &["v25.10.3"]),
        ("v25.10.5", "25.10.6", &[]),
        ("v26.0.0", "26.0.0-BETA.3", &[]),
    ]);
    let lines: Vec<&str> = generated.features.lines().collect();
    assert_eq!(
        lines,
        [
            // The beta is the newest, but may still change.
            "latest = [\"v25_10_5\"]",
            "v25_04 = [\"v25_04_0\"]",
            "v25_10 = [\"v25_10_5\"]",
            "v26_0 = [\"v26_0_0\"]",
            "all = [\"latest\", \"v25_04\", \"v25_10\", \"v26_0\", \"v25_04_0\", \"v25_10_2\", \"v25_10_3\", \"v25_10_5\", \"v26_0_0\"]",
            "v25_04_0 = []",
            "v25_10_2 = []",
            "v25_10_3 = [\"v25_10_2\"]",
            "v25_10_5 = []",
            "v26_0_0 = []",
        ]
    );
    let table: Vec<&str> = generated.table.lines().skip(2).collect();
    assert_eq!(
        table[1..],
        [
            "| v25.10.2 | 25.10.2.2 | `v25_10_2`, `v25_10_3` | 1 | 0 | 0 |",
            "| v25.10.5 | 25.10.6 | `v25_10_5`, `latest`, `v25_10` | 1 | 0 | 0 |",
            "| v26.0.0 (may still change) | 26.0.0-BETA.3 | `v26_0_0`, `v26_0` | 1 | 0 | 0 |",
        ]
    );
}

#[test]
fn a_finished_release_goes_before_a_beta_of_its_series() {
    let generated = released(&[
        ("v26.0.0", "26.0.0", &[]),
        ("v26.0.1", "26.0.1-BETA.1", &[]),
    ]);
    assert!(generated.features.contains("v26_0 = [\"v26_0_0\"]"));

    let only_beta = released(&[("v26.0.0", "26.0.0-BETA.1", &[])]);
    assert!(only_beta.features.contains("latest = [\"v26_0_0\"]"));
}

#[test]
fn without_a_feature_one_error_says_what_to_write() {
    let generated = released(&[("v25.10.5", "25.10.6", &[])]);
    let modules = &generated.files["src/versions/mod.rs"];
    assert!(
        modules.contains("#[cfg(not(any(feature = \"v25_10_5\")))]"),
        "{modules}"
    );
    assert!(modules.contains(r#"features = [\"v25_10\"]"#), "{modules}");
}

#[test]
fn what_is_no_version_name_is_an_error() {
    let versions = [models("v1.0 beta", &json!({"Data": with("a")}))];
    let error = generate(&versions, &list(&versions), &Overrides::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"v1.0 beta\" is no name of an API version; they are of the form v25.10.5"
    );
}

#[test]
fn a_version_of_two_numbers_is_one_like_any_other() {
    let generated = released(&[("v24.10", "24.10.2", &[]), ("v25.04.0", "25.04.0", &[])]);
    let lines: Vec<&str> = generated.features.lines().collect();
    assert_eq!(
        lines,
        [
            "latest = [\"v25_04_0\"]",
            "v25_04 = [\"v25_04_0\"]",
            "all = [\"latest\", \"v25_04\", \"v24_10\", \"v25_04_0\"]",
            "v24_10 = []",
            "v25_04_0 = []",
        ]
    );
    assert!(generated.table.contains("| v24.10 | 24.10.2 | `v24_10` |"));
    let modules = &generated.files["src/versions/mod.rs"];
    assert!(modules.contains("pub mod v24_10;"), "{modules}");
}

/// `v25_10` would be the module of this version and an alias of the newest of
/// the others.
#[test]
fn a_version_cannot_have_the_name_of_another_series() {
    let named = |api: &str, aliases: &[&str]| Version {
        api: api.to_owned(),
        release: api.trim_start_matches('v').to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
    };
    for (first, second) in [
        (named("v25.10", &[]), named("v25.10.0", &[])),
        (named("v25.10.0", &[]), named("v25.10", &[])),
        (named("v25.10.0", &[]), named("v25.04.0", &["v25.10"])),
        (named("v24.10", &["v25.10.3"]), named("v25.10", &[])),
    ] {
        let mut list = VersionList::default();
        list.register(first).unwrap();
        let error = list.register(second).unwrap_err();
        assert!(error.starts_with("v25.10 would be ambiguous"), "{error}");
    }
    let mut list = VersionList::default();
    list.register(named("v25.1", &[])).unwrap();
    list.register(named("v25.10.0", &[])).unwrap();
}
