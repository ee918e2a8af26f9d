//! Pages with random damage: an error with its place, or a page; never a panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use truenas_site::{complete, front, index, page};

use super::complete::of_model;
use super::{files, read, without};

static PAGES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let small = files().into_iter().map(|file| {
        let text = read(&file);
        (file, text)
    });
    small.filter(|(_, text)| text.len() < 12_000).collect()
});

/// What stands in pages, to be put where it does not belong.
const PIECES: [&str; 24] = [
    "<div>",
    "</div>",
    "<br/>",
    "<span class=\"badge value-type\">Type: object</span>",
    "</span>",
    "<h4>",
    "<h5>Parameter 1: a</h5>",
    "<script>",
    "<!--",
    "&amp;",
    "&#0;",
    "\0",
    "<p>",
    "</p>",
    "<section>",
    "</section>",
    "<div class=\"accordion\">",
    "<div class=\"any-of-value\">",
    "Default: ",
    "null",
    "1e999",
    "\u{1f605}",
    "\n\n",
    ".. raw:: html",
];

/// A page in which some places were replaced.
fn damaged() -> impl Strategy<Value = (String, String)> {
    let change = (any::<prop::sample::Index>(), 0..40_usize, 0..PIECES.len());
    let changes = prop::collection::vec(change, 1..4);
    (any::<prop::sample::Index>(), changes).prop_map(|(page, changes)| {
        let (file, text) = page.get(&PAGES);
        let mut letters: Vec<char> = text.chars().collect();
        for (place, length, piece) in changes {
            let start = place.index(letters.len());
            let end = (start + length).min(letters.len());
            letters.splice(start..end, PIECES[piece].chars());
        }
        (file.clone(), letters.into_iter().collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_found_or_harmless((file, text) in damaged()) {
        match page(&file, &text) {
            Ok(page) => prop_assert!(page.entry["schemas"].is_object()),
            Err(error) => {
                prop_assert_eq!(error.page, file);
                prop_assert!(!error.element.is_empty());
                prop_assert!(!error.message.is_empty());
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(<[a-z]{1,4}[ >]|</[a-z]{1,4}>|[a-z\n=.: -]|\\PC){0,60}") {
        for file in ["api_methods_a.html", "api_events_a.rst.txt", "api_methods.html"] {
            let _ = page(file, &text);
            let _ = index(file, &text);
            let _ = front(file, &text);
        }
    }

    #[test]
    fn any_answer_leaves_what_pages_have_words_for(shown in schema(), answered in schema()) {
        let before = of_model(&without(&shown, &["propertyNames"]));
        let mut dump = before.clone();
        let method = json!({"accepts": [], "returns": [answered]});
        complete(&mut dump, &json!({"exporter.get": method}))?;
        prop_assert!(is_within(&before, &dump), "{before} became {dump}");
    }
}

/// A schema, or something like one.
fn schema() -> impl Strategy<Value = Value> {
    const KEYWORDS: [&str; 5] = ["title", "minimum", "type", "pattern", "propertyNames"];
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!({"type": "string"})),
        any::<bool>().prop_map(Value::from),
        Just(json!([])),
        (prop::sample::select(&KEYWORDS[..]), "[a-z]").prop_map(|(key, value)| json!({key: value})),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..3);
        let maps = prop::sample::select(&["properties", "patternProperties"][..]);
        let lists = prop::sample::select(&["anyOf", "oneOf", "allOf", "items"][..]);
        let properties = prop::collection::btree_map("[ab]", inner.clone(), 0..3);
        let one = prop::sample::select(&["items", "additionalProperties", "not"][..]);
        prop_oneof![
            (maps, properties).prop_map(|(key, map)| json!({key: map, "minimum": 1})),
            (lists, list).prop_map(|(key, list)| json!({key: list, "title": "A"})),
            (one, inner).prop_map(|(key, inner)| json!({key: inner, "type": "array"})),
        ]
    })
}

/// Whether the second value says all that the first one does. Of a choice with
/// one branch a page shows the branch.
fn is_within(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => one.iter().all(|(key, value)| {
            let lists = ["oneOf", "anyOf", "allOf"].into_iter();
            let mut branches = lists.filter_map(|list| other.get(list)?.get(0)?.get(key));
            let there = other.get(key).or_else(|| branches.next());
            there.is_some_and(|there| is_within(value, there))
        }),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_within(a, b))
        }
        (one, other) => one == other,
    }
}
