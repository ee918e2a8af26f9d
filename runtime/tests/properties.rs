//! Whatever JSON there is: no panic, and nothing is lost in silence.

mod types;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use truenas_runtime::{
    Answer, BigInteger, Change, Date, DateTime, EntryId, IpInterface, Json, Parameter, Params,
    QueryResult, Raw, Row, Secret, SecretValue, Set, Time, from_str, from_value, from_value_strict,
    params_from_value, to_string, to_value,
};
use types::{Level, Limits, Mixed, Node, Share, Sync, Update};

const KEYS: &[&str] = &[
    "name",
    "children",
    "parent",
    "size",
    "protocol",
    "home",
    "hosts",
    "next",
    "left",
    "right",
    "comment",
    "sync",
    "id",
    "fields",
    "$date",
    "$time",
    "$set",
    "$type",
    "$value",
    "$ipv4_interface",
    "other",
];
const TEXTS: &[&str] = &[
    "STANDARD", "ALWAYS", "SMB", "NFS", "NEW", "off", "date", "", "ä",
];

/// Any JSON, with the keys and words of the types more often than chance would have it.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_i64..3).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-9_i32..9).prop_map(|n| Value::from(f64::from(n))),
        any::<String>().prop_map(Value::from),
        proptest::sample::select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let key = prop_oneof![
            9 => proptest::sample::select(KEYS).prop_map(String::from),
            1 => any::<String>(),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..5)
                .prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

/// Values that are of the types, or nearly so.
fn likely_json() -> impl Strategy<Value = Value> {
    let text = proptest::sample::select(TEXTS).prop_map(Value::from);
    let leaf = prop_oneof![text, (0_i64..3).prop_map(Value::from)];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let list = || proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from);
        let flag = || any::<Option<bool>>().prop_map(|flag| json!(flag));
        prop_oneof![
            list(),
            (inner.clone(), flag()).prop_map(|(next, left)| json!({"next": next, "left": left})),
            (inner.clone(), flag()).prop_map(|(next, right)| json!({"next": next, "right": right})),
            any::<bool>().prop_map(|home| json!({"protocol": "SMB", "home": home})),
            list().prop_map(|hosts| json!({"hosts": hosts})),
            (inner.clone(), list(), 0_i64..3).prop_map(
                |(name, children, size)| json!({"name": name, "children": children, "size": size})
            ),
            inner.clone().prop_map(|id| json!({"id": id, "fields": {}})),
        ]
    })
}

/// JSON as nobody tidy writes it: keys twice, in any order, with any spaces.
fn any_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        proptest::sample::select(&["null", "true", " false", "0", "-0", "3.0", "1e2", "1e400"][..])
            .prop_map(String::from),
        any::<f64>().prop_map(|number| json!(number).to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| json!(text).to_string()),
        proptest::sample::select(TEXTS).prop_map(|text| json!(text).to_string()),
        Just(String::from(r#""\u0053MB""#)),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let key = proptest::sample::select(KEYS).prop_map(|key| json!(key).to_string());
        let entry = (key, inner.clone()).prop_map(|(key, value)| format!("{key} :{value}"));
        prop_oneof![
            proptest::collection::vec(inner, 0..4)
                .prop_map(|items| format!(" [{}\n]", items.join(", "))),
            proptest::collection::vec(entry, 0..6)
                .prop_map(|entries| format!("{{{}}} ", entries.join(" ,\t"))),
        ]
    })
}

/// Read as it is parsed, or parsed before it is read: that is the same.
fn reads_like_its_value<T: Json>(text: &str) {
    let read = from_str::<T>(text).map(|read| to_value(&read));
    match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            let expected = from_value::<T>(&value).map(|read| to_value(&read));
            assert_eq!(read, expected);
        }
        Err(_) => assert!(read.is_err()),
    }
}

/// What must be equal before and after: null and a missing key say the same,
/// and so do 1 and 1.0.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), normal(value)))
            .collect(),
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Number(number) => number.as_f64().into(),
        // An integer that a `Value` cannot hold as a number.
        Value::String(text) if text.len() > 18 && text.parse::<i128>().is_ok() => {
            text.parse::<f64>().ok().into()
        }
        other => other.clone(),
    }
}

fn holds_for<T: Json>(value: &Value) {
    if let Ok(read) = from_value::<T>(value) {
        // What was made of it can be read again, and then stays as it is.
        let written = to_value(&read);
        let again = from_value::<T>(&written).map(|read| to_value(&read));
        assert_eq!(again.as_ref(), Ok(&written));
    }
    if let Ok(read) = from_value_strict::<T>(value) {
        assert!(from_value::<T>(value).is_ok(), "strict is not lenient");
        assert_eq!(normal(&to_value(&read)), normal(value));
    }
}

fn holds_for_all_types(value: &Value) {
    holds_for::<Value>(value);
    holds_for::<bool>(value);
    holds_for::<i64>(value);
    holds_for::<u64>(value);
    holds_for::<i128>(value);
    holds_for::<BigInteger>(value);
    holds_for::<f64>(value);
    holds_for::<String>(value);
    holds_for::<Option<Vec<i64>>>(value);
    holds_for::<(Sync, Mixed)>(value);
    holds_for::<Node>(value);
    holds_for::<Vec<Node>>(value);
    holds_for::<Sync>(value);
    holds_for::<Level>(value);
    holds_for::<Share>(value);
    holds_for::<Mixed>(value);
    holds_for::<Limits>(value);
    holds_for::<Update>(value);
    holds_for::<Row<Node>>(value);
    holds_for::<QueryResult<Node>>(value);
    holds_for::<Change<Mixed, Update>>(value);
    holds_for::<EntryId<i64>>(value);
    holds_for::<Set<Mixed>>(value);
    holds_for::<DateTime>(value);
    holds_for::<Time>(value);
    holds_for::<Date>(value);
    holds_for::<IpInterface>(value);
    holds_for::<Secret>(value);
    holds_for::<SecretValue<Mixed>>(value);
    holds_for::<Option<SecretValue<Vec<String>>>>(value);
    holds_for::<Raw>(value);
}

/// Returns the value with all strings replaced by a secret.
fn with_secrets(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), with_secrets(value)))
            .collect(),
        Value::Array(items) => items.iter().map(with_secrets).collect(),
        Value::String(_) => "hunter2".into(),
        other => other.clone(),
    }
}

fn shows_no_secret<T: Json>(value: &Value) {
    let answer = Answer::from(value.clone());
    for error in [
        from_value::<T>(value).err(),
        from_value_strict::<T>(value).err(),
        from_str::<T>(answer.text()).err(),
        answer.read::<T>().err(),
        answer.read::<Vec<T>>().err(),
    ] {
        let shown = format!(
            "{error:?} {}",
            error.as_ref().map(ToString::to_string).unwrap_or_default()
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "node",
        required: true,
        default: None,
    },
    Parameter {
        name: "update",
        required: false,
        default: Some("{}"),
    },
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_value_is_read_without_loss_or_not_at_all(value in any_json()) {
        holds_for_all_types(&value);
    }

    #[test]
    fn likely_values_are_read_without_loss_or_not_at_all(value in likely_json()) {
        holds_for_all_types(&value);
    }

    #[test]
    fn no_string_is_shown(value in prop_oneof![any_json(), likely_json()]) {
        let value = with_secrets(&value);
        shows_no_secret::<bool>(&value);
        shows_no_secret::<BigInteger>(&value);
        shows_no_secret::<Node>(&value);
        shows_no_secret::<Level>(&value);
        shows_no_secret::<Share>(&value);
        shows_no_secret::<Limits>(&value);
        shows_no_secret::<Mixed>(&value);
        shows_no_secret::<Update>(&value);
        shows_no_secret::<QueryResult<Node>>(&value);
        shows_no_secret::<Change<Mixed, Update>>(&value);
        shows_no_secret::<Set<Sync>>(&value);
        shows_no_secret::<DateTime>(&value);
        shows_no_secret::<Date>(&value);
        shows_no_secret::<IpInterface>(&value);
        shows_no_secret::<SecretValue<i64>>(&value);
        shows_no_secret::<(Mixed, BTreeMap<String, Time>)>(&value);
        let params = params_from_value::<(Mixed, Option<Update>)>(&value, PARAMETERS).err();
        let kept = (
            Raw::from(value.clone()),
            Answer::from(value.clone()),
            from_value::<SecretValue<Value>>(&value),
            from_value::<Row<EntryId<bool>>>(&value),
            from_value::<QueryResult<EntryId<bool>>>(&value),
        );
        let shown = format!("{kept:?} {params:?}");
        prop_assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn parameters_are_read_without_panic(value in any_json()) {
        type Given = (Mixed, Option<Update>);
        if let Ok(params) = params_from_value::<Given>(&value, PARAMETERS) {
            let written = Value::from(params.write_params(PARAMETERS));
            let again = params_from_value::<Given>(&written, PARAMETERS)
                .map(|params| Value::from(params.write_params(PARAMETERS)));
            prop_assert_eq!(again, Ok(written));
        }
    }

    #[test]
    fn any_float_goes_both_ways(float in any::<f64>()) {
        prop_assert_eq!(from_str::<f64>(&to_string(&float)), Ok(float));
    }

    #[test]
    fn any_integer_goes_both_ways(integer in any::<i64>(), positive in any::<u64>()) {
        prop_assert_eq!(from_str::<i64>(&to_string(&integer)), Ok(integer));
        prop_assert_eq!(from_str::<i128>(&to_string(&positive)), Ok(i128::from(positive)));
    }

    #[test]
    fn text_that_is_no_json_is_an_error(text in any::<String>()) {
        reads_like_its_value::<Mixed>(&text);
        reads_like_its_value::<Vec<Mixed>>(&text);
        reads_like_its_value::<Vec<Mixed>>(&format!("[{text}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_text_reads_like_its_value(text in any_text()) {
        for text in [text.as_str(), &format!("[{text}, {text}]"), &format!(r#"{{"id": {text}}}"#)] {
            reads_like_its_value::<Value>(text);
            reads_like_its_value::<Vec<Value>>(text);
            reads_like_its_value::<Vec<Mixed>>(text);
            reads_like_its_value::<Vec<Node>>(text);
            reads_like_its_value::<Vec<Row<Node>>>(text);
            reads_like_its_value::<QueryResult<Node>>(text);
            reads_like_its_value::<Vec<BTreeMap<String, Mixed>>>(text);
            reads_like_its_value::<Vec<Share>>(text);
            reads_like_its_value::<Vec<Limits>>(text);
            reads_like_its_value::<Vec<Update>>(text);
            reads_like_its_value::<(Mixed, Value)>(text);
            reads_like_its_value::<EntryId<Set<Level>>>(text);
            reads_like_its_value::<EntryId<DateTime>>(text);
            reads_like_its_value::<EntryId<Time>>(text);
            reads_like_its_value::<EntryId<Date>>(text);
            reads_like_its_value::<EntryId<IpInterface>>(text);
        }
    }
}
