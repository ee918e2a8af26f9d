//! Any text as the parameters and the result of some method, and as an answer:
//! however it is read, it comes to the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truenas_api::runtime::{DecodeError, Json, Value, from_str, from_value, to_value};
use truenas_api::v25_10::TABLE;
use truenas_api::v25_10::pool::dataset::PoolDatasetEntry;

fuzz_target!(|input: (u16, &str)| {
    let (number, text) = input;
    let parsed = serde_json::from_str::<Value>(text).ok();
    same::<Vec<PoolDatasetEntry>>(text, parsed.as_ref());
    same::<Vec<Value>>(text, parsed.as_ref());
    same::<Value>(text, parsed.as_ref());

    let Some(value) = parsed else { return };
    let methods = TABLE.methods;
    let Some(method) = methods.get(usize::from(number) % methods.len()) else { return };
    for round_trip in [method.params, method.result] {
        if let Ok(written) = round_trip(&value) {
            let again = round_trip(&written);
            assert_eq!(again.ok(), Some(written), "what was written reads as the same");
        }
    }
});

/// Read from the text, item by item if it is a list, and from the parsed value.
fn same<T: Json>(text: &str, parsed: Option<&Value>) {
    let read = from_str::<T>(text).map(|read| to_value(&read));
    match parsed {
        None => assert!(read.is_err(), "what is no JSON is an error"),
        Some(value) => {
            let expected = from_value::<T>(value).map(|read| to_value(&read));
            assert_eq!(read.map_err(place), expected.map_err(place));
        }
    }
}

fn place(error: DecodeError) -> String {
    error.path().to_owned()
}
