//! Zips that are damaged, or made to do harm.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::folder::Folder;
use crate::small_site::{API, Form, files, index, path, serve_zip, zip};

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

/// Where the end record of a zip without a comment is.
fn end(zip: &[u8]) -> usize {
    let end = zip.len() - 22;
    assert!(zip[end..].starts_with(b"PK\x05\x06"));
    end
}

#[test]
fn more_entries_than_may_be() {
    let mut zip = zip(&files(Form::Sources));
    let end = end(&zip);
    zip[end + 8..end + 12].fill(0xff);
    fails(zip, "65535 entries are too many");
}

/// A zip64 has the number of its entries in another record. It may be that
/// other record's only because of where the list of entries is, or how long.
#[test]
fn a_number_of_entries_in_another_place() {
    let whole = zip(&files(Form::Sources));
    let end = end(&whole);
    let number = |at: usize| u64::from(u32::from_le_bytes(whole[at..at + 4].try_into().unwrap()));
    let (size, offset) = (number(end + 12), number(end + 16));
    let count = u64::from(whole[end + 10]);
    let mut other = b"PK\x06\x06".to_vec();
    other.extend(44_u64.to_le_bytes());
    other.extend([45, 0, 45, 0]);
    other.extend([0; 8]);
    for number in [count, count, size, offset] {
        other.extend(number.to_le_bytes());
    }
    other.extend(b"PK\x06\x07");
    other.extend([0; 4]);
    other.extend(u64::try_from(end).unwrap().to_le_bytes());
    other.extend(1_u32.to_le_bytes());
    for hidden in [12..16, 16..20] {
        let mut zip = whole.clone();
        zip[end..][hidden].fill(0xff);
        zip.splice(end..end, other.iter().copied());
        // A program that does not mind finds everything.
        let entries = ZipArchive::new(Cursor::new(&zip)).unwrap();
        assert_eq!(u64::try_from(entries.len()).unwrap(), count);
        fails(zip.clone(), "a zip64");
        // The comment behind it may be as long as one can be.
        let length = zip.len() - 2;
        zip[length..].fill(0xff);
        zip.extend([b' '; 0xffff]);
        assert!(ZipArchive::new(Cursor::new(&zip)).is_ok());
        fails(zip, "a zip64");
    }
}

/// So many entries of 32 MB that this is what all of them announce.
fn announcing(count: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..count {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(format!("{number}.txt"), stored).unwrap();
        zip.write_all(&[b' '; 170_000]).unwrap();
    }
    let mut zip = zip.finish().unwrap().into_inner();
    let records = 0..zip.len() - 4;
    let records: Vec<_> = records
        .filter(|at| zip[*at..].starts_with(b"PK\x01\x02"))
        .collect();
    assert_eq!(records.len(), count);
    for at in records {
        zip[at + 24..at + 28].copy_from_slice(&(32_u32 << 20).to_le_bytes());
    }
    zip
}

#[test]
fn more_in_all_than_may_be() {
    fails(announcing(65), "2181038080 bytes are too many");
    // What it announces is no reason to refuse one less.
    let folder = Folder::new();
    folder.write("site.zip", announcing(64));
    let done = folder.fetch(&["--version", API, "--dump", "site.zip"]);
    done.badly("expected the pages of a site");
}

/// Each page is as large as may be, and none says more than it has; only all of
/// them are too much.
#[test]
fn more_to_read_than_may_be() {
    let names: Vec<String> = (0..20).map(|n| format!("api_methods_core.a{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut files = files(Form::Sources);
    let many = index(Form::Sources, "core", &names);
    files.insert(path(Form::Sources, "api_methods_core"), many);
    files.remove(&path(Form::Sources, "api_methods_core.ping"));
    let menu: String = names
        .iter()
        .map(|name| format!("<a href=\"{name}.html\">{name}</a>"))
        .collect();
    let page = files.get_mut("index.html").unwrap();
    *page = page.replace(
        "<a href=\"api_methods_core.ping.html#\">api_methods_core.ping</a>",
        &menu,
    );

    // Letters without a pattern, so that it shrinks to a hundredth, not more.
    let mut state = 1_u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + u8::try_from(state >> 28).unwrap()
    };
    let mut one = ZipWriter::new(Cursor::new(Vec::new()));
    one.start_file("one", SimpleFileOptions::default()).unwrap();
    for _ in 0..(32 << 20) / 30_000 {
        let letters = (0..500).map(|_| letter());
        let mut line: Vec<u8> = letters.collect();
        line.resize(30_000, b' ');
        one.write_all(&line).unwrap();
    }
    let mut one = one.finish_into_readable().unwrap();
    let mut zip = ZipWriter::new_append(Cursor::new(zip(&files))).unwrap();
    for name in names {
        let file = one.by_index(0).unwrap();
        let name = path(Form::Sources, name);
        zip.raw_copy_file_rename(file, name).unwrap();
    }
    fails(zip.finish().unwrap().into_inner(), "rst.txt: more than ");
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
