//! Several runs at once, in the same folders.

use std::fs;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::files::full;
use crate::folder::{Folder, end};
use crate::server::Server;
use crate::small_site::{API, Form, answer, files, within};

const PAGE: &str = "_sources/api_methods_core.ping.rst.txt";
const RUNS: usize = 4;

/// A site where the first runs get a page at the same moment.
fn site() -> Server {
    let files = files(Form::Sources);
    let (asked, all) = (AtomicUsize::new(0), Barrier::new(RUNS));
    Server::start(move |request| {
        let path = within(request);
        if path == Some(PAGE) && asked.fetch_add(1, Ordering::SeqCst) < RUNS {
            all.wait();
        }
        answer(&files, path)
    })
}

#[test]
fn runs_of_one_version_do_not_disturb_each_other() {
    let server = site();
    let url = server.url();
    let fetch = ["fetch", "--version", API, "--base-url", &url];
    let patient = [&fetch[..], &["--timeout", "30", "--retries", "0"]].concat();
    let together = Folder::new();
    let runs: Vec<_> = (0..RUNS).map(|_| together.start(&patient, &[])).collect();
    for run in runs {
        end(run).well();
    }

    let alone = Folder::new();
    end(alone.start(&fetch, &[])).well();
    assert_eq!(together.files(), alone.files());
    // Nothing half is left in the cache either.
    let kept = |folder: &Folder| fs::read_dir(folder.path("cache")).unwrap().count();
    assert_eq!(kept(&together), kept(&alone));
}

/// Each adds its line to the same list.
#[test]
fn runs_of_several_versions_lose_none() {
    let folder = Folder::new();
    let versions: Vec<String> = (0..8).map(|number| format!("v25.99.{number}")).collect();
    let runs: Vec<_> = versions
        .iter()
        .map(|api| {
            let file = format!("{api}-dump.json");
            folder.write(&file, full().replace(API, api));
            folder.start(&["fetch", "--dump", &file], &[])
        })
        .collect();
    for run in runs {
        end(run).well();
    }
    let listed: Value = serde_json::from_str(&folder.files()["versions.json"]).unwrap();
    let listed = listed.as_array().unwrap().iter();
    let listed: Vec<&str> = listed.map(|one| one["api"].as_str().unwrap()).collect();
    assert_eq!(listed, versions);
}
