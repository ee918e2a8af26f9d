//! Schemas of a dump whose references are inlined: one for all parameters and
//! the result, or for all kinds of an event.

use schemars::Schema;

use crate::model::Parameter;

use super::ReadError;
use super::check::Dialect;
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
    let schemas = std::slice::from_ref(place);
    let added = context.inlined_document(place, schemas, Dialect::Inlined, position)?;
    Ok(added.into_iter().next().map(schema).unwrap_or_default())
}
