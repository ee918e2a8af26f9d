//! The lines of `tests/corpus/`: answers of real systems, and values built from
//! the sender's source.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use truenas_codegen::versions::{VersionList, series};
use truenas_conformance::{Line, Part, differences, find};

/// A line of a file.
struct Entry {
    /// The place, such as `v25.10.5.jsonl:12`.
    place: String,
    text: String,
    line: Line,
}

/// The file `reviewed.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviewed {
    /// Lines that do not decode.
    failures: Vec<Known>,
    /// Places whose value a type does not keep.
    lost: Vec<Known>,
}

/// A reviewed finding.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// The versions whose types have it.
    apis: Vec<String>,
    /// The subject, such as `result user.query`.
    about: String,
    /// The error, or the place and its change.
    found: String,
    reason: String,
}

/// The version, the subject of the line, and the finding.
type Finding = (String, String, String);

#[derive(Default)]
struct Findings {
    failures: BTreeMap<Finding, Vec<String>>,
    lost: BTreeMap<Finding, Vec<String>>,
    /// The number of lines tested with the types of each version, and of those
    /// that decoded.
    counts: BTreeMap<String, (usize, usize)>,
}

#[test]
fn the_corpus_decodes_and_loses_nothing() {
    let entries = corpus();
    let mut findings = Findings::default();
    for entry in &entries {
        for api in senders(&entry.line.api) {
            findings.judge(entry, &api);
        }
    }
    io::stderr()
        .write_all(findings.summary(entries.len()).as_bytes())
        .unwrap();
    let reviewed = read(&folder().join("reviewed.json"));
    let Reviewed { failures, lost } = serde_json::from_str(&reviewed).unwrap();
    let mut complaints = complaints(&findings.failures, &failures);
    complaints += &self::complaints(&findings.lost, &lost);
    assert!(complaints.is_empty(), "\n{complaints}");
}

#[test]
fn every_line_names_its_origin_and_is_in_order() {
    const KEYS: [&str; 8] = [
        "api", "kind", "name", "event", "case", "from", "params", "value",
    ];
    let mut before = None;
    for Entry { place, text, line } in corpus() {
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let unknown = value.as_object().unwrap().keys();
        let unknown: Vec<_> = unknown
            .filter(|key| !KEYS.contains(&key.as_str()))
            .collect();
        assert!(unknown.is_empty(), "{place}: unknown keys {unknown:?}");
        assert!(place.starts_with(&line.api), "{place}: of {}", line.api);
        let from = value["from"].as_str().unwrap_or_default();
        let is_known = ["recorded from ", "built after ", "public: "]
            .iter()
            .any(|beginning| from.starts_with(beginning));
        assert!(is_known, "{place}: `from` is {from:?}");
        let key = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let order = (line.api, key("name"), key("kind"), key("event"), text);
        assert!(
            before.as_ref() < Some(&order),
            "{place}: must come before the line above, or is the same"
        );
        before = Some(order);
    }
}

#[test]
fn the_corpus_names_no_real_address() {
    for Entry { place, text, .. } in corpus() {
        let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
        for address in words.filter_map(|word| word.parse::<Ipv4Addr>().ok()) {
            let is_local = address.is_private()
                || address.is_loopback()
                || address.octets()[0] == 0
                || address.octets()[0] == 255
                || [[127, 0, 0, 0], [172, 200, 0, 0]].contains(&address.octets());
            assert!(is_local || address.is_documentation(), "{place}: {address}");
        }
        let is_end = |c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c);
        for after in text.split('@').skip(1) {
            let domain = after.split(is_end).next().unwrap().to_lowercase();
            let is_example = domain.ends_with("example") || domain.ends_with("example.com");
            assert!(is_example || !domain.contains('.'), "{place}: {domain}");
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn corpus() -> Vec<Entry> {
    let files = fs::read_dir(folder()).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    paths.sort();
    let mut entries = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy();
        for (number, text) in (1..).zip(read(&path).lines()) {
            let place = format!("{name}:{number}");
            let line = Line::parse(text.as_bytes()).unwrap_or_else(|error| {
                panic!("{place}: {error}");
            });
            entries.push(Entry {
                place,
                text: text.to_owned(),
                line,
            });
        }
    }
    entries
}

/// Returns the versions of a version's series.
fn senders(api: &str) -> Vec<String> {
    let list = read(&folder().join("../../schemas/versions.json"));
    let list: VersionList = serde_json::from_str(&list).unwrap();
    let versions = list.iter().map(|version| version.api.clone());
    versions
        .filter(|other| series(other) == series(api))
        .collect()
}

/// Returns the subject of a line in words.
fn about(line: &Line) -> String {
    let name = &line.name;
    match (line.kind, line.event) {
        (Part::Params, _) => format!("params {name}"),
        (Part::Result, _) => format!("result {name}"),
        (Part::Event, Some(event)) => format!("event {name} {}", event.word()),
        (Part::Event, None) => format!("event {name}"),
    }
}

impl Findings {
    /// Tests a line with the types of a version, if it has the method or event.
    fn judge(&mut self, entry: &Entry, api: &str) {
        let line = &entry.line;
        let place = &entry.place;
        let subject = line.subject().unwrap_or_else(|error| {
            panic!("{place}: {error}");
        });
        let round_trip = match find(api, subject) {
            Ok(round_trip) => round_trip,
            Err(error) if api == line.api => panic!("{place}: {error}"),
            Err(_) => return,
        };
        let (judged, decoded) = self.counts.entry(api.to_owned()).or_default();
        *judged += 1;
        let finding = |found: String| (api.to_owned(), about(line), found);
        let back = match round_trip(&line.value) {
            Ok(back) => back,
            Err(error) => {
                let finding = finding(error.to_string());
                self.failures
                    .entry(finding)
                    .or_default()
                    .push(place.clone());
                return;
            }
        };
        *decoded += 1;
        for difference in differences(&line.value, &back, subject.nulls()) {
            let finding = finding(difference.to_string());
            self.lost.entry(finding).or_default().push(place.clone());
        }
    }

    fn summary(&self, lines: usize) -> String {
        let mut text = format!("corpus: {lines} lines\n");
        let found = |findings: &BTreeMap<Finding, _>, api: &str| {
            findings.keys().filter(|(of, ..)| of == api).count()
        };
        for (api, (judged, decoded)) in &self.counts {
            let lost = found(&self.lost, api);
            writeln!(
                text,
                "  {api}: {judged} judged, {decoded} decoded, {lost} kinds of places lost"
            )
            .unwrap();
        }
        let all = |count: fn(&(usize, usize)) -> usize| self.counts.values().map(count).sum();
        let (judged, decoded): (usize, usize) = (all(|count| count.0), all(|count| count.1));
        writeln!(text, "  together: {judged} judged, {decoded} decoded").unwrap();
        text
    }
}

/// Returns the findings that are not in the list, and the list's entries that
/// were not found.
fn complaints(found: &BTreeMap<Finding, Vec<String>>, known: &[Known]) -> String {
    let mut text = String::new();
    let mut listed = BTreeSet::new();
    for known in known {
        assert!(!known.reason.is_empty(), "no reason for {}", known.about);
        for api in &known.apis {
            listed.insert((api.clone(), known.about.clone(), known.found.clone()));
        }
    }
    for (finding, places) in found {
        if !listed.contains(finding) {
            let (api, about, found) = finding;
            let places = places.join(", ");
            writeln!(text, "new: {about} by {api}: {found} ({places})").unwrap();
        }
    }
    for finding in &listed {
        if !found.contains_key(finding) {
            let (api, about, found) = finding;
            writeln!(
                text,
                "no longer found, remove it from reviewed.json: {about} by {api}: {found}"
            )
            .unwrap();
        }
    }
    text
}
