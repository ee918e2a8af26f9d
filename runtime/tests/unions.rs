//! Enums of constants, unions by tag, and unions by the value.

#![allow(clippy::unwrap_used)]

mod types;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use truenas_runtime::{from_value, from_value_strict, to_value};
use types::{Level, Mixed, Share, Sync};

fn read(value: &Value) -> Mixed {
    from_value(value).unwrap()
}

#[test]
fn an_unknown_word_is_kept_and_strictly_refused() {
    let value = json!("DISABLED");
    let sync: Sync = from_value(&value).unwrap();
    assert_eq!(sync, Sync::Unknown("DISABLED".to_owned()));
    assert_eq!(to_value(&sync), value);
    assert_eq!(
        from_value_strict::<Sync>(&value).unwrap_err().message(),
        "expected one of `STANDARD`, `ALWAYS`, found another string"
    );
    assert_eq!(
        from_value::<Sync>(&json!(1)).unwrap_err().message(),
        "expected string, found integer"
    );
}

#[test]
fn constants_may_be_of_any_scalar_kind() {
    for (value, level) in [
        (json!("off"), Level::Off),
        (json!(1), Level::One),
        (json!(null), Level::Null),
        (json!(2.5), Level::Unknown(json!(2.5))),
    ] {
        assert_eq!(from_value::<Level>(&value).unwrap(), level);
        assert_eq!(to_value(&level), value);
    }
    assert_eq!(from_value::<Level>(&json!(1.0)).unwrap(), Level::One);
    assert!(from_value::<Level>(&json!([])).is_err());
    assert!(from_value_strict::<Level>(&json!(2)).is_err());
}

#[test]
fn a_tag_decides() {
    for value in [
        json!({"protocol": "SMB", "home": true}),
        json!({"protocol": "NFS", "hosts": ["a"]}),
        json!({"hosts": []}),
    ] {
        let share: Share = from_value_strict(&value).unwrap();
        assert!(!matches!(share, Share::Other(_)));
        assert_eq!(to_value(&share), value);
    }
}

#[test]
fn an_unknown_tag_is_kept_raw() {
    for value in [json!({"protocol": "NEW", "x": 1}), json!({"protocol": 7})] {
        assert_eq!(
            from_value::<Share>(&value).unwrap(),
            Share::Other(value.clone())
        );
        assert!(from_value_strict::<Share>(&value).is_err());
    }
    assert_eq!(
        from_value_strict::<Share>(&json!({"protocol": "NEW"}))
            .unwrap_err()
            .to_string(),
        "at `$.protocol`: expected one of `SMB`, `NFS`, found another string"
    );
    assert_eq!(
        from_value::<Share>(&json!([])).unwrap_err().message(),
        "expected object, found array"
    );
}

#[test]
fn an_error_behind_a_tag_is_that_of_the_case() {
    let error = from_value::<Share>(&json!({"protocol": "SMB", "home": 1})).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at `$.home`: expected boolean, found integer"
    );
}

#[test]
fn the_kind_of_the_value_decides() {
    assert_eq!(read(&json!(3)), Mixed::Count(3));
    assert_eq!(read(&json!("ALWAYS")), Mixed::Sync(Sync::Always));
    assert_eq!(read(&json!("other")), Mixed::Text("other".to_owned()));
    assert_eq!(
        read(&json!([1, "x"])),
        Mixed::List(vec![Mixed::Count(1), Mixed::Text("x".to_owned())])
    );
}

#[test]
fn required_keys_and_constants_decide_between_objects() {
    assert!(matches!(
        read(&json!({"protocol": "SMB", "home": true, "new": 1})),
        Mixed::Smb(_)
    ));
    assert!(matches!(read(&json!({"hosts": ["a"]})), Mixed::Nfs(_)));
    assert!(matches!(
        read(&json!({"next": 1, "right": true})),
        Mixed::Right(_)
    ));
}

#[test]
fn what_fits_no_case_names_each_and_why() {
    assert_eq!(
        from_value::<Vec<Mixed>>(&json!([1, {"protocol": "SMB", "hosts": [1]}]))
            .unwrap_err()
            .to_string(),
        "at `$[1]`: none of integer (expected integer, found object), \
         Sync (expected string, found object), string (expected string, found object), \
         list (expected array, found object), Smb (missing key `home`), \
         Nfs (at `.protocol`: expected \"NFS\"), Left (missing key `next`), \
         Right (missing key `next`)"
    );
}

/// Two cases that are told apart only at the bottom would be tried twice as
/// often with each level.
#[test]
fn unions_in_unions_take_no_more_than_their_size() {
    let bottoms = [json!({"next": 1, "right": true}), json!({"next": {}})];
    for (bottom, fits) in bottoms.into_iter().zip([true, false]) {
        let value = (0..100).fold(bottom, |next, _| json!({"next": next}));
        let start = Instant::now();
        let result = from_value::<Mixed>(&value);
        assert!(start.elapsed() < Duration::from_secs(5));
        match result {
            Ok(mixed) => {
                assert!(fits);
                assert_eq!(to_value(&mixed), value);
            }
            Err(error) => {
                assert!(!fits);
                assert!(error.to_string().len() < 4096, "{error}");
            }
        }
    }
}

#[test]
fn nesting_without_end_is_an_error() {
    let value = (0..1000).fold(json!(1), |inner, _| json!([inner]));
    let error = from_value::<Mixed>(&value).unwrap_err();
    assert_eq!(error.message(), "nested more than 127 deep");
}
