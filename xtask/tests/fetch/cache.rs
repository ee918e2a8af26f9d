//! What is kept of each address, and when it counts.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::folder::Folder;
use crate::server::{Answer, Server};
use crate::small_site::{API, Form, files, within};

const PAGE: &str = "_sources/api_methods_core.ping.rst.txt";
const OTHER: &str = "_sources/api_methods_boot.scrub.rst.txt";

/// A site that has not changed, whatever tag it is asked about.
fn unchanged() -> Server {
    let files = files(Form::Sources);
    let tag = ("ETag", "\"1\"");
    Server::start(move |request| {
        let file = within(request).and_then(|path| files.get(path));
        match (file, request.header("if-none-match")) {
            (Some(_), Some(_)) => Answer::with("304 Not Modified", &[tag], b""),
            (Some(text), None) => Answer::with("200 OK", &[tag], text.as_bytes()),
            (None, _) => Answer::status("404 Not Found"),
        }
    })
}

/// Where the cache has the label of a file, with the file beside it.
fn label(folder: &Folder, file: &str) -> PathBuf {
    let entries = fs::read_dir(folder.path("cache")).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    let is_of_file = |path: &PathBuf| {
        let label: Option<Value> = serde_json::from_slice(&fs::read(path).unwrap()).ok();
        label.is_some_and(|label| label["url"].as_str().unwrap().ends_with(file))
    };
    paths.find(is_of_file).unwrap()
}

#[test]
fn what_is_of_another_address_does_not_count() {
    let server = unchanged();
    let url = server.url();
    let fetch = ["--version", API, "--base-url", &url];
    let folder = Folder::new();
    folder.fetch(&fetch).well();
    let written = folder.files();

    let (page, other) = (label(&folder, PAGE), label(&folder, OTHER));
    fs::copy(&other, &page).unwrap();
    fs::copy(other.with_extension(""), page.with_extension("")).unwrap();
    let asked = server.seen().len();
    folder.fetch(&fetch).well();
    assert_eq!(folder.files(), written);
    for request in server.seen().split_off(asked) {
        let is_known = request.header("if-none-match").is_some();
        match within(&request) {
            Some(PAGE) => assert!(!is_known),
            Some(OTHER) => assert!(is_known),
            _ => {}
        }
    }
}
