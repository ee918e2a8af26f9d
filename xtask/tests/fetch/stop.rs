//! Work that is told to stop does so, whatever it is at.

#![cfg(unix)]

use std::fs::{self, File};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use crate::folder::{Folder, end};
use crate::server::{Answer, Server};

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    assert!(status.unwrap().success());
}

fn send(signal: &str, child: &Child) {
    run("kill", &[signal, &child.id().to_string()]);
}

/// As `--api-key-file <(pass truenas)` is, while it waits for a password.
#[test]
fn work_that_blocks_ends_as_well() {
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    run("mkfifo", &[pipe.to_str().unwrap()]);
    let ask = [
        "fetch",
        "--host",
        "127.0.0.1:1",
        "--user",
        "admin",
        "--api-key-file",
        "pipe",
    ];
    let late = [&ask[..], &["--deadline", "1"]].concat();
    let done = end(folder.start(&late, &[]));
    assert_eq!(done.code, Some(130));
    let said = "error: not done after 1 seconds; what was fetched is kept for the next time\n";
    assert_eq!(done.stderr, said);

    for signal in ["-INT", "-TERM"] {
        let child = folder.start(&ask, &[]);
        // Waits until somebody reads it.
        let _open = File::create(&pipe).unwrap();
        send(signal, &child);
        // Nobody has to wait for the grace.
        send(signal, &child);
        let done = end(child);
        assert_eq!(done.code, Some(130));
        assert!(
            done.stderr.contains("error: interrupted"),
            "{}",
            done.stderr
        );
    }
}

/// Nothing is kept of what anybody may have said, and nothing is left of it.
#[test]
fn what_is_temporary_goes() {
    let silent = Server::start(|_| Answer::raw("").then_stall());
    let address = silent.url();
    for signal in ["-INT", "-TERM"] {
        let folder = Folder::new();
        fs::create_dir(folder.path("temporary")).unwrap();
        let place = folder.path("temporary").display().to_string();
        let ask = ["fetch", "--version", "v25.10.0", "--base-url", &address];
        let insecure = [&ask[..], &["--insecure"]].concat();
        let before = silent.seen().len();
        let child = folder.start(&insecure, &[("TMPDIR", &place)]);
        while silent.seen().len() == before {
            thread::sleep(Duration::from_millis(20));
        }
        let left = || fs::read_dir(folder.path("temporary")).unwrap().count();
        assert_eq!(left(), 1);
        send(signal, &child);
        let done = end(child).badly("error: interrupted\n");
        assert!(!done.stderr.contains("kept"), "{}", done.stderr);
        assert_eq!(left(), 0);
    }
}
