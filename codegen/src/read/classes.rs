//! Which shapes are equal.
//!
//! Shapes refer to each other, in circles too, so they are told apart step by
//! step: at first by their titles, then by what they hold, then by which of
//! those groups they refer to, until no group splits any more. That is the
//! usual refinement of a partition.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::check::PROSE;
use super::position::map_children;
use super::shapes::{Shapes, visit_links};

/// The groups of equal shapes, by the number of a shape.
pub(super) struct Classes {
    /// Equal in title and structure.
    pub(super) class: Vec<usize>,
    /// Equal in structure, whatever they are called themselves.
    pub(super) form: Vec<usize>,
}

impl Classes {
    /// The class of a shape.
    pub(super) fn of(&self, shape: usize) -> usize {
        self.class.get(shape).copied().unwrap_or(shape)
    }
}

/// Gives a nameless shape the title of the shapes it is equal to, the
/// alphabetically first if there are several, and answers the classes.
pub(super) fn settle(shapes: &mut Shapes) -> Classes {
    let templates = templates(shapes);
    loop {
        let classes = refine(shapes, &templates);
        let mut titles: BTreeMap<usize, String> = BTreeMap::new();
        for (shape, form) in shapes.0.iter().zip(&classes.form) {
            let Some(title) = &shape.title else {
                continue;
            };
            let first = titles.entry(*form).or_insert_with(|| title.clone());
            if title < first {
                first.clone_from(title);
            }
        }
        let mut changed = false;
        for (shape, form) in shapes.0.iter_mut().zip(&classes.form) {
            if shape.title.is_none() {
                shape.title = titles.get(form).cloned();
                changed |= shape.title.is_some();
            }
        }
        if !changed {
            return classes;
        }
    }
}

/// A shape with its links taken out.
struct Template {
    /// The same number for the same text.
    text: usize,
    links: Vec<usize>,
}

fn templates(shapes: &Shapes) -> Vec<Template> {
    let mut texts = Numbers::default();
    let mut templates = Vec::new();
    for shape in &shapes.0 {
        let mut links = Vec::new();
        let mut schema = without_prose(shape.schema.clone());
        visit_links(&mut schema, &mut Vec::new(), &mut |link, number, _| {
            links.push(number);
            *link = Value::Null;
        });
        templates.push(Template {
            text: texts.number(Value::Object(schema).to_string()),
            links,
        });
    }
    templates
}

/// What is written for people makes no difference.
fn without_prose(mut schema: Map<String, Value>) -> Map<String, Value> {
    schema.retain(|keyword, _| !PROSE.contains(&keyword.as_str()));
    map_children(schema, &mut |child, _| match child {
        Value::Object(child) => Value::Object(without_prose(child)),
        other => other,
    })
}

fn refine(shapes: &Shapes, templates: &[Template]) -> Classes {
    let mut titles = Numbers::default();
    let titles: Vec<usize> = shapes
        .0
        .iter()
        .map(|shape| titles.number(shape.title.as_deref()))
        .collect();
    let mut class = titles.clone();
    let mut groups = 0;
    loop {
        let mut forms = Numbers::default();
        let mut classes = Numbers::default();
        let form: Vec<usize> = templates
            .iter()
            .map(|template| {
                let links = template.links.iter().map(|link| class.get(*link).copied());
                forms.number((template.text, links.collect::<Vec<_>>()))
            })
            .collect();
        class = titles
            .iter()
            .zip(&form)
            .map(|pair| classes.number(pair))
            .collect();
        let split = classes.0.len();
        if split == groups {
            return Classes { class, form };
        }
        groups = split;
    }
}

/// Numbers things in the order of their first appearance.
struct Numbers<T>(BTreeMap<T, usize>);

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Numbers(BTreeMap::new())
    }
}

impl<T: Ord> Numbers<T> {
    fn number(&mut self, thing: T) -> usize {
        let next = self.0.len();
        *self.0.entry(thing).or_insert(next)
    }
}
