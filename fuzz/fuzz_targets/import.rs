//! Any text as a schema file: read, and if it can be read, generated from.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truenas_codegen::generate::generate;
use truenas_codegen::overrides::Overrides;
use truenas_codegen::read::{Options, Source, read};
use truenas_codegen::versions::VersionList;

fuzz_target!(|text: &str| {
    let options = Options {
        api: Some("v1.0.0".to_owned()),
        keep_docs: true,
    };
    let source = Source { name: "fuzz.json", text };
    if let Ok(reading) = read("1.0.0", &[source], &options) {
        // What was read may still ask for something that no type can be.
        let _ = generate(&[reading.version], &VersionList::default(), &Overrides::default());
    }
});
