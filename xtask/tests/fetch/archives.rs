//! Zips that are damaged, or made to do harm.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::folder::Folder;
use crate::small_site::{API, Form, files, serve_zip, zip};

/// Fetches this as a file and over HTTP.
fn fails(zip: Vec<u8>, words: &str) {
    let folder = Folder::new();
    folder.write("site.zip", &zip);
    folder
        .fetch(&["--version", API, "--dump", "site.zip"])
        .badly(words);
    let server = serve_zip(zip);
    let url = server.url();
    folder
        .fetch(&["--version", API, "--base-url", &url])
        .badly(words);
    assert!(folder.files().is_empty());
}

/// The small site, and another file.
fn with(name: &str, text: &str) -> Vec<u8> {
    let mut files = files(Form::Sources);
    files.insert(name.to_owned(), text.to_owned());
    zip(&files)
}

/// The same bytes with a name in them changed to another of the same length.
fn renamed(mut zip: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places = 0..zip.len() - from.len();
    let places: Vec<_> = places
        .filter(|at| zip[*at..].starts_with(from.as_bytes()))
        .collect();
    assert_eq!(places.len(), 2, "an entry's own header and the directory");
    for at in places {
        zip[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    zip
}

#[test]
fn a_zip_that_is_cut_off_or_none() {
    let whole = zip(&files(Form::Sources));
    fails(
        whole[..whole.len() / 2].to_vec(),
        "not a zip that can be read",
    );
    fails(
        b"PK\x03\x04 and then nothing".to_vec(),
        "not a zip that can be read",
    );
}

#[test]
fn an_entry_that_is_damaged() {
    let mut zip = zip(&files(Form::Sources));
    let name = b"api_methods_pool.scrub.run.rst.txt";
    let header = zip.windows(name.len()).position(|bytes| bytes == name);
    // The data comes right behind it.
    let data = header.unwrap() + name.len() + 50;
    for byte in &mut zip[data..data + 40] {
        *byte ^= 0x55;
    }
    fails(zip, "damaged");
}

#[test]
fn an_entry_that_is_to_lie_outside() {
    let zip = with("aa/evil.html", "");
    fails(
        renamed(zip.clone(), "aa/evil", "../evil"),
        "is to lie outside",
    );
    fails(
        renamed(zip.clone(), "aa/evil", "//.evil"),
        "is to lie outside",
    );
    fails(renamed(zip, "aa/evil", "..\\evil"), "is to lie outside");
}

#[test]
fn two_entries_of_one_name() {
    let zip = with("index.htm0", "");
    fails(
        renamed(zip, "index.htm0", "index.html"),
        "two entries have the same name",
    );
}

#[test]
fn two_entries_of_the_same_bytes() {
    let mut zip = zip(&files(Form::Sources));
    let records = 0..zip.len() - 4;
    let records: Vec<_> = records
        .filter(|at| zip[*at..].starts_with(b"PK\x01\x02"))
        .collect();
    // Where in the zip an entry is stands at the end of its record.
    let first = zip[records[0] + 42..records[0] + 46].to_vec();
    zip[records[1] + 42..records[1] + 46].copy_from_slice(&first);
    fails(zip, "two entries share their bytes");
}

#[test]
fn a_bomb() {
    let much = "0".repeat(16 << 20);
    fails(with("index.html", &much), "as in a zip bomb");
    // More than may be, however little the zip says it is.
    let too_much = "0123456789abcdef".repeat((33 << 20) / 16);
    fails(with("index.html", &too_much), "too many");
}

#[test]
fn more_entries_than_may_be() {
    let mut zip = zip(&files(Form::Sources));
    let end = zip.len() - 22;
    assert!(zip[end..].starts_with(b"PK\x05\x06"));
    for byte in &mut zip[end + 8..end + 12] {
        *byte = 0xff;
    }
    fails(zip, "65535 entries are too many");
}

#[test]
fn an_entry_whose_size_is_a_lie() {
    let text = "0123456789abcdef".repeat((33 << 20) / 16);
    let mut zip = with("index.html", &text);
    let size = u32::try_from(text.len()).unwrap().to_le_bytes();
    let lie = 1000_u32.to_le_bytes();
    let places = 0..zip.len() - 4;
    let places: Vec<_> = places.filter(|at| zip[*at..].starts_with(&size)).collect();
    assert!(!places.is_empty());
    for at in places {
        zip[at..at + 4].copy_from_slice(&lie);
    }
    fails(zip, "index.html");
}

#[test]
fn a_zip_without_what_is_wanted() {
    let folder = Folder::new();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["a.json", "b.json"] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(b"{}").unwrap();
    }
    folder.write("two.zip", zip.finish().unwrap().into_inner());
    let fetch = folder.fetch(&["--version", API, "--dump", "two.zip"]);
    fetch.badly("expected the pages of a site or one .json file");
}
