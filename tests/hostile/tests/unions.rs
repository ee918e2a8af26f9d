//! The golden `unions` compiles; how its values are chosen.

#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/unions/expected/src/shared/mod.rs"]
mod shared;
#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/unions/expected/src/versions/mod.rs"]
mod versions;

use serde_json::{Value, json};
use truenas_runtime::{from_value, to_value};
use versions::v9_0_0::share::{
    NfsOptions, NfsOptionsKind, ShareOptionsOptions as Options, ShareOptionsResult as Answer,
    SmbOptions,
};

fn read(value: Value) -> Option<Answer> {
    let read: Option<Answer> = from_value(&value).unwrap();
    assert_eq!(to_value(&read), value);
    read
}

#[test]
fn the_value_says_its_type() {
    assert_eq!(read(json!(null)), None);
    assert_eq!(read(json!(1)), Some(Answer::Integer(1)));
    assert_eq!(read(json!(["a"])), Some(Answer::List(vec!["a".into()])));
    assert!(matches!(
        read(json!({"error": "full"})),
        Some(Answer::Failure(failure)) if failure.error == "full"
    ));
    assert!(matches!(
        read(json!({"name": "a", "shares": [{"name": "b"}]})),
        Some(Answer::Share(share)) if share.shares.as_ref().is_some_and(|inner| inner.len() == 1)
    ));
}

#[test]
fn what_fits_no_model_names_each_and_why() {
    let error = from_value::<Option<Answer>>(&json!({"nothing": 1})).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("Failure (missing key `error`)"), "{text}");
    assert!(text.contains("Share (missing key `name`)"), "{text}");
}

#[test]
fn the_tag_decides_and_an_unknown_one_is_kept() {
    let smb = Options::from(SmbOptions::default());
    assert_eq!(to_value(&smb), json!({"kind": "SMB"}));

    let nfs: Options = from_value(&json!({"kind": "NFS4"})).unwrap();
    assert_eq!(nfs, NfsOptions::new(NfsOptionsKind::Nfs4).into());

    let other = json!({"kind": "AFP", "x": [1]});
    let read: Options = from_value(&other).unwrap();
    assert_eq!(read, Options::Unrecognized(other.clone().into()));
    assert_eq!(to_value(&read), other);
}
