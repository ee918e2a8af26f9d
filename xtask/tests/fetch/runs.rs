//! Several runs at once, in the same folders.

use std::fs;

use crate::folder::{Folder, end};
use crate::small_site::{API, Form, files, serve};

#[test]
fn two_runs_of_one_version_do_not_disturb_each_other() {
    let server = serve(files(Form::Sources));
    let url = server.url();
    let fetch = ["fetch", "--version", API, "--base-url", &url];
    let alone = Folder::new();
    end(alone.start(&fetch, &[])).well();

    let together = Folder::new();
    let runs: Vec<_> = (0..4).map(|_| together.start(&fetch, &[])).collect();
    for run in runs {
        end(run).well();
    }
    assert_eq!(together.files(), alone.files());
    // No half of a file is left in the cache either.
    let kept = |folder: &Folder| fs::read_dir(folder.path("cache")).unwrap().count();
    assert_eq!(kept(&together), kept(&alone));
}
