//! Any JSON as the parameters of some method of the simulator, one call after
//! the other: an answer or an error, and a state that still answers.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use truenas_simulator::engine::{Caller, Engine, Schemas};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let schemas = Schemas::embedded().expect("the schemas");
    Engine::load(schemas, "v25.10.5", 0).expect("an engine")
});

fuzz_target!(|input: (u16, bool, &[u8])| {
    let (number, old, bytes) = input;
    let Ok(Value::Array(params)) = serde_json::from_slice(bytes) else { return };
    let version = if old { "v25.04.2" } else { "current" };
    let Some(catalog) = ENGINE.catalog(version) else { return };
    let methods = catalog.methods();
    let Some(name) = methods.keys().nth(usize::from(number) % methods.len()) else { return };
    let caller = Caller { username: "root".to_owned(), sees_secrets: !old };
    if let Ok(params) = ENGINE.check(&catalog, name, params) {
        let (result, updates) = ENGINE.run(&catalog, name, params, &caller);
        if let Err(failure) = result {
            assert!(failure.to_error().is_object());
        }
        for update in updates {
            assert!(update.to_params(&update.collection).is_object());
        }
    }
});
