//! The calls that are safe to make on any system.

use serde_json::{Value, json};
use truenas_codegen::model::{MethodKind, Pipes};
use truenas_codegen::types::{Body, Method, Type, Types};

/// The methods that return the vendor's texts.
const SKIPPED: [&str; 2] = ["core.get_methods", "truenas.get_eula"];

/// A call of a method.
pub(super) struct Call {
    pub(super) method: String,
    pub(super) params: Vec<Value>,
}

/// Returns a call of each method that only reads and needs no parameters.
pub(super) fn calls(types: &Types, limit: u16) -> Vec<Call> {
    let methods = types.methods.iter();
    let safe = methods.filter(|(name, method)| {
        method.reads_only
            && method.kind == MethodKind::Call
            && method.pipes == Pipes::default()
            && !SKIPPED.contains(&name.as_str())
    });
    safe.filter_map(|(name, method)| {
        Some(Call {
            method: name.clone(),
            params: params(types, method, limit)?,
        })
    })
    .collect()
}

/// Returns the parameters of such a call, or `None` if some are required.
fn params(types: &Types, method: &Method, limit: u16) -> Option<Vec<Value>> {
    let options = json!({"limit": limit});
    if method.is_query_alone() {
        return Some(vec![json!([]), options]);
    }
    if method.parameters.iter().any(|parameter| parameter.required) {
        return None;
    }
    let first = method.parameters.first();
    Some(
        match first.is_some_and(|first| has_options(types, &first.ty)) {
            true => vec![json!({"query-options": options})],
            false => vec![],
        },
    )
}

/// Returns whether a parameter has the options of a query under a key.
fn has_options(types: &Types, ty: &Type) -> bool {
    match ty {
        Type::Optional(inner) | Type::Patch(inner) => has_options(types, inner),
        Type::Shape(id) => match types.shapes.get(id.0).map(|shape| &shape.body) {
            Some(Body::Struct(object)) => object
                .fields
                .iter()
                .any(|field| field.key == "query-options"),
            _ => false,
        },
        _ => false,
    }
}
