//! Several runs at once, in the same folders.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use fs4::FileExt;
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

/// The names of all files in the cache; none where there is no cache yet.
fn cached(folder: &Folder) -> BTreeSet<String> {
    let entries = fs::read_dir(folder.path("cache")).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn what_a_killed_run_leaves_goes_a_day_later() {
    let site = files(Form::Sources);
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let answer = answer(&site, within(request));
        match within(request) == Some(PAGE) && asked.fetch_add(1, Ordering::SeqCst) == 0 {
            true => answer.cut(9).then_stall(),
            false => answer,
        }
    });
    let url = server.url();
    let fetch = ["fetch", "--version", API, "--base-url", &url];
    let folder = Folder::new();
    let mut killed = folder.start(&fetch, &[]);
    let unfinished = loop {
        let page = cached(&folder).into_iter().find(|name| {
            let length = fs::metadata(folder.path("cache").join(name)).map_or(0, |file| file.len());
            length == 9
        });
        match page {
            Some(page) => break page,
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    killed.kill().unwrap();
    killed.wait().unwrap();

    let cache = folder.path("cache");
    let date = |name: &str, hours: u64| {
        let file = File::options().append(true).open(cache.join(name)).unwrap();
        let age = Duration::from_secs(hours * 60 * 60);
        file.set_modified(SystemTime::now() - age).unwrap();
    };
    // Somebody else's, in a folder that is not the cache's alone.
    fs::write(cache.join(".tmpA1b2C3"), "half").unwrap();
    date(".tmpA1b2C3", 25);
    date(&unfinished, 23);
    end(folder.start(&fetch, &[])).well();
    assert!(cached(&folder).contains(&unfinished));
    date(&unfinished, 25);
    end(folder.start(&fetch, &[])).well();
    let left = cached(&folder);
    assert!(!left.contains(&unfinished));
    assert!(left.contains(".tmpA1b2C3"));
    // All of what is whole is there still.
    let alone = Folder::new();
    end(alone.start(&fetch, &[])).well();
    assert_eq!(left.len(), cached(&alone).len() + 1);
}

/// What is there is looked at again by who writes.
#[test]
fn a_run_that_knows_less_does_not_win_by_being_late() {
    let folder = Folder::new();
    folder.write("full.json", full());
    folder.fetch(&["--dump", "full.json"]).well();
    let fuller = folder.files();
    for name in fuller.keys() {
        fs::remove_file(folder.path(&format!("schemas/{name}"))).unwrap();
    }

    folder.write("poor.json", full().replace("pool.export", "pool.scrub"));
    let lock = fs::File::open(folder.path("schemas/.lock")).unwrap();
    FileExt::lock(&lock).unwrap();
    let mut late = folder.start(&["fetch", "--dump", "poor.json"], &[]);
    // It has looked at everything when it tells what it noticed.
    let mut said = BufReader::new(late.stderr.take().unwrap());
    said.read_line(&mut String::new()).unwrap();
    for (name, text) in &fuller {
        folder.write(&format!("schemas/{name}"), text);
    }
    FileExt::unlock(&lock).unwrap();
    let done = end(late);
    assert_eq!(done.code, Some(1), "{}", done.stdout);
    assert_eq!(folder.files(), fuller);
}
