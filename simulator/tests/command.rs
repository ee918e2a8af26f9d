//! The command, from its first line to its end.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn ctrl_c_keeps_the_state_however_early_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let mut simulator = Command::new(env!("CARGO_BIN_EXE_truenas-simulator"))
        .args([
            "--api",
            "v25.10.5",
            "--wss",
            "127.0.0.1:0",
            "--ws",
            "127.0.0.1:0",
        ])
        .args(["--account", "reader=READONLY_ADMIN,SYSTEM_AUDIT_READ"])
        .args(["--password", "given", "--state"])
        .arg(&state)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let printed = BufReader::new(simulator.stdout.take().unwrap()).lines();
    let mut printed = printed.map(Result::unwrap);
    assert!(printed.any(|line| line.split_whitespace().eq(["password", "given"])));
    let reader = ["user", "reader", "(READONLY_ADMIN,", "SYSTEM_AUDIT_READ)"];
    assert!(printed.any(|line| line.split_whitespace().eq(reader)));
    assert!(printed.any(|line| line.contains("Ctrl-C")));
    let pid = simulator.id().to_string();
    Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(simulator.wait().unwrap().success());
    assert!(state.exists());
}

#[test]
fn an_address_that_is_taken_is_an_error_that_says_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Command::new(env!("CARGO_BIN_EXE_truenas-simulator"))
        .args(["--wss", &address])
        .output()
        .unwrap();
    assert!(!ended.status.success());
    let problem = String::from_utf8(ended.stderr).unwrap();
    assert!(
        problem.contains(&address) && problem.contains("port 0"),
        "{problem}"
    );
}

#[test]
fn what_was_given_wrong_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let no_state = folder.path().join("no-state.json");
    std::fs::write(&no_state, "{").unwrap();
    let nowhere = format!("{path}/no/such/folder/file");
    for (arguments, said) in [
        (["--api", "v9"], "there are v25.04.0"),
        (["--role", "READER"], "the role READER"),
        (["--account", "reader"], "such as reader=READONLY_ADMIN"),
        (["--account", "root=READONLY_ADMIN"], "choose another"),
        (["--api-key", "x"], "such as 1-abc"),
        (["--fault", "delay=5"], "unlike 250ms"),
        (["--job-duration", "5"], "it is not a time such as 250ms"),
        (["--state", path], "it is a folder"),
        (["--state", no_state.to_str().unwrap()], "move it away"),
        (["--record", &nowhere], "the record"),
        (["--unix-socket", &nowhere], "the unix socket"),
        (["--certificate", &nowhere], "the certificate"),
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_truenas-simulator"))
            .args(["--wss", "127.0.0.1:0", "--ws", "127.0.0.1:0"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(!ended.status.success());
        let problem = String::from_utf8(ended.stderr).unwrap();
        assert!(problem.contains(said), "{arguments:?}: {problem}");
    }
}
