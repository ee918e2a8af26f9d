//! Pages with random damage: an error with its place, or a page; never a panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use truenas_site::{index, page};

use super::{files, read};

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
        }
    }
}
