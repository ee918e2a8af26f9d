//! How much all answers together may be.

use crate::folder::Folder;
use crate::server::{Answer, Server};
use crate::small_site::{API, Form, answer, files, index, path, within};

/// As much as a single page may be.
const PAGE: usize = 32 << 20;
const MOST_IN_ALL: usize = 512 << 20;

#[test]
fn pages_that_are_each_small_enough_are_too_much_together() {
    let mut files = files(Form::Sources);
    let names: Vec<String> = (0..100).map(|n| format!("api_methods_core.a{n}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.push("api_methods_core.ping");
    let many = index(Form::Sources, "core", &names);
    files.insert(path(Form::Sources, "api_methods_core"), many);
    let page = Answer::ok("text/plain", &vec![b' '; PAGE]);
    let server = Server::start(move |request| match within(request) {
        Some(path) if path.contains("core.a") => page.clone(),
        path => answer(&files, path),
    });
    let folder = Folder::new();
    let url = server.url();
    let patient = ["--timeout", "60", "--version", API, "--base-url", &url];
    folder
        .fetch(&patient)
        .badly("more than 536870912 bytes in all");
    let targets = server.targets();
    let pages = targets.iter().filter(|target| target.contains("core.a"));
    // Those that were under way at the end have been asked for as well.
    assert!(pages.count() < MOST_IN_ALL / PAGE + 4);
    assert!(folder.files().is_empty());
}
