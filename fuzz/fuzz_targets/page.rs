//! Pages of the documentation site with any damage: an error that says where,
//! or an entry of a dump.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truenas_site::{dump, front, index, page};

/// One of each renderer, and one of each format.
const PAGES: [(&str, &str); 3] = [
    (
        "api_methods_made.up.rst.txt",
        include_str!("../../site/tests/pages/1.0.2/api_methods_made.up.rst.txt"),
    ),
    (
        "api_methods_made.up.html",
        include_str!("../../site/tests/pages/1.4.1/api_methods_made.up.html"),
    ),
    (
        "api_methods_pool.html",
        include_str!("../../site/tests/pages/1.4.1/api_methods_pool.html"),
    ),
];

fuzz_target!(|input: (u8, Vec<(u16, u8, &str)>)| {
    let (number, changes) = input;
    let (file, original) = PAGES[usize::from(number) % PAGES.len()];
    let mut bytes = original.as_bytes().to_vec();
    for (place, length, piece) in changes {
        let start = usize::from(place) % (bytes.len() + 1);
        let end = (start + usize::from(length)).min(bytes.len());
        bytes.splice(start..end, piece.bytes());
    }
    let text = String::from_utf8_lossy(&bytes);
    match page(file, &text) {
        Ok(page) => drop(dump("v1.0.0", vec![page])),
        Err(error) => assert!(!error.element.is_empty() && !error.message.is_empty()),
    }
    let _ = index(file, &text);
    let _ = front(file, &text);
});
