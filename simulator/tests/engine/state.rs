//! What calls do to the system, and what others then see of it.

use serde_json::{Value, json};
use truenas_simulator::engine::{Change, Engine, Schemas, Update};

use crate::system::System;

fn system() -> System {
    System::new("v25.10.5")
}

#[test]
fn what_was_created_is_found_changed_and_removed() {
    let system = system();
    let job = json!([{"user": "root", "command": "true", "description": "nothing"}]);
    let (created, updates) = system.call_with_updates("cronjob.create", job.clone());
    let created = created.unwrap();
    assert_eq!(created["id"], 1);
    assert_eq!(
        created["schedule"]["minute"], "00",
        "defaults are filled in"
    );
    assert_eq!(
        updates,
        [Update {
            collection: "cronjob.query".to_owned(),
            msg: Change::Added,
            id: Some(json!(1)),
            fields: Some(created.clone()),
            extra: None,
        }]
    );
    assert_eq!(system.call("cronjob.create", job)["id"], 2, "ids count up");
    assert_eq!(system.call("cronjob.get_instance", json!([1])), created);

    let change = json!([1, {"command": "false"}]);
    let (updated, updates) = system.call_with_updates("cronjob.update", change);
    let mut expected = created.clone();
    expected["command"] = json!("false");
    assert_eq!(updated.unwrap(), expected, "what was not given stays");
    assert_eq!(updates[0].msg, Change::Changed);
    assert_eq!(updates[0].fields, Some(expected.clone()));

    let (deleted, updates) = system.call_with_updates("cronjob.delete", json!([1]));
    assert_eq!(deleted.unwrap(), json!(true));
    assert_eq!(updates[0].msg, Change::Removed);
    assert_eq!(updates[0].fields, None);
    let ids = json!([[], {"select": ["id"]}]);
    assert_eq!(system.call("cronjob.query", ids), json!([{"id": 2}]));
    let again = json!([{"user": "root", "command": "true"}]);
    assert_eq!(
        system.call("cronjob.create", again)["id"],
        3,
        "no id comes twice"
    );
}

#[test]
fn an_update_with_nothing_changes_nothing() {
    let system = system();
    let created = system.call("cronjob.create", json!([{"user": "root", "command": "y"}]));
    assert_eq!(system.call("cronjob.update", json!([1, {}])), created);
}

#[test]
fn null_is_not_the_same_as_absent() {
    let system = system();
    let email = |system: &System| system.call("user.get_instance", json!([71]))["email"].clone();
    system.call("user.update", json!([71, {"full_name": "Alice"}]));
    assert_eq!(email(&system), "alice@example.net");
    system.call("user.update", json!([71, {"email": null}]));
    assert_eq!(email(&system), Value::Null);
}

#[test]
fn what_is_not_there() {
    let system = system();
    for (method, params, message) in [
        (
            "cronjob.get_instance",
            json!([99]),
            "CronJob 99 does not exist",
        ),
        (
            "pool.dataset.get_instance",
            json!(["nope"]),
            "PoolDataset nope does not exist",
        ),
        (
            "pool.dataset.lock",
            json!(["nope"]),
            "PoolDataset nope does not exist",
        ),
    ] {
        let error = system.error(method, params);
        assert_eq!(error["code"], -32602);
        assert_eq!(error["data"]["error"], 22);
        assert_eq!(error["data"]["trace"]["class"], "InstanceNotFound");
        assert_eq!(error["data"]["reason"], format!("[ENOENT] None: {message}"));
        assert_eq!(error["data"]["extra"], json!([[null, message, 2]]));
    }
    for (method, params) in [
        ("cronjob.update", json!([99, {"command": "z"}])),
        ("cronjob.delete", json!([99])),
        ("cronjob.query", json!([[["id", "=", 99]], {"get": true}])),
    ] {
        let error = system.error(method, params);
        assert_eq!(error["code"], -32001);
        assert_eq!(error["data"]["error"], 22);
        assert_eq!(error["data"]["reason"], "MatchNotFound()");
        assert_eq!(error["data"]["trace"]["class"], "MatchNotFound");
        assert_eq!(error["data"]["extra"], Value::Null);
    }
}

#[test]
fn settings_are_kept() {
    let system = system();
    assert_eq!(system.call("ssh.config", json!([]))["tcpport"], 22);
    assert_eq!(
        system.call("ssh.update", json!([{"tcpport": 2222}]))["tcpport"],
        2222
    );
    let config = system.call("ssh.config", json!([]));
    assert_eq!(config["tcpport"], 2222);
    assert_eq!(config["passwordauth"], true);
}

#[test]
fn datasets_lie_in_each_other() {
    let system = system();
    let error = system.error("pool.dataset.create", json!([{"name": "tank/a/b"}]));
    assert_eq!(error["code"], -32602, "there is no tank/a");
    let created = system.call(
        "pool.dataset.create",
        json!([{"name": "tank/a/b", "create_ancestors": true, "compression": "ZSTD", "quota": 2_147_483_648_u64}]),
    );
    assert_eq!(created["id"], "tank/a/b");
    assert_eq!(created["pool"], "tank");
    assert_eq!(created["mountpoint"], "/mnt/tank/a/b");
    assert_eq!(created["compression"]["value"], "ZSTD");
    assert_eq!(created["compression"]["parsed"], "zstd");
    assert_eq!(created["quota"]["parsed"], 2_147_483_648_u64);
    assert_eq!(created["quota"]["value"], "2G");
    assert_eq!(
        created["sync"]["source"], "DEFAULT",
        "INHERIT is no value of its own"
    );

    let parent = system.call(
        "pool.dataset.query",
        json!([[["id", "=", "tank/a"]], {"get": true}]),
    );
    assert_eq!(parent["children"][0]["id"], "tank/a/b");
    let error = system.error("pool.dataset.delete", json!(["tank/a"]));
    assert_eq!(error["code"], -32001, "it has children");
    let snapshot = json!([{"dataset": "tank/a/b", "name": "now"}]);
    let snapshot = system.call("pool.snapshot.create", snapshot);
    assert_eq!(snapshot["id"], "tank/a/b@now");
    assert_eq!(snapshot["snapshot_name"], "now");

    let (_, updates) = system.call_with_updates(
        "pool.dataset.delete",
        json!(["tank/a", {"recursive": true}]),
    );
    let removed: Vec<&str> = updates
        .iter()
        .filter_map(|update| update.id.as_ref()?.as_str())
        .collect();
    assert_eq!(removed, ["tank/a/b@now", "tank/a/b", "tank/a"]);
    system.error("pool.dataset.get_instance", json!(["tank/a/b"]));
}

#[test]
fn a_pool_comes_with_a_dataset_and_goes_with_all_of_them() {
    let system = system();
    let layout =
        json!([{"name": "new", "topology": {"data": [{"type": "STRIPE", "disks": ["sdh"]}]}}]);
    let pool = system.call("pool.create", layout);
    assert_eq!(pool["path"], "/mnt/new");
    assert_eq!(pool["topology"]["data"][0]["children"][0]["disk"], "sdh");
    system.call("pool.dataset.create", json!([{"name": "new/data"}]));
    system.call("pool.export", json!([pool["id"]]));
    let left = json!([[["pool", "=", "new"]], {"count": true}]);
    assert_eq!(system.call("pool.dataset.query", left), 0);
    system.error("pool.get_instance", json!([pool["id"]]));
}

#[test]
fn services_start_and_stop() {
    let system = system();
    let ssh = json!([[["service", "=", "ssh"]], {"get": true, "select": ["state"]}]);
    assert_eq!(
        system.call("service.query", ssh.clone())["state"],
        "RUNNING"
    );
    let (_, updates) = system.call_with_updates("service.control", json!(["STOP", "ssh"]));
    assert_eq!(updates[0].collection, "service.query");
    assert_eq!(system.call("service.query", ssh)["state"], "STOPPED");
    // False would say that it has failed.
    assert_eq!(
        system.call("service.control", json!(["START", "ssh"])),
        true
    );
}

#[test]
fn ids_refer_to_each_other() {
    let system = system();
    let credentials = json!([{"name": "box", "provider": {
        "type": "S3", "access_key_id": "a", "secret_access_key": "b"}}]);
    let credentials = system.call("cloudsync.credentials.create", credentials);
    let task = json!([{"path": "/mnt/tank/media", "credentials": credentials["id"], "direction": "PUSH",
        "transfer_mode": "COPY", "attributes": {"bucket": "b", "folder": "/"}}]);
    assert_eq!(
        system.call("cloudsync.create", task)["credentials"],
        credentials
    );
    let user =
        json!([{"username": "carl", "full_name": "Carl", "group_create": true, "password": "x"}]);
    let user = system.call("user.create", user);
    let group = system.call("group.get_instance", json!([user["group"]["id"]]));
    assert_eq!(group["name"], "carl");
    assert_eq!(user["uid"], 3002);
    for share in system
        .call("sharing.smb.query", json!([]))
        .as_array()
        .unwrap()
    {
        let mounted = json!([[["mountpoint", "=", share["path"]]], {"count": true}]);
        assert_eq!(system.call("pool.dataset.query", mounted), 1);
    }
}

#[test]
fn secrets_are_for_those_who_may_see_them() {
    let system = system();
    let credentials = json!([{"name": "box", "provider": {
        "type": "S3", "access_key_id": "a", "secret_access_key": "hush"}}]);
    system.call("cloudsync.credentials.create", credentials);
    let box_ = json!([[["name", "=", "box"]]]);
    let all = system.call("cloudsync.credentials.query", box_);
    assert_eq!(all[0]["provider"]["secret_access_key"], "hush");
    let hidden = system
        .engine
        .redacted(&system.catalog, "cloudsync.credentials.query", all);
    assert_eq!(hidden[0]["provider"]["secret_access_key"], "********");
    assert_eq!(hidden[0]["name"], "box");
}

#[test]
fn an_older_version_sees_the_same_in_its_own_shape() {
    let old = System::dialled("v25.10.5", "v25.04.0");
    let user =
        json!([{"username": "carl", "full_name": "Carl", "group_create": true, "password": "x"}]);
    let created = old.call("user.create", user);
    let id = created.get("id").unwrap_or(&created).clone();
    let user = old.call("user.get_instance", json!([id]));
    assert_eq!(user["full_name"], "Carl");
    assert!(user.get("id_type_both").is_some() && user.get("password_age").is_none());

    let catalog = old.engine.catalog("current").unwrap();
    let current = System { catalog, ..old };
    let user = current.call("user.get_instance", json!([id]));
    assert_eq!(user["full_name"], "Carl");
    assert!(user.get("id_type_both").is_none() && user.get("password_age").is_some());
}

#[test]
fn versions_that_are_served() {
    let system = system();
    let versions = system.engine.versions();
    assert_eq!(versions.first().unwrap(), "v25.04.0");
    assert_eq!(versions.last().unwrap(), "v25.10.5");
    assert!(
        versions.contains(&"v25.10.3".to_owned()),
        "an alias is served as well"
    );
    assert!(
        system.engine.catalog("v26.0.0").is_none(),
        "a newer one is not"
    );
    assert_eq!(system.engine.catalog("v25.10.3").unwrap().api(), "v25.10.2");
    let last = |api: &str| System::new(api).engine.versions().pop().unwrap();
    assert_eq!(last("v25.10.2"), "v25.10.2", "the alias is newer");
    assert_eq!(last("v25.10.3"), "v25.10.3");
    let beta = System::new("v26.0.0").engine;
    assert!(beta.catalog("v25.10.4").is_some());
    assert!(
        beta.catalog("v25.10.5").is_none(),
        "which came out after the beta"
    );
}

#[test]
fn the_same_seed_makes_the_same_system() {
    let everything = |seed| {
        let engine = Engine::load(Schemas::embedded().unwrap(), "v25.10.5", seed).unwrap();
        let catalog = engine.catalog("current").unwrap();
        let system = System { engine, catalog };
        let methods = [
            "app.available",
            "disk.query",
            "vm.random_mac",
            "certificate.query",
        ];
        methods.map(|method| system.call(method, json!([])))
    };
    assert_eq!(everything(1), everything(1));
    assert_ne!(everything(1), everything(2));
}

#[test]
fn state_is_kept_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let before = system();
    before.call("cronjob.create", json!([{"user": "root", "command": "y"}]));
    before.call("ssh.update", json!([{"tcpport": 2222}]));
    before.call("pool.dataset.delete", json!(["tank/media"]));
    before.engine.save(&file).unwrap();

    let after = system();
    after.engine.restore(&file).unwrap();
    for method in ["cronjob.query", "ssh.config", "pool.dataset.query"] {
        assert_eq!(
            after.call(method, json!([])),
            before.call(method, json!([]))
        );
    }
    assert_eq!(
        after.call("cronjob.create", json!([{"user": "root", "command": "y"}]))["id"],
        2
    );
}

#[test]
fn a_broken_state_is_an_error_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    system().engine.restore(&file).expect("no file is no state");
    for content in [
        "{\"format\": 1, \"api",
        "[]",
        "{\"format\": 2, \"api\": \"v25.10.5\", \"state\": {}}",
    ] {
        std::fs::write(&file, content).unwrap();
        let error = system().engine.restore(&file).unwrap_err().to_string();
        assert!(error.contains("state.json"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
    }
    system().engine.save(&file).unwrap();
    let error = System::new("v25.10.4")
        .engine
        .restore(&file)
        .unwrap_err()
        .to_string();
    assert!(error.contains("v25.10.5"), "{error}");
}

#[test]
fn a_service_is_full_at_some_point() {
    let system = system();
    let server = json!([{"address": "pool.example.net", "force": true}]);
    let failure = loop {
        if let Err(failure) = system.try_call("system.ntpserver.create", server.clone()) {
            break failure;
        }
    };
    assert_eq!(failure.errname, "EFBIG");
    let count = system.call("system.ntpserver.query", json!([[], {"count": true}]));
    assert_eq!(count, 10_000);
}
