//! What servers say in headers, and what follows from it.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::folder::Folder;
use crate::server::{Answer, Server};
use crate::small_site::{API, Form, answer, files, within};

const PAGE: &str = "_sources/api_methods_core.ping.rst.txt";

/// The headers of the requests that would be conditional.
const CONDITIONS: [&str; 2] = ["if-none-match", "if-modified-since"];

/// How many conditional requests there are the second time, if all files have
/// this header.
fn conditional(name: &'static str, value: String) -> usize {
    let files = files(Form::Sources);
    let server =
        Server::start(
            move |request| match within(request).and_then(|path| files.get(path)) {
                Some(text) => Answer::with("200 OK", &[(name, &value)], text.as_bytes()),
                None => Answer::status("404 Not Found"),
            },
        );
    let folder = Folder::new();
    let url = server.url();
    let fetch = ["--version", API, "--base-url", &url];
    folder.fetch(&fetch).well();
    let asked = server.seen().len();
    folder.fetch(&fetch).well();
    let again = server.seen().split_off(asked).into_iter();
    let conditional = again.filter(|request| {
        let mut conditions = CONDITIONS.iter();
        conditions.any(|name| request.header(name).is_some())
    });
    conditional.count()
}

#[test]
fn a_tag_or_a_date_that_is_too_long_is_not_kept() {
    for name in ["ETag", "Last-Modified"] {
        let longest = "x".repeat(1024);
        assert_ne!(conditional(name, longest.clone()), 0);
        assert_eq!(conditional(name, longest + "x"), 0);
    }
}

/// Whoever is asked again at once is asked a thousand times in a second.
#[test]
fn a_busy_server_cannot_ask_to_be_asked_at_once() {
    for at_once in ["0", "Thu, 01 Jan 1970 00:00:00 GMT"] {
        let server = Server::start(move |_| {
            let header = [("Retry-After", at_once)];
            Answer::with("503 Service Unavailable", &header, b"")
        });
        let url = server.url();
        let patient = ["--retries", "1000", "--deadline", "2"];
        let fetch = ["--version", API, "--base-url", &url];
        Folder::new()
            .fetch(&[&fetch[..], &patient].concat())
            .badly("not done after 2 seconds");
        let asked = server.seen().len();
        assert!((2..10).contains(&asked), "{asked} times");
    }
}

/// Nobody asked for it.
#[test]
fn an_answer_that_is_compressed_is_refused_and_not_kept() {
    // `gzip -n < /dev/null`.
    let gzip: [u8; 20] = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    let files = files(Form::Sources);
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let tag = ("ETag", "\"1\"");
        let encoding = ("Content-Encoding", "gzip");
        match within(request) {
            Some(PAGE) if request.header("if-none-match").is_some() => {
                Answer::with("304 Not Modified", &[tag], b"")
            }
            Some(PAGE) if asked.fetch_add(1, Ordering::Relaxed) == 0 => {
                Answer::with("200 OK", &[tag, encoding], &gzip)
            }
            path => answer(&files, path),
        }
    });
    let folder = Folder::new();
    let url = server.url();
    let fetch = ["--version", API, "--base-url", &url];
    let done = folder.fetch(&fetch).badly("the server sent it as \"gzip\"");
    assert!(done.stderr.contains(PAGE), "{}", done.stderr);
    assert!(folder.files().is_empty());
    let mut seen = server.seen().into_iter();
    assert!(seen.all(|request| request.header("accept-encoding").is_none()));
    folder.fetch(&fetch).well();
}

/// A server may say 300 KB in a header, for each of many pages.
#[test]
fn what_is_said_in_a_header_is_told_briefly() {
    let long = format!("multipart/{}", "x".repeat(300 << 10));
    for name in ["Content-Type", "Content-Encoding"] {
        let long = long.clone();
        let server = Server::start(move |_| Answer::with("200 OK", &[(name, &long)], b""));
        let url = server.url();
        let done = Folder::new().fetch(&["--version", API, "--base-url", &url]);
        let said = done.badly("the server sent ").stderr;
        assert!(said.contains("\"multipart/xxx"), "{said}");
        assert!(said.len() < 2000, "{} bytes", said.len());
    }
}
