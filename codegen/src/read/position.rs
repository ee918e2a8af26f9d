//! Where a schema stands in its parent, and what its title means there.

use serde_json::{Map, Value};

/// Where a schema stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Position<'a> {
    /// A parameter of a method. Some shapes write the parameter's name over
    /// the title, so no title means anything here.
    Parameter,
    /// A property of an object, by its key.
    Property(&'a str),
    /// The result of a method.
    Result,
    /// A branch, an element, the root of an event: titles are only ever the
    /// names of models here.
    Elsewhere,
}

/// What a title is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Title {
    /// Absent, or made from the position: says nothing.
    Automatic,
    /// The name of a model.
    Model(String),
    /// A text for people.
    Label(String),
}

impl Position<'_> {
    /// What a title means at this position.
    pub(super) fn title(self, title: Option<&str>) -> Title {
        let Some(title) = title else {
            return Title::Automatic;
        };
        let automatic = match self {
            Position::Parameter => true,
            Position::Property(key) => title == automatic_title(key),
            Position::Result => title == "Result",
            Position::Elsewhere => false,
        };
        if automatic {
            Title::Automatic
        } else if is_class_name(title) {
            Title::Model(title.to_owned())
        } else {
            Title::Label(title.to_owned())
        }
    }
}

/// The title pydantic gives a field that has none: every run of letters is
/// capitalised, underscores become spaces.
fn automatic_title(key: &str) -> String {
    let mut title = String::with_capacity(key.len());
    let mut inside_word = false;
    for character in key.chars() {
        if inside_word {
            title.extend(character.to_lowercase());
        } else {
            title.extend(character.to_uppercase());
        }
        inside_word = character.is_alphabetic();
    }
    title.replace('_', " ").trim().to_owned()
}

/// Whether a title is the name of a Python class (`Foo`, `iFoo`,
/// `Page[Foo, Bar]`) rather than a text for people or the key of a field.
fn is_class_name(title: &str) -> bool {
    let name = title.split('[').next().unwrap_or(title);
    name.chars().any(char::is_uppercase)
        && name
            .chars()
            .all(|character| character.is_alphanumeric() || character == '_')
}

/// Keywords whose value is a map of schemas.
pub(super) const MAPS: [&str; 2] = ["properties", "patternProperties"];
/// Keywords whose value is a list of schemas.
pub(super) const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keywords whose value is a schema.
pub(super) const SINGLES: [&str; 3] = ["items", "additionalProperties", "propertyNames"];

/// Replaces every schema directly inside of `schema` by what `change` makes of
/// it.
pub(super) fn map_children(
    schema: Map<String, Value>,
    change: &mut dyn FnMut(Value, Position<'_>) -> Value,
) -> Map<String, Value> {
    schema
        .into_iter()
        .map(|(keyword, value)| {
            let name = keyword.as_str();
            let value = match value {
                Value::Object(children) if MAPS.contains(&name) => children
                    .into_iter()
                    .map(|(key, child)| {
                        let position = if name == "properties" {
                            Position::Property(&key)
                        } else {
                            Position::Elsewhere
                        };
                        let child = change(child, position);
                        (key, child)
                    })
                    .collect(),
                Value::Array(children) if LISTS.contains(&name) => children
                    .into_iter()
                    .map(|child| change(child, Position::Elsewhere))
                    .collect(),
                child @ Value::Object(_) if SINGLES.contains(&name) => {
                    change(child, Position::Elsewhere)
                }
                other => other,
            };
            (keyword, value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Position, Title, automatic_title};

    #[test]
    fn automatic_titles_are_pydantics() {
        for (key, title) in [
            ("pool_name", "Pool Name"),
            ("type__title", "Type  Title"),
            ("id_", "Id"),
            ("_name_", "Name"),
            ("ipv4x", "Ipv4X"),
            ("IPAddr", "Ipaddr"),
        ] {
            assert_eq!(automatic_title(key), title);
        }
    }

    #[test]
    fn a_title_is_a_name_a_label_or_nothing() {
        let property = Position::Property("image");
        assert_eq!(property.title(Some("Image")), Title::Automatic);
        assert_eq!(
            Position::Elsewhere.title(Some("Image")),
            Title::Model("Image".into())
        );
        assert_eq!(
            property.title(Some("Page[A, B]")),
            Title::Model("Page[A, B]".into())
        );
        assert_eq!(
            property.title(Some("UI choices")),
            Title::Label("UI choices".into())
        );
        assert_eq!(
            Position::Parameter.title(Some("Anything")),
            Title::Automatic
        );
        assert_eq!(
            Position::Elsewhere.title(Some("iFoo")),
            Title::Model("iFoo".into())
        );
        assert_eq!(
            Position::Elsewhere.title(Some("foo_entry")),
            Title::Label("foo_entry".into())
        );
    }
}
