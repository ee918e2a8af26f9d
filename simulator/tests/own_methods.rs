//! What the simulator answers itself and not by the schemas satisfies them all
//! the same, in every version.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use serde_json::{Map, Value, json};
use support::{Client, password, start};
use truenas_conformance::standalone;
use truenas_simulator::Simulator;
use truenas_simulator::engine::{Engine, Schemas};

struct Asking {
    client: Client,
    engine: Engine,
    models: Map<String, Value>,
    problems: Vec<String>,
}

impl Asking {
    async fn new(simulator: &Simulator) -> Self {
        let engine = Engine::load(Schemas::embedded().unwrap(), simulator.api(), 0).unwrap();
        let models = engine.own().version().models.iter();
        Self {
            models: models
                .map(|(name, model)| (name.clone(), model.as_value().clone()))
                .collect(),
            engine,
            client: Client::dial(simulator, "/api/current").await,
            problems: Vec::new(),
        }
    }

    async fn ask(&mut self, name: &str, params: Value) -> Value {
        let Some(method) = self.engine.own().methods().get(name) else {
            return Value::Null;
        };
        let answer = match self.client.call(name, params).await {
            Ok(answer) => answer,
            Err(error) => {
                self.problems.push(format!("{name}: {error}"));
                return Value::Null;
            }
        };
        let schema = standalone(method.result.as_value(), &self.models);
        // What 25.04 says of jobs no job satisfies: times that are texts, and an
        // error where there is none.
        let is_wrong = name == "core.get_jobs" && self.engine.own().api() < "v25.10";
        if let Err(error) = jsonschema::validate(&schema, &answer)
            && !is_wrong
        {
            let place = error.instance_path().to_string();
            self.problems
                .push(format!("{name} at {place:?}: {error:.300}"));
        }
        answer
    }
}

#[tokio::test]
async fn its_own_answers_satisfy_the_schemas() {
    let mut problems = Vec::new();
    for version in Schemas::embedded().unwrap().iter() {
        let simulator = start(&version.api).await;
        let mut asking = Asking::new(&simulator).await;
        asking
            .ask("auth.login_ex", json!([password(&simulator)]))
            .await;
        for (name, params) in [
            ("auth.me", json!([])),
            ("auth.mechanism_choices", json!([])),
            ("auth.sessions", json!([])),
            ("auth.generate_token", json!([])),
            (
                "auth.generate_onetime_password",
                json!([{"username": simulator.user()}]),
            ),
            ("auth.set_attribute", json!(["a", {"b": 1}])),
            ("auth.terminate_other_sessions", json!([])),
            ("auth.terminate_session", json!(["no-such"])),
            ("core.ping", json!([])),
            ("core.subscribe", json!(["core.get_jobs"])),
            ("core.unsubscribe", json!(["no-such"])),
            ("core.set_options", json!([{}])),
            ("core.get_services", json!([])),
            ("core.get_methods", json!(["cronjob"])),
            ("core.download", json!(["config.save", [{}], "c.db", true])),
            ("system.boot_id", json!([])),
            ("system.reboot.info", json!([])),
            (
                "api_key.create",
                json!([{"name": "k", "username": simulator.user()}]),
            ),
            ("api_key.update", json!([2, {"reset": true}])),
            ("api_key.update", json!([2, {"name": "l"}])),
            ("api_key.query", json!([])),
        ] {
            asking.ask(name, params).await;
        }
        let job = asking
            .client
            .call("core.bulk", json!(["core.ping", [[]]]))
            .await;
        asking.client.job(&job.unwrap()).await;
        let jobs = asking.ask("core.get_jobs", json!([])).await;
        assert_eq!(
            jobs.as_array().unwrap().len(),
            2,
            "the download, and this one"
        );
        asking
            .ask("core.get_jobs", json!([[], {"get": true}]))
            .await;
        asking
            .ask("core.get_jobs", json!([[], {"count": true}]))
            .await;
        // Others that log in as others do.
        let token = asking.ask("auth.generate_token", json!([])).await;
        let mut others = Vec::new();
        for data in [
            support::api_key(&simulator),
            json!({"mechanism": "TOKEN_PLAIN", "token": token}),
        ] {
            let mut other = Client::dial(&simulator, "/api/current").await;
            assert_eq!(other.log_in(data).await["response_type"], "SUCCESS");
            others.push(other);
        }
        let sessions = asking.ask("auth.sessions", json!([])).await;
        assert_eq!(sessions.as_array().unwrap().len(), 3);
        asking.ask("auth.logout", json!([])).await;
        let api = &version.api;
        problems.extend(
            asking
                .problems
                .into_iter()
                .map(|problem| format!("{api} {problem}")),
        );
    }
    assert!(problems.is_empty(), "{problems:#?}");
}
