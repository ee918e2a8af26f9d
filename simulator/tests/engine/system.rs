//! A made-up system to call.

use std::sync::Arc;

use serde_json::Value;
use truenas_simulator::engine::{Catalog, Engine, Failure, Schemas, Update, write};

pub(crate) struct System {
    pub(crate) engine: Engine,
    pub(crate) catalog: Arc<Catalog>,
}

impl System {
    pub(crate) fn new(api: &str) -> Self {
        Self::dialled(api, api)
    }

    /// A system of one version, spoken to in another.
    pub(crate) fn dialled(own: &str, dialled: &str) -> Self {
        let engine = Engine::load(Schemas::embedded().unwrap(), own, 7).unwrap();
        let catalog = engine.catalog(dialled).unwrap();
        Self { engine, catalog }
    }

    pub(crate) fn try_call(&self, method: &str, params: Value) -> Result<Value, Failure> {
        // As clients read it.
        let result = self.call_with_updates(method, params).0?;
        Ok(serde_json::from_str(&write(&result)).unwrap())
    }

    pub(crate) fn call(&self, method: &str, params: Value) -> Value {
        match self.try_call(method, params.clone()) {
            Ok(result) => result,
            Err(failure) => panic!("{method}{params}: {failure:?}"),
        }
    }

    /// The `error` that the call fails with.
    pub(crate) fn error(&self, method: &str, params: Value) -> Value {
        match self.try_call(method, params.clone()) {
            Ok(result) => panic!("{method}{params} succeeds with {result}"),
            Err(failure) => failure.to_error(),
        }
    }

    pub(crate) fn call_with_updates(
        &self,
        method: &str,
        params: Value,
    ) -> (Result<Value, Failure>, Vec<Update>) {
        let params = params.as_array().unwrap().clone();
        match self.engine.check(&self.catalog, method, params) {
            Ok(params) => self.engine.run(&self.catalog, method, params),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }
}
