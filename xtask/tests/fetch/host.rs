//! From a system that runs: the simulator's `core.get_methods` of three
//! series, over TLS.

use std::net::SocketAddr;

use serde_json::{Value, json};
use truenas_simulator::Simulator;

use crate::folder::{Done, Folder};
use crate::front::Front;
use crate::server::{Answer, Server};
use crate::small_site::{API, Form, files};
use crate::system::{SCHEMAS, System};

#[test]
fn three_series_say_what_is_stored_but_for_what_get_methods_does_not_say() {
    for api in ["v25.04.2", "v25.10.5", "v26.0.0"] {
        let system = System::of(api);
        let verify = [
            "verify",
            api,
            "--against",
            "host",
            "--format",
            "json",
            "--schemas",
            SCHEMAS,
        ];
        let done = system.ask(&Folder::new(), &verify);
        assert_eq!(done.code, Some(1), "{}", done.stderr);
        let report: Value = serde_json::from_str(&done.stdout).unwrap();
        let differences = report["differences"].as_array().unwrap();
        let other = differences
            .iter()
            .find(|difference| match difference["kind"].as_str() {
                Some("event" | "removed_in") => false,
                // What stands for a parameter or a result has that name.
                Some("name" | "title") => false,
                Some("properties") => difference["left"] != json!({}),
                _ => true,
            });
        assert_eq!(other, None, "{api}");
        assert!(
            done.stderr.contains("host does not have events"),
            "{}",
            done.stderr
        );
    }
}

/// `/api/docs/` of a system has what its API does not say itself.
#[test]
fn a_system_has_its_own_site() {
    let system = System::start(
        Simulator::builder()
            .api("v25.10.5")
            // Its proxy ends TLS.
            .loopback_is_secure(true),
    );
    let pages = files(Form::Html).into_iter().map(|(path, page)| {
        let page = page.replace(API, "v25.10.5");
        (format!("v25.10.5/{path}"), page)
    });
    let behind = system.simulator.http_url();
    let behind = behind.trim_start_matches("http://").parse().unwrap();
    let front = system
        .runtime
        .block_on(Front::start(pages.collect(), behind));
    let folder = Folder::new();
    folder.write("ca.pem", &front.pem);
    let host = front.address.to_string();
    let done = folder.run(
        &[
            "fetch",
            "--host",
            &host,
            "--user",
            system.simulator.user(),
            "--ca-file",
            "ca.pem",
            "--retries",
            "0",
            // The small site is one of another release.
            "--incomplete",
        ],
        &[("TRUENAS_PASSWORD", system.simulator.password())],
        b"",
    );
    let Done {
        stdout: summary,
        stderr,
        ..
    } = done.well();
    assert!(
        summary.starts_with("v25.10.5 (25.10.6): 769 methods, 109 of them jobs, 1 events"),
        "{summary}{stderr}"
    );
    let version = folder.version("v25.10.5");
    assert_eq!(version["provenance"][0]["kind"], "site");
    assert_eq!(version["provenance"][0].get("roles"), None);
    assert_eq!(version["provenance"][1]["roles"], json!(["FULL_ADMIN"]));
    assert!(version["events"].get("virt.instance.metrics").is_some());
}

/// The name of the version becomes part of the addresses of its pages.
#[test]
fn a_version_that_is_none_leads_nowhere() {
    let system = System::start(
        Simulator::builder()
            .api("v25.10.5")
            .loopback_is_secure(true),
    );
    let elsewhere = Server::start(|_| Answer::status("404 Not Found"));
    let behind = system.simulator.http_url();
    let behind: SocketAddr = behind.trim_start_matches("http://").parse().unwrap();
    let folder = Folder::new();
    for name in [
        format!("//{}/x", elsewhere.url().split('/').nth(2).unwrap()),
        "/x".to_owned(),
        "../../x".to_owned(),
        "v25.10.5/..".to_owned(),
    ] {
        let versions = json!([name]).to_string();
        let files = [("/api/versions".to_owned(), versions)].into();
        let front = system.runtime.block_on(Front::start(files, behind));
        folder.write("ca.pem", &front.pem);
        let host = front.address.to_string();
        let user = system.simulator.user();
        let fetch = [
            "fetch",
            "--host",
            &host,
            "--user",
            user,
            "--ca-file",
            "ca.pem",
        ];
        let password = [("TRUENAS_PASSWORD", system.simulator.password())];
        folder.run(&fetch, &password, b"").badly("is no version");
        assert!(elsewhere.seen().is_empty());
    }
}

#[test]
fn a_system_says_its_version_its_release_and_who_asked() {
    let system = System::of("v25.10.5");
    let folder = Folder::new();
    let done = system.ask(&folder, &["fetch"]).badly("not complete");
    assert!(done.stderr.contains("missing: events"), "{}", done.stderr);
    assert!(folder.files().is_empty());

    let done = system.ask(&folder, &["fetch", "--incomplete"]).well();
    assert!(
        done.stdout
            .starts_with("v25.10.5 (25.10.6): 769 methods, 109 of them jobs, 0 events")
    );
    assert!(done.stderr.contains("missing: events"), "{}", done.stderr);
    let version = folder.version("v25.10.5");
    let provenance = &version["provenance"][0];
    assert_eq!(provenance["kind"], "get-methods");
    assert_eq!(provenance["roles"], json!(["FULL_ADMIN"]));

    let done = system.ask(&folder, &["fetch", "--version", "v25.10.4"]);
    done.badly("the system speaks of its own version, which is v25.10.5");
}

#[test]
fn an_account_with_fewer_roles_sees_less_and_replaces_nothing() {
    let folder = Folder::new();
    System::of("v25.10.5")
        .ask(&folder, &["fetch", "--incomplete"])
        .well();
    let before = folder.files();

    let guest = System::start(
        Simulator::builder()
            .api("v25.10.5")
            .roles(["ALERT_LIST_READ"]),
    );
    let done = guest.ask(&folder, &["fetch"]).badly("not complete");
    assert!(
        done.stderr.contains(
            "the method acme.dns.authenticator.authenticator_schemas, which the file has"
        ),
        "{}",
        done.stderr
    );
    assert_eq!(folder.files(), before);

    // Nor does it write a version that is not there yet.
    let nothing = Folder::new();
    guest
        .ask(&nothing, &["fetch"])
        .badly("missing: what the account may not call");
    assert!(nothing.files().is_empty());

    let done = guest.ask(&folder, &["fetch", "--incomplete"]).well();
    assert!(
        done.stderr
            .contains("it is no full administrator (its roles: ALERT_LIST_READ)")
    );
    let roles = folder.version("v25.10.5")["provenance"][0]["roles"].clone();
    assert_eq!(roles, json!(["ALERT_LIST_READ"]));

    let old = System::start(
        Simulator::builder()
            .api("v25.04.2")
            .roles(["READONLY_ADMIN"]),
    );
    old.ask(&folder, &["fetch"])
        .badly("on 25.04 only a full administrator may call it");
}

#[test]
fn an_api_key_is_sent_itself_only_if_told_to() {
    let folder = Folder::new();
    for (api, more, works) in [
        ("v26.0.0", &[][..], true),
        ("v25.10.5", &[], false),
        ("v25.10.5", &["--allow-plain"], true),
    ] {
        let system = System::of(api);
        folder.write("key", system.simulator.api_key());
        let by_key = ["fetch", "--incomplete", "--api-key-file", "key"];
        let done = system.ask(&folder, &[&by_key[..], more].concat());
        match works {
            true => done.well(),
            false => done.badly("--allow-plain"),
        };
    }
}

#[test]
fn a_host_that_is_not_trusted_learns_nothing() {
    let system = System::of("v25.10.5");
    let (host, folder) = (system.host(), Folder::new());
    let fetch = [
        "fetch",
        "--host",
        &host,
        "--user",
        "truenas_admin",
        "--incomplete",
        "--retries",
        "0",
    ];
    let password = [("TRUENAS_PASSWORD", system.simulator.password())];
    let done = folder.run(&fetch, &password, b"").badly("certificate");
    assert!(!done.stderr.contains(password[0].1));
    assert!(system.simulator.stats().calls.is_empty());

    folder.write("ca.pem", system.simulator.certificate_pem());
    let with_ca = [&fetch[..], &["--ca-file", "ca.pem"]].concat();
    folder.run(&with_ca, &password, b"").well();
    let insecure = [&fetch[..], &["--insecure"]].concat();
    folder.run(&insecure, &password, b"").well();
    // What anybody may have said is not kept, nor is what was said to one who
    // trusts somebody else.
    let folder = Folder::new();
    folder.run(&insecure, &password, b"").well();
    assert!(!folder.path("cache").exists());
    folder.write("ca.pem", system.simulator.certificate_pem());
    folder.run(&with_ca, &password, b"").well();
    let kept = || std::fs::read_dir(folder.path("cache")).unwrap().count();
    let before = kept();
    let fingerprint = system.simulator.fingerprint();
    let by_fingerprint = [&fetch[..], &["--fingerprint", &fingerprint]].concat();
    folder.run(&by_fingerprint, &password, b"").well();
    assert_eq!(kept(), 2 * before);
    let both = [&with_ca[..], &["--insecure"]].concat();
    assert_eq!(folder.run(&both, &password, b"").code, Some(2));
    folder
        .run(&with_ca, &[], b"")
        .badly("nothing to log in with");
    let wrong = folder.run(&with_ca, &[("TRUENAS_PASSWORD", "hunter2")], b"");
    assert!(!wrong.badly("refused").stderr.contains("hunter2"));
}
