//! Pages that lead to others, made to keep who reads them busy.

use crate::folder::Folder;
use crate::server::{Answer, Server};
use crate::small_site::{API, Form, answer, files, path, within};

/// Each attribute is compared with all others of its tag, which takes hours.
fn busy() -> String {
    let attributes: String = (0..400_000).map(|n| format!(" a{n:x}")).collect();
    format!("<section><a{attributes} href=\"v1.0\"></a></section>")
}

const WORDS: &str = "a tag or a comment has more than 8192 bytes";

#[test]
fn a_list_of_versions() {
    let page = Answer::ok("text/html", busy().as_bytes());
    let server = Server::start(move |_| page.clone());
    let url = server.url();
    let done = Folder::new().fetch(&["--list", "--base-url", &url, "--deadline", "60"]);
    let said = done
        .badly("no page there says which versions there are")
        .stderr;
    for page in ["", "index.html", "current/index.html"] {
        assert!(
            said.contains(&format!("{url}{page}: page: {WORDS}")),
            "{said}"
        );
    }
}

/// What else a page has in it does not keep it from being read.
#[test]
fn a_list_of_versions_with_much_else() {
    let script = "if(a<b){c()}".repeat(10_000);
    let text = "much else ".repeat(10_000);
    let page = format!(
        "<html><head><script>{script}</script></head><body>{text}<a href=\"v25.10.0/\">it</a>"
    );
    let page = Answer::ok("text/html", page.as_bytes());
    let server = Server::start(move |_| page.clone());
    let done = Folder::new().fetch(&["--list", "--base-url", &server.url()]);
    assert_eq!(done.well().stdout, "v25.10.0\n");
}

#[test]
fn a_menu_and_an_index() {
    for file in [
        "index.html".to_owned(),
        path(Form::Html, "api_methods_core"),
    ] {
        let mut files = files(Form::Html);
        files.insert(file.clone(), busy());
        let server = Server::start(move |request| answer(&files, within(request)));
        let folder = Folder::new();
        let done = folder.fetch(&["--version", API, "--base-url", &server.url()]);
        let said = done.badly(WORDS).stderr;
        assert!(said.contains(&file), "{said}");
        assert!(folder.files().is_empty());
    }
}
