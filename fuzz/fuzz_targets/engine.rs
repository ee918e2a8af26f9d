//! Any methods of the simulator with any JSON, one call after the other: an
//! answer or an error, and a state that still answers and can be kept.
//!
//! An input is readable: each line is the name of a method (or anything, which
//! stands for one of them) and its parameters. A line that begins with `old `
//! is a call of an older version; at `keep` the state is written and read.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tempfile::NamedTempFile;
use truenas_simulator::engine::{Caller, Catalog, Engine, Schemas};

struct Fixture {
    engine: Engine,
    current: Arc<Catalog>,
    old: Arc<Catalog>,
    /// The state before any call, so that an input alone says what happens.
    fresh: NamedTempFile,
    kept: NamedTempFile,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let schemas = Schemas::embedded().expect("the schemas");
    let engine = Engine::load(schemas, "v25.10.5", 0).expect("an engine");
    let fresh = NamedTempFile::new().expect("a file");
    engine.save(fresh.path()).expect("a fresh state");
    Fixture {
        current: engine.catalog("current").expect("the own version"),
        old: engine.catalog("v25.04.2").expect("an older version"),
        engine,
        fresh,
        kept: NamedTempFile::new().expect("a file"),
    }
});

fuzz_target!(|text: &str| {
    let Fixture { engine, current, old, fresh, kept } = &*FIXTURE;
    engine.restore(fresh.path()).expect("a fresh state");
    for line in text.lines() {
        if line == "keep" {
            engine.save(kept.path()).expect("the state is written");
            engine.restore(kept.path()).expect("and read again");
        }
        let (catalog, line) = match line.strip_prefix("old ") {
            Some(line) => (old, line),
            None => (current, line),
        };
        let Some((name, params)) = line.split_once(' ') else { continue };
        let Ok(Value::Array(params)) = serde_json::from_str(params) else { continue };
        let methods = catalog.methods();
        let number: usize = name.bytes().map(usize::from).sum();
        let other = || methods.keys().nth(number % methods.len());
        let name = methods.get_key_value(name).map(|(name, _)| name).or_else(other);
        let Some(name) = name else { continue };
        let caller = Caller { username: "root".to_owned(), sees_secrets: params.len() % 2 == 0 };
        if let Ok(params) = engine.check(catalog, name, params) {
            let (result, updates) = engine.run(catalog, name, params, &caller);
            if let Err(failure) = result {
                assert!(failure.to_error().is_object());
            }
            for update in updates {
                assert!(update.to_params(&update.collection).is_object());
            }
        }
    }
});
