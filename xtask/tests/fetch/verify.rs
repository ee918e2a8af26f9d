//! `cargo xtask verify`: what one source knows and the other does not.

use serde_json::{Value, json};

use crate::folder::{Done, Folder};
use crate::small_site::{API, Form, files, path, serve, zip};

/// A folder with the small site as a zip, and stored.
fn filled() -> Folder {
    let folder = Folder::new();
    folder.write("site.zip", zip(&files(Form::Sources)));
    folder
        .fetch(&["--dump", "site.zip", "--version", API])
        .well();
    folder
}

fn verify(folder: &Folder, arguments: &[&str]) -> Done {
    folder.run(&[&["verify", API], arguments].concat(), &[], b"")
}

#[test]
fn the_same_twice() {
    let folder = filled();
    for against in ["stored", "site.zip"] {
        let done = verify(&folder, &["--against", against]).well();
        assert!(
            done.stdout.ends_with("they say the same\n"),
            "{}",
            done.stdout
        );
    }
    let server = serve(files(Form::Html));
    let url = server.url();
    let done = verify(&folder, &["--against", "site", "--base-url", &url]).well();
    assert_eq!(
        done.stdout,
        "v25.99.0: stored (3 methods, 1 events) and site (3 methods, 1 events)\n\
         they say the same\n"
    );
}

#[test]
fn what_differs_is_told_by_kind_and_path() {
    let folder = filled();
    let mut files = files(Form::Sources);
    let run = files
        .get_mut(&path(Form::Sources, "api_methods_pool.scrub.run"))
        .unwrap();
    *run = run
        .replace("Default: 35", "Default: 36")
        .replace("POOL_WRITE", "POOL_WRITE | ADMIN");
    let scrub = files
        .get_mut(&path(Form::Sources, "api_methods_boot.scrub"))
        .unwrap();
    *scrub = scrub.replace("This method is a job.", "");
    files.remove(&path(Form::Sources, "api_methods_core.ping"));
    folder.write("other.zip", zip(&files));

    let done = verify(&folder, &["--against", "other.zip"]);
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert!(
        done.stderr
            .contains("other.zip does not have the method core.ping")
    );
    for part in [
        "only stored says: method (1)\n  method core.ping\n",
        "only stored says: job (1)\n  method boot.scrub\n",
        "only other.zip says: roles (1)\n  method pool.scrub.run: \"ADMIN\"\n",
        "they differ in: default (1)\n  method pool.scrub.run at threshold: 35 / 36\n",
    ] {
        assert!(done.stdout.contains(part), "{}", done.stdout);
    }

    let json = [
        "--source",
        "site.zip",
        "--against",
        "other.zip",
        "--format",
        "json",
    ];
    let report: Value = serde_json::from_str(&verify(&folder, &json).stdout).unwrap();
    let right = &report["right"];
    assert_eq!(
        (&right["source"], &right["methods"], &right["events"]),
        (&json!("other.zip"), &json!(2), &json!(1))
    );
    let differences = report["differences"].as_array().unwrap();
    let default = differences
        .iter()
        .find(|difference| difference["kind"] == "default");
    assert_eq!(
        default.unwrap(),
        &json!({
            "kind": "default", "subject": "method pool.scrub.run", "path": "threshold",
            "left": 35, "right": 36,
        })
    );
}

/// What neither has is not the same.
#[test]
fn what_is_missing_on_both_sides_is_trouble() {
    let folder = filled();
    let mut files = files(Form::Sources);
    files.remove(&path(Form::Sources, "api_methods_core.ping"));
    folder.write("half.zip", zip(&files));
    let both = ["--source", "half.zip", "--against", "half.zip"];
    let done = verify(&folder, &both);
    assert_eq!(done.code, Some(2), "{}", done.stdout);
    let words = "that is not all: half.zip does not have the method core.ping";
    assert!(done.stderr.contains(words), "{}", done.stderr);
    assert!(!done.stdout.contains("they say the same"));
}

#[test]
fn trouble_is_no_difference() {
    let folder = filled();
    for arguments in [
        &["--against", "nowhere.json"][..],
        &["--against", "host"],
        &[
            "--against",
            "site",
            "--base-url",
            "http://127.0.0.1:1/",
            "--retries",
            "0",
        ],
        &["--source", "stored"],
    ] {
        assert_eq!(verify(&folder, arguments).code, Some(2));
    }
    let other = folder.run(&["verify", "v1.2.3", "--against", "site.zip"], &[], b"");
    assert_eq!(other.code, Some(2));
}

/// As a script has it, which reads one and keeps the other for people.
#[test]
fn standard_output_is_for_the_report_alone() {
    let folder = filled();
    let json = ["--against", "site", "--format", "json", "--base-url"];
    let mut files = files(Form::Html);
    files.remove(&path(Form::Html, "api_methods_core.ping"));
    let server = serve(files.clone());
    let done = verify(&folder, &[&json[..], &[&server.url()]].concat());
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(report["differences"].as_array().unwrap().len(), 1);
    let fault = "the method core.ping: an index lists its page, which is not there";
    assert_eq!(report["right"]["faults"], json!([fault]));
    // Of the progress and of what is not there.
    assert!(done.stderr.contains("v25.99.0/: 4\n"), "{}", done.stderr);
    let note = "note: site does not have the method core.ping";
    assert!(done.stderr.contains(note), "{}", done.stderr);

    files.insert(path(Form::Html, "api_methods_boot.scrub"), "?".to_owned());
    let server = serve(files);
    let done = verify(&folder, &[&json[..], &[&server.url()]].concat());
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert_eq!(done.stdout, "");
}

#[test]
fn what_cannot_be_read_is_trouble() {
    let folder = filled();
    folder.write("binary.json", b"\xff\xfe");
    folder.write("text.json", "<!DOCTYPE html>");
    folder.write("deep.json", "[".repeat(1 << 20));
    folder.write("half.zip", &zip(&files(Form::Sources))[..1000]);
    for (file, words) in [
        ("binary.json", "binary.json: not UTF-8"),
        ("text.json", "text.json"),
        ("deep.json", "deep.json"),
        ("half.zip", "half.zip"),
        ("schemas", "cannot read schemas"),
    ] {
        let done = verify(&folder, &["--source", file, "--against", "stored"]);
        assert_eq!(done.code, Some(2), "{file}: {}", done.stdout);
        assert!(done.stderr.contains(words), "{}", done.stderr);
        assert_eq!(done.stdout, "");
    }
    folder.write("schemas/v25.99.0.json", "{");
    let done = verify(&folder, &["--against", "site.zip"]);
    assert_eq!(done.code, Some(2), "{}", done.stdout);
    let words = "schemas/v25.99.0.json";
    assert!(done.stderr.contains(words), "{}", done.stderr);
}

/// A dump of two methods that take a model, of which the default of the second
/// one and what the tags of a choice lead to are given.
fn choosing(default: &Value, [circle, square]: [&str; 2]) -> String {
    let model = |title: &str, key: &str| {
        let properties = json!({key: {"type": "integer"}});
        json!({"title": title, "type": "object", "properties": properties})
    };
    let options = json!({"type": "object", "properties": {"shape": {
        "oneOf": [{"$ref": "#/$defs/Circle"}, {"$ref": "#/$defs/Square"}],
        "discriminator": {"propertyName": "kind", "mapping": {
            circle: "#/$defs/Circle", square: "#/$defs/Square",
        }},
    }}});
    let defs = json!({"Circle": model("Circle", "radius"), "Square": model("Square", "side"), "Options": options});
    let method = |name: &str, default: &Value| {
        json!({
            "name": name, "roles": ["POOL_WRITE"], "doc": "This method is a job.",
            "removed_in": null,
            "schemas": {
                "accepts": {
                    "properties": {"options": {"$ref": "#/$defs/Options", "default": default}},
                    "$defs": defs,
                },
                "returns": {"properties": {"result": {"type": "null"}}},
            },
        })
    };
    let methods = [method("a.draw", &json!({})), method("b.draw", default)];
    json!({"versions": [{"version": API, "methods": methods, "events": []}]}).to_string()
}

/// A model is compared once, and what stands beside it wherever it does.
#[test]
fn nothing_hides_behind_a_model_that_was_compared() {
    let folder = Folder::new();
    let tags = ["CIRCLE", "SQUARE"];
    folder.write("one.json", choosing(&json!({}), tags));
    let other = choosing(&json!({"shape": 1}), tags);
    folder.write("other.json", other);
    folder.write("swapped.json", choosing(&json!({}), ["SQUARE", "CIRCLE"]));
    let against = |file: &str| {
        let done = verify(&folder, &["--source", "one.json", "--against", file]);
        done.stdout
    };
    assert!(against("one.json").ends_with("they say the same\n"));
    let found = against("other.json");
    let words = "they differ in: default (1)\n  method b.draw at options: {} / {\"shape\":1}\n";
    assert!(found.ends_with(words), "{found}");
    let found = against("swapped.json");
    assert!(
        found.contains("they differ in: discriminator (1)"),
        "{found}"
    );
}

/// Two halves are alike and are no whole.
#[test]
fn what_no_source_of_a_kind_has_is_told() {
    let folder = Folder::new();
    let answer = json!({"core.ping": {
        "accepts": [], "returns": null, "roles": ["FULL_ADMIN"], "description": null,
        "job": true, "uploadable": false, "downloadable": false, "check_pipes": false,
    }});
    folder.write("methods.json", answer.to_string());
    let twice = ["--source", "methods.json", "--against", "methods.json"];
    let done = verify(&folder, &twice);
    assert_eq!(done.code, Some(2), "{}", done.stdout);
    let words = "that is not all: methods.json does not have events";
    assert!(done.stderr.contains(words), "{}", done.stderr);

    let twice = ["--source", "-", "--against", "-"];
    let done = verify(&folder, &twice);
    assert!(
        done.stderr.contains("standard input is one file"),
        "{}",
        done.stderr
    );
}
