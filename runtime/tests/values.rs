//! Numbers, tuples, and the value types of the API.

#![allow(clippy::unwrap_used)]

use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use truenas_runtime::{
    Absent, Date, DateTime, IpInterface, Json, Map, Secret, SecretValue, Set, Time, Typed,
    from_value, from_value_strict, to_value,
};

fn unchanged<T: Json + Debug>(value: Value) {
    let read: T = from_value_strict(&value).unwrap();
    assert_eq!(to_value(&read), value);
}

fn message<T: Json + Debug>(value: Value) -> String {
    from_value::<T>(&value).unwrap_err().message().to_owned()
}

#[test]
fn integers_keep_their_whole_range() {
    unchanged::<i64>(json!(i64::MIN));
    unchanged::<u64>(json!(u64::MAX));
    unchanged::<i128>(json!(u64::MAX));
    unchanged::<i128>(json!(i64::MIN));
    assert_eq!(from_value::<i64>(&json!(3.0)).unwrap(), 3);
    assert_eq!(
        from_value::<i128>(&json!(1e20)).unwrap(),
        100_000_000_000_000_000_000
    );
    unchanged::<i128>(json!("100000000000000000000"));
    assert_eq!(
        to_value(&100_000_000_000_000_000_000_i128),
        "100000000000000000000"
    );
    assert_eq!(message::<i64>(json!(3.5)), "expected integer, found number");
    assert_eq!(
        message::<i64>(json!(1e300)),
        "expected integer, found number"
    );
    assert_eq!(
        message::<i64>(json!(u64::MAX)),
        "expected integer, found one that does not fit i64"
    );
    assert!(from_value::<u64>(&json!(-1)).is_err());
    assert!(from_value::<i64>(&json!(true)).is_err());
}

#[test]
fn floats_without_fraction_are_written_as_integers() {
    for value in [
        json!(0),
        json!(5),
        json!(-7),
        json!(9_007_199_254_740_992_u64),
        json!(2.5),
        json!(1e300),
    ] {
        unchanged::<f64>(value);
    }
    assert_eq!(to_value(&5.0), json!(5));
    assert_eq!(to_value(&f64::NAN), json!("NaN"));
    assert_eq!(to_value(&f64::NEG_INFINITY), json!("-inf"));
}

#[test]
fn plain_values_go_both_ways() {
    unchanged::<bool>(json!(true));
    unchanged::<String>(json!("ä"));
    unchanged::<()>(json!(null));
    unchanged::<Value>(json!({"a": [null]}));
    unchanged::<Map<String, Value>>(json!({"a": [null]}));
    unchanged::<Box<Option<bool>>>(json!(null));
    assert!(from_value::<()>(&json!(0)).is_err());
    assert_eq!(
        message::<Absent>(json!(1)),
        "expected nothing, found integer"
    );
}

#[test]
fn a_tuple_is_an_array_of_its_length() {
    unchanged::<(i64, String)>(json!([1, "/_download/1"]));
    assert_eq!(
        message::<(i64, i64)>(json!([1, 2, 3])),
        "expected 2 items, found 3"
    );
    assert_eq!(message::<(i64, i64)>(json!([1])), "missing item 1");
    assert_eq!(
        from_value::<(i64, Option<i64>)>(&json!([1])).unwrap(),
        (1, None)
    );
    assert!(from_value_strict::<(i64, Option<i64>)>(&json!([1])).is_err());
}

#[test]
fn extended_json_goes_back_in_the_form_it_came() {
    for wrapped in [
        json!({"$date": -1}),
        json!({"$date": null}),
        json!("2024-01-01"),
    ] {
        unchanged::<DateTime>(wrapped);
    }
    for wrapped in [
        json!({"$time": "01:02:03.5+01:00"}),
        json!({"$time": null}),
        json!("01:02"),
    ] {
        unchanged::<Time>(wrapped);
    }
    for wrapped in [
        json!({"$type": "date", "$value": "2024-01-01"}),
        json!({"$type": "date", "$value": null}),
        json!("2024-01-01"),
    ] {
        unchanged::<Date>(wrapped);
    }
    for wrapped in [
        json!({"$ipv4_interface": "192.0.2.1/24"}),
        json!({"$ipv6_interface": "2001:db8::1/64"}),
        json!("192.0.2.1/24"),
    ] {
        unchanged::<IpInterface>(wrapped);
    }
    for wrapped in [json!({"$set": [1, 2]}), json!([2, 1]), json!([])] {
        unchanged::<Set<i64>>(wrapped);
    }
}

#[test]
fn malformed_wrappers_are_errors() {
    assert_eq!(
        message::<DateTime>(json!({"$date": "x"})),
        "expected integer, found string"
    );
    assert!(from_value::<DateTime>(&json!({"$date": 1, "x": 1})).is_err());
    assert!(from_value::<DateTime>(&json!(1)).is_err());
    assert!(from_value::<Time>(&json!({"$time": 1})).is_err());
    assert!(from_value::<Time>(&json!({"$date": 1})).is_err());
    assert!(from_value::<Date>(&json!({"$type": "date", "x": "2024-01-01"})).is_err());
    assert!(from_value::<Date>(&json!({"$type": "time", "$value": "2024-01-01"})).is_err());
    assert!(from_value::<IpInterface>(&json!({"$ipv5_interface": ""})).is_err());
    assert!(from_value::<IpInterface>(&json!({"$ipv4_interface": 1})).is_err());
    assert!(from_value::<Set<i64>>(&json!({"$set": 1})).is_err());
}

#[test]
fn a_fraction_of_a_millisecond_is_dropped_toward_the_past() {
    for (sent, millis) in [
        (json!(1_700_000_000_123.7), 1_700_000_000_123),
        (json!(-0.5), -1),
        (json!(5.0), 5),
    ] {
        let read: DateTime = from_value(&json!({"$date": sent})).unwrap();
        assert_eq!(read.millis(), Some(millis));
    }
    assert!(from_value_strict::<DateTime>(&json!({"$date": 0.5})).is_err());
    assert!(from_value::<DateTime>(&json!({"$date": 1e300})).is_err());
}

#[test]
fn null_has_no_moment() {
    let read: DateTime = from_value(&json!({"$date": null})).unwrap();
    assert_eq!((read.millis(), read.system_time()), (None, None));
    assert_eq!(read.to_string(), "null");
    let read: Time = from_value(&json!({"$time": null})).unwrap();
    assert_eq!(read.as_str(), "");
    let read: Date = from_value(&json!({"$type": "date", "$value": null})).unwrap();
    assert_eq!(read.as_str(), "");
}

#[test]
fn moments_are_shown_as_rfc_3339() {
    for (millis, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (951_868_800_000, "2000-03-01T00:00:00Z"),
        (1_709_251_199_000, "2024-02-29T23:59:59Z"),
        (4_107_542_399_000, "2100-02-28T23:59:59Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        (-2_203_891_200_000, "1900-03-01T00:00:00Z"),
        (1_735_689_599_000, "2024-12-31T23:59:59Z"),
        (-62_135_596_800_000, "0001-01-01T00:00:00Z"),
    ] {
        assert_eq!(DateTime::from_millis(millis).to_string(), text);
    }
    // Far from anything sensible, but no panic.
    for millis in [i64::MIN, i64::MAX] {
        assert!(!DateTime::from_millis(millis).to_string().is_empty());
    }
}

#[test]
fn moments_are_those_of_the_system() {
    for millis in [-1, 0, 1, 1_700_000_000_123] {
        let time = DateTime::from_millis(millis);
        assert_eq!(time.system_time().map(DateTime::from), Some(time));
    }
    assert_eq!(DateTime::from("soon".to_owned()).system_time(), None);
    let before = SystemTime::UNIX_EPOCH - Duration::from_micros(1500);
    assert_eq!(DateTime::from(before).millis(), Some(-1));
}

#[test]
fn there_are_no_days_and_times_that_there_are_not() {
    assert!(Date::new(2000, 2, 29).is_some());
    for (year, month, day) in [
        (1900, 2, 29),
        (2024, 4, 31),
        (2024, 13, 1),
        (2024, 1, 0),
        (0, 1, 1),
        (10_000, 1, 1),
    ] {
        assert_eq!(Date::new(year, month, day), None);
    }
    assert!(Time::new(23, 59, 59).is_some());
    assert_eq!(Time::new(24, 0, 0), None);
}

#[test]
fn a_secret_is_not_shown() {
    let secret: Secret = from_value(&json!("hunter2")).unwrap();
    assert!(!format!("{secret:?}{:?}", Some(&secret)).contains("hunter2"));
    assert_eq!(secret, Secret::from("hunter2"));
    assert_eq!(to_value(&secret), json!("hunter2"));
    assert_eq!(
        message::<Secret>(json!(5)),
        "expected string, found integer"
    );
}

#[test]
fn serde_says_where_as_well() {
    let error = serde_json::from_str::<Typed<Vec<i64>>>("[1, true]").unwrap_err();
    assert_eq!(
        error.to_string(),
        "at `$[1]`: expected integer, found boolean"
    );
}

#[test]
fn a_secret_of_any_type_may_be_redacted() {
    type Keys = Option<SecretValue<Vec<i64>>>;
    let redacted = json!("********");
    for (value, exposed) in [(json!([1, 2]), Some(vec![1, 2])), (redacted.clone(), None)] {
        unchanged::<Keys>(value.clone());
        let keys = from_value::<Keys>(&value).unwrap().unwrap();
        assert_eq!(keys.is_redacted(), exposed.is_none());
        assert_eq!(keys.expose(), exposed.as_ref());
        assert_eq!(keys.into_exposed(), exposed);
    }
    assert_eq!(from_value::<Keys>(&json!(null)).unwrap(), None);
    // Redacted, even though the type reads any text.
    let text: SecretValue<String> = from_value(&redacted).unwrap();
    assert!(text.is_redacted());
    for other in [json!("*******"), json!("*********"), json!({})] {
        assert!(from_value::<Keys>(&other).is_err(), "{other}");
    }
}

#[test]
fn a_secret_of_any_type_is_not_shown() {
    let shown = SecretValue::new("hunter2");
    assert_eq!(format!("{shown:?}"), "SecretValue(…)");
    let redacted: SecretValue<i64> = from_value(&json!("********")).unwrap();
    assert_eq!(format!("{redacted:?}"), "SecretValue(redacted)");
}

#[test]
fn a_missing_secret_is_what_its_type_makes_of_it() {
    type Optional = (i64, SecretValue<Option<i64>>);
    type Required = (i64, SecretValue<i64>);
    let read: Optional = from_value(&json!([1])).unwrap();
    assert_eq!(read.1, SecretValue::new(None));
    assert_eq!(message::<Required>(json!([1])), "missing item 1");
}
