//! Integers of any size keep their digits.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use serde_json::json;
use truenas_runtime::{BigInteger, from_value, to_value};

fn big(text: &str) -> BigInteger {
    text.parse().unwrap()
}

#[test]
fn small_ones_are_numbers_and_large_ones_strings() {
    assert_eq!(to_value(&BigInteger::from(-5)), json!(-5));
    assert_eq!(to_value(&BigInteger::from(u64::MAX)), json!(u64::MAX));
    let large = json!("18446744073709551616");
    assert_eq!(to_value(&big("18446744073709551616")), large);
    assert_eq!(
        from_value::<BigInteger>(&large).unwrap(),
        big("18446744073709551616")
    );
    assert_eq!(from_value::<BigInteger>(&json!(3.0)).unwrap(), big("3"));
    for other in [
        json!(3.5),
        json!("5"),
        json!("text"),
        json!(null),
        json!("018446744073709551616"),
    ] {
        assert!(from_value::<BigInteger>(&other).is_err(), "{other}");
    }
}

#[test]
fn they_are_compared_by_value() {
    let mut sorted = ["10", "9", "0", "-9", "-10", "100000000000000000000"].map(big);
    sorted.sort();
    let sorted: Vec<String> = sorted.iter().map(BigInteger::to_string).collect();
    assert_eq!(
        sorted,
        ["-10", "-9", "0", "9", "10", "100000000000000000000"]
    );
    assert_eq!(HashSet::from([big("007"), big("7"), 7.into()]).len(), 1);
    assert_eq!(big("-0"), big("0"));
}

#[test]
fn they_are_shown_as_numbers() {
    assert_eq!(format!("{:?} {:>4}", big("-7"), big("42")), "-7   42");
}

#[test]
fn a_rust_integer_holds_what_fits() {
    assert_eq!(BigInteger::from(i64::MIN).as_i64(), Some(i64::MIN));
    assert_eq!(BigInteger::from(u64::MAX).as_u64(), Some(u64::MAX));
    assert_eq!(BigInteger::from(u64::MAX).as_i64(), None);
    assert_eq!(BigInteger::from(-1).as_u64(), None);
    assert_eq!(BigInteger::from(i128::MAX).as_i128(), Some(i128::MAX));
    assert_eq!(BigInteger::from(u128::MAX).as_i128(), None);
}

#[test]
fn other_texts_are_refused() {
    for text in ["", "-", "+1", "1e3", "1.0", " 1", "1_000", "٣", "--1"] {
        assert!(text.parse::<BigInteger>().is_err(), "{text}");
    }
}
