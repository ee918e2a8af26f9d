//! `cargo xtask diff` and its relatives as they are called.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

fn xtask(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn exit_codes_tell_findings_from_failures() {
    let code = |arguments: &[&str]| xtask(arguments).status.code();
    assert_eq!(code(&["diff", "v25.10.2", "v25.10.4"]), Some(0));
    assert_eq!(code(&["breaking", "v25.10", "v26.0"]), Some(1));
    assert_eq!(
        code(&["breaking", "v25.10", "v26.0", "--fail-on", "never"]),
        Some(0)
    );
    assert_eq!(code(&["diff", "v25.10.2", "v99.0.0"]), Some(2));
    assert_eq!(code(&["diff", "v25.10.2"]), Some(2));
    assert_eq!(code(&["since", "lamp.switch_on"]), Some(2));
}

#[test]
fn a_broken_version_never_looks_like_no_changes() {
    let folder = TempDir::new().unwrap();
    let schemas = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas");
    for name in ["versions.json", "overrides.json", "v25.10.2.json"] {
        fs::copy(format!("{schemas}/{name}"), folder.path().join(name)).unwrap();
    }
    let text = fs::read_to_string(format!("{schemas}/v25.10.4.json")).unwrap();
    let half = text.split_at(text.len() / 2).0;
    fs::write(folder.path().join("v25.10.4.json"), half).unwrap();
    let path = folder.path().to_str().unwrap();
    let output = xtask(&["diff", "v25.10.2", "v25.10.4", "--schemas", path]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(&output), "");
    assert!(
        stderr(&output).contains("v25.10.4.json"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn versions_have_many_names() {
    let line = |old: &str, new: &str| {
        stdout(&xtask(&["diff", old, new, "--service", "nothing"]))
            .lines()
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(line("v25.10.3", "latest"), "v25.10.2 → v25.10.5");
    assert_eq!(line("v25_04", "25.10.6"), "v25.04.2 → v25.10.5");
}

#[test]
fn an_ignore_file_needs_to_match() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ignore.json");
    fs::write(
        &path,
        r#"[{"subject": "lamp.*", "reason": "there is none"}]"#,
    )
    .unwrap();
    let output = xtask(&[
        "diff",
        "v25.10.1",
        "v25.10.2",
        "--ignore",
        path.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("lamp.*"), "{}", stderr(&output));
}

#[test]
fn since_follows_a_method_over_its_names() {
    let text = stdout(&xtask(&["since", "pool.snapshot.clone"]));
    assert!(
        text.starts_with("pool.snapshot.clone, zfs.snapshot.clone\n"),
        "{text}"
    );
    assert!(text.contains("in v25.04.0 and"), "{text}");
    let text = stdout(&xtask(&["since", "service.start"]));
    assert!(
        text.contains("will go in `v26.04`") && text.contains("last in v25.10.5"),
        "{text}"
    );
}

#[test]
fn a_program_sees_what_touches_it() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    let source = "async fn f(nas: &TrueNas<C>) { nas.vm().delete(1, None).await; }";
    fs::write(folder.path().join("src/main.rs"), source).unwrap();
    let usage = folder.path().to_str().unwrap();
    let output = xtask(&[
        "diff", "v25.10", "v26", "--usage", usage, "--format", "line",
    ]);
    assert_eq!(
        stdout(&output),
        "v25.10.5 → v26.0.0: error type-changed vm.delete result: was boolean, is null\n"
    );
}

#[test]
fn the_changelog_of_all_versions_is_up_to_date() {
    let output = xtask(&["changelog", "--check"]);
    assert!(output.status.success(), "{}", stderr(&output));
}
