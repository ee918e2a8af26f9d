//! Integers of any size keep their digits.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use truenas_runtime::{
    Answer, BigInteger, Case, DecodeError, EntryId, Json, Kinds, Raw, Reader, Row, Scalar, Typed,
    from_str, from_value, to_string, to_value,
};

/// One more than a `u64` can hold, and a serial number of a certificate.
const WIDE: &str = "18446744073709551616";
const SERIAL: &str = "1461501637330902918203684832716283019655932542975";

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

#[test]
fn text_keeps_the_digits() {
    type Certificate = BTreeMap<String, BigInteger>;
    for digits in ["18446744073709551615", "-9223372036854775809", WIDE, SERIAL] {
        assert_eq!(from_str::<BigInteger>(digits).unwrap(), big(digits));
        assert_eq!(to_string(&big(digits)), digits);

        let text = format!(r#"{{"serial":{digits}}}"#);
        assert_eq!(to_string(&from_str::<Certificate>(&text).unwrap()), text);
        let raw: Raw = from_str(&text).unwrap();
        assert_eq!((raw.text(), to_string(&raw)), (text.as_str(), text.clone()));
        assert_eq!(raw.read::<Certificate>().unwrap()["serial"], big(digits));
    }
}

#[test]
fn a_value_has_the_digits_as_a_string() {
    let text = format!(r#"[{WIDE}, {{"a": {SERIAL}}}, 18446744073709551615, 1e30]"#);
    let value = json!([WIDE, {"a": SERIAL}, u64::MAX, 1e30]);
    assert_eq!(from_str::<Value>(&text).unwrap(), value);
    assert_eq!(Answer::from(text.clone()).value().unwrap(), value);
    let raw: Raw = from_str(&text).unwrap();
    assert_eq!(raw.value(), value);
    assert_eq!(to_value(&raw), value);
}

#[test]
fn a_string_of_digits_stays_a_string() {
    let text = format!(r##"["{WIDE}",{WIDE},"\\\"{WIDE}\\",{{"{WIDE}":"&"}}]"##);
    let raw: Raw = from_str(&text).unwrap();
    assert_eq!(raw.text(), text);
    assert_eq!(to_string(&raw), text);
    assert!(from_str::<String>(&format!(r#""{WIDE}""#)).is_ok());
    assert!(from_str::<String>(WIDE).is_err());
    // The library's own intermediate form is not read as a number either.
    let text = format!(r#"{{"$truenas_runtime::private::Integer":{WIDE}}}"#);
    assert_eq!(to_string(&from_str::<Raw>(&text).unwrap()), text);
}

fn message<T: Json>(text: &str) -> String {
    from_str::<T>(text).map(drop).unwrap_err().to_string()
}

#[test]
fn a_type_takes_what_it_can_hold() {
    assert_eq!(
        message::<i64>(WIDE),
        "at `$`: expected integer, found one that does not fit i64"
    );
    assert!(from_str::<u64>(&format!("-{WIDE}")).is_err());
    assert_eq!(from_str::<i128>(WIDE).unwrap(), 1 << 64);
    assert_eq!(
        message::<Vec<i128>>(&format!("[1, {SERIAL}]")),
        "at `$[1]`: expected integer, found one that does not fit i128"
    );
    assert_eq!(
        message::<bool>(WIDE),
        "at `$`: expected boolean, found integer"
    );
    assert_eq!(
        from_str::<Option<BigInteger>>(WIDE).unwrap(),
        Some(big(WIDE))
    );
    // This is far more than a float can hold.
    let huge = "9".repeat(1000);
    assert_eq!(from_str::<BigInteger>(&huge).unwrap(), big(&huge));
    assert!(from_str::<f64>(&huge).is_err());
}

#[test]
fn a_float_takes_integers_that_it_holds_exactly() {
    const INEXACT: &str =
        "expected number, found an integer that does not fit a floating-point number exactly";
    for (digits, float) in [
        ("9007199254740992", 9_007_199_254_740_992.0),
        ("9223372036854775808", 9_223_372_036_854_775_808.0),
        (WIDE, 18_446_744_073_709_551_616.0),
        ("-18446744073709551616", -18_446_744_073_709_551_616.0),
    ] {
        assert_eq!(from_str::<f64>(digits).unwrap(), float);
    }
    for digits in [
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551617",
        SERIAL,
    ] {
        assert_eq!(message::<f64>(digits), format!("at `$`: {INEXACT}"));
    }
    // A fraction is rounded, as always.
    assert_eq!(
        from_str::<f64>("0.1234567890123456789012345").unwrap(),
        0.123_456_789_012_345_68
    );
}

/// A number that is an integer or a float in its schema.
#[derive(Debug, PartialEq)]
enum Amount {
    Count(i64),
    Ratio(f64),
    Name(String),
}

const AMOUNT: &[Case] = &[
    Case::probe::<i64>("integer", Kinds::INTEGER),
    Case::probe::<f64>("number", Kinds::NUMBER),
    Case::kind("string", Kinds::STRING),
];

impl Json for Amount {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.choose(AMOUNT, 2) {
            0 => Self::Count(Json::read(reader)),
            1 => Self::Ratio(Json::read(reader)),
            _ => Self::Name(Json::read(reader)),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Count(count) => count.write(),
            Self::Ratio(ratio) => ratio.write(),
            Self::Name(name) => name.write(),
        }
    }
}

#[test]
fn a_choice_never_rounds_an_integer() {
    assert_eq!(from_str::<Amount>("7").unwrap(), Amount::Count(7));
    assert_eq!(from_str::<Amount>("7.5").unwrap(), Amount::Ratio(7.5));
    // Two ZFS guids: one that a float holds exactly, and the value for "none".
    assert_eq!(
        from_str::<Amount>("9223372036854775808").unwrap(),
        Amount::Ratio(9_223_372_036_854_775_808.0)
    );
    for guid in ["18446744073709551615", "18446744073709551617"] {
        let error = message::<Amount>(guid);
        assert!(error.contains("integer (expected integer, found one that does not fit i64)"));
        assert!(
            error.contains("exactly), string (expected string, found integer)"),
            "{error}"
        );
    }
}

#[test]
fn the_kind_is_integer() {
    const ID: &[Case] = &[
        Case::kind("integer", Kinds::INTEGER),
        Case::kind("string", Kinds::STRING),
    ];
    struct Id(BigInteger);
    impl Json for Id {
        fn read(reader: &Reader<'_>) -> Self {
            assert_eq!(reader.choose(ID, 1), 0);
            assert_eq!(reader.recognize(ID), Some(0));
            assert_eq!(
                reader.scalar(&[Scalar::Integer(1), Scalar::Number(2.5)]),
                None
            );
            Self(Json::read(reader))
        }

        fn write(&self) -> Value {
            self.0.write()
        }
    }
    for digits in ["18446744073709551615", WIDE, SERIAL] {
        assert_eq!(from_str::<Id>(digits).unwrap().0, big(digits));
    }
}

#[test]
fn a_row_with_one_is_whole() {
    let text = format!(r#"{{"id":{SERIAL}}}"#);
    let row: Row<EntryId<BigInteger>> = from_str(&text).unwrap();
    assert_eq!(row, Row::Full(EntryId { id: big(SERIAL) }));
    let row: Row<EntryId<f64>> = from_str(&format!(r#"{{"id":{WIDE}}}"#)).unwrap();
    assert!(matches!(row, Row::Full(_)));
    let row: Row<EntryId<f64>> = from_str(&text).unwrap();
    assert!(matches!(row, Row::Partial(_)), "no `f64` holds it");
}

#[test]
fn a_type_may_write_text_within_text() {
    /// Writes its value as a string, and as text inside another string.
    struct Nested(BigInteger);
    impl Json for Nested {
        fn read(reader: &Reader<'_>) -> Self {
            Self(Json::read(reader))
        }

        fn write(&self) -> Value {
            json!([to_value(&self.0), to_string(&self.0), self.0.write()])
        }
    }
    let text = to_string(&Nested(big(SERIAL)));
    assert_eq!(text, format!(r#"["{SERIAL}","{SERIAL}",{SERIAL}]"#));
    assert_eq!(
        to_value(&Nested(big(SERIAL))),
        json!([SERIAL, SERIAL, SERIAL])
    );
}

#[test]
fn serde_writes_and_reads_the_string() {
    let written = serde_json::to_value(Typed(big(SERIAL))).unwrap();
    assert_eq!(written, SERIAL);
    let Typed(read) = serde_json::from_value::<Typed<BigInteger>>(json!(SERIAL)).unwrap();
    assert_eq!(read, big(SERIAL));
}

#[test]
fn invalid_json_is_reported_at_its_place() {
    for (text, place) in [
        (
            format!("[{WIDE}, NaN]"),
            "at `$[1]`: not JSON: `NaN` at line 1 column 24",
        ),
        (
            format!("[{WIDE},\n{SERIAL} x]"),
            "at `$[2]`: not JSON: expected `,` or `]` at line 2 column 51",
        ),
        (
            format!("[{WIDE}\"\"]"),
            "at `$[1]`: not JSON: expected `,` or `]` at line 1 column 22",
        ),
        (
            format!("[-{WIDE}"),
            "at `$[1]`: not JSON: EOF while parsing a list at line 1 column 22",
        ),
        (
            format!("[0{WIDE}]"),
            "at `$[0]`: not JSON: invalid number at line 1 column 3",
        ),
        (
            format!("[--{WIDE}]"),
            "at `$[0]`: not JSON: invalid number at line 1 column 3",
        ),
        (
            format!("[{WIDE}.]"),
            "at `$[0]`: not JSON: invalid number at line 1 column 23",
        ),
    ] {
        assert_eq!(message::<Vec<Raw>>(&text), place, "{text}");
    }
    for text in [
        format!("{{{WIDE}: 1}}"),
        format!(r#"{{"a": {{-{WIDE}: 1}}}}"#),
    ] {
        let error = message::<Raw>(&text);
        assert!(
            error.starts_with("at `$`: not JSON: key must be a string at line 1"),
            "{error}"
        );
    }
}

/// Generates a text as `Raw` writes it, with its value.
fn any_text() -> impl Strategy<Value = (String, Value)> {
    let integer = "-?[1-9][0-9]{0,60}".prop_map(|text| {
        let value = match (text.parse::<i64>(), text.parse::<u64>()) {
            (Ok(integer), _) => integer.into(),
            (_, Ok(integer)) => integer.into(),
            _ => Value::from(text.as_str()),
        };
        (text, value)
    });
    let same = |value: Value| (value.to_string(), value);
    let leaf = prop_oneof![
        4 => integer,
        1 => any::<f64>().prop_map(move |float| same(float.into())),
        1 => "[0-9\\\\\"#-]{0,30}".prop_map(move |text| same(text.into())),
        1 => any::<Option<bool>>().prop_map(move |flag| same(flag.into())),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..5).prop_map(|items| {
            let (texts, values): (Vec<String>, Vec<Value>) = items.into_iter().unzip();
            (format!("[{}]", texts.join(",")), values.into())
        });
        let object = proptest::collection::btree_map("[0-9\\\\\"]{0,25}", inner, 0..5);
        let object = object.prop_map(|entries| {
            let texts = entries
                .iter()
                .map(|(key, (text, _))| format!("{}:{text}", json!(key)));
            let text = format!("{{{}}}", texts.collect::<Vec<_>>().join(","));
            let value = entries
                .into_iter()
                .map(|(key, (_, value))| (key, value))
                .collect();
            (text, value)
        });
        prop_oneof![list, object]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_integer_equals_its_digits(digits in "-?[1-9][0-9]{0,60}") {
        let read: BigInteger = from_str(&digits).unwrap();
        prop_assert_eq!(&read, &big(&digits));
        prop_assert_eq!(to_string(&read), digits.clone());
        prop_assert_eq!(from_value::<BigInteger>(&to_value(&read)), Ok(read.clone()));
        prop_assert_eq!(from_str::<i128>(&digits).ok(), read.as_i128());
        prop_assert_eq!(from_str::<i64>(&digits).ok(), read.as_i64());
        prop_assert_eq!(from_str::<u64>(&digits).ok(), read.as_u64());
        if let Ok(float) = from_str::<f64>(&digits) {
            prop_assert_eq!(format!("{float:.0}"), digits);
        }
    }

    #[test]
    fn order_is_that_of_the_numbers(one in any::<i128>(), other in any::<i128>()) {
        prop_assert_eq!(BigInteger::from(one).cmp(&other.into()), one.cmp(&other));
    }

    #[test]
    fn any_text_keeps_its_digits((text, value) in any_text()) {
        let raw: Raw = from_str(&text).unwrap();
        prop_assert_eq!(raw.text(), &text);
        prop_assert_eq!(to_string(&raw), text.clone());
        prop_assert_eq!(raw.value(), value.clone());
        prop_assert_eq!(from_str::<Value>(&text), Ok(value));

        // Also item by item, with spaces in between, and inside a type.
        let list = format!(" [ {text} , {text} ] ");
        prop_assert_eq!(from_str::<Vec<Raw>>(&list), Ok(vec![raw.clone(), raw.clone()]));
        let removed: Result<EntryId<Raw>, DecodeError> = from_str(&format!(r#"{{"id":{text}}}"#));
        prop_assert_eq!(removed.map(|removed| to_string(&removed)), Ok(format!(r#"{{"id":{text}}}"#)));
    }

    #[test]
    fn any_text_is_read_without_panic(text in "[\\[\\]{}:, \"0-9.eE+-]{0,60}") {
        let _ = from_str::<Raw>(&text);
        let _ = from_str::<Vec<Raw>>(&text);
    }
}
