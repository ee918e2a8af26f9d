//! The fields of what a query answers.

use serde_json::{Map, Value, json};
use truenas_codegen::generate::{Generated, generate};
use truenas_codegen::overrides::Overrides;

use super::{generate_all, list, method, model, object, version, write};

/// A query that answers entries of the model.
fn query(entry: &str) -> Value {
    let filters = json!({"name": "filters", "required": false, "schema": {"type": "array"}});
    let options = json!({"name": "options", "required": false, "schema": {"type": "object"}});
    let answer = json!({"anyOf": [
        {"type": "array", "items": model(entry)}, model(entry), {"type": "integer"},
    ]});
    method(&json!([filters, options]), &answer)
}

/// The lines of the module `field` of the service `a`.
fn fields(properties: &Value) -> Vec<String> {
    let methods = json!({"a.query": query("Entry")});
    let models = json!({
        "Entry": object(properties, &[]),
        "Inner": object(&json!({"x": {"type": "integer"}}), &[]),
    });
    let written = write(&methods, &models);
    constants(written.file("shared/since_v1_0_0/a.rs"))
}

/// The lines of the module `field` in a file.
fn constants(file: &str) -> Vec<String> {
    let (_, module) = file.split_once("pub mod field {").unwrap();
    let lines = module.lines().map(str::trim);
    let lines = lines.filter_map(|line| line.strip_prefix("pub const "));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_field_has_the_type_it_is_compared_with() {
    let nullable = |ty: &str| json!({"anyOf": [{"type": ty}, {"type": "null"}]});
    let properties = json!({
        "a": {"type": "integer"},
        "b": nullable("string"),
        "c": {"type": "string", "format": "date-time"},
        "d": {"enum": ["ON", "OFF"]},
        "e": {"type": "array", "items": nullable("string")},
        "f": {"type": "array", "items": model("Inner")},
        "g": model("Inner"),
        "h": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "i": {"type": "object"},
    });
    assert_eq!(
        fields(&properties),
        [
            r#"A: Field<i64> = Field::new("a");"#,
            r#"B: Field<str> = Field::new("b");"#,
            r#"C: Field<rt::DateTime> = Field::new("c");"#,
            r#"D: Field<EntryD> = Field::new("d");"#,
            r#"E: Field<Vec<rt::SmolStr>> = Field::new("e");"#,
            r#"F: Field<Vec<rt::Raw>> = Field::new("f");"#,
            r#"G: Field<rt::Raw> = Field::new("g");"#,
            r#"H: Field<rt::Raw> = Field::new("h");"#,
            r#"I: Field<rt::Raw> = Field::new("i");"#,
        ]
    );
}

#[test]
fn a_secret_field_stays_a_secret() {
    let properties = json!({
        "a": {"type": "string"},
        "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "c": {"type": "object"},
        "d": {"type": "array", "items": {"type": "integer"}},
    });
    let keys = ["a", "b", "c", "d"];
    let secrets = keys.map(|key| json!({"key": format!("Entry.{key}"), "reason": ""}));
    let overrides = json!({"secrets": secrets, "integers": [], "reads_only": [], "names": []});
    let models = json!({"Entry": object(&properties, &keys)});
    let methods = json!({"a.query": query("Entry")});
    let versions = [version("v1.0.0", &methods, &json!({}), &models)];
    let overrides: Overrides = serde_json::from_value(overrides).unwrap();
    let generated = generate(&versions, &list(&versions), &overrides).unwrap();
    assert_eq!(
        constants(&generated.files["src/shared/since_v1_0_0/a.rs"]),
        [
            r#"A: Field<rt::Secret> = Field::new("a");"#,
            r#"B: Field<rt::SecretValue<i64>> = Field::new("b");"#,
            r#"C: Field<rt::SecretValue<rt::Raw>> = Field::new("c");"#,
            r#"D: Field<rt::SecretValue<rt::Raw>> = Field::new("d");"#,
        ]
    );
}

/// Versions that are the same but for what the overrides say.
fn with(overrides: &Value) -> Generated {
    let model = object(
        &json!({
            "at": {"type": "string", "format": "date-time"},
            "scan": {"type": "object"},
        }),
        &["at"],
    );
    let of = |api: &str, others: usize| {
        let others = (0..others).map(|n| (format!("b{n}.get"), method(&json!([]), &json!({}))));
        let mut methods: Map<String, Value> = others.collect();
        methods.insert("a.query".to_owned(), query("Entry"));
        version(api, &methods.into(), &json!({}), &json!({"Entry": model}))
    };
    let versions = [of("v1.0.0", 0), of("v1.1.0", 1), of("v2.0.0", 2)];
    let overrides: Overrides = serde_json::from_value(overrides.clone()).unwrap();
    generate(&versions, &list(&versions), &overrides).unwrap()
}

#[test]
fn a_field_knows_which_times_have_no_zone_in_its_versions() {
    let line = |path: &str, version: &str| json!({"method": "a.query", "path": path, "versions": [version], "reason": ""});
    let generated = with(&json!({
        "secrets": [], "integers": [], "reads_only": [], "names": [],
        "naive_times": [
            line("at", "v1.*"), line("scan.start", "v1.*"), line("scan.end", "v1.*"),
            line("at", "v3.*"), line("gone", "v*"),
        ],
    }));
    assert_eq!(
        generated.unused_overrides,
        [
            "naive_times: a.query at v3.*",
            "naive_times: a.query gone v*"
        ]
    );
    let constants = |path: &str| -> String {
        let file = &generated.files[path];
        let (_, module) = file.split_once("pub mod field {").unwrap();
        module.split_whitespace().collect()
    };
    let old = constants("src/shared/since_v1_0_0_until_v2_0_0/a.rs");
    assert!(
        old.contains(r#"AT:Field<rt::DateTime>=Field::naive("at");"#),
        "{old}"
    );
    let scan = r#"SCAN:Field<rt::Raw>=Field::with_naive_times("scan",&["scan.start","scan.end"]"#;
    assert!(old.contains(scan), "{old}");
    let new = constants("src/shared/since_v2_0_0/a.rs");
    assert!(
        new.contains(r#"AT:Field<rt::DateTime>=Field::new("at");"#),
        "{new}"
    );
    assert!(
        new.contains(r#"SCAN:Field<rt::Raw>=Field::new("scan");"#),
        "{new}"
    );
}

#[test]
fn a_query_has_its_quirks() {
    let line = |method: &str, quirk: &str, version: &str| json!({"method": method, "quirk": quirk, "versions": [version], "reason": ""});
    let generated = with(&json!({
        "secrets": [], "integers": [], "reads_only": [], "names": [],
        "query_quirks": [
            line("a.query", "sorts_before_select", "v2.0.0"),
            line("a.query", "filters_in_sql", "v2.0.0"),
            line("b0.get", "filters_in_sql", "v*"),
        ],
    }));
    let unused = ["query_quirks: b0.get FiltersInSql v*"];
    assert_eq!(generated.unused_overrides, unused);
    let marker = |path: &str| -> String { generated.files[path].split_whitespace().collect() };
    let old = marker("src/shared/since_v1_0_0_until_v2_0_0/a.rs");
    assert!(
        old.contains("rt::QueryforQuery") && !old.contains("QUIRKS"),
        "{old}"
    );
    let new = marker("src/shared/since_v2_0_0/a.rs");
    let quirks =
        "constQUIRKS:&'static[rt::Quirk]=&[rt::Quirk::FiltersInSql,rt::Quirk::SortsBeforeSelect";
    assert!(new.contains(quirks), "{new}");
}

#[test]
fn keys_that_are_no_constants() {
    let keys = ["type", "A-b", "a_b", "user.key", "1st", ""];
    let properties = keys.map(|key| (key.to_owned(), json!({"type": "integer"})));
    assert_eq!(
        fields(&Value::Object(properties.into_iter().collect())),
        [
            r#"EMPTY: Field<i64> = Field::new("");"#,
            r#"_1ST: Field<i64> = Field::new("1st");"#,
            r#"A_B: Field<i64> = Field::new("A-b");"#,
            r#"A_B_2: Field<i64> = Field::new("a_b");"#,
            r#"TYPE: Field<i64> = Field::new("type");"#,
            r#"USER_KEY: Field<i64> = Field::new("user\\.key");"#,
        ]
    );
}

#[test]
fn several_queries_of_a_service_and_a_service_of_that_name() {
    let methods = json!({
        "a.query": query("Entry"),
        "a.sessions": query("Entry"),
        "a.field.get": method(&json!([]), &json!({})),
    });
    let entry = object(&json!({"id": {"type": "integer"}}), &["id"]);
    let written = write(&methods, &json!({"Entry": entry}));
    let file = written.file("shared/since_v1_0_0/a.rs");
    assert!(file.contains("pub mod field_2 {"), "{file}");
    assert!(file.contains("pub mod sessions_field {"), "{file}");
}

#[test]
fn only_a_query_of_entries_with_known_keys_has_fields() {
    let mut listdir = query("Entry");
    let path = json!({"name": "path", "required": true, "schema": {"type": "string"}});
    listdir["parameters"]
        .as_array_mut()
        .unwrap()
        .insert(0, path);
    let methods = json!({
        "a.listdir": listdir,
        "a.query": query("Empty"),
        "b.get": method(&json!([]), &model("Entry")),
    });
    let models = json!({
        "Entry": object(&json!({"id": {"type": "integer"}}), &["id"]),
        "Empty": object(&json!({}), &[]),
    });
    let written = write(&methods, &models);
    for (path, source) in &written.generated.files {
        assert!(!source.contains("QueryField"), "{path}: {source}");
    }
}

#[test]
fn equal_entries_have_one_module_of_fields() {
    let of = |api: &str, methods: &Value, key: &str| {
        let mut properties = json!({"id": {"type": "integer"}});
        properties[key] = json!({"type": "integer"});
        let models = json!({"Entry": object(&properties, &["id"])});
        version(api, methods, &json!({}), &models)
    };
    let one = json!({"a.query": query("Entry")});
    let two = json!({"a.query": query("Entry"), "b.get": method(&json!([]), &json!({}))});
    let versions = [
        of("v1.0.0", &one, "x"),
        of("v1.1.0", &two, "x"),
        of("v1.2.0", &two, "y"),
    ];
    let generated = generate_all(&versions);
    let files = generated.files.iter();
    let places = files.filter(|(_, source)| source.contains("pub mod field {"));
    let places: Vec<&String> = places.map(|(path, _)| path).collect();
    assert_eq!(
        places,
        [
            "src/shared/since_v1_0_0_until_v1_2_0/a.rs",
            "src/shared/since_v1_2_0/a.rs"
        ]
    );
}
