//! A zip that breaks off, and how it is gone on with.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::folder::{Done, Folder, end};
use crate::server::{Answer, Request, Server};
use crate::small_site::{API, Form, files, serve_zip, within, zip};

const ZIP: &str = "truenas-v25.99.0-docs.zip";
const TYPE: (&str, &str) = ("Content-Type", "application/zip");
const TAG: (&str, &str) = ("ETag", "\"one\"");
/// Where the first answer ends.
const HALF: usize = 1000;

/// The zip of the small site.
fn site() -> Vec<u8> {
    zip(&files(Form::Sources))
}

/// The same with 4 MB of something that no compression makes less of.
fn large_site() -> Vec<u8> {
    let mut state = 1_u32;
    let noise = (0..6 << 20).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'0' + u8::try_from(state >> 26).unwrap())
    });
    let mut files = files(Form::Sources);
    files.insert("_static/noise.txt".to_owned(), noise.collect());
    zip(&files)
}

/// What an unbroken fetch of a zip writes.
fn unbroken(zip: &[u8]) -> BTreeMap<String, String> {
    let (folder, server) = (Folder::new(), serve_zip(zip.to_vec()));
    fetch(&folder, &server, &[]).well();
    folder.files()
}

fn fetch(folder: &Folder, server: &Server, more: &[&str]) -> Done {
    let url = server.url();
    folder.fetch(&[&["--version", API, "--base-url", &url], more].concat())
}

/// A server of a zip whose first answer is broken off, and whose next are these.
fn breaks(
    first: Answer,
    next: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static,
) -> Server {
    let asked = AtomicUsize::new(0);
    Server::start(move |request| match within(request) {
        Some(ZIP) => match asked.fetch_add(1, Ordering::SeqCst) {
            0 => first.clone(),
            nth => next(nth, request),
        },
        _ => Answer::status("404 Not Found"),
    })
}

/// All of it.
fn whole(zip: &[u8], headers: &[(&str, &str)]) -> Answer {
    Answer::with("200 OK", &[&[TYPE], headers].concat(), zip)
}

/// As the first answer of a server that breaks it off.
fn half(zip: &[u8]) -> Answer {
    whole(zip, &[TAG]).cut(HALF)
}

/// Bytes of which it is said where in the whole they are.
fn part(range: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
    let range = [TYPE, ("Content-Range", range)];
    Answer::with("206 Partial Content", &[&range, headers].concat(), body)
}

/// The same in one chunk and the last one, so that nothing but the range says how
/// many bytes come.
fn chunked(range: &str, body: &[u8]) -> Answer {
    let head = "HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked";
    let mut answer = Answer::raw(&format!(
        "{head}\r\nETag: {}\r\nContent-Range: {range}\r\n\r\n{:x}\r\n",
        TAG.1,
        body.len()
    ));
    answer.bytes.extend(body);
    answer.bytes.extend(b"\r\n0\r\n\r\n");
    answer
}

/// What a server that knows its file by a validator answers as it should.
fn honest(request: &Request, zip: &[u8], validator: (&str, &str)) -> Answer {
    let range = request.header("range");
    match range.filter(|_| request.header("if-range") == Some(validator.1)) {
        Some(range) => {
            let from = range
                .strip_prefix("bytes=")
                .unwrap()
                .strip_suffix('-')
                .unwrap();
            let (from, total) = (from.parse::<usize>().unwrap(), zip.len());
            let range = format!("bytes {from}-{}/{total}", total - 1);
            part(&range, &zip[from..], &[validator])
        }
        None => whole(zip, &[validator]),
    }
}

/// From which byte on the zip was asked for, each time.
fn asked(server: &Server) -> Vec<Option<usize>> {
    let seen = server.seen().into_iter();
    let zips = seen.filter(|request| within(request) == Some(ZIP));
    zips.map(|request| {
        let range = request.header("range")?.strip_prefix("bytes=")?;
        range.strip_suffix('-')?.parse().ok()
    })
    .collect()
}

/// What the cache holds beside whole files.
fn left(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path("cache")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".part")).collect()
}

#[test]
fn a_zip_that_breaks_off_is_gone_on_with_at_once() {
    let zip = site();
    let expected = unbroken(&zip);
    let server = breaks(half(&zip), move |_, request| honest(request, &zip, TAG));
    let folder = Folder::new();
    fetch(&folder, &server, &["--retries", "1"]).well();
    assert_eq!(asked(&server), [None, Some(HALF)]);
    assert_eq!(server.seen()[1].header("if-range"), Some(TAG.1));
    assert_eq!(folder.files(), expected);
    assert_eq!(left(&folder), [""; 0]);
}

#[test]
fn and_in_a_later_run() {
    let zip = site();
    let expected = unbroken(&zip);
    let date = ("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT");
    let later = ("Date", "Mon, 02 Nov 2026 10:01:00 GMT");
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nETag: {}\r\nTransfer-Encoding: chunked\r\n\r\n{HALF:x}\r\n",
        TAG.1
    );
    let mut unsized_half = Answer::raw(&chunked);
    unsized_half.bytes.extend(&zip[..HALF]);
    for (first, validator) in [
        (half(&zip), TAG),
        (half(&zip).then_stall(), TAG),
        (unsized_half, TAG),
        (whole(&zip, &[date, later]).cut(HALF), date),
    ] {
        let zip = zip.clone();
        let server = breaks(first, move |_, request| honest(request, &zip, validator));
        let folder = Folder::new();
        fetch(&folder, &server, &[]).badly("given up after 1 attempt");
        assert!(folder.files().is_empty());
        let done = fetch(&folder, &server, &[]).well();
        assert_eq!(asked(&server), [None, Some(HALF)]);
        assert_eq!(folder.files(), expected);
        assert_eq!(left(&folder), [""; 0]);
        let progress = format!("{ZIP}: 1000 B of ");
        assert!(done.stderr.contains(&progress), "{}", done.stderr);
    }
}

#[test]
fn as_often_as_it_takes() {
    let zip = site();
    let expected = unbroken(&zip);
    let total = zip.len();
    let server = breaks(half(&zip), move |nth, _| {
        let from = HALF * nth;
        match nth {
            // Breaks off as well.
            1 => part(
                &format!("bytes {from}-{}/{total}", total - 1),
                &zip[from..],
                &[TAG],
            )
            .cut(HALF),
            // Is less than was asked for, as may be.
            2 => part(
                &format!("bytes {from}-{}/{total}", from + HALF - 1),
                &zip[from..][..HALF],
                &[TAG],
            ),
            _ => part(
                &format!("bytes {from}-{}/{total}", total - 1),
                &zip[from..],
                &[TAG],
            ),
        }
    });
    let folder = Folder::new();
    fetch(&folder, &server, &["--retries", "3"]).well();
    let asked = asked(&server);
    assert_eq!(asked, [None, Some(HALF), Some(2 * HALF), Some(3 * HALF)]);
    assert_eq!(folder.files(), expected);
}

#[test]
fn a_file_that_has_changed_or_comes_whole_only_begins_anew() {
    let old = site();
    let mut changed = files(Form::Sources);
    let page = changed.get_mut("_sources/api_methods_boot.scrub.rst.txt");
    let page = page.unwrap();
    *page = page.replace("BOOT_ENV_WRITE", "BOOT_ENV_READ");
    for (new, tag) in [
        (old.clone(), TAG),
        (zip(&changed), ("ETag", "\"two\"")),
        // Nothing but the tag tells that it is another.
        (
            old.iter().rev().copied().collect(),
            ("ETag", "\"backwards\""),
        ),
    ] {
        let is_zip = new.starts_with(b"PK");
        let (first, next) = (half(&old), whole(&new, &[tag]));
        let server = breaks(first, move |_, _| next.clone());
        let folder = Folder::new();
        let done = fetch(&folder, &server, &["--retries", "1"]);
        assert_eq!(asked(&server), [None, Some(HALF)]);
        match is_zip {
            true => {
                done.well();
                assert_eq!(folder.files(), unbroken(&new));
            }
            false => drop(done.badly("not a zip that can be read")),
        }
        assert_eq!(left(&folder), [""; 0]);
    }
}

/// Whatever a server sends instead of the rest, nothing of it is mixed with
/// what came before.
#[test]
fn what_is_not_the_rest_is_not_taken_for_it() {
    let zip = site();
    let expected = unbroken(&zip);
    let (total, last) = (zip.len(), zip.len() - 1);
    let rest = zip[HALF..].to_vec();
    let right = format!("bytes {HALF}-{last}/{total}");
    let with = |range: &str| part(range, &rest, &[TAG]);
    let longer = [&rest[..], b"x"].concat();
    let multipart = [
        ("Content-Type", "multipart/byteranges; boundary=x"),
        ("Content-Range", right.as_str()),
        TAG,
    ];
    let partial = "206 Partial Content";
    for (wrong, why) in [
        // Another place, or another file.
        (
            with(&format!("bytes {}-{last}/{total}", HALF - 1)),
            "not from byte 1000 on",
        ),
        (
            with(&format!("bytes {}-{last}/{total}", HALF + 1)),
            "not from byte 1000 on",
        ),
        (
            with(&format!("bytes {HALF}-{total}/{}", total + 1)),
            "not from byte 1000 on",
        ),
        (
            part(&right, &rest, &[("ETag", "\"two\"")]),
            "a part of another file",
        ),
        (part(&right, &rest, &[]), "a part of another file"),
        // Another length.
        (with(&format!("bytes {HALF}-{total}/{total}")), "so many"),
        (
            part(&format!("bytes {HALF}-{total}/{total}"), &longer, &[TAG]),
            "so many",
        ),
        (with(&format!("bytes {HALF}-{HALF}/{total}")), "so many"),
        (
            with(&format!("bytes {HALF}-{}/{total}", HALF - 1)),
            "so many",
        ),
        // Nothing that says where it belongs.
        (
            with(&format!("bytes {HALF}-{last}/*")),
            "does not say what it sent",
        ),
        (
            with(&format!("bytes +{HALF}-{last}/{total}")),
            "does not say what it sent",
        ),
        (
            with("bytes 1000-99999999999999999999999/0"),
            "does not say what it sent",
        ),
        (
            with(&format!("bytes 1000-{}/{total}", "9".repeat(300 << 10))),
            "does not say what it sent",
        ),
        (
            with(&format!("lines {HALF}-{last}/{total}")),
            "does not say what it sent",
        ),
        (
            Answer::with(partial, &[TYPE, TAG], &rest),
            "does not say what it sent",
        ),
        (
            Answer::with(partial, &multipart, &rest),
            "the server sent \"multipart/byteranges;",
        ),
        (Answer::status("416 Range Not Satisfiable"), "answered 416"),
    ] {
        let (zip, first) = (zip.clone(), half(&zip));
        let server = breaks(first, move |nth, request| match nth {
            1 => wrong.clone(),
            _ => honest(request, &zip, TAG),
        });
        let folder = Folder::new();
        fetch(&folder, &server, &[]).badly("given up after 1 attempt");
        let done = fetch(&folder, &server, &[]).well();
        assert_eq!(asked(&server), [None, Some(HALF), None], "{why}");
        assert!(done.stderr.contains(why), "{why}: {}", done.stderr);
        assert!(done.stderr.len() < 2000, "{why}");
        assert!(done.stderr.contains("from the beginning: "));
        assert_eq!(folder.files(), expected);
        assert_eq!(left(&folder), [""; 0]);
    }
}

#[test]
fn a_part_of_another_date_is_not_the_rest() {
    let zip = site();
    let expected = unbroken(&zip);
    let date = ("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT");
    let later = ("Date", "Mon, 02 Nov 2026 10:01:00 GMT");
    let first = whole(&zip, &[date, later]).cut(HALF);
    let server = breaks(first, move |nth, request| match nth {
        1 => {
            let range = format!("bytes {HALF}-{}/{}", zip.len() - 1, zip.len());
            let other = ("Last-Modified", "Mon, 02 Nov 2026 10:00:01 GMT");
            part(&range, &zip[HALF..], &[other])
        }
        _ => honest(request, &zip, date),
    });
    let folder = Folder::new();
    let done = fetch(&folder, &server, &["--retries", "1"]).well();
    assert!(done.stderr.contains("of another date"), "{}", done.stderr);
    assert_eq!(asked(&server), [None, Some(HALF), None]);
    assert_eq!(folder.files(), expected);
}

#[test]
fn the_rest_may_come_in_chunks() {
    let zip = site();
    let expected = unbroken(&zip);
    let (total, last) = (zip.len(), zip.len() - 1);
    let server = breaks(half(&zip), move |nth, _| match nth {
        1 => chunked(
            &format!("bytes {HALF}-{}/{total}", 2 * HALF - 1),
            &zip[HALF..][..HALF],
        ),
        // Ends too early.
        2 => chunked(
            &format!("bytes {}-{last}/{total}", 2 * HALF),
            &zip[2 * HALF..][..HALF],
        ),
        _ => chunked(
            &format!("bytes {}-{last}/{total}", 3 * HALF),
            &zip[3 * HALF..],
        ),
    });
    let folder = Folder::new();
    let done = fetch(&folder, &server, &["--retries", "3"]).well();
    assert!(!done.stderr.contains("from the beginning"));
    let asked = asked(&server);
    assert_eq!(asked, [None, Some(HALF), Some(2 * HALF), Some(3 * HALF)]);
    assert_eq!(folder.files(), expected);
    assert_eq!(left(&folder), [""; 0]);
}

/// Nobody knows where the others belong.
#[test]
fn more_bytes_than_the_range_has_are_not_taken() {
    let zip = site();
    let expected = unbroken(&zip);
    let (total, last) = (zip.len(), zip.len() - 1);
    for (range, body) in [
        (
            format!("bytes {HALF}-{last}/{total}"),
            [&zip[HALF..], b"x"].concat(),
        ),
        (
            format!("bytes {HALF}-{}/{total}", HALF + 9),
            zip[HALF..][..11].to_vec(),
        ),
    ] {
        let (zip, first) = (zip.clone(), half(&zip));
        let server = breaks(first, move |nth, request| match nth {
            1 => chunked(&range, &body),
            _ => honest(request, &zip, TAG),
        });
        let folder = Folder::new();
        fetch(&folder, &server, &[]).badly("given up after 1 attempt");
        let words = "the server sent more bytes than it said";
        fetch(&folder, &server, &[]).badly(words);
        assert_eq!(left(&folder), [""; 0]);
        fetch(&folder, &server, &[]).well();
        assert_eq!(asked(&server), [None, Some(HALF), None]);
        assert_eq!(folder.files(), expected);
    }
}

#[test]
fn of_a_zip_without_an_end_nothing_is_left() {
    let head = "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nTransfer-Encoding: chunked\r\n\r\n";
    let endless = Answer::raw(&format!("{head}ffffffff\r\n")).then_repeat();
    let server = breaks(endless, |_, _| Answer::status("404 Not Found"));
    let folder = Folder::new();
    let patient = ["--timeout", "60"];
    fetch(&folder, &server, &patient).badly("larger than 268435456 bytes");
    assert_eq!(left(&folder), [""; 0]);
}

#[test]
fn a_part_is_of_a_whole_that_is_not_too_large() {
    let zip = site();
    let expected = unbroken(&zip);
    let chunked = "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf";
    let server = breaks(Answer::raw(chunked), move |nth, request| match nth {
        1 => part("bytes 4-7/268435457", b"half", &[TAG]),
        _ => honest(request, &zip, TAG),
    });
    let folder = Folder::new();
    let done = fetch(&folder, &server, &["--retries", "1"]).well();
    assert!(done.stderr.contains("larger than 268435456 bytes"));
    assert_eq!(asked(&server), [None, Some(4), None]);
    assert_eq!(folder.files(), expected);
}

#[test]
fn a_server_that_has_nothing_to_go_on_with_is_asked_once_more() {
    for status in ["416 Range Not Satisfiable", "206 Partial Content"] {
        let server = breaks(half(&site()), move |_, _| Answer::status(status));
        let folder = Folder::new();
        let words = format!("the server answered {status}");
        fetch(&folder, &server, &["--retries", "9"]).badly(&words);
        assert_eq!(asked(&server), [None, Some(HALF), None]);
        assert_eq!(left(&folder), [""; 0]);
    }
}

#[test]
fn what_may_have_changed_unseen_begins_anew() {
    let zip = site();
    let expected = unbroken(&zip);
    let date = ("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT");
    let later = ("Date", "Mon, 02 Nov 2026 10:01:00 GMT");
    let soon = ("Date", "Mon, 02 Nov 2026 10:00:59 GMT");
    let earlier = ("Date", "Mon, 02 Nov 2026 09:00:00 GMT");
    let weak = ("ETag", "W/\"one\"");
    for headers in [
        vec![],
        // Who has a tag, goes by it.
        vec![weak, date, later],
        vec![("ETag", "one"), date, later],
        vec![date],
        vec![date, soon],
        vec![date, earlier],
        vec![("Last-Modified", "yesterday"), later],
    ] {
        let (first, next) = (whole(&zip, &headers).cut(HALF), whole(&zip, &headers));
        let server = breaks(first, move |_, _| next.clone());
        let folder = Folder::new();
        fetch(&folder, &server, &[]).badly("given up after 1 attempt");
        assert_eq!(left(&folder), [""; 0], "{headers:?}");
        fetch(&folder, &server, &[]).well();
        assert_eq!(asked(&server), [None, None], "{headers:?}");
        assert_eq!(folder.files(), expected);
    }
}

/// Its bytes could be put behind those of another file with the same tag.
#[test]
fn what_came_from_elsewhere_begins_anew() {
    let zip = site();
    let expected = unbroken(&zip);
    let (first, moved) = (half(&zip), ("Location", "/moved"));
    let asked_first = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.target.as_str() {
        "/moved" => first.clone(),
        _ if within(request) != Some(ZIP) => Answer::status("404 Not Found"),
        _ => match asked_first.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::with("302 Found", &[moved], b""),
            _ => honest(request, &zip, TAG),
        },
    });
    let folder = Folder::new();
    let done = fetch(&folder, &server, &["--retries", "1"]).well();
    assert!(done.stderr.contains("from another address"));
    assert_eq!(asked(&server), [None, Some(HALF), None]);
    assert_eq!(folder.files(), expected);
}

/// A mirror that signs each of its addresses anew has the same file still.
#[test]
fn what_came_from_a_signed_address_is_gone_on_with() {
    let zip = site();
    let expected = unbroken(&zip);
    let signed = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.target.as_str() {
        "/mirror?signature=0" => half(&zip),
        "/mirror?signature=1" => honest(request, &zip, TAG),
        _ if within(request) != Some(ZIP) => Answer::status("404 Not Found"),
        _ => {
            let nth = signed.fetch_add(1, Ordering::SeqCst);
            let mirror = format!("/mirror?signature={nth}");
            Answer::with("302 Found", &[("Location", &mirror)], b"")
        }
    });
    let folder = Folder::new();
    fetch(&folder, &server, &["--retries", "1"]).well();
    let seen = server.seen();
    let last = seen.last().unwrap();
    assert_eq!(last.target, "/mirror?signature=1");
    assert_eq!(last.header("range"), Some("bytes=1000-"));
    assert_eq!(folder.files(), expected);
}

/// Whom anybody may stand for is not gone on with later, and what one
/// certificate stands for not with another.
#[test]
fn who_is_known_otherwise_begins_anew() {
    let fingerprint = "ab".repeat(32);
    for (first, next) in [
        (vec!["--insecure"], vec!["--insecure"]),
        (vec![], vec!["--insecure"]),
        (vec!["--insecure"], vec![]),
        (vec![], vec!["--fingerprint", &fingerprint]),
    ] {
        let zip = site();
        let server = breaks(half(&zip), move |_, request| honest(request, &zip, TAG));
        let folder = Folder::new();
        fetch(&folder, &server, &first).badly("given up after 1 attempt");
        fetch(&folder, &server, &next).well();
        assert_eq!(asked(&server), [None, None]);
    }
    let zip = site();
    let server = breaks(half(&zip), move |_, request| honest(request, &zip, TAG));
    let once = ["--insecure", "--retries", "1"];
    fetch(&Folder::new(), &server, &once).well();
    assert_eq!(asked(&server), [None, Some(HALF)]);
}

#[test]
fn what_is_damaged_begins_anew() {
    for damage in [&b"half"[..], &[0; HALF], &[0; HALF * 2], b""] {
        let zip = site();
        let expected = unbroken(&zip);
        let server = breaks(half(&zip), move |_, request| honest(request, &zip, TAG));
        let folder = Folder::new();
        fetch(&folder, &server, &[]).badly("given up after 1 attempt");
        let parts = left(&folder);
        let part = parts.iter().find(|name| name.ends_with(".part")).unwrap();
        fs::write(folder.path("cache").join(part), damage).unwrap();
        fetch(&folder, &server, &[]).well();
        assert_eq!(asked(&server), [None, None]);
        assert_eq!(folder.files(), expected);
    }
}

#[test]
fn of_what_is_there_no_more_nothing_is_left() {
    for gone in ["404 Not Found", "410 Gone"] {
        let server = breaks(half(&site()), move |_, _| Answer::status(gone));
        let folder = Folder::new();
        fetch(&folder, &server, &[]).badly("given up after 1 attempt");
        assert_ne!(left(&folder), [""; 0]);
        fetch(&folder, &server, &[]).badly("no documentation of v25.99.0");
        assert_eq!(asked(&server), [None, Some(HALF)]);
        assert_eq!(left(&folder), [""; 0], "{gone}");
    }
}

/// What was put together of two files, as the server uses a tag twice, is not
/// kept.
#[test]
fn what_cannot_be_read_is_fetched_whole_the_next_time() {
    let zip = site();
    let expected = unbroken(&zip);
    let central = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02");
    let central = central.unwrap();
    // In a page, and in the list of them.
    for (at, words) in [(200, "damaged"), (central, "not a zip")] {
        let mut other = zip.clone();
        other[at] ^= 0xff;
        let cut = at + 1;
        let (first, next) = (whole(&other, &[TAG]).cut(cut), zip.clone());
        let server = breaks(first, move |_, request| {
            match request.header("if-none-match") {
                Some(_) => Answer::with("304 Not Modified", &[TAG], b""),
                None => honest(request, &next, TAG),
            }
        });
        let folder = Folder::new();
        let done = fetch(&folder, &server, &["--retries", "1"]).badly(words);
        let note = format!("{ZIP}: fetched whole the next time");
        assert_eq!(done.stderr.matches(&note).count(), 1, "{}", done.stderr);
        fetch(&folder, &server, &[]).well();
        assert_eq!(asked(&server), [None, Some(cut), None]);
        assert_eq!(folder.files(), expected);
    }
}

/// A new version of a file that is there whole broke off, and was taken back.
#[test]
fn what_is_whole_and_has_not_changed_after_all_is_taken() {
    let zip = site();
    let expected = unbroken(&zip);
    let answers = [
        whole(&zip, &[TAG]),
        whole(&zip, &[("ETag", "\"two\"")]).cut(HALF),
        Answer::with("304 Not Modified", &[TAG], b""),
    ];
    let server = breaks(answers[0].clone(), move |nth, _| answers[nth].clone());
    let folder = Folder::new();
    fetch(&folder, &server, &[]).well();
    fetch(&folder, &server, &[]).badly("given up after 1 attempt");
    fetch(&folder, &server, &[]).well();
    assert_eq!(asked(&server), [None, None, Some(HALF)]);
    let last = &server.seen()[2];
    assert_eq!(last.header("if-none-match"), Some(TAG.1));
    assert_eq!(last.header("if-range"), Some("\"two\""));
    assert_eq!(folder.files(), expected);
    assert_eq!(left(&folder), [""; 0]);
}

/// A fetch that has got at least 2 MB, as it says, and then nothing more.
fn stalled(folder: &Folder, server: &Server) -> Child {
    let url = server.url();
    let arguments = ["fetch", "--version", API, "--base-url", &url];
    let mut child = folder.start(&arguments, &[]);
    let stderr = child.stderr.take().unwrap();
    let lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let mut places = lines.filter(|line| line.starts_with("2.") && line.contains(" MiB of "));
    assert!(places.next().is_some());
    child
}

#[cfg(unix)]
#[test]
fn a_fetch_that_is_interrupted_or_killed_is_gone_on_with() {
    let zip = large_site();
    let expected = unbroken(&zip);
    for signal in ["-INT", "-KILL"] {
        let first = whole(&zip, &[TAG]).cut(3 << 20).then_stall();
        let zip = zip.clone();
        let server = breaks(first, move |_, request| honest(request, &zip, TAG));
        let folder = Folder::new();
        let child = stalled(&folder, &server);
        let mut kill = Command::new("kill");
        let kill = kill.args([signal, &child.id().to_string()]);
        assert!(kill.status().unwrap().success());
        end(child);
        assert!(folder.files().is_empty());

        let done = fetch(&folder, &server, &[]).well();
        let [None, Some(from)] = asked(&server)[..] else {
            panic!("{:?}", asked(&server));
        };
        assert!((2 << 20..=3 << 20).contains(&from), "{from}");
        let mebibytes = f64::from(u32::try_from(from).unwrap()) / f64::from(1 << 20);
        let progress = format!("{ZIP}: {mebibytes:.2} MiB of ");
        assert!(done.stderr.contains(&progress), "{}", done.stderr);
        assert_eq!(folder.files(), expected);
        assert_eq!(left(&folder), [""; 0]);
    }
}

#[test]
fn two_at_once_do_not_share_a_part() {
    let zip = large_site();
    let expected = unbroken(&zip);
    let first = whole(&zip, &[TAG]).cut(3 << 20).then_stall();
    let server = breaks(first, move |_, request| honest(request, &zip, TAG));
    let folder = Folder::new();
    let mut one = stalled(&folder, &server);
    fetch(&folder, &server, &[]).well();
    assert_eq!(asked(&server), [None, None]);
    assert_eq!(folder.files(), expected);
    one.kill().unwrap();
    one.wait().unwrap();
}
