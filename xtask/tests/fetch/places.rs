//! Where files are to be written, and cannot be.

use std::fs;
use std::path::Path;

use crate::folder::{Done, Folder};
use crate::small_site::{API, Form, files, zip};

/// A folder with the small site as a zip.
fn filled() -> Folder {
    let folder = Folder::new();
    folder.write("site.zip", zip(&files(Form::Sources)));
    folder
}

fn fetch(folder: &Folder, more: &[&str]) -> Done {
    let fetch = ["--dump", "site.zip", "--version", API];
    folder.fetch(&[&fetch[..], more].concat())
}

#[test]
fn a_file_is_no_folder_of_schemas() {
    let folder = filled();
    folder.write("file", "precious");
    for place in ["file", "file/within"] {
        let done = fetch(&folder, &["--schemas", place]);
        done.badly(&format!("cannot read {place}/versions.json"));
    }
    assert_eq!(fs::read_to_string(folder.path("file")).unwrap(), "precious");
}

#[test]
fn a_file_is_no_cache() {
    let folder = Folder::new();
    folder.write("cache", "precious");
    let list = ["--list", "--base-url", "http://127.0.0.1:1/"];
    folder.fetch(&list).badly("cannot create the cache cache");
    let kept = fs::read_to_string(folder.path("cache")).unwrap();
    assert_eq!(kept, "precious");
}

/// What is in the place of a file is not a file that is not there.
#[test]
fn a_folder_is_no_file() {
    for name in ["versions.json", "v25.99.0.json"] {
        let folder = filled();
        fs::create_dir_all(folder.path("schemas").join(name)).unwrap();
        fetch(&folder, &[]).badly(&format!("cannot read schemas/{name}"));
        let mut within = fs::read_dir(folder.path("schemas")).unwrap();
        assert!(within.all(|entry| entry.unwrap().file_name() == name));
    }
}

#[cfg(unix)]
#[test]
fn a_folder_may_be_for_reading_only() {
    let folder = filled();
    fetch(&folder, &[]).well();
    let before = folder.files();
    let (schemas, cache) = (folder.path("schemas"), folder.path("cache"));
    fs::create_dir(&cache).unwrap();
    if !(is_closed(&schemas) && is_closed(&cache)) {
        // Root may write everywhere.
        return;
    }
    let done = fetch(&folder, &["--release", "25.99.1"]);
    done.badly("cannot write schemas/v25.99.0.json");
    assert_eq!(folder.files(), before);

    let server = crate::small_site::serve(files(Form::Html));
    let site = ["--version", API, "--base-url", &server.url()];
    let done = folder.fetch(&site);
    done.badly("cannot write into the cache cache");
}

/// Takes the right to write into a folder, as far as it can be taken.
#[cfg(unix)]
fn is_closed(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o555)).unwrap();
    let probe = folder.join("probe");
    let is_closed = fs::write(&probe, "").is_err();
    if !is_closed {
        fs::remove_file(probe).unwrap();
    }
    is_closed
}
