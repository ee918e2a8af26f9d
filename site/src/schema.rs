//! From the cards of a page back to a JSON Schema.
//!
//! Every schema is rendered in the same order: a header that ends with `<br>`
//! (title, badges of type and format, default), then what else it says, one
//! element for each keyword, with cards for the schemas in it. Each of these
//! elements is known here, and any other is an error.

use serde_json::{Map, Value, json};

use crate::error::{Fault, Result};
use crate::html::{Element, Elements};
use crate::prose;
use crate::texts::{self, Type};

/// The schema in a card.
pub(crate) fn schema(card: &Element) -> Result<Map<String, Value>> {
    let read = || content(card.elements()?);
    read().map_err(|fault: Fault| fault.within(&card.id))
}

/// Whether no more is said than that it is an object: which is what is also
/// said of a schema that says nothing.
pub(crate) fn is_bare(schema: &Map<String, Value>) -> bool {
    schema
        .iter()
        .all(|(keyword, value)| match keyword.as_str() {
            "type" => value == "object",
            "title" | "default" | "description" | "examples" | "deprecated" => true,
            _ => false,
        })
        && schema.contains_key("type")
}

fn content(mut elements: Elements<'_>) -> Result<Map<String, Value>> {
    let mut content = Content::default();
    loop {
        let element = elements.need()?;
        if element.is("br") {
            break;
        }
        content.header(element)?;
    }
    while let Some(element) = elements.next() {
        match &*element.name {
            "br" => content.examples(element, &mut elements)?,
            "h4" if element.text() == "Tuple Validation" => {}
            "h4" | "h5" => content.items(element, elements.need()?)?,
            _ => content.element(element)?,
        }
    }
    content.finish()
}

/// What is known of a schema while its elements are read.
#[derive(Default)]
struct Content {
    schema: Map<String, Value>,
    typed: Option<Type>,
    /// Whether the badge is there that every array has, but for those which
    /// take more items than they describe.
    is_closed_array: bool,
}

impl Content {
    /// Sets a keyword that is not set yet.
    fn set(&mut self, element: &Element, keyword: &str, value: impl Into<Value>) -> Result<()> {
        match self.schema.insert(keyword.to_owned(), value.into()) {
            None => Ok(()),
            Some(_) => Err(said_twice(element, keyword)),
        }
    }

    /// Adds to a keyword that is a list.
    fn push(&mut self, element: &Element, keyword: &str, value: impl Into<Value>) -> Result<()> {
        let list = self.schema.entry(keyword).or_insert_with(|| json!([]));
        let list = list.as_array_mut();
        list.ok_or_else(|| said_twice(element, keyword))?
            .push(value.into());
        Ok(())
    }

    /// Adds to a keyword that is a map.
    fn put(&mut self, element: &Element, keyword: &str, key: &str, value: Value) -> Result<()> {
        let map = self.schema.entry(keyword).or_insert_with(|| json!({}));
        let map = map.as_object_mut();
        let map = map.ok_or_else(|| said_twice(element, keyword))?;
        match map.insert(key.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(said_twice(element, key)),
        }
    }

    /// An element before the first `<br>`.
    fn header(&mut self, element: &Element) -> Result<()> {
        // The site's own tooling makes an `h5` of an `h4` that ends with a colon.
        if matches!(&*element.name, "h1" | "h4" | "h5") {
            return self.set(element, "title", element.plain_text()?);
        }
        if element.has_class("default-value") {
            let text = element.plain_text()?;
            let value = text.strip_prefix("Default: ");
            let value = texts::json(element, value.ok_or_else(|| element.unknown())?)?;
            return self.set(element, "default", value);
        }
        // It also sets a default apart that is long.
        if element.has_class("json-default-value") {
            let value = texts::after(element, "Default:", "div")?;
            let value = texts::json(element, &value)?;
            return self.set(element, "default", value);
        }
        if element.has_class("value-type") {
            let text = element.plain_text()?;
            if let Some(format) = text.strip_prefix("Format: ") {
                return self.set(element, "format", format);
            }
            let typed = text.strip_prefix("Type: ").and_then(Type::read);
            if self.typed.is_none() && typed.is_some() {
                self.typed = typed;
                return Ok(());
            }
        }
        Err(element.unknown())
    }

    /// An element after it that stands for itself.
    fn element(&mut self, element: &Element) -> Result<()> {
        let is = |name, class| element.is(name) && element.has_class(class);
        if is("span", "description") {
            self.set(element, "description", prose::text(element))
        } else if is("span", "no-additional") {
            match element.plain_text()?.as_str() {
                "No Additional Properties" => self.set(element, "additionalProperties", false),
                "No Additional Items" => {
                    self.is_closed_array = true;
                    Ok(())
                }
                _ => Err(element.unknown()),
            }
        } else if is("div", "all-of-value") {
            self.branches(element, "allOf")
        } else if is("div", "any-of-value") {
            self.branches(element, "anyOf")
        } else if is("div", "one-of-value") {
            self.branches(element, "oneOf")
        } else if is("div", "not-value") {
            let mut elements = element.elements()?;
            let (heading, card) = (elements.need()?, elements.need()?);
            elements.end()?;
            if heading.text() != "Must not be:" {
                return Err(heading.unknown());
            }
            self.set(element, "not", schema(card.only()?)?)
        } else if is("div", "enum-value") {
            self.listed(element)
        } else if is("span", "const-value") {
            let value = texts::after(element, "Specific value: ", "code")?;
            self.set(element, "const", texts::constant(element, &value)?)
        } else if is("span", "pattern-value") {
            let pattern = texts::after(element, "Must match regular expression: ", "code")?;
            self.set(element, "pattern", pattern)
        } else if element.is("p") {
            let badge = element.only()?;
            for (keyword, number) in texts::restriction(badge)? {
                self.set(badge, keyword, number)?;
            }
            Ok(())
        } else if is("div", "accordion") {
            self.property(element.only()?)
        } else if is("a", "ref-link") {
            Err(Fault::new(
                element,
                "a link to a definition elsewhere on the page; TrueNAS' pages have none, as they \
                 are rendered from schemas without references",
            ))
        } else {
            Err(element.unknown())
        }
    }

    /// The tabs of a choice, one for each branch.
    fn branches(&mut self, element: &Element, keyword: &str) -> Result<()> {
        let mut elements = element.elements()?;
        let (heading, tabs, panes) = (elements.need()?, elements.need()?, elements.need()?);
        elements.end()?;
        if !heading.is("h2") || !tabs.is("ul") || !panes.has_class("tab-content") {
            return Err(element.unknown());
        }
        let mut branches = Vec::new();
        let mut panes = panes.elements()?;
        while let Some(pane) = panes.next() {
            if !pane.has_class("tab-pane") {
                return Err(pane.unknown());
            }
            branches.push(Value::Object(schema(pane)?));
        }
        if tabs.elements()?.count() != branches.len() {
            return Err(Fault::new(tabs, "there is not one tab for each branch"));
        }
        self.set(element, keyword, branches)
    }

    /// The values of an `enum`, or required properties that are not described.
    fn listed(&mut self, element: &Element) -> Result<()> {
        let mut elements = element.elements()?;
        let (heading, list) = (elements.need()?, elements.need()?);
        elements.end()?;
        let mut items = list.elements()?;
        match heading.plain_text()?.as_str() {
            "Must be one of:" => {
                let mut values = Vec::new();
                while let Some(item) = items.next() {
                    values.push(texts::json(item, &item.plain_text()?)?);
                }
                self.set(element, "enum", values)
            }
            "The following properties are required:" => {
                while let Some(item) = items.next() {
                    self.push(item, "required", item.plain_text()?)?;
                }
                Ok(())
            }
            _ => Err(heading.unknown()),
        }
    }

    /// A heading and the card it stands over.
    fn items(&mut self, heading: &Element, body: &Element) -> Result<()> {
        let mut items = schema(body.only()?)?;
        let text = heading.plain_text()?;
        match text.as_str() {
            "Each item of this array must be:" => {
                // The array's own badge says the type of its items, and does
                // not take one that says nothing for an object.
                if is_bare(&items) && self.typed == Some(Type::Array { items: None }) {
                    items.remove("type");
                }
                self.set(heading, "items", items)
            }
            "All other items must be:" => self.set(heading, "items", items),
            "At least one of the items must be:" => self.set(heading, "contains", items),
            _ => {
                let before = self.schema.get("prefixItems").and_then(Value::as_array);
                let number = before.map_or(0, Vec::len) + 1;
                // The second by the site's own tooling.
                let is_known = text == format!("Item at {number} must be:")
                    || text.starts_with(&format!("Parameter {number}: "));
                if !is_known {
                    return Err(heading.unknown());
                }
                self.push(heading, "prefixItems", items)
            }
        }
    }

    fn property(&mut self, card: &Element) -> Result<()> {
        let mut elements = card.elements()?;
        let (header, collapse) = (elements.need()?, elements.need()?);
        elements.end()?;
        let read = || -> Result<_> {
            let mut body = collapse.only()?.elements()?;
            let kind = PropertyKind::read(&mut body)?;
            Ok((kind, content(body)?))
        };
        let (kind, mut schema) = read().map_err(|fault| fault.within(&collapse.id))?;

        let button = header.only()?.only()?;
        let mut badges = button.elements()?;
        let name = badges.need()?;
        let name = if kind.is_additional() {
            name.only()?
        } else {
            name
        };
        if !name.has_class("property-name") {
            return Err(name.unknown());
        }
        let name = name.plain_text()?;
        while let Some(badge) = badges.next() {
            if badge.has_class("required-property") {
                self.push(badge, "required", name.as_str())?;
            } else if badge.has_class("deprecated-property") {
                schema.insert("deprecated".to_owned(), json!(true));
            } else if !badge.has_class("pattern-property") {
                return Err(badge.unknown());
            }
        }
        match kind {
            PropertyKind::Named => self.put(card, "properties", &name, schema.into()),
            PropertyKind::Pattern(pattern) => {
                self.put(card, "patternProperties", &pattern, schema.into())
            }
            PropertyKind::Other => self.set(card, "additionalProperties", schema),
            PropertyKind::Anything if is_bare(&schema) => {
                self.set(card, "additionalProperties", true)
            }
            PropertyKind::Anything => Err(collapse.unknown()),
        }
    }

    /// The examples, after the first of the two `<br>` around what they are
    /// called.
    fn examples(&mut self, br: &Element, elements: &mut Elements<'_>) -> Result<()> {
        let heading = elements.next_if(|next| next.has_class("badge-secondary"));
        let end = elements.next_if(|next| next.is("br"));
        if heading.is_none() || end.is_none() {
            return Err(br.unknown());
        }
        while let Some(example) = elements.next_if(|next| next.has_class("examples")) {
            // Colours are elements of their own.
            let value = texts::json(example, &example.text())?;
            self.push(example, "examples", value)?;
        }
        Ok(())
    }

    /// The schema, with the type that its badge says.
    fn finish(mut self) -> Result<Map<String, Value>> {
        let types = match &self.typed {
            None => None,
            Some(Type::Names(names)) => match names.as_slice() {
                [name] => Some(json!(name)),
                names => Some(json!(names)),
            },
            Some(Type::Array { .. }) => {
                if !self.is_closed_array && !self.schema.contains_key("items") {
                    self.schema.insert("items".to_owned(), json!(true));
                }
                Some(json!("array"))
            }
            Some(Type::Const) => {
                let value = self.schema.get("const").ok_or_else(|| {
                    Fault::new("span.value-type", "the value of the `const` is missing")
                })?;
                texts::type_of(std::slice::from_ref(value)).map(Value::from)
            }
            Some(Type::Enum) => {
                let values = self.schema.get("enum").and_then(Value::as_array);
                let values = values.ok_or_else(|| {
                    Fault::new("span.value-type", "the values of the `enum` are missing")
                })?;
                texts::type_of(values).map(Value::from)
            }
        };
        match types {
            Some(types) => {
                self.schema.insert("type".to_owned(), types);
            }
            None if self.typed.is_some() => {}
            None => {
                let combines = ["anyOf", "oneOf", "allOf", "not"];
                if !combines
                    .iter()
                    .any(|keyword| self.schema.contains_key(*keyword))
                {
                    return Err(Fault::new(
                        "span.value-type",
                        "the badge of the type is missing",
                    ));
                }
            }
        }
        Ok(self.schema)
    }
}

fn said_twice(element: &Element, what: &str) -> Fault {
    Fault::new(element, format_args!("`{what}` is said twice"))
}

/// What a card of a property stands for.
enum PropertyKind {
    Named,
    /// All whose names match.
    Pattern(String),
    /// All others.
    Other,
    /// All others, whatever they are.
    Anything,
}

impl PropertyKind {
    /// Reads what stands before the property's schema.
    fn read(body: &mut Elements<'_>) -> Result<Self> {
        if let Some(p) = body.next_if(|next| next.has_class("additional-properties")) {
            return match p.plain_text()?.as_str() {
                "Each additional property must conform to the following schema" => {
                    Ok(PropertyKind::Other)
                }
                "Additional Properties of any type are allowed." => Ok(PropertyKind::Anything),
                _ => Err(p.unknown()),
            };
        }
        if body.next_if(|next| next.is("h2")).is_some() {
            let explanation = body.need()?;
            let pattern = body.need()?;
            if !explanation.is("p") {
                return Err(explanation.unknown());
            }
            let pattern = texts::after(pattern, "Property name regular expression: ", "code")?;
            if body.next_if(|next| next.is("br")).is_none() {
                return Err(explanation.unknown());
            }
            return Ok(PropertyKind::Pattern(pattern));
        }
        Ok(PropertyKind::Named)
    }

    fn is_additional(&self) -> bool {
        matches!(self, PropertyKind::Other | PropertyKind::Anything)
    }
}
