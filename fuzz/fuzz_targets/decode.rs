//! Any text as the parameters and the result of some method, and as an answer:
//! however it is read, it comes to the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truenas_api::runtime::{
    BigInteger, DecodeError, Json, Raw, Value, from_str, from_value, to_string, to_value,
};
use truenas_api::v25_10::TABLE;
use truenas_api::v25_10::pool::dataset::PoolDatasetEntry;

fuzz_target!(|input: (u16, &str)| {
    let (number, text) = input;
    keeps_digits(text);
    let parsed = serde_json::from_str::<Value>(text).ok();
    // Values that `serde_json` rounded or refused cannot be compared.
    if from_str::<Value>(text).ok() != parsed {
        return;
    }
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

/// Integers of any size keep the same text in every direction.
fn keeps_digits(text: &str) {
    let Ok(raw) = from_str::<Raw>(text) else { return };
    assert_eq!(from_str::<Raw>(raw.text()).as_ref(), Ok(&raw));
    assert_eq!(to_string(&raw), raw.text());
    assert_eq!(from_str::<Value>(text).as_ref(), Ok(&raw.value()));
    if let Ok(items) = from_str::<Vec<Raw>>(text) {
        assert_eq!(to_string(&items), raw.text());
    }
    if let Ok(integer) = from_str::<BigInteger>(text) {
        assert_eq!(from_str::<BigInteger>(&to_string(&integer)), Ok(integer));
    }
}

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
