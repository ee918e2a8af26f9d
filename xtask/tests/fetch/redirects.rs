//! Where a redirect is followed, and where not.

use tokio::runtime::Runtime;

use crate::folder::{Done, Folder};
use crate::front::Front;
use crate::server::{Answer, Server};
use crate::small_site::{API, Files};

/// A server that sends everybody there.
fn to(target: &str) -> Server {
    let target = target.to_owned();
    Server::start(move |_| Answer::with("302 Found", &[("Location", target.as_str())], b""))
}

fn elsewhere() -> Server {
    Server::start(|_| Answer::status("404 Not Found"))
}

fn fetch(url: &str, more: &[&str]) -> Done {
    Folder::new().fetch(&[&["--version", API, "--base-url", url], more].concat())
}

/// Another program may be there, of somebody else.
#[test]
fn another_port_is_another_server() {
    let other = elsewhere();
    let server = to(&other.url());
    let done = fetch(&server.url(), &["--retries", "3"]);
    done.badly("allow it by `--allow-redirect-to 127.0.0.1`");
    assert!(other.seen().is_empty());
    // Nobody changes their mind by being asked again.
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn names_are_the_same_in_capitals() {
    let other = elsewhere();
    let server = to(&other.url().replace("127.0.0.1", "localhost"));
    let done = fetch(&server.url(), &["--allow-redirect-to", "LOCALHOST"]);
    done.badly("no documentation of v25.99.0");
    assert!(!other.seen().is_empty());
}

/// Whatever is allowed.
#[test]
fn what_is_encrypted_stays_so() {
    let other = elsewhere();
    let server = to(&other.url());
    let behind = server.url();
    let behind = behind.trim_start_matches("http://").trim_end_matches('/');
    let runtime = Runtime::new().unwrap();
    let front = runtime.block_on(Front::start(Files::new(), behind.parse().unwrap()));
    let url = format!("https://{}/", front.address);
    for allowed in [&[][..], &["--allow-redirect-to", "127.0.0.1"]] {
        let done = fetch(&url, &[&["--insecure"], allowed].concat());
        done.badly("which is not encrypted");
    }
    assert!(other.seen().is_empty());
}
