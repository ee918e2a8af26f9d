//! Where sites and systems are, as people write it.

use std::net::{Ipv6Addr, SocketAddr, TcpListener};

use truenas_simulator::Simulator;

use crate::folder::Folder;
use crate::server::{Answer, Server};
use crate::small_site::{API, Form, answer, files, within};
use crate::system::System;

#[test]
fn a_site_has_the_address_of_a_folder() {
    let folder = Folder::new();
    for (url, words) in [
        ("file:///srv/mirror", "begins with https:// or http://"),
        ("ftp://mirror.example/", "begins with https:// or http://"),
        ("nas.example:8443", "begins with https:// or http://"),
        ("https://nas.example/api/docs/?a=b", "no `?` or `#`"),
        ("https://nas.example/api/docs/#top", "no `?` or `#`"),
        ("https://user:hunter2@nas.example/", "a user or password"),
    ] {
        for what in [&["--list"][..], &["--version", API]] {
            let done = folder.fetch(&[what, &["--base-url", url]].concat());
            let said = done.badly(words).stderr;
            assert!(said.starts_with("error: --base-url: "), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
    assert!(folder.files().is_empty());
    // That of no kind is refused with the other arguments.
    let done = folder.fetch(&["--list", "--base-url", "nas.example"]);
    assert_eq!(done.code, Some(2));
    assert!(done.stderr.contains("--base-url"), "{}", done.stderr);
}

#[test]
fn a_folder_may_be_written_without_its_slash() {
    let files = files(Form::Sources);
    let server = Server::start(move |request| {
        let target = request.target.strip_prefix("/mirror");
        let path = target.and_then(|target| target.strip_prefix("/v25.99.0/"));
        answer(&files, path)
    });
    for end in ["mirror", "mirror/"] {
        let url = server.url() + end;
        Folder::new()
            .fetch(&["--version", API, "--base-url", &url])
            .well();
    }
}

/// A page, an API, a picture: there is no site below it.
#[test]
fn what_is_there_may_be_something_else() {
    for content_type in ["application/json", "image/png"] {
        let server = Server::start(move |_| Answer::ok(content_type, b"[]"));
        for file in ["", "index.html", "api/versions"] {
            let url = server.url() + file;
            let folder = Folder::new();
            let done = folder.fetch(&["--version", API, "--base-url", &url]);
            let said = done.badly("no documentation of v25.99.0; instead").stderr;
            assert!(said.contains(&format!("the server sent {content_type:?}")));
            let done = folder.fetch(&["--list", "--base-url", &url]);
            let said = done.badly("says which versions there are").stderr;
            assert!(said.contains(&format!("the server sent {content_type:?}")));
            assert!(folder.files().is_empty());
        }
    }
}

#[test]
fn a_system_is_called_by_a_name_or_an_address() {
    let folder = Folder::new();
    for host in [
        "",
        "::1",
        "two words",
        "nas.example:99999",
        "nas.example/ui",
        "https://nas.example",
        "nas.example?a=b",
        "nas.example#top",
        "root:hunter2@nas.example",
        "root:hunter2@nas.example:port",
    ] {
        let fetch = ["fetch", "--host", host, "--user", "admin"];
        let password = [("TRUENAS_PASSWORD", "x")];
        let done = folder.run(&fetch, &password, b"");
        let said = done.badly("--host: expected a name or an address").stderr;
        assert!(!said.contains("hunter2"), "{said}");
    }
    assert!(folder.files().is_empty());
}

/// Nobody wants the list of the public site who names a system.
#[test]
fn a_system_has_no_list() {
    let folder = Folder::new();
    let list = ["--list", "--host", "nas.example", "--user", "admin"];
    folder
        .fetch(&list)
        .badly("--base-url https://nas.example/api/docs/");

    let files = files(Form::Html);
    let server =
        Server::start(move |request| answer(&files, request.target.strip_prefix("/current/")));
    let url = server.url();
    let named = [&list[..], &["--base-url", &url]].concat();
    folder.fetch(&named).well();
}

/// A machine may have no such addresses.
#[test]
fn addresses_may_be_longer() {
    let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
        return;
    };
    let files = files(Form::Sources);
    let server = Server::on(listener, move |request| answer(&files, within(request)));
    let url = server.url();
    assert!(url.starts_with("http://[::1]:"), "{url}");
    let folder = Folder::new();
    folder.fetch(&["--version", API, "--base-url", &url]).well();

    let any_port = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    let builder = Simulator::builder().api("v25.10.5").wss_address(any_port);
    let system = System::start(builder);
    assert!(system.host().starts_with("[::1]:"), "{}", system.host());
    system.ask(&folder, &["fetch", "--incomplete"]).well();
    assert!(folder.files().contains_key("v25.10.5.json"));
}
