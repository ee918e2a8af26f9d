//! Servers that are slow, broken or up to no good. Each ends in an error that
//! says what was wrong and where, and leaves `schemas/` as it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::folder::{Done, Folder};
use crate::server::{Answer, Request, Server};
use crate::small_site::{API, Form, answer, files, index, path, within};

const PAGE: &str = "_sources/api_methods_core.ping.rst.txt";

/// A site where one page is answered like this.
fn site_with(page: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
    let files = files(Form::Sources);
    Server::start(move |request| match within(request) {
        Some(PAGE) => page(request),
        path => answer(&files, path),
    })
}

fn fetch(server: &Server, more: &[&str]) -> Done {
    let folder = Folder::new();
    let url = server.url();
    let done = folder.fetch(&[&["--version", API, "--base-url", &url], more].concat());
    assert_eq!(folder.files().is_empty(), done.code != Some(0));
    done
}

/// The page and the words of an error about it.
fn fails(page: Answer, words: &str) {
    let server = site_with(move |_| page.clone());
    let done = fetch(&server, &[]).badly(words);
    assert!(done.stderr.contains(PAGE), "{}", done.stderr);
}

#[test]
fn an_answer_that_does_not_come_or_does_not_end() {
    fails(Answer::raw("").then_stall(), "timed out");
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    fails(Answer::raw(head).then_stall(), "timed out");
}

#[test]
fn a_zip_that_stops_coming() {
    for head in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 9\r\n\r\nPK",
    ] {
        let server = Server::start(move |_| Answer::raw(head).then_stall());
        fetch(&server, &[]).badly("timed out");
    }
}

#[test]
fn an_answer_that_is_no_answer() {
    fails(Answer::raw(""), "given up after 1 attempt");
    fails(Answer::raw("220 mail.example ESMTP\r\n"), "invalid HTTP");
}

#[test]
fn an_answer_that_is_cut_off() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    fails(
        Answer::raw(head),
        "end of file before message length reached",
    );
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";
    fails(Answer::raw(chunked), "given up after 1 attempt");
    // Nothing tells that these were longer, except what is in the last one.
    let page = files(Form::Sources).remove(PAGE).unwrap();
    for open in [
        "",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        // Which counts for nothing beside the other.
        "Content-Length: 4\r\nTransfer-Encoding: identity\r\n",
    ] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{open}\r\n{page}");
        fails(
            Answer::raw(&head),
            "the server does not say where its answer ends",
        );
    }
    let half = page.split_at(page.len() / 2).0;
    fails(
        Answer::ok("text/plain", half.as_bytes()),
        "1 pages cannot be read",
    );
}

#[test]
fn an_answer_that_is_too_large() {
    // A chunk of 4 GB, for a start.
    let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n";
    let server = site_with(|_| Answer::raw(endless).then_repeat());
    fetch(&server, &["--timeout", "60"]).badly("larger than 33554432 bytes");
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 33554433\r\n\r\n";
    fails(
        Answer::raw(announced).then_stall(),
        "larger than 33554432 bytes",
    );
}

#[test]
fn an_answer_of_the_wrong_type() {
    fails(
        Answer::ok("image/png", b"x"),
        "the server sent \"image/png\", not text/plain",
    );
    fails(Answer::ok("text/plain", b"\xff\xfe"), "not UTF-8");
}

#[test]
fn a_refusal() {
    fails(
        Answer::status("403 Forbidden"),
        "the server answered 403 Forbidden",
    );
    fails(
        Answer::status("500 Internal Server Error"),
        "the server answered 500",
    );
    let gone = site_with(|_| Answer::status("404 Not Found"));
    fetch(&gone, &[]).badly("not complete");
    let nothing = Server::start(|_| Answer::status("404 Not Found"));
    fetch(&nothing, &[]).badly("no documentation of v25.99.0");
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    for (status, header) in [
        ("429 Too Many Requests", ("Retry-After", "1")),
        (
            "503 Service Unavailable",
            ("Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ),
        ("503 Service Unavailable", ("X-Nothing", "said")),
        ("502 Bad Gateway", ("X-Nothing", "said")),
    ] {
        let asked = AtomicUsize::new(0);
        let page = files(Form::Sources).remove(PAGE).unwrap();
        let server = site_with(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
            0 => Answer::with(status, &[header], b""),
            _ => Answer::ok("text/plain", page.as_bytes()),
        });
        fetch(&server, &["--retries", "1"]).well();
        let targets = server.targets();
        let page = targets.iter().filter(|target| target.ends_with(PAGE));
        assert_eq!(page.count(), 2, "{status}");
    }
}

#[test]
fn a_server_that_stays_busy_is_left_alone() {
    let busy = Answer::status("429 Too Many Requests");
    let server = site_with(move |_| busy.clone());
    fetch(&server, &["--retries", "2"]).badly("given up after 3 attempts");

    let later = [("Retry-After", "86400")];
    let server = site_with(move |_| Answer::with("503 Service Unavailable", &later, b""));
    fetch(&server, &["--retries", "9"]).badly("try again in 86400 seconds");
    let targets = server.targets();
    let page = targets.iter().filter(|target| target.ends_with(PAGE));
    assert_eq!(page.count(), 1);
}

#[test]
fn a_number_without_bounds_is_a_long_time() {
    let long = [("Retry-After", "99999999999999999999999")];
    let server = site_with(move |_| Answer::with("503 Service Unavailable", &long, b""));
    fetch(&server, &["--retries", "9"]).badly("try again in");
}

const FIRST: &str = "_sources/api_methods_core.a00.rst.txt";
const OTHERS: &str = "_sources/api_methods_core.a";

/// A service of many methods whose pages are not there, except that the first
/// of them is answered like this.
fn many(first: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
    let mut files = files(Form::Sources);
    let stems: Vec<String> = (0..24)
        .map(|n| format!("api_methods_core.a{n:02}"))
        .collect();
    let mut listed: Vec<&str> = stems.iter().map(String::as_str).collect();
    listed.push("api_methods_core.ping");
    files.insert(
        path(Form::Sources, "api_methods_core"),
        index(Form::Sources, "core", &listed),
    );
    Server::start(move |request| match within(request) {
        Some(FIRST) => first(request),
        path => {
            // So that what the first one says is heard before the next is asked for.
            if path.is_some_and(|path| path.starts_with(OTHERS)) {
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
            answer(&files, path)
        }
    })
}

#[test]
fn a_site_that_is_larger_than_any() {
    let names = |what: &str, count: usize| -> Vec<String> {
        (0..count)
            .map(|n| format!("api_methods_{what}{n}"))
            .collect()
    };
    for (file, names, words) in [
        (
            "api_methods",
            names("s", 1001),
            "1002 services are too many",
        ),
        ("api_methods_core", names("core.", 10_001), "too many pages"),
    ] {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut files = files(Form::Sources);
        let large = index(Form::Sources, "large", &names);
        files.insert(path(Form::Sources, file), large);
        let server = Server::start(move |request| answer(&files, within(request)));
        fetch(&server, &[]).badly(words);
        // None of them was asked for.
        assert!(server.targets().len() < 20);
    }
}

#[test]
fn a_name_of_a_page_that_is_long_is_told_briefly() {
    let name = format!("api_methods_core.{}", "a/".repeat(150_000));
    let mut files = files(Form::Sources);
    let names = ["api_methods_core.ping", &name];
    let list = index(Form::Sources, "core", &names);
    files.insert(path(Form::Sources, "api_methods_core"), list);
    let server = Server::start(move |request| answer(&files, within(request)));
    let done = fetch(&server, &[]).badly("is no name of a page");
    assert!(done.stderr.len() < 2000, "{} bytes", done.stderr.len());
}

/// A server that is busy is busy for all.
#[test]
fn while_one_waits_nobody_asks() {
    let server = many(|_| {
        let header = [("Retry-After", "1")];
        Answer::with("429 Too Many Requests", &header, b"")
    });
    let more = ["--concurrency", "2", "--retries", "1"];
    let done = fetch(&server, &more).badly("given up after 2 attempts");
    assert!(
        done.stderr.contains("busy, waiting 1.0 s"),
        "{}",
        done.stderr
    );
    let targets = server.targets();
    let places: Vec<usize> = (0..targets.len())
        .filter(|at| targets[*at].ends_with(FIRST))
        .collect();
    // One that was under way already, and those that go on with it.
    let between = places[1] - places[0] - 1;
    assert!(between <= 3, "{targets:?}");
}

#[test]
fn no_more_at_once_than_allowed() {
    let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let files = files(Form::Sources);
    let server = Server::start(move |request| {
        let others = now.fetch_add(1, Ordering::SeqCst);
        most.fetch_max(others + 1, Ordering::SeqCst);
        // So that whoever may comes meanwhile.
        std::thread::sleep(std::time::Duration::from_millis(100));
        now.fetch_sub(1, Ordering::SeqCst);
        answer(&files, within(request))
    });
    fetch(&server, &["--concurrency", "2"]).well();
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}

#[test]
fn a_connection_that_is_lost_is_made_again() {
    let asked = AtomicUsize::new(0);
    let page = files(Form::Sources).remove(PAGE).unwrap();
    let server = site_with(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
        _ => Answer::ok("text/plain", page.as_bytes()),
    });
    fetch(&server, &["--retries", "1"]).well();
}

#[test]
fn nobody_is_there() {
    // A port that was free a moment ago.
    let url = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let folder = Folder::new();
    folder
        .fetch(&["--version", API, "--base-url", &url])
        .badly("given up after 1 attempt");
}

#[test]
fn a_redirect_to_another_host_needs_leave() {
    let page = files(Form::Sources).remove(PAGE).unwrap();
    let moved = Server::start(move |_| Answer::ok("text/plain", page.as_bytes()));
    let target = moved.url().replace("127.0.0.1", "localhost");
    let server =
        site_with(move |_| Answer::with("302 Found", &[("Location", target.as_str())], b""));
    let done = fetch(&server, &[]).badly("--allow-redirect-to localhost");
    assert!(
        done.stderr
            .contains("the server redirects to http://localhost:")
    );
    assert!(moved.seen().is_empty());

    fetch(&server, &["--allow-redirect-to", "localhost"]).well();
    assert_eq!(moved.seen().len(), 1);
}

#[test]
fn a_redirect_that_stays_is_followed_but_not_for_ever() {
    let page = files(Form::Sources).remove(PAGE).unwrap();
    let files = files(Form::Sources);
    let server = Server::start(move |request| match within(request) {
        Some(PAGE) => Answer::with("301 Moved Permanently", &[("Location", "/there")], b""),
        None => Answer::ok("text/plain", page.as_bytes()),
        path => answer(&files, path),
    });
    fetch(&server, &[]).well();
    let round = [("Location", PAGE.strip_prefix("_sources/").unwrap())];
    let server = site_with(move |_| Answer::with("302 Found", &round, b""));
    fetch(&server, &[]).badly("too many redirects");
}

#[test]
fn everything_together_may_take_so_long() {
    let server = Server::start(|_| Answer::raw("").then_stall());
    let more = ["--timeout", "60", "--deadline", "1"];
    fetch(&server, &more).badly("not done after 1 seconds");
}
