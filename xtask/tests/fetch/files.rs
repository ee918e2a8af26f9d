//! From files, and what becomes of a file that is there already.

use std::fs::File;

use serde_json::{Value, json};

use crate::folder::{Folder, end};
use crate::small_site::{API, Form, files, zip};

fn method(name: &str, data: &Value) -> Value {
    json!({
        "name": name, "roles": ["POOL_WRITE"], "doc": "This method is a job.",
        "removed_in": "v30.0.0",
        "schemas": {
            "accepts": {"properties": {"data": data}, "required": ["data"]},
            "returns": {"properties": {"result": {"type": "null"}}},
        },
    })
}

fn dump(methods: &[Value]) -> String {
    json!({"versions": [{"version": API, "events": [], "methods": methods}]}).to_string()
}

/// A dump of two methods.
pub(crate) fn full() -> String {
    let data = json!({"type": "integer", "minimum": 1});
    dump(&[method("pool.create", &data), method("pool.export", &data)])
}

/// A folder into which that was fetched.
fn filled() -> Folder {
    let folder = Folder::new();
    folder.write("full.json", full());
    folder
        .fetch(&["--dump", "full.json", "--release", "25.99.1"])
        .well();
    folder
}

#[test]
fn a_dump_by_itself_in_a_zip_and_from_standard_input() {
    let folder = filled();
    let first = folder.files();
    let one = [("deep/dump.json".to_owned(), full())];
    let zipped = zip(&one.into());
    folder.write("dump.zip", &zipped);
    folder.fetch(&["--dump", "dump.zip"]).well();
    assert_eq!(folder.files(), first);
    for input in [full().as_bytes(), &zipped] {
        folder.run(&["fetch", "--dump", "-"], &[], input).well();
        assert_eq!(folder.files(), first);
    }
}

#[test]
fn the_zip_of_a_site_needs_its_version() {
    let folder = Folder::new();
    folder.write("site.zip", zip(&files(Form::Sources)));
    folder
        .fetch(&["--dump", "site.zip"])
        .badly("needs its version");
    folder
        .fetch(&["--dump", "site.zip", "--version", API])
        .well();
    assert_eq!(folder.version(API)["release"], "25.99.0");
}

#[test]
fn the_release_stays_what_it_was() {
    let folder = filled();
    folder.fetch(&["--dump", "full.json"]).well();
    assert_eq!(folder.version(API)["release"], "25.99.1");
}

#[test]
fn a_fuller_file_is_replaced_only_if_told_to() {
    let folder = filled();
    let before = folder.files();
    let data = json!({"type": "integer", "minimum": 1});
    let poorer = [
        (
            dump(&[method("pool.create", &data)]),
            "the method pool.export",
        ),
        (
            dump(&[
                method("pool.create", &json!({"type": "integer"})),
                method("pool.export", &data),
            ]),
            "minimum of the method pool.create at data",
        ),
        (
            full().replace("\"v30.0.0\"", "null"),
            "removed_in of the method pool.create",
        ),
        (
            full().replace("This method is a job.", ""),
            "job of the method pool.create",
        ),
        (
            full().replace("[\"POOL_WRITE\"]", "[]"),
            "roles of the method pool.create",
        ),
    ];
    for (text, lost) in poorer {
        folder.write("poor.json", text);
        let done = folder.fetch(&["--dump", "poor.json"]).badly("not complete");
        assert!(done.stderr.contains(lost), "{lost}: {}", done.stderr);
        assert_eq!(folder.files(), before);
    }
    folder
        .fetch(&["--dump", "poor.json", "--incomplete"])
        .well();
    assert_ne!(folder.files(), before);
    // More, and other than before, is welcome.
    let other = json!({"type": "integer", "minimum": 2, "maximum": 3});
    let methods = ["pool.create", "pool.export", "pool.import"];
    folder.write("more.json", dump(&methods.map(|name| method(name, &other))));
    folder.fetch(&["--dump", "more.json"]).well();
    assert_eq!(folder.version(API)["methods"].as_object().unwrap().len(), 3);
}

#[test]
fn a_dump_counts_and_get_methods_adds() {
    let folder = Folder::new();
    let described = |job: bool| {
        json!({
            "accepts": [], "returns": null, "roles": ["FULL_ADMIN"], "description": null,
            "job": job, "uploadable": false, "downloadable": job, "check_pipes": false,
        })
    };
    let answer = json!({"core.ping": described(false), "pool.create": described(true)});
    folder.write("methods.json", answer.to_string());
    let alone = ["--version", API, "--methods", "methods.json"];
    let done = folder
        .fetch(&alone)
        .badly("missing: events, and when methods will be removed");
    assert!(folder.files().is_empty(), "{}", done.stderr);
    let done = folder
        .fetch(&[&alone[..], &["--incomplete"]].concat())
        .well();
    assert!(
        done.stderr
            .contains("2 methods do not say what they answer, such as core.ping")
    );

    folder.write(
        "dump.json",
        dump(&[method("pool.create", &json!({"type": "integer"}))]),
    );
    folder
        .fetch(&[
            "--dump",
            "dump.json",
            "--methods",
            "methods.json",
            "--incomplete",
        ])
        .well();
    let methods = folder.version(API)["methods"].clone();
    assert_eq!(
        methods["pool.create"]["parameters"][0]["schema"]["type"],
        "integer"
    );
    assert_eq!(methods["pool.create"]["pipes"]["output"], true);
    assert_eq!(methods["core.ping"]["kind"], "call");
}

/// On 25.04 a dump or a site has half of the methods and says of none that it is
/// a job.
#[test]
fn half_of_a_version_is_not_a_version() {
    let folder = Folder::new();
    let data = json!({"type": "integer"});
    folder.write(
        "dump.json",
        dump(&[method("pool.create", &data)]).replace(API, "v25.04.9"),
    );
    folder
        .fetch(&["--dump", "dump.json"])
        .badly("missing: half of the methods, and which are jobs");
    let no_jobs = dump(&[method("pool.create", &data)]).replace("This method is a job.", "");
    folder.write("dump.json", no_jobs);
    folder
        .fetch(&["--dump", "dump.json"])
        .badly("missing: which methods are jobs: there is none");
    assert!(folder.files().is_empty());
    folder
        .fetch(&["--dump", "dump.json", "--incomplete"])
        .well();
}

/// What a server says must not move the cursor of who reads it.
#[test]
fn a_terminal_is_sent_no_commands() {
    let folder = Folder::new();
    let data = json!({"type": "integer"});
    folder.write("a.json", dump(&[method("pool.create", &data)]));
    let evil = method("pool.\u{1b}[2J\u{9b}\u{202e}", &data);
    folder.write("b.json", dump(&[evil]));
    let done = folder.run(
        &["verify", API, "--source", "a.json", "--against", "b.json"],
        &[],
        b"",
    );
    let said = done.stdout + &done.stderr;
    assert!(said.contains("pool."), "{said}");
    assert!(!said.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{said}");
}

#[test]
fn a_file_that_is_not_listed_is_compared_as_well() {
    let folder = filled();
    std::fs::remove_file(folder.path("schemas/versions.json")).unwrap();
    let before = folder.files();
    let data = json!({"type": "integer", "minimum": 1});
    folder.write("poor.json", dump(&[method("pool.create", &data)]));
    folder
        .fetch(&["--dump", "poor.json"])
        .badly("the method pool.export, which the file has");
    assert_eq!(folder.files(), before);
}

/// Nobody has to wait for input that does not come.
#[test]
fn input_that_does_not_end() {
    let folder = Folder::new();
    let mut child = folder.start(&["fetch", "--dump", "-", "--deadline", "1"], &[]);
    let _open = child.stdin.take();
    end(child).badly("not done after 1 seconds");
}

#[cfg(unix)]
#[test]
fn reading_can_be_interrupted() {
    let run = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        assert!(command.args(arguments).status().unwrap().success());
    };
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    run("mkfifo", &[pipe.to_str().unwrap()]);
    let child = folder.start(&["fetch", "--dump", "pipe"], &[]);
    // Waits until somebody reads it.
    let _open = std::fs::File::create(&pipe).unwrap();
    run("kill", &["-INT", &child.id().to_string()]);
    end(child).badly("interrupted");
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_read() {
    let folder = Folder::new();
    let both = ["--dump", "-", "--methods", "-"];
    folder.fetch(&both).badly("standard input is one file");
    folder.fetch(&[]).badly("say which version");
    folder
        .fetch(&["--version", "../../up"])
        .badly("expected a version");
    folder
        .fetch(&["--version", API, "--alias", "../up"])
        .badly("expected a version");
    folder
        .fetch(&["--dump", "nowhere.json"])
        .badly("cannot read nowhere.json");
    folder
        .fetch(&["--dump", "a.json", "--base-url", "http://127.0.0.1:1/"])
        .badly("give `--dump` or `--base-url`");
    for secret in [
        "http://someone:secret@127.0.0.1:1/",
        "http://secret@127.0.0.1:1/",
    ] {
        let done = folder
            .fetch(&["--version", API, "--base-url", secret])
            .badly("password");
        assert!(!done.stderr.contains("secret"));
    }
    for wrong in [
        &["--site", "--dump", "a"][..],
        &["--host", "nas.example"],
        &["--user", "a"],
    ] {
        assert_eq!(folder.fetch(wrong).code, Some(2));
    }
}

/// An answer of another release or of another account.
#[test]
fn sources_that_do_not_have_the_same_methods_are_not_of_one_version() {
    let folder = Folder::new();
    let described = json!({
        "accepts": [], "returns": null, "roles": ["FULL_ADMIN"], "description": null,
        "job": true, "uploadable": false, "downloadable": false, "check_pipes": false,
    });
    folder.write("full.json", full());
    let both = ["--dump", "full.json", "--methods", "methods.json"];
    for (names, words) in [
        (
            vec!["pool.create"],
            "missing: 1 methods in the answer of core.get_methods, such as pool.export",
        ),
        (
            vec!["pool.create", "pool.export", "pool.scrub"],
            "missing: 1 methods that core.get_methods has and nothing else, such as pool.scrub",
        ),
    ] {
        let names = names.into_iter();
        let answer: Value = names
            .map(|name| (name.to_owned(), described.clone()))
            .collect();
        folder.write("methods.json", answer.to_string());
        folder.fetch(&both).badly(words);
        assert!(folder.files().is_empty());
    }
}

/// What is parsed takes many times the memory of its text.
#[test]
fn what_would_fill_the_memory() {
    let folder = Folder::new();
    let fails = |file: &str, words: &str| {
        for how in ["--dump", "--methods"] {
            folder.fetch(&["--version", API, how, file]).badly(words);
        }
    };
    let many: String = (0..1_000_001).map(|number| format!("{number},")).collect();
    let many = format!("[{many}0]");
    let zipped = [("many.json".to_owned(), many.clone())];
    folder.write("many.zip", zip(&zipped.into()));
    fails(
        &folder.write("many.json", many),
        "many.json: more than 1000000 values",
    );
    fails("many.zip", "many.zip: many.json: more than 1000000 values");

    let large = |name: &str, begin: &str, size: u64| {
        folder.write(name, begin);
        let file = File::options().write(true).open(folder.path(name));
        // Nothing is in the rest, nor on the disk.
        file.unwrap().set_len(size).unwrap();
    };
    large("large.json", "{}", (64 << 20) + 1);
    fails("large.json", "larger than 67108864 bytes");
    large("large.zip", "PK\x03\x04", (256 << 20) + 1);
    fails("large.zip", "larger than 268435456 bytes");
    assert!(folder.files().is_empty());

    // A text may have in it what else begins a value.
    let data = json!({"type": "integer"});
    let mut wordy = method("pool.create", &data);
    wordy["doc"] = "\\\",[{\\".repeat(1_000_000).into();
    folder.write("wordy.json", dump(&[wordy, method("pool.export", &data)]));
    folder.fetch(&["--dump", "wordy.json"]).well();
}
