//! What the pages do not say.

use serde_json::{Map, Value, json};

use crate::file::Kind;

/// Puts back what can be known.
pub(crate) fn restore(kind: Kind, schemas: &mut Map<String, Value>) {
    if kind == Kind::Method
        && let Some(Value::Object(parameters)) = schemas
            .get_mut("properties")
            .and_then(|properties| properties.get_mut("Call parameters"))
    {
        // The dump closes the list, which on the page no array looks like.
        parameters.insert("items".to_owned(), json!(false));
        parameters.entry("prefixItems").or_insert_with(|| json!([]));
    }
}
