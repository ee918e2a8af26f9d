//! Which shapes are the same, in one version and between versions.
//!
//! Two shapes are one [`Class`] exactly if they have the same form: all that
//! their Rust definition shows, and all that it refers to. What a model is
//! called plays no part.

use std::collections::HashMap;
use std::fmt::Write;

use crate::types::{Body, Event, Field, Method, Origin, ShapeId, Type, Types};

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
pub fn unify(versions: &[Types]) -> Classes {
    let mut unifier = Unifier {
        interned: HashMap::new(),
        of: versions
            .iter()
            .map(|types| vec![None; types.shapes.len()])
            .collect(),
    };
    for (version, types) in versions.iter().enumerate() {
        for index in 0..types.shapes.len() {
            unifier.form(types, version, ShapeId(index), &mut Vec::new());
        }
    }
    let of = unifier.of.into_iter();
    Classes {
        of: of
            .map(|shapes| shapes.into_iter().flatten().collect())
            .collect(),
    }
}

impl Classes {
    /// The class of a shape.
    pub fn class(&self, version: usize, shape: ShapeId) -> Option<Class> {
        self.of.get(version)?.get(shape.0).copied()
    }

    /// All that the marker type of a method shows, as text.
    pub fn method_form(&self, version: usize, name: &str, method: &Method) -> String {
        let mut form = format!(
            "{name} {:?} {:?} {:?} {} {:?} {}",
            method.kind,
            method.pipes,
            method.roles,
            method.reads_only,
            method.removed_in,
            method.query
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
        let mut form = format!("{name} {:?} {:?}", event.roles, event.removed_in);
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

struct Unifier {
    interned: HashMap<String, Class>,
    of: Vec<Vec<Option<Class>>>,
}

/// How far up the stack a form refers: [`CLOSED`] if not at all.
type Reach = usize;
const CLOSED: Reach = usize::MAX;

impl Unifier {
    /// A shape as text. A shape that is being written is referred to by its
    /// distance, so that recursive shapes compare equal wherever they stand.
    fn form(
        &mut self,
        types: &Types,
        version: usize,
        id: ShapeId,
        stack: &mut Vec<ShapeId>,
    ) -> (String, Reach) {
        if let Some(class) = self.slot(version, id).and_then(|slot| *slot) {
            return (format!("#{}", class.0), CLOSED);
        }
        if let Some(at) = stack.iter().position(|open| *open == id) {
            return (format!("^{}", stack.len() - at), at);
        }
        let depth = stack.len();
        stack.push(id);
        let mut reach = CLOSED;
        let mut text = String::new();
        if let Some(shape) = types.shapes.get(id.0) {
            // Without a name of its own a shape is known by its key: `ON` and
            // `OFF` of a pool are not those of a lamp.
            if let Origin::Inside { path, .. } = &shape.origin {
                let _ = write!(text, "{:?} ", path.last());
            }
            write_body(&shape.body, &mut text, &mut |inner, text| {
                let (form, inner_reach) = self.form(types, version, inner, stack);
                reach = reach.min(inner_reach);
                text.push_str(&form);
            });
        }
        stack.pop();
        if reach < depth {
            return (format!("{{{text}}}"), reach);
        }
        let next = Class(self.interned.len());
        let class = *self.interned.entry(text).or_insert(next);
        if let Some(slot) = self.slot(version, id) {
            *slot = Some(class);
        }
        (format!("#{}", class.0), CLOSED)
    }

    fn slot(&mut self, version: usize, id: ShapeId) -> Option<&mut Option<Class>> {
        self.of.get_mut(version)?.get_mut(id.0)
    }
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
        Body::Union(cases) => {
            form.push_str("union");
            for case in cases {
                form.push('|');
                write_type(&case.ty, form, shape);
            }
        }
    }
}

fn write_field(field: &Field, form: &mut String, shape: &mut impl FnMut(ShapeId, &mut String)) {
    let _ = write!(
        form,
        "({:?} {} {:?} {:?} ",
        field.key, field.required, field.constant, field.facts
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
        Type::Removed(inner) => ("Removed", vec![inner]),
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
