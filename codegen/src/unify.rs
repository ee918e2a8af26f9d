//! Which shapes are the same, in one version and between versions.
//!
//! Two shapes are one [`Class`] exactly if they have the same form: all that
//! their Rust definition shows, and all that it refers to. What a model is
//! called plays no part, neither as a type nor as the case of a choice, nor
//! does prose: the newest version decides how they read.

use std::collections::HashMap;
use std::fmt::Write;

use crate::types::{Body, Event, Field, Method, Origin, Shape, ShapeId, Struct, Type, Types};

/// A set of equal shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Class(pub usize);

/// The classes of all versions' shapes.
#[derive(Debug)]
pub struct Classes {
    /// The class of each shape, by version and by place.
    of: Vec<Vec<Class>>,
}

/// Sorts the shapes of all versions into classes.
///
/// Shapes start out together if their own definitions agree, whatever these
/// refer to, and are taken apart as long as what they refer to differs. So
/// recursive shapes need no care.
pub fn unify(versions: &[Types]) -> Classes {
    let mut interned = HashMap::new();
    let locals: Vec<Vec<Local>> = versions
        .iter()
        .map(|types| {
            types
                .shapes
                .iter()
                .map(|shape| Local::new(shape, &mut interned))
                .collect()
        })
        .collect();
    let mut of: Vec<Vec<Class>> = locals
        .iter()
        .map(|shapes| shapes.iter().map(|local| Class(local.form)).collect())
        .collect();
    let mut count = interned.len();
    loop {
        let (finer, found) = refine(&locals, &of);
        of = finer;
        if found == count {
            return Classes { of };
        }
        count = found;
    }
}

impl Classes {
    /// The class of a shape.
    pub fn class(&self, version: usize, shape: ShapeId) -> Option<Class> {
        self.of.get(version)?.get(shape.0).copied()
    }

    /// A type as text, in which equal shapes look the same.
    pub fn form(&self, version: usize, ty: &Type) -> String {
        let mut form = String::new();
        self.type_form(version, ty, &mut form);
        form
    }

    /// All that the marker type of a method shows, as text.
    pub fn method_form(&self, version: usize, name: &str, method: &Method) -> String {
        let mut form = format!(
            "{name} {:?} {:?} {:?} {} {:?} {} {:?}",
            method.kind,
            method.pipes,
            method.roles,
            method.reads_only,
            method.removed_in,
            method.query,
            method.quirks
        );
        for parameter in &method.parameters {
            let _ = write!(
                form,
                "({} {} {:?} {:?} ",
                parameter.name, parameter.required, parameter.default, parameter.facts
            );
            self.type_form(version, &parameter.ty, &mut form);
            form.push(')');
        }
        self.type_form(version, &method.result, &mut form);
        form
    }

    /// All that the marker type of an event shows, as text.
    pub fn event_form(&self, version: usize, name: &str, event: &Event) -> String {
        let mut form = format!(
            "{name} {:?} {:?} {}",
            event.roles, event.removed_in, event.in_no_schema
        );
        for ty in [
            &event.added,
            &event.changed,
            &event.removed,
            &event.parameters,
        ] {
            form.push('|');
            if let Some(ty) = ty {
                self.type_form(version, ty, &mut form);
            }
        }
        form
    }

    fn type_form(&self, version: usize, ty: &Type, form: &mut String) {
        write_type(ty, form, &mut |id, form| {
            let class = self.class(version, id).map_or(usize::MAX, |class| class.0);
            let _ = write!(form, "#{class}");
        });
    }
}

/// A shape's own definition: its form with the references left out, and the
/// references.
struct Local {
    form: usize,
    refers_to: Vec<ShapeId>,
}

impl Local {
    fn new(shape: &Shape, interned: &mut HashMap<String, usize>) -> Self {
        let mut form = String::new();
        let mut refers_to = Vec::new();
        // Without a name of its own a shape is known by its key: `ON` and
        // `OFF` of a pool are not those of a lamp.
        if let Origin::Inside { path, .. } = &shape.origin {
            let _ = write!(form, "{:?} ", path.last());
        }
        // Nothing but its name tells an empty object from another.
        if let (Origin::Model(name), Body::Struct(Struct { fields, rest: None })) =
            (&shape.origin, &shape.body)
            && fields.is_empty()
        {
            let _ = write!(form, "{name} ");
        }
        write_body(&shape.body, &mut form, &mut |id, form| {
            refers_to.push(id);
            form.push('#');
        });
        let next = interned.len();
        Self {
            form: *interned.entry(form).or_insert(next),
            refers_to,
        }
    }
}

/// Takes classes apart whose members refer to different classes.
fn refine(locals: &[Vec<Local>], of: &[Vec<Class>]) -> (Vec<Vec<Class>>, usize) {
    let mut interned: HashMap<(usize, Vec<Class>), Class> = HashMap::new();
    let finer = locals
        .iter()
        .zip(of)
        .map(|(shapes, of)| {
            let class = |local: &Local| {
                let targets = local.refers_to.iter();
                let key = (
                    local.form,
                    targets.filter_map(|id| of.get(id.0).copied()).collect(),
                );
                let next = Class(interned.len());
                *interned.entry(key).or_insert(next)
            };
            shapes.iter().map(class).collect()
        })
        .collect();
    let count = interned.len();
    (finer, count)
}

fn write_body(body: &Body, form: &mut String, shape: &mut impl FnMut(ShapeId, &mut String)) {
    match body {
        Body::Words(words) => {
            let _ = write!(form, "words{words:?}");
        }
        Body::Scalars(values) => {
            let _ = write!(form, "scalars{values:?}");
        }
        Body::Struct(object) => {
            form.push_str("struct");
            for field in &object.fields {
                write_field(field, form, shape);
            }
            if let Some(rest) = &object.rest {
                form.push_str("..");
                write_type(rest, form, shape);
            }
        }
        Body::Tagged(tagged) => {
            let _ = write!(form, "tagged {:?} {:?}", tagged.tag, tagged.optional);
            for case in &tagged.cases {
                let _ = write!(form, "{:?}", case.tags);
                write_type(&case.ty, form, shape);
            }
        }
        Body::Union(union) => {
            let _ = write!(form, "union {}", union.open);
            for case in &union.cases {
                form.push('|');
                write_type(&case.ty, form, shape);
            }
        }
    }
}

fn write_field(field: &Field, form: &mut String, shape: &mut impl FnMut(ShapeId, &mut String)) {
    let _ = write!(
        form,
        "({:?} {} {:?} {:?} {:?} ",
        field.key, field.required, field.constant, field.words, field.facts
    );
    write_type(&field.ty, form, shape);
    form.push(')');
}

fn write_type(ty: &Type, form: &mut String, shape: &mut impl FnMut(ShapeId, &mut String)) {
    let (name, parts): (&str, Vec<&Type>) = match ty {
        Type::Shape(id) => return shape(*id, form),
        Type::List(inner) => ("List", vec![inner]),
        Type::Set(inner) => ("Set", vec![inner]),
        Type::Map(inner) => ("Map", vec![inner]),
        Type::Optional(inner) => ("Optional", vec![inner]),
        Type::Patch(inner) => ("Patch", vec![inner]),
        Type::QueryResult(inner) => ("QueryResult", vec![inner]),
        Type::EntryId(inner) => ("EntryId", vec![inner]),
        Type::SecretValue(inner) => ("SecretValue", vec![inner]),
        Type::Change(id, fields) => ("Change", vec![id, fields]),
        Type::Tuple(items) => ("Tuple", items.iter().collect()),
        plain => {
            let _ = write!(form, "{plain:?}");
            return;
        }
    };
    form.push_str(name);
    form.push('<');
    for part in parts {
        write_type(part, form, shape);
        form.push(',');
    }
    form.push('>');
}
