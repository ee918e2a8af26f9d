//! From a site, whole or page by page.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::folder::{Folder, end};
use crate::server::{Answer, Request, Server};
use crate::small_site::{
    API, Files, Form, answer, files, index, path, serve, serve_zip, within, zip,
};

const FORMS: [Form; 2] = [Form::Sources, Form::Html];

/// Fetches the small site.
fn fetch(folder: &Folder, server: &Server) -> crate::folder::Done {
    folder.fetch(&["--version", API, "--base-url", &server.url()])
}

#[test]
fn a_zip_and_pages_of_either_form_give_the_same_file() {
    let mut written = Vec::new();
    for form in FORMS {
        for server in [serve(files(form)), serve_zip(zip(&files(form)))] {
            let folder = Folder::new();
            let done = fetch(&folder, &server).well();
            assert_eq!(
                done.stdout,
                "v25.99.0 (25.99.0): 3 methods, 1 of them jobs, 1 events, 2 models\n"
            );
            let note = "note: pages have no words for some keywords, such as `propertyNames`";
            assert!(done.stderr.contains(note), "{}", done.stderr);
            written.push(folder.version(API));
        }
    }
    let first = &written[0];
    assert!(written.iter().all(|version| version == first));
    let run = &first["methods"]["pool.scrub.run"];
    assert_eq!(
        run["parameters"][1],
        json!({"name": "threshold", "required": false, "schema": {"default": 35, "type": "integer"}})
    );
    assert_eq!(run["roles"], json!(["POOL_WRITE"]));
    assert_eq!(first["provenance"][0]["kind"], "site");
}

/// A site that knows by a tag whether a file has changed.
fn tagged() -> Server {
    let files = files(Form::Sources);
    Server::start(move |request| {
        let Some(text) = within(request).and_then(|path| files.get(path)) else {
            return Answer::status("404 Not Found");
        };
        let tag = format!("\"{}\"", text.len());
        match request.header("if-none-match") == Some(&tag) {
            true => Answer::with("304 Not Modified", &[("ETag", &tag)], b""),
            false => Answer::with("200 OK", &[("ETag", &tag)], text.as_bytes()),
        }
    })
}

/// How many requests after the first so many were conditional, and how many
/// were not.
fn conditional(server: &Server, asked: usize) -> (usize, usize) {
    let again = server.seen().split_off(asked);
    let is_conditional = |request: &&Request| request.header("if-none-match").is_some();
    let conditional = again.iter().filter(is_conditional).count();
    (conditional, again.len() - conditional)
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let (server, folder) = (tagged(), Folder::new());
    fetch(&folder, &server).well();
    let first = folder.files();
    let asked = server.seen().len();
    fetch(&folder, &server).well();
    assert_eq!(folder.files(), first);
    // All but the zip, which is not there.
    assert_eq!(conditional(&server, asked), (asked - 1, 1));
}

#[test]
fn what_is_damaged_is_fetched_again() {
    let (server, folder) = (tagged(), Folder::new());
    fetch(&folder, &server).well();
    let asked = server.seen().len();
    for file in fs::read_dir(folder.path("cache")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none() {
            fs::write(path, "half").unwrap();
        }
    }
    fetch(&folder, &server).well();
    // The first page is asked for twice in every run.
    assert_eq!(conditional(&server, asked), (1, asked - 1));
}

#[test]
fn after_a_break_only_the_rest_is_fetched() {
    let files = files(Form::Sources);
    let is_broken = Arc::new(AtomicBool::new(true));
    let broken = is_broken.clone();
    let server = Server::start(move |request| {
        let path = within(request);
        let is_late = path.is_some_and(|path| path.contains("scrub.run"));
        if is_late && broken.load(Ordering::Relaxed) {
            let half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf";
            return Answer::raw(half).then_stall();
        }
        let date = [("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT")];
        match path.and_then(|path| files.get(path)) {
            Some(_) if request.header("if-modified-since") == Some(date[0].1) => {
                Answer::with("304 Not Modified", &date, b"")
            }
            Some(text) => Answer::with("200 OK", &date, text.as_bytes()),
            None => Answer::status("404 Not Found"),
        }
    });
    let folder = Folder::new();
    let url = server.url();
    let one_by_one = ["--version", API, "--base-url", &url, "--concurrency", "1"];
    folder
        .fetch(&one_by_one)
        .badly("api_methods_pool.scrub.run.rst.txt");
    assert!(folder.files().is_empty());

    is_broken.store(false, Ordering::Relaxed);
    let asked = server.seen().len();
    folder.fetch(&one_by_one).well();
    let again = server.seen().split_off(asked).into_iter();
    let fresh = again.filter(|request| {
        request.header("if-modified-since").is_none() && !request.target.ends_with(".zip")
    });
    let fresh: Vec<String> = fresh.map(|request| request.target).collect();
    assert_eq!(
        fresh,
        [
            "/v25.99.0/_sources/api_methods_pool.scrub.run.rst.txt",
            "/v25.99.0/_sources/api_events_virt.instance.metrics.rst.txt",
        ]
    );
}

#[test]
fn a_page_that_is_missing_is_named_and_nothing_is_written() {
    for form in FORMS {
        let mut files = files(form);
        files.remove(&path(form, "api_methods_core.ping"));
        files.remove(&path(form, "api_events_virt.instance.metrics"));
        for server in [serve_zip(zip(&files)), serve(files.clone())] {
            let folder = Folder::new();
            let done = fetch(&folder, &server).badly("not complete");
            assert!(done.stderr.contains("missing: the method core.ping: "));
            assert!(
                done.stderr
                    .contains("missing: the event virt.instance.metrics: ")
            );
            assert!(folder.files().is_empty());

            let url = server.url();
            folder
                .fetch(&["--version", API, "--base-url", &url, "--incomplete"])
                .well();
            assert!(folder.version(API)["methods"].get("core.ping").is_none());
        }
    }
}

/// In 25.10 `pool.scrub` is a method and a service with methods of its own: no
/// site of it is without such a gap.
#[test]
fn a_method_whose_page_is_an_index_is_told_of() {
    let mut files = files(Form::Sources);
    let pool = path(Form::Sources, "api_methods_pool");
    files.insert(
        pool,
        index(Form::Sources, "pool", &["api_methods_pool.scrub"]),
    );
    let services = ["boot", "core", "pool", "pool.scrub"].map(|name| format!("api_methods_{name}"));
    let services: Vec<&str> = services.iter().map(String::as_str).collect();
    let top = path(Form::Sources, "api_methods");
    files.insert(top, index(Form::Sources, "API Methods", &services));
    let folder = Folder::new();
    let server = serve(files);
    fetch(&folder, &server).lacking("missing: the method pool.scrub: its page is the index");
    let methods = folder.version(API)["methods"].clone();
    assert!(methods.get("pool.scrub").is_none() && methods.get("core.ping").is_some());

    // `core.get_methods` has it.
    let described = json!({
        "accepts": [], "returns": [{"_name_": "result", "type": "null"}], "roles": ["POOL_WRITE"],
        "description": null, "job": true, "uploadable": false, "downloadable": false,
        "check_pipes": false,
    });
    let listed = methods.as_object().unwrap().keys().map(String::as_str);
    let answer = listed.chain(["pool.scrub"]);
    let answer: Value = answer
        .map(|name| (name.to_owned(), described.clone()))
        .collect();
    folder.write("methods.json", answer.to_string());
    let url = server.url();
    let both = [
        "--version",
        API,
        "--base-url",
        &url,
        "--methods",
        "methods.json",
    ];
    folder.fetch(&both).well();
    assert_eq!(folder.version(API)["methods"]["pool.scrub"]["kind"], "job");

    // Nor is that lost again.
    fetch(&folder, &server).badly("the method pool.scrub, which the file has");
}

#[test]
fn a_name_that_is_taken_is_refused_before_anything_is_fetched() {
    let (folder, server) = (Folder::new(), serve(files(Form::Sources)));
    fetch(&folder, &server).well();
    let asked = server.seen().len();
    let url = server.url();
    let other = ["--version", "v25.98.0", "--base-url", &url, "--alias", API];
    folder.fetch(&other).badly("is a name of v25.99.0 already");
    assert_eq!(server.seen().len(), asked);
}

/// As where nothing may be listed, and what is not there is forbidden.
#[test]
fn a_place_that_is_forbidden_or_something_else_is_not_the_right_one() {
    for other in [
        Answer::status("403 Forbidden"),
        Answer::ok("image/png", b"x"),
    ] {
        let files = files(Form::Html);
        let answer_other = other.clone();
        let server = Server::start(move |request| match within(request) {
            Some(path) if files.contains_key(path) => answer(&files, Some(path)),
            _ => answer_other.clone(),
        });
        fetch(&Folder::new(), &server).well();

        let nothing = Server::start(move |_| other.clone());
        let done = fetch(&Folder::new(), &nothing).badly("no documentation of v25.99.0; instead:");
        let zip = "/v25.99.0/truenas-v25.99.0-docs.zip: the server";
        assert!(done.stderr.contains(zip), "{}", done.stderr);
        let done = Folder::new().fetch(&["--list", "--base-url", &nothing.url()]);
        done.badly("current/index.html: the server");
    }
}

#[test]
fn a_page_of_an_unknown_shape_is_named_with_the_element() {
    for form in FORMS {
        let mut files: Files = files(form);
        let text = files.get_mut(&path(form, "api_methods_core.ping")).unwrap();
        *text = text.replace("no-additional", "no-more");
        let folder = Folder::new();
        let done = fetch(&folder, &serve(files)).badly("api_methods_core.ping");
        assert!(done.stderr.contains("Call_parameters"), "{}", done.stderr);
        assert!(folder.files().is_empty());
    }
}

#[test]
fn a_site_of_another_version_is_refused() {
    for form in FORMS {
        let mut files = files(form);
        let text = files.get_mut("index.html").unwrap();
        *text = text.replace("TrueNAS API v25.99.0", "TrueNAS API v25.98.0");
        let folder = Folder::new();
        fetch(&folder, &serve(files)).badly("documentation of v25.98.0, not of v25.99.0");
    }
}

/// Neither the address nor the indexes tell of which version a site is.
#[test]
fn a_site_has_to_say_its_version_and_its_pages() {
    for form in FORMS {
        for (index, missing) in [
            (None, "whether it is of v25.99.0"),
            (Some("<title>Contents</title>"), "whether it is of v25.99.0"),
            (
                Some("<title>TrueNAS API v25.99.0</title>"),
                "whether the indexes are whole",
            ),
        ] {
            let mut files = files(form);
            files.remove("index.html");
            files.extend(index.map(|index| ("index.html".to_owned(), index.to_owned())));
            let (folder, server) = (Folder::new(), serve(files));
            let done = fetch(&folder, &server).badly("not complete");
            let missing = format!("missing: {missing}");
            assert!(done.stderr.contains(&missing), "{}", done.stderr);
            assert!(folder.files().is_empty());
            let url = server.url();
            folder
                .fetch(&["--version", API, "--base-url", &url, "--incomplete"])
                .well();
        }
    }
}

#[test]
fn the_zip_of_another_version_is_refused_by_its_name() {
    let folder = Folder::new();
    let mut files = files(Form::Sources);
    files.remove("index.html");
    for (name, words) in [
        (
            "truenas-v25.98.0-docs.zip",
            "called after v25.98.0, not v25.99.0",
        ),
        (
            "truenas-v25.99-docs.zip",
            "missing: whether it is of v25.99.0",
        ),
    ] {
        folder.write(name, zip(&files));
        folder
            .fetch(&["--version", API, "--dump", name])
            .badly(words);
    }
    assert!(folder.files().is_empty());
}

#[test]
fn the_site_of_a_series_is_taken_with_a_note() {
    let mut files = files(Form::Sources);
    let text = files.get_mut("index.html").unwrap();
    *text = text.replace("TrueNAS API v25.99.0", "TrueNAS API v25.99");
    let done = fetch(&Folder::new(), &serve(files)).well();
    let note = "says v25.99, and not that it is v25.99.0";
    assert!(done.stderr.contains(note), "{}", done.stderr);

    // Of which later version it could be, nobody knows.
    let mut files = crate::small_site::files(Form::Sources);
    let text = files.get_mut("index.html").unwrap();
    *text = text.replace("TrueNAS API v25.99.0", "TrueNAS API v25.99");
    let folder = Folder::new();
    folder.write("site.zip", zip(&files));
    let later = ["--version", "v25.99.7", "--dump", "site.zip"];
    folder
        .fetch(&later)
        .badly("whether it is of v25.99.7: site.zip says v25.99");
}

/// Each list ends where a line does, and nothing else shows that it was longer.
#[test]
fn an_index_that_was_cut_is_not_a_smaller_version() {
    for form in FORMS {
        let mut files = files(form);
        let shorter = index(
            form,
            "API Methods",
            &["api_methods_boot", "api_methods_core"],
        );
        files.insert(path(form, "api_methods"), shorter);
        let folder = Folder::new();
        fetch(&folder, &serve(files)).badly("no index lists the page api_methods_pool.scrub");
        assert!(folder.files().is_empty());
    }
}

#[test]
fn a_page_that_no_index_lists_is_not_overlooked() {
    let mut files = files(Form::Sources);
    let stray = path(Form::Sources, "api_methods_core.pong");
    files.insert(stray, "core.pong\n=========\n".to_owned());
    let folder = Folder::new();
    fetch(&folder, &serve_zip(zip(&files))).badly("no index lists the page api_methods_core.pong");
}

#[test]
fn an_index_leads_nowhere_else() {
    for name in [
        "api_methods_core/../../../secret",
        "api_methods_core?x",
        "api_methods_core%2e%2e",
    ] {
        let mut files = files(Form::Sources);
        let core = path(Form::Sources, "api_methods_core");
        let names = ["api_methods_core.ping", name];
        files.insert(core, index(Form::Sources, "core", &names));
        let server = serve(files);
        fetch(&Folder::new(), &server).badly("is no name of a page");
        let targets = server.targets();
        assert!(
            targets.iter().all(|target| within_version(target)),
            "{targets:?}"
        );
    }
}

fn within_version(target: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    target.starts_with("/v25.99.0/") && target.chars().all(plain) && !target.contains("..")
}

/// From 26 on the folder is called `v26.0`.
#[test]
fn the_folder_may_be_called_after_the_series() {
    let files = files(Form::Html);
    let server = Server::start(move |request| {
        answer(&files, request.target.strip_prefix("/mirror/v25.99/"))
    });
    let folder = Folder::new();
    let base = format!("{}mirror", server.url());
    folder
        .fetch(&["--version", API, "--base-url", &base])
        .well();
    let targets = server.targets();
    let tried: Vec<&str> = targets.iter().take(4).map(String::as_str).collect();
    assert_eq!(
        tried,
        [
            "/mirror/v25.99.0/truenas-v25.99.0-docs.zip",
            "/mirror/v25.99.0/_sources/api_methods.rst.txt",
            "/mirror/v25.99.0/api_methods.html",
            "/mirror/v25.99/truenas-v25.99-docs.zip",
        ]
    );
}

#[test]
fn the_versions_of_a_site_are_listed() {
    let menu = files(Form::Html).remove("index.html").unwrap();
    let links = "<a href=\"../\">up</a> <a href=\"v25.99.0/\">a</a> <a href=\"/x/v25.100.0\">b</a> \
                 <a href=\"https://github.example/releases/v9.9.9\">c</a>";
    for (at, page) in [
        ("/", links),
        ("/index.html", links),
        ("/current/index.html", &menu),
    ] {
        let page = page.to_owned();
        let server = Server::start(move |request| match request.target == at {
            true => Answer::ok("text/html", page.as_bytes()),
            false => Answer::status("404 Not Found"),
        });
        let done = Folder::new()
            .fetch(&["--list", "--base-url", &server.url()])
            .well();
        assert_eq!(done.stdout, "v25.99.0\nv25.100.0\n");
    }
    let server = serve(files(Form::Html));
    let done = Folder::new().fetch(&["--list", "--base-url", &server.url()]);
    done.badly("which versions there are");
    // What is shown is what `--version` takes.
    let links = "<a href=\"v26.0/\">a</a> <a href=\"v24.10/\">old</a> <a href=\"v1.2.3.4/\">b</a>";
    let server = Server::start(move |_| Answer::ok("text/html", links.as_bytes()));
    let done = Folder::new().fetch(&["--list", "--base-url", &server.url()]);
    assert_eq!(done.well().stdout, "v24.10\nv26.0.0\n");
}

#[test]
fn nobody_has_to_read_the_list() {
    let menu = files(Form::Html).remove("index.html").unwrap();
    let server = Server::start(move |_| Answer::ok("text/html", menu.as_bytes()));
    let folder = Folder::new();
    let url = server.url();
    let mut child = folder.start(&["fetch", "--list", "--base-url", &url], &[]);
    drop(child.stdout.take());
    end(child).well();
}

#[test]
fn the_environment_names_the_proxy() {
    let files = files(Form::Sources);
    let proxy = Server::start(move |request| {
        let path = request
            .target
            .strip_prefix("http://api.example/docs/v25.99.0/");
        answer(&files, path)
    });
    let folder = Folder::new();
    let fetch = [
        "fetch",
        "--version",
        API,
        "--base-url",
        "http://api.example/docs/",
    ];
    folder
        .run(&fetch, &[("HTTP_PROXY", &proxy.url())], b"")
        .well();
}
