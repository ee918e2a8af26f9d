//! Schemas of a dump whose references are inlined: one for all parameters and
//! the result, or for all kinds of an event.

use schemars::Schema;
use serde_json::Value;

use crate::model::Parameter;

use super::ReadError;
use super::check::{self, Dialect};
use super::context::{Context, schema};
use super::cursor::Cursor;
use super::fold::fold;
use super::originals::Originals;
use super::position::Position;
use super::required::Required;

/// The parameters and the result of a method.
pub(super) fn method(
    schemas: &Cursor<'_>,
    name: &str,
    required: &mut Required<'_>,
    originals: &mut Originals<'_>,
    context: &mut Context,
) -> Result<(Vec<Parameter>, Schema), ReadError> {
    let properties = schemas.need("properties")?;
    let accepts = properties.need("Call parameters")?.need("prefixItems")?;
    let items = accepts.items()?;
    let mut parameters: Vec<Parameter> = Vec::new();
    let values =
        context.inlined_document(&accepts, &items, Dialect::Inlined, Position::Parameter)?;
    for (item, value) in items.iter().zip(values) {
        let parameter = item.need("title")?.string()?;
        if parameters.iter().any(|earlier| earlier.name == parameter) {
            return Err(item.error(format_args!("the parameter {parameter:?} stands twice")));
        }
        parameters.push(Parameter {
            name: parameter.to_owned(),
            required: required.decide(name, parameter, item, &mut context.notes),
            schema: schema(value),
        });
    }
    let returns = properties.need("Return value")?;
    check::document(&returns, Dialect::Inlined, &mut context.notes)?;
    let (mut roots, mut defs) = fold(vec![Value::from(returns.json)], Position::Result);
    if let Some(result) = roots.first_mut() {
        originals.restore_inlined(name, &returns, result, &mut defs, &mut context.notes)?;
    }
    let roots = roots.into_iter().map(|root| (root, Position::Result));
    let result = context.document(&returns, roots.collect(), &defs);
    Ok((parameters, single(result)))
}

/// The schema of one kind of an event.
pub(super) fn event(place: &Cursor<'_>, context: &mut Context) -> Result<Schema, ReadError> {
    let schemas = std::slice::from_ref(place);
    let event = context.inlined_document(place, schemas, Dialect::Inlined, Position::Elsewhere)?;
    Ok(single(event))
}

fn single(added: Vec<Value>) -> Schema {
    added.into_iter().next().map(schema).unwrap_or_default()
}
