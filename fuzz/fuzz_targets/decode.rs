//! Any JSON as the parameters and the result of some method.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truenas_api::v25_10::TABLE;

fuzz_target!(|input: (u16, &[u8])| {
    let (number, bytes) = input;
    let Ok(value) = serde_json::from_slice(bytes) else { return };
    let methods = TABLE.methods;
    let Some(method) = methods.get(usize::from(number) % methods.len()) else { return };
    for round_trip in [method.params, method.result] {
        if let Ok(written) = round_trip(&value) {
            let again = round_trip(&written);
            assert_eq!(again.ok(), Some(written), "what was written reads as the same");
        }
    }
});
