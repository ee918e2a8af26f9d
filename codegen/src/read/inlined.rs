//! Schemas of a dump whose references are inlined: one for all parameters and
//! the result, or for all kinds of an event.

use schemars::Schema;
use serde_json::Value;

use crate::model::Parameter;

use super::ReadError;
use super::check::{self, Dialect};
use super::context::{Context, schema};
use super::cursor::Cursor;
use super::position::Position;
use super::required::Required;

/// The parameters and the result of a method.
pub(super) fn method(
    schemas: &Cursor<'_>,
    name: &str,
    required: &mut Required<'_>,
    context: &mut Context,
) -> Result<(Vec<Parameter>, Schema), ReadError> {
    let properties = schemas.need("properties")?;
    let accepts = properties.need("Call parameters")?.need("prefixItems")?;
    let items = accepts.items()?;
    let mut parameters: Vec<Parameter> = Vec::new();
    for (item, value) in items
        .iter()
        .zip(document(&accepts, &items, Position::Parameter, context)?)
    {
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
    let result = single(&returns, Position::Result, context)?;
    Ok((parameters, result))
}

/// The schema of one kind of an event.
pub(super) fn event(place: &Cursor<'_>, context: &mut Context) -> Result<Schema, ReadError> {
    single(place, Position::Elsewhere, context)
}

fn single(
    place: &Cursor<'_>,
    position: Position<'_>,
    context: &mut Context,
) -> Result<Schema, ReadError> {
    let added = document(place, std::slice::from_ref(place), position, context)?;
    Ok(added.into_iter().next().map(schema).unwrap_or_default())
}

/// Schemas that were inlined together.
fn document(
    place: &Cursor<'_>,
    schemas: &[Cursor<'_>],
    position: Position<'_>,
    context: &mut Context,
) -> Result<Vec<Value>, ReadError> {
    let mut roots = Vec::new();
    for schema in schemas {
        check::document(schema, Dialect::Inlined, &mut context.notes)?;
        roots.push(Value::from(schema.json));
    }
    Ok(context.inlined_document(place, roots, position))
}
