//! Who is not trusted is not asked, and the error says which flags tell whom
//! to trust.

use std::fs;
use std::net::SocketAddr;

use tokio::runtime::Runtime;
use truenas_simulator::Simulator;

use crate::folder::{Done, Folder};
use crate::front::Front;
use crate::small_site::{API, Files, Form, files};
use crate::system::System;

/// Of nobody.
const FINGERPRINT: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// What is said where nobody vouches for a certificate.
const UNKNOWN: [&str; 4] = [
    "the certificate of 127.0.0.1 was issued by nobody who is trusted here",
    "name its issuer by `--ca-file`",
    "trust it by `--fingerprint`: ",
    "127.0.0.1:",
];
/// And where it is another one.
const OTHER: [&str; 2] = ["has the SHA-256 fingerprint ", "9F:86:D0:81"];

/// The small site behind TLS, and where it is.
pub(crate) fn encrypted_site(runtime: &Runtime) -> (Front, String) {
    let pages = files(Form::Html).into_iter();
    let pages: Files = pages
        .map(|(path, page)| (format!("{API}/{path}"), page))
        .collect();
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let front = runtime.block_on(Front::start(pages, nobody));
    let url = format!("https://{}/api/docs/", front.address);
    (front, url)
}

/// Nothing is written, and people are told in words what to do, at once: who is
/// not trusted will not be by the next attempt.
fn refused(folder: &Folder, done: Done, words: &[&str]) {
    let said = done.badly("error: ").stderr;
    for words in words {
        assert!(said.contains(words), "{said}");
    }
    for code in ["Trust", "Refusal", "OtherError", "given up"] {
        assert!(!said.contains(code), "{said}");
    }
    assert!(folder.files().is_empty());
}

#[test]
fn a_site_that_is_not_trusted() {
    let runtime = Runtime::new().unwrap();
    let (front, url) = encrypted_site(&runtime);
    let folder = Folder::new();
    for what in [&["--list"][..], &["--version", API]] {
        let ask = [what, &["--base-url", &url]].concat();
        refused(&folder, folder.fetch(&ask), &UNKNOWN);
        let other = [&ask[..], &["--fingerprint", FINGERPRINT]].concat();
        refused(&folder, folder.fetch(&other), &OTHER);
    }
    folder.write("ca.pem", &front.pem);
    folder
        .fetch(&["--version", API, "--base-url", &url, "--ca-file", "ca.pem"])
        .well();
}

#[test]
fn a_system_that_is_not_trusted() {
    let system = System::of("v25.10.5");
    let (host, folder) = (system.host(), Folder::new());
    let password = [("TRUENAS_PASSWORD", system.simulator.password())];
    let fetch = ["fetch", "--host", &host, "--user", system.simulator.user()];
    refused(&folder, folder.run(&fetch, &password, b""), &UNKNOWN);
    let other = [&fetch[..], &["--fingerprint", FINGERPRINT]].concat();
    refused(&folder, folder.run(&other, &password, b""), &OTHER);
}

/// As in a container without the package that has them.
#[test]
fn a_machine_that_knows_no_authorities() {
    let folder = Folder::new();
    let nobody = [
        ("SSL_CERT_FILE", "none.pem"),
        ("SSL_CERT_DIR", "nowhere"),
        ("TRUENAS_PASSWORD", "x"),
    ];
    folder.write("none.pem", "");
    for place in [
        ["--base-url", "https://127.0.0.1:1/", "--version", API],
        ["--host", "127.0.0.1:1", "--user", "admin"],
    ] {
        let fetch = [&["fetch"], &place[..]].concat();
        let words = [
            "knows no certificate authorities",
            "`--ca-file` or `--fingerprint`",
        ];
        refused(&folder, folder.run(&fetch, &nobody, b""), &words);
    }
}

/// The flags for what is wrong with a file are right there as well.
#[test]
fn a_file_of_authorities_that_is_none() {
    let folder = Folder::new();
    folder.write("empty.pem", "");
    for (file, words) in [
        ("nowhere.pem", "the CA file nowhere.pem cannot be read"),
        ("empty.pem", "the CA file empty.pem"),
    ] {
        let fetch = ["--version", API, "--ca-file", file];
        refused(&folder, folder.fetch(&fetch), &[words]);
    }
}

/// What a file of authorities says today, it need not have said yesterday.
#[test]
fn who_is_trusted_by_other_authorities_is_asked_anew() {
    let runtime = Runtime::new().unwrap();
    let (front, url) = encrypted_site(&runtime);
    let (other, _) = encrypted_site(&runtime);
    let folder = Folder::new();
    let fetch = ["--version", API, "--base-url", &url, "--ca-file", "ca.pem"];
    let kept = || fs::read_dir(folder.path("cache")).unwrap().count();
    folder.write("ca.pem", &front.pem);
    folder.fetch(&fetch).well();
    let first = kept();
    folder.fetch(&fetch).well();
    assert_eq!(kept(), first);
    folder.write("ca.pem", front.pem + &other.pem);
    folder.fetch(&fetch).well();
    assert_eq!(kept(), 2 * first);
}

/// Even where both are at the same address.
#[test]
fn who_is_trusted_as_a_system_is_not_as_a_site() {
    let system = System::start(
        Simulator::builder()
            .api("v25.10.5")
            .loopback_is_secure(true),
    );
    let behind = system.simulator.http_url();
    let behind = behind.trim_start_matches("http://").parse().unwrap();
    let front = system.runtime.block_on(Front::start(Files::new(), behind));
    let host = front.address.to_string();
    let url = format!("https://{host}/api/docs/");
    let folder = Folder::new();
    folder.write("ca.pem", &front.pem);
    let fetch = ["fetch", "--host", &host, "--user", system.simulator.user()];
    let password = [("TRUENAS_PASSWORD", system.simulator.password())];
    for trust in [&["--insecure"][..], &["--ca-file", "ca.pem"]] {
        let fetch = [&fetch[..], trust].concat();
        // The system is asked, and has no pages of its own here.
        let done = folder.run(&fetch, &password, b"");
        done.badly("there is no documentation of v25.10.5 at https://127.0.0.1");
        let site = [&fetch[..], &["--site", "--base-url", &url]].concat();
        refused(&folder, folder.run(&site, &password, b""), &UNKNOWN);
    }
}
