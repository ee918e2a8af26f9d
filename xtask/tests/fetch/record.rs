//! `cargo xtask record` against the simulator.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use truenas_runtime::client::{Auth, Client, Trust};
use truenas_runtime::{Api, MethodInfo};
use truenas_simulator::Simulator;

use crate::folder::{Done, Folder};
use crate::system::{SCHEMAS, System};

struct Current;

impl Api for Current {
    const VERSION: &'static str = "current";
    const METHODS: &'static [&'static MethodInfo] = &[];
    type Services<C> = C;

    fn services<C>(client: C) -> C {
        client
    }
}

/// Calls what a system has to have before it is recorded.
fn prepare(system: &System, calls: &[(&str, Value)]) {
    let simulator = &system.simulator;
    system.runtime.block_on(async {
        let client = Client::<Current>::builder(&simulator.wss_url())
            .trust(Trust::fingerprint(simulator.fingerprint().parse().unwrap()))
            .login(Auth::password(simulator.user(), simulator.password()))
            .connect()
            .await
            .unwrap();
        for (method, params) in calls {
            let params = params.as_array().unwrap().clone();
            client.session().call_raw(method, params).await.unwrap();
        }
        client.session().close().await;
    });
}

fn record(system: &System, more: &[&str]) -> Done {
    let record = ["record", "--schemas", SCHEMAS];
    system.ask(&Folder::new(), &[&record, more].concat())
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The recorded answer of a method.
fn answer(done: &Done, method: &str) -> Value {
    let lines = lines(&done.stdout);
    let line = lines.iter().find(|line| line["name"] == method);
    line.unwrap()["value"].clone()
}

/// The client's own calls, and the one for the release.
const OWN: [&str; 5] = [
    "auth.login_ex",
    "auth.login",
    "auth.me",
    "system.boot_id",
    "system.version_short",
];

/// The list is read in reviews: a method that changes something must not get
/// into it. `UPDATE_GOLDEN=1` writes it.
#[test]
fn the_called_methods_are_listed() {
    let system = System::of("v25.10.5");
    assert_eq!(record(&system, &[]).code, Some(0));
    let stats = system.simulator.stats();
    let called: String = stats.calls.keys().map(|name| format!("{name}\n")).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fetch/called.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(path, &called).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == called,
        "{path} differs; run with UPDATE_GOLDEN=1 and look at the difference"
    );
}

#[test]
fn only_methods_that_read_are_called() {
    for (api, least) in [("v25.04.2", 200), ("v25.10.5", 200), ("v26.0.0", 200)] {
        let system = System::of(api);
        let done = record(&system, &[]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let lines = lines(&done.stdout);
        assert!(lines.len() >= least, "{api}: {}", lines.len());
        let mut names = BTreeSet::new();
        for line in &lines {
            assert_eq!(line["api"], api);
            assert_eq!(line["kind"], "result");
            assert!(
                line["from"]
                    .as_str()
                    .unwrap()
                    .starts_with("recorded from 2")
            );
            names.insert(line["name"].as_str().unwrap());
        }
        for method in [
            "user.query",
            "system.info",
            "pool.dataset.compression_choices",
        ] {
            assert!(names.contains(method), "{api}: {method}");
        }
        let stats = system.simulator.stats();
        let called = stats.calls.keys().map(String::as_str);
        let more: Vec<_> = called
            .filter(|method| !names.contains(method) && !OWN.contains(method))
            .collect();
        assert!(more.is_empty(), "{api}: {more:?}");
        assert_eq!(stats.jobs, 0);
    }
}

#[test]
fn secrets_are_masked_by_their_type_their_key_and_their_text() {
    let system = System::of("v25.10.5");
    let key = json!({"private_key": "PLANTED-1", "public_key": "ssh-ed25519 AAAAexample"});
    let slack = json!({"type": "Slack", "url": "https://hooks.example/PLANTED-2"});
    prepare(
        &system,
        &[
            (
                "keychaincredential.create",
                json!([{"name": "key", "type": "SSH_KEY_PAIR", "attributes": key}]),
            ),
            (
                "alertservice.create",
                json!([{"name": "slack", "attributes": slack, "level": "WARNING"}]),
            ),
            (
                "iscsi.auth.create",
                json!([{"tag": 7, "user": "initiator", "secret": "PLANTED-3xyz"}]),
            ),
            (
                "cronjob.create",
                json!([{"command": "DB_PASSWORD=PLANTED-4 backup", "user": "root", "description": "d"}]),
            ),
            (
                "initshutdownscript.create",
                json!([{"type": "COMMAND", "command": "curl https://u:PLANTED-5@nas.example/", "when": "POSTINIT"}]),
            ),
            (
                "ups.update",
                json!([{
                    "extrausers": "[PLANTED-6]\n  upsmon primary",
                    "options": "[admin]\n  password = PLANTED-7",
                }]),
            ),
            (
                "cronjob.create",
                json!([{"command": "usermod -p 'root:$6$salt$PLANTED-8' root", "user": "root", "description": "d"}]),
            ),
        ],
    );
    let done = record(&system, &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(!done.stdout.contains("PLANTED"));
    assert!(!done.stdout.contains(system.simulator.password()));
    assert!(!done.stdout.contains(system.simulator.api_key()));
    let auth = answer(&done, "iscsi.auth.query");
    let auth = auth.as_array().unwrap();
    let auth = auth.iter().find(|auth| auth["tag"] == 7).unwrap();
    assert_eq!(auth["secret"], "********");
    assert_eq!(auth["user"], "initiator");
    let ups = answer(&done, "ups.config");
    assert_eq!(ups["extrausers"], "********");
    assert_eq!(ups["options"], "********");
}

#[test]
fn names_and_addresses_are_replaced_by_the_same_text_everywhere() {
    let system = System::of("v25.10.5");
    prepare(
        &system,
        &[
            (
                "staticroute.create",
                json!([{"destination": "10.9.8.0/24", "gateway": "10.9.7.1", "description": "to the vault"}]),
            ),
            (
                "iscsi.auth.create",
                json!([{"tag": 7, "user": "margarethe", "secret": "123456789012"}]),
            ),
            (
                "cronjob.create",
                json!([{"command": "notify margarethe@corp.test 10.9.7.1", "user": "root", "description": "d"}]),
            ),
        ],
    );
    let plain = record(&system, &[]);
    for told in ["10.9.8.0", "10.9.7.1", "to the vault", "margarethe"] {
        assert!(plain.stdout.contains(told), "{told}");
    }
    let done = record(&system, &["--anonymise"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    for told in ["10.9.8.0", "10.9.7.1", "to the vault", "margarethe"] {
        assert!(!done.stdout.contains(told), "{told}");
    }
    assert_eq!(
        lines(&plain.stdout).len(),
        lines(&done.stdout).len(),
        "nothing is left out"
    );
    let last = |method: &str| {
        let entries = answer(&done, method);
        entries.as_array().unwrap().last().unwrap().clone()
    };
    let route = last("staticroute.query");
    let gateway = route["gateway"].as_str().unwrap();
    let user = last("iscsi.auth.query")["user"]
        .as_str()
        .unwrap()
        .to_owned();
    let job = last("cronjob.query");
    assert!(gateway.starts_with("192.0.2."), "{gateway}");
    assert!(route["destination"].as_str().unwrap().ends_with("/24"));
    let command = job["command"].as_str().unwrap();
    assert!(command.starts_with("notify "), "{command}");
    assert!(command.contains(&user), "{command}");
    assert!(command.ends_with(gateway), "{command}");
}

#[test]
fn serial_numbers_are_replaced_in_texts_numbers_and_properties() {
    for api in ["v25.04.2", "v25.10.5", "v26.0.0"] {
        let system = System::of(api);
        let serials = |more: &[&str]| {
            let done = record(&system, more);
            assert_eq!(done.code, Some(0), "{}", done.stderr);
            let mut found = BTreeSet::new();
            for line in lines(&done.stdout) {
                find_serials(&line["value"], &mut found);
            }
            found
        };
        let (plain, other) = (serials(&[]), serials(&["--anonymise"]));
        assert!(!plain.is_empty(), "{api}");
        assert!(plain.is_disjoint(&other), "{api}: {plain:?} {other:?}");
    }
}

/// Adds all serial numbers and `guid`s in a value.
fn find_serials(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| find_serials(item, found)),
        Value::Object(map) => {
            for (key, value) in map {
                let value = value.get("rawvalue").unwrap_or(value);
                let is_serial = ["guid", "serial"].contains(&key.as_str());
                let is_told =
                    value.is_number() || value.as_str().is_some_and(|text| !text.is_empty());
                if is_serial && is_told {
                    found.insert(value.to_string());
                }
                find_serials(value, found);
            }
        }
        _ => {}
    }
}

#[test]
fn lists_are_cut() {
    let done = record(&System::of("v25.10.5"), &["--limit", "2"]);
    for line in lines(&done.stdout) {
        let count = line["value"].as_array().map_or(0, Vec::len);
        assert!(count <= 2, "{}", line["name"]);
    }
    assert_eq!(answer(&done, "user.query").as_array().unwrap().len(), 2);
}

#[cfg(unix)]
#[test]
fn a_file_is_for_its_owner_and_holds_what_would_be_printed() {
    use std::os::unix::fs::PermissionsExt as _;

    let system = System::of("v26.0.0");
    let folder = Folder::new();
    let out = ["record", "--schemas", SCHEMAS, "--out", "nas.jsonl"];
    let done = system.ask(&folder, &out);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(done.stdout, "");
    let path = folder.path("nas.jsonl");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let count = lines(&fs::read_to_string(path).unwrap()).len();
    let told = format!("{count} answers of v26.0.0 (26.0.0-BETA.3) were written");
    assert!(done.stderr.contains(&told), "{}", done.stderr);
}

#[test]
fn what_an_account_may_not_read_is_told() {
    let builder = Simulator::builder().api("v25.10.5");
    let guest = System::start(builder.roles(["ALERT_LIST_READ"]));
    let done = record(&guest, &[]);
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(
        done.stderr.contains("not read: user.query: "),
        "{}",
        done.stderr
    );
    let names: Vec<Value> = lines(&done.stdout)
        .iter()
        .map(|line| line["name"].clone())
        .collect();
    assert!(names.contains(&json!("alert.list")), "{names:?}");
}

#[test]
fn nothing_is_recorded_without_a_system_whose_schemas_are_there() {
    let system = System::of("v25.10.5");
    let folder = Folder::new();
    let done = system.ask(&folder, &["record", "--out", "nas.jsonl"]);
    done.badly("schemas/ does not have v25.10.5: add it with `cargo xtask fetch --host`");
    assert!(!folder.path("nas.jsonl").exists());
    let done = folder.run(&["record"], &[], b"");
    done.badly("no system given: add `--host nas.example --user admin`");
}
