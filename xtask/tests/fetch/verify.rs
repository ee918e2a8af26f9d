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
    assert_eq!(done.code, Some(1), "{}", done.stderr);
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
    assert_eq!(
        report["right"],
        json!({"source": "other.zip", "methods": 2, "events": 1})
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
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(report["differences"].as_array().unwrap().len(), 1);
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
