//! Filters, orders and columns in the form that each kind of service receives.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod recorder;

use std::future::IntoFuture;

use proptest::prelude::*;
use recorder::{Recorder, RecorderError, now};
use serde_json::{Value, json};
use truenas_runtime::{
    BigInteger, Column, Columns, Date, DateTime, Filter, Method, MethodInfo, MethodKind, Op, Order,
    Pipes, Query, QueryError, QueryField, QueryRequest, QueryResult, Quirk, Raw, Secret,
    SecretValue, Set, Time, from_str, from_value,
};

type Entry = Raw;

mod field {
    use super::*;
    type Field<T> = QueryField<Entry, T>;
    pub(crate) const NAME: Field<str> = Field::new("name");
    pub(crate) const USED: Field<i64> = Field::new("used");
    pub(crate) const RATIO: Field<f64> = Field::new("ratio");
    pub(crate) const LOCKED: Field<bool> = Field::new("locked");
    pub(crate) const SEEN: Field<DateTime> = Field::new("seen");
    pub(crate) const CREATED: Field<DateTime> = Field::naive("created");
    pub(crate) const DAY: Field<Date> = Field::new("day");
    pub(crate) const HOUR: Field<Time> = Field::new("hour");
    pub(crate) const KEY: Field<Secret> = Field::new("key");
    pub(crate) const KEYS: Field<Vec<Secret>> = Field::new("keys");
    pub(crate) const PIN: Field<SecretValue<i64>> = Field::new("pin");
    pub(crate) const HIDDEN: Field<SecretValue<Raw>> =
        Field::with_naive_times("hidden", &["hidden.at"]);
    pub(crate) const SERIAL: Field<BigInteger> = Field::new("serial");
    pub(crate) const GUID: Field<i128> = Field::new("guid");
    pub(crate) const GUIDS: Field<Vec<i128>> = Field::new("guids");
    pub(crate) const LABELS: Field<Vec<String>> = Field::new("labels");
    pub(crate) const FLAGS: Field<Set<String>> = Field::new("flags");
    pub(crate) const VDEVS: Field<Vec<Raw>> = Field::with_naive_times("vdevs", &["vdevs.*.added"]);
    pub(crate) const SCAN: Field<Raw> =
        Field::with_naive_times("scan", &["scan.start", "scan.a.b"]);
}

const INFO: MethodInfo = MethodInfo {
    name: "some.query",
    kind: MethodKind::Call,
    pipes: Pipes::NONE,
    roles: &[],
    parameters: &[],
    reads_only: true,
    removed_in: None,
};

macro_rules! queries {
    ($($name:ident $quirks:expr;)*) => {$(
        enum $name {}

        impl Method for $name {
            const INFO: &'static MethodInfo = &INFO;
            type Params = ();
            type Result = QueryResult<Entry>;
        }

        impl Query for $name {
            type Entry = Entry;
            const QUIRKS: &'static [Quirk] = $quirks;
        }
    )*};
}

queries! {
    Plain &[];
    Sql &[Quirk::FiltersInSql];
    Snapshots &[Quirk::SortsBeforeSelect, Quirk::SelectsKeysOnly];
}

/// Returns the parameters that a query sends.
fn sent<Q: Query<Entry = Entry>>(
    build: impl FnOnce(QueryRequest<'_, Recorder, Q>) -> QueryRequest<'_, Recorder, Q>,
) -> Result<Value, QueryError> {
    let client = Recorder::answering(json!([]));
    let result = now(build(QueryRequest::new(&client)).into_future());
    outcome(&client, result.map(drop))
}

fn outcome(client: &Recorder, result: Result<(), RecorderError>) -> Result<Value, QueryError> {
    match result {
        Ok(()) => Ok(client.last().1),
        Err(RecorderError::Query(error)) => {
            assert!(client.sent().is_empty());
            Err(error)
        }
        Err(RecorderError::Decode(error)) => panic!("{error}"),
    }
}

/// Returns the filters in the form for services that filter the entries they
/// have read.
fn plain(filter: Filter<Entry>) -> Result<Value, QueryError> {
    let sent = sent::<Plain>(|query| query.filter(filter));
    sent.map(|params| params[0].clone())
}

/// Returns the filters in the form for services that filter in SQL.
fn sql(filter: Filter<Entry>) -> Result<Value, QueryError> {
    let sent = sent::<Sql>(|query| query.filter(filter));
    sent.map(|params| params[0].clone())
}

/// Returns the options of a query that selects columns.
fn selected<Q: Query<Entry = Entry>>(
    order_by: impl Into<Order<Entry>>,
    columns: impl Columns<Entry> + Send,
) -> Result<Value, QueryError> {
    let client = Recorder::answering(json!([]));
    let query = QueryRequest::<_, Q>::new(&client).order_by(order_by);
    let result = now(query.select::<Value>(columns));
    outcome(&client, result.map(drop)).map(|params| params[1].clone())
}

fn date(value: Value) -> Date {
    from_value(&value).unwrap()
}

/// 2023-11-14T22:13:20Z, with a fraction that no filter contains.
fn moment() -> DateTime {
    DateTime::from_millis(1_700_000_000_123)
}

const AT: &str = "2023-11-14T22:13:20";
const NEXT: &str = "2023-11-14T22:13:21";
const AT_Z: &str = "2023-11-14T22:13:20Z";
const NEXT_Z: &str = "2023-11-14T22:13:21Z";

#[test]
fn every_operator_of_every_type() {
    use field::*;
    let day = json!({"$type": "date", "$value": "2023-11-14"});
    let hour = json!({"$time": "22:13:20"});
    for (filter, expected) in [
        (NAME.eq("a"), json!([["name", "=", "a"]])),
        (NAME.ne("a"), json!([["name", "!=", "a"]])),
        (NAME.one_of(["a", "b"]), json!([["name", "in", ["a", "b"]]])),
        (NAME.none_of(["a"]), json!([["name", "nin", ["a"]]])),
        (NAME.starts_with("a"), json!([["name", "^", "a"]])),
        (NAME.not_starts_with("a"), json!([["name", "!^", "a"]])),
        (NAME.ends_with("a"), json!([["name", "$", "a"]])),
        (NAME.not_ends_with("a"), json!([["name", "!$", "a"]])),
        (NAME.contains("a"), json!([["name", "rin", "a"]])),
        (NAME.not_contains("a"), json!([["name", "rnin", "a"]])),
        (NAME.matches("a.*z$"), json!([["name", "~", "a.*z$"]])),
        (NAME.is_null(), json!([["name", "=", null]])),
        (NAME.is_not_null(), json!([["name", "!=", null]])),
        (USED.eq(1), json!([["used", "=", 1]])),
        (USED.ne(1), json!([["used", "!=", 1]])),
        (USED.one_of([1, 2]), json!([["used", "in", [1, 2]]])),
        (USED.none_of([]), json!([["used", "nin", []]])),
        // Null must not be compared by order.
        (USED.gt(1), json!([["used", "!=", null], ["used", ">", 1]])),
        (USED.ge(1), json!([["used", "!=", null], ["used", ">=", 1]])),
        (USED.lt(1), json!([["used", "!=", null], ["used", "<", 1]])),
        (USED.le(1), json!([["used", "!=", null], ["used", "<=", 1]])),
        (
            Filter::all_of([USED.gt(1), USED.lt(9)]),
            json!([["used", "!=", null], ["used", ">", 1], ["used", "<", 9]]),
        ),
        (
            Filter::any_of([USED.gt(1), LOCKED.eq(true)]),
            json!([[
                "OR",
                [
                    [["used", "!=", null], ["used", ">", 1]],
                    ["locked", "=", true]
                ]
            ]]),
        ),
        (
            RATIO.gt(1.5),
            json!([["ratio", "!=", null], ["ratio", ">", 1.5]]),
        ),
        (RATIO.one_of([1.5]), json!([["ratio", "in", [1.5]]])),
        (LOCKED.eq(true), json!([["locked", "=", true]])),
        (DAY.eq(date(day.clone())), json!([["day", "=", day]])),
        (
            DAY.ge(date(day.clone())),
            json!([["day", "!=", null], ["day", ">=", day]]),
        ),
        (
            HOUR.lt(Time::new(22, 13, 20).unwrap()),
            json!([["hour", "!=", null], ["hour", "<", hour]]),
        ),
        (KEY.eq("k".into()), json!([["key", "=", "k"]])),
        (LABELS.contains("x"), json!([["labels", "rin", "x"]])),
        (LABELS.not_contains("x"), json!([["labels", "rnin", "x"]])),
        (LABELS.eq(vec![]), json!([["labels", "=", []]])),
        (FLAGS.contains("x"), json!([["flags", "rin", "x"]])),
        (SCAN.eq(json!([5]).into()), json!([["scan", "=", [5]]])),
        (
            SCAN.at::<i64>("parsed").gt(5),
            json!([["scan.parsed", "!=", null], ["scan.parsed", ">", 5]]),
        ),
        (
            SCAN.at::<str>("value").starts_with("5"),
            json!([["scan.value", "^", "5"]]),
        ),
        (
            VDEVS.at::<str>("*.type").eq("MIRROR"),
            json!([["vdevs.*.type", "=", "MIRROR"]]),
        ),
        // A filter in the server's own form is sent unchanged.
        (
            Filter::new(r"user\.key", Op::Gt, 1),
            json!([[r"user\.key", ">", 1]]),
        ),
    ] {
        assert_eq!(plain(filter).unwrap(), expected);
    }
}

#[test]
fn times_are_compared_by_whole_seconds_and_as_the_server_has_them() {
    use field::*;
    let there = json!(["created", "!=", null]);
    let created = |op: &str, time: &str| json!(["created.$date", op, time]);
    let seen = |op: &str, time: &str| json!(["seen.$date", op, time]);
    for (filter, expected) in [
        (CREATED.gt(moment()), json!([there, created(">=", NEXT)])),
        (CREATED.ge(moment()), json!([there, created(">=", AT)])),
        (CREATED.lt(moment()), json!([there, created("<", AT)])),
        (CREATED.le(moment()), json!([there, created("<", NEXT)])),
        (
            CREATED.eq(moment()),
            json!([there, created(">=", AT), created("<", NEXT)]),
        ),
        (
            CREATED.ne(moment()),
            json!([[
                "OR",
                [
                    ["created", "=", null],
                    created("<", AT),
                    created(">=", NEXT)
                ]
            ]]),
        ),
        (
            SEEN.eq(moment()),
            json!([["seen", "!=", null], seen(">=", AT_Z), seen("<", NEXT_Z)]),
        ),
        (SEEN.is_null(), json!([["seen", "=", null]])),
        (
            CREATED.one_of([moment(), DateTime::from_millis(-1)]),
            json!([[
                "OR",
                [
                    [there, created(">=", AT), created("<", NEXT)],
                    [
                        there,
                        created(">=", "1969-12-31T23:59:59"),
                        created("<", "1970-01-01T00:00:00")
                    ]
                ]
            ]]),
        ),
        (CREATED.one_of([]), json!([["created", "=", null], there])),
        (
            CREATED.none_of([moment()]),
            json!([
                there,
                [
                    "OR",
                    [
                        ["created", "=", null],
                        created("<", AT),
                        created(">=", NEXT)
                    ]
                ]
            ]),
        ),
        (CREATED.none_of([]), json!([there])),
    ] {
        assert_eq!(plain(filter).unwrap(), expected);
    }
}

#[test]
fn a_field_knows_the_times_below_it_that_have_no_zone() {
    use field::*;
    let time = |field: QueryField<Entry, DateTime>| {
        plain(field.ge(moment())).unwrap()[1][2]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(time(SCAN.at("start")), AT);
    assert_eq!(time(SCAN.at::<Raw>("a").at("b")), AT);
    assert_eq!(time(SCAN.at("end")), AT_Z);
    assert_eq!(time(SCAN.at_naive("end")), AT);
    assert_eq!(time(VDEVS.at("*.added")), AT);
    assert_eq!(time(VDEVS.at_naive("*.seen")), AT);
}

#[test]
fn next_to_a_time_lists_are_written_one_by_one() {
    use field::*;
    let beside = |filter| {
        let both = Filter::all_of([CREATED.ge(moment()), filter]);
        plain(both).map(|filters| json!(filters.as_array().unwrap()[2..]))
    };
    for (filter, expected) in [
        (
            NAME.one_of(["a", "b"]),
            json!([["OR", [["name", "=", "a"], ["name", "=", "b"]]]]),
        ),
        (
            NAME.one_of(["a"]).ignore_case(),
            json!([["OR", [["name", "C=", "a"]]]]),
        ),
        (
            USED.one_of([]),
            json!([["used", "=", null], ["used", "!=", null]]),
        ),
        (
            USED.none_of([1, 2]),
            json!([["used", "!=", null], ["used", "!=", 1], ["used", "!=", 2]]),
        ),
        (
            DAY.one_of([]),
            json!([["day", "=", null], ["day", "!=", null]]),
        ),
        (
            VDEVS.at::<i64>("*.n").one_of([1]),
            json!([["OR", [["vdevs.*.n", "=", 1]]]]),
        ),
        (NAME.contains("a"), json!([["name", "rin", "a"]])),
    ] {
        assert_eq!(beside(filter).unwrap(), expected);
    }
    let refused = |path: &str| Err(QueryError::ListBesideTime(path.to_owned()));
    assert_eq!(beside(LABELS.eq(vec![])), refused("labels"));
    assert_eq!(beside(SCAN.eq(json!({"a": 1}).into())), refused("scan"));
    assert_eq!(beside(FLAGS.eq(Set::new())), refused("flags"));
    let numbers = VDEVS.at::<i64>("*.n");
    assert_eq!(beside(numbers.none_of([1, 2])), refused("vdevs.*.n"));
    // The server compares the time itself in place of this text.
    assert_eq!(beside(NAME.eq(AT)), Err(QueryError::TextIsTime));
    assert!(beside(NAME.eq(AT_Z)).is_ok());
}

#[test]
fn case_is_ignored_in_text_alone() {
    use field::*;
    for (filter, expected) in [
        (NAME.eq("a"), json!([["name", "C=", "a"]])),
        (NAME.one_of(["a"]), json!([["name", "Cin", ["a"]]])),
        (NAME.one_of([""; 0]), json!([["name", "in", []]])),
        (NAME.not_contains("a"), json!([["name", "Crnin", "a"]])),
        (NAME.is_null(), json!([["name", "=", null]])),
        (LABELS.contains("a"), json!([["labels", "Crin", "a"]])),
        (
            LABELS.eq(vec!["a".into()]),
            json!([["labels", "C=", ["a"]]]),
        ),
        (USED.one_of([]), json!([["used", "in", []]])),
        (USED.eq(1), json!([["used", "=", 1]])),
        (SCAN.eq(json!("a").into()), json!([["scan", "=", "a"]])),
        (VDEVS.contains(json!("a")), json!([["vdevs", "rin", "a"]])),
        (
            DAY.eq(Date::from("2023-11-14".to_owned())),
            json!([["day", "=", "2023-11-14"]]),
        ),
        (
            CREATED.ge(moment()),
            json!([["created", "!=", null], ["created.$date", ">=", AT]]),
        ),
        (Filter::new("a", Op::Eq, "b"), json!([["a", "C=", "b"]])),
    ] {
        assert_eq!(plain(filter.ignore_case()).unwrap(), expected);
    }
}

#[test]
fn a_service_that_filters_in_sql_receives_its_own_form() {
    use field::*;
    let regex = |pattern: &str| {
        json!([
            ["name", "!=", null],
            ["OR", [["name", "=", null], ["name", "~", pattern]]]
        ])
    };
    for (filter, expected) in [
        (NAME.eq("a.b"), json!([["name", "=", "a.b"]])),
        (NAME.is_not_null(), json!([["name", "!=", null]])),
        (
            NAME.ne("a"),
            json!([["OR", [["name", "=", null], ["name", "!=", "a"]]]]),
        ),
        (NAME.one_of(["a"]), json!([["name", "in", ["a"]]])),
        (NAME.none_of(["a"]), json!([["name", "nin", ["a"]]])),
        (NAME.none_of([""; 0]), json!([["name", "!=", null]])),
        (USED.gt(1), json!([["used", ">", 1]])),
        (NAME.starts_with("a.b"), regex(r"^(?-i:a\.b)")),
        (NAME.not_starts_with("a"), regex("^(?!(?-i:a))")),
        (NAME.ends_with("a"), regex(r"(?-i:a)\Z")),
        (NAME.not_ends_with("a"), regex(r"^(?![\s\S]*(?-i:a)\Z)")),
        (NAME.contains("a"), regex("(?-i:a)")),
        (NAME.not_contains("a"), regex(r"^(?![\s\S]*(?-i:a))")),
        (NAME.matches("a|b"), regex("^(?-i:a|b)")),
        (NAME.matches("(?i)a|b"), regex("^(?i:a|b)")),
        (NAME.matches("(?sx)a # b"), regex("^(?sx-i:a # b\n)")),
        (NAME.matches("(?:a)b"), regex("^(?-i:(?:a)b)")),
        (NAME.eq("a").ignore_case(), regex(r"^(?a:a)\Z")),
        (NAME.one_of(["a", "b"]).ignore_case(), regex(r"^(?a:a|b)\Z")),
        (NAME.none_of(["a"]).ignore_case(), regex(r"^(?!(?a:a)\Z)")),
        (NAME.starts_with("a").ignore_case(), regex("^(?a:a)")),
        (
            NAME.ne("a").ignore_case(),
            json!([["OR", [["name", "=", null], ["name", "~", r"^(?!(?a:a)\Z)"]]]]),
        ),
        // (A and B) or C
        (
            Filter::any_of([Filter::all_of([USED.eq(1), LOCKED.eq(true)]), USED.eq(2)]),
            json!([
                ["OR", [["used", "=", 1], ["used", "=", 2]]],
                ["OR", [["locked", "=", true], ["used", "=", 2]]]
            ]),
        ),
        (
            Filter::any_of([Filter::all_of([USED.eq(1)])]),
            json!([["used", "=", 1]]),
        ),
        (
            Filter::new("$.scan.a", Op::Eq, 1),
            json!([["$.scan.a", "=", 1]]),
        ),
    ] {
        assert_eq!(sql(filter).unwrap(), expected);
    }
    let text = |path: &str| path.to_owned();
    for (filter, expected) in [
        (SEEN.gt(moment()), QueryError::SqlTime),
        (
            SCAN.at::<i64>("a").eq(1),
            QueryError::SqlPath(text("scan.a")),
        ),
        (KEY.eq("a".into()), QueryError::SqlSecret(text("key"))),
        (
            KEYS.ne(vec!["a".into()]),
            QueryError::SqlSecret(text("keys")),
        ),
        (KEYS.contains("a"), QueryError::SqlContains(text("keys"))),
        (PIN.ne(1.into()), QueryError::SqlSecret(text("pin"))),
        (PIN.one_of([1.into()]), QueryError::SqlSecret(text("pin"))),
        (
            HIDDEN.eq(SecretValue::new(json!({"a": 1}).into())),
            QueryError::SqlSecret(text("hidden")),
        ),
        (
            HIDDEN.at::<str>("a").eq("b"),
            QueryError::SqlPath(text("hidden.a")),
        ),
        (
            LABELS.contains("a"),
            QueryError::SqlContains(text("labels")),
        ),
        (
            VDEVS.not_contains(json!(1)),
            QueryError::SqlContains(text("vdevs")),
        ),
        (NAME.eq("ä").ignore_case(), QueryError::SqlIgnoreCase),
        (NAME.matches("a").ignore_case(), QueryError::IgnoreCase),
        (Filter::any_of([]), QueryError::Empty),
        (Filter::any_of([Filter::all_of([])]), QueryError::Empty),
        (RATIO.eq(f64::NAN), QueryError::NotAValue),
    ] {
        assert_eq!(sql(filter), Err(expected));
    }
    let pair = |n| Filter::all_of([USED.eq(n), LOCKED.eq(true)]);
    let large = Filter::any_of((0..12).map(pair));
    assert_eq!(sql(large), Err(QueryError::SqlTooLarge));
}

#[test]
fn filters_that_the_server_misunderstands_are_not_sent() {
    use field::*;
    let text = DateTime::from("2023-11-14".to_owned());
    let null: DateTime = from_value(&json!({"$date": null})).unwrap();
    let millis = DateTime::from_millis;
    let hour = |text: &str| from_value::<Time>(&json!({"$time": text})).unwrap();
    let items = || VDEVS.at::<DateTime>("*.added");
    for (filter, expected) in [
        (SEEN.eq(text.clone()), QueryError::TimeIsText),
        (SEEN.gt(text.clone()), QueryError::TimeIsText),
        (SEEN.one_of([moment(), text]), QueryError::TimeIsText),
        (SEEN.ne(null.clone()), QueryError::TimeIsText),
        (SEEN.none_of([null]), QueryError::TimeIsText),
        (KEY.ne("********".into()), QueryError::RedactedSecret),
        (
            PIN.ne(from_str(r#""********""#).unwrap()),
            QueryError::RedactedSecret,
        ),
        (SEEN.gt(millis(i64::MAX)), QueryError::TimeOutOfRange),
        (SEEN.eq(millis(i64::MIN)), QueryError::TimeOutOfRange),
        (
            SEEN.le(millis(253_402_300_799_000)),
            QueryError::TimeOutOfRange,
        ),
        (
            SEEN.lt(millis(-62_135_596_801_000)),
            QueryError::TimeOutOfRange,
        ),
        (HOUR.eq(hour("22:13:20+01:00")), QueryError::TimeOfDay),
        (HOUR.one_of([hour("22:13:20.5")]), QueryError::TimeOfDay),
        (RATIO.eq(f64::NAN), QueryError::NotAValue),
        (RATIO.lt(f64::INFINITY), QueryError::NotAValue),
        (
            RATIO.none_of([1.0, f64::NEG_INFINITY]),
            QueryError::NotAValue,
        ),
        (NAME.eq("a.$date"), QueryError::TextEndsInDate),
        (LABELS.contains("a.$date"), QueryError::TextEndsInDate),
        (
            Filter::any_of([NAME.starts_with("b.$date"), USED.eq(1)]),
            QueryError::TextEndsInDate,
        ),
        (
            Filter::new("seen.$date", Op::In, json!([AT])),
            QueryError::TimeOperator,
        ),
        (
            items().eq(moment()),
            QueryError::TimeOfItems("vdevs.*.added".into()),
        ),
        (
            items().none_of([moment(), millis(0)]),
            QueryError::TimeOfItems("vdevs.*.added".into()),
        ),
    ] {
        assert_eq!(plain(filter), Err(expected));
    }
    assert!(plain(SEEN.lt(millis(253_402_300_799_000))).is_ok());
    assert!(plain(SEEN.ge(millis(-62_135_596_800_000))).is_ok());
    assert!(plain(HOUR.eq(hour("22:13"))).is_ok());
    assert!(plain(NAME.one_of(["a.$date"])).is_ok());
    assert!(plain(items().gt(moment())).is_ok());
    assert!(plain(items().none_of([moment()])).is_ok());
}

#[test]
fn an_integer_of_more_than_64_bits_is_not_sent() {
    use field::*;
    let wide = 1_i128 << 64;
    let serial = || BigInteger::from(wide);
    let raw = || from_str::<Raw>(r#"{"a":[18446744073709551616]}"#).unwrap();
    for filter in [
        SERIAL.eq(serial()),
        SERIAL.ne(serial()),
        SERIAL.one_of([1.into(), serial()]),
        SERIAL.none_of([serial()]),
        GUID.lt(wide),
        GUID.ge(-wide),
        GUIDS.contains(wide),
        GUIDS.ne(vec![1, wide]),
        SCAN.eq(raw()),
        HIDDEN.ne(raw().into()),
        Filter::any_of([NAME.eq("a"), SERIAL.eq(serial())]),
    ] {
        assert_eq!(plain(filter.clone()), Err(QueryError::WideInteger));
        assert_eq!(sql(filter.clone()), Err(QueryError::WideInteger));
        assert_eq!(Value::from(filter), json!(["OR", []]));
    }
    let filter = SERIAL.eq(u64::MAX.into());
    assert_eq!(plain(filter), Ok(json!([["serial", "=", u64::MAX]])));
    let digits = NAME.eq("18446744073709551616");
    let expected = json!([["name", "=", "18446744073709551616"]]);
    assert_eq!(plain(digits), Ok(expected));
    let digits = SCAN.eq(json!("18446744073709551616").into());
    let expected = json!([["scan", "=", "18446744073709551616"]]);
    assert_eq!(plain(digits), Ok(expected));
}

#[test]
fn a_secret_is_compared_by_its_content_outside_of_sql() {
    use field::*;
    for (filter, expected) in [
        (PIN.eq(1.into()), json!([["pin", "=", 1]])),
        (
            HIDDEN.at::<str>("a").eq("b"),
            json!([["hidden.a", "=", "b"]]),
        ),
        (
            HIDDEN.at::<DateTime>("at").ge(moment()),
            json!([["hidden.at", "!=", null], ["hidden.at.$date", ">=", AT]]),
        ),
        (
            HIDDEN.at_naive("b").ge(moment()),
            json!([["hidden.b", "!=", null], ["hidden.b.$date", ">=", AT]]),
        ),
    ] {
        assert_eq!(plain(filter), Ok(expected));
    }
    assert!(sql(PIN.is_null()).is_ok());
}

#[test]
fn a_filter_without_a_form_is_one_that_the_server_refuses() {
    let value = Value::from(field::RATIO.eq(f64::NAN));
    assert_eq!(value, json!(["OR", []]));
}

#[test]
fn the_first_order_decides_first() {
    use field::*;
    let order_by = |params: Value| params[1]["order_by"].clone();
    let plain = sent::<Plain>(|query| query.order_by(NAME).order_by(USED.desc().nulls_last()));
    assert_eq!(
        order_by(plain.unwrap()),
        json!(["nulls_last:-used", "name"])
    );
    let sql = sent::<Sql>(|query| query.order_by(NAME).order_by(USED.desc().nulls_last()));
    assert_eq!(order_by(sql.unwrap()), json!(["name", "nulls_last:-used"]));
    let path = || SCAN.at::<i64>("a").asc();
    let plain = sent::<Plain>(|query| query.order_by(path()));
    assert_eq!(order_by(plain.unwrap()), json!(["scan.a"]));
    assert_eq!(
        sent::<Plain>(|query| query.order_by(path().nulls_first())),
        Err(QueryError::NullsOfPath("scan.a".into()))
    );
}

#[test]
fn selected_columns_are_what_is_sorted() {
    use field::*;
    let order_by = |options: Result<Value, QueryError>| {
        options.map(|options| options["order_by"][0].as_str().unwrap().to_owned())
    };
    let part = || SCAN.at::<i64>("a");
    let sorted = |path: &str| Ok(path.to_owned());
    assert_eq!(
        order_by(selected::<Plain>(NAME, (NAME, USED))),
        sorted("name")
    );
    assert_eq!(
        order_by(selected::<Plain>(part(), (SCAN,))),
        sorted("scan.a")
    );
    assert_eq!(
        order_by(selected::<Plain>(
            part().asc().nulls_last(),
            (part().named("a"),)
        )),
        sorted("nulls_last:a")
    );
    assert_eq!(
        order_by(selected::<Plain>(
            SCAN.at::<i64>("a.b").desc(),
            (part().named("x.y"),)
        )),
        sorted(r"-x\.y.b")
    );
    assert_eq!(
        order_by(selected::<Plain>(Order::desc("n"), (NAME.named("n"),))),
        sorted("-n")
    );
    assert_eq!(
        selected::<Plain>(USED, (NAME,)),
        Err(QueryError::NotSelected("used".into()))
    );
    // `name` does not cover `names`.
    assert_eq!(
        selected::<Plain>(Order::asc("names"), (NAME,)),
        Err(QueryError::NotSelected("names".into()))
    );
    assert_eq!(order_by(selected::<Sql>(USED, (NAME,))), sorted("used"));
    assert_eq!(
        order_by(selected::<Snapshots>(USED, (NAME,))),
        sorted("used")
    );
}

#[test]
fn columns_that_the_server_cannot_select_are_not_requested() {
    use field::*;
    let item = |path: &str| Err(QueryError::SelectsItem(path.to_owned()));
    let column = |path: &'static str| vec![NAME.into(), Column::<Entry>::new(path)];
    assert_eq!(
        selected::<Plain>(NAME, column("vdevs.*.n")),
        item("vdevs.*.n")
    );
    assert_eq!(selected::<Plain>(NAME, column("vdevs.0")), item("vdevs.0"));
    assert!(selected::<Plain>(NAME, column(r"user\.0")).is_ok());
    assert!(selected::<Plain>(NAME, column("scan.a")).is_ok());
    let nested = Err(QueryError::SelectsKeysOnly("scan.a".into()));
    assert_eq!(selected::<Snapshots>(NAME, column("scan.a")), nested);
    let renamed = Err(QueryError::SelectsKeysOnly("name".into()));
    assert_eq!(selected::<Snapshots>(NAME, (NAME.named("n"),)), renamed);
    assert!(selected::<Snapshots>(NAME, (NAME, USED)).is_ok());
}

proptest! {
    /// The fraction of a second is never sent.
    #[test]
    fn every_time_is_written_with_whole_seconds(millis in any::<i64>()) {
        let time = DateTime::from_millis(millis);
        match plain(field::SEEN.eq(time)) {
            Ok(filters) => for bound in [&filters[1][2], &filters[2][2]] {
                prop_assert_eq!(bound.as_str().unwrap().len(), AT_Z.len());
            },
            Err(error) => prop_assert_eq!(error, QueryError::TimeOutOfRange),
        }
    }

    /// The database reads any text literally.
    #[test]
    fn a_text_in_a_regular_expression_is_escaped(text in "[ -~äß\n]{0,8}") {
        let filters = sql(field::NAME.contains(&text)).unwrap();
        let pattern = filters[1][1][1][2].as_str().unwrap();
        let inner = pattern.strip_prefix("(?-i:").unwrap().strip_suffix(')').unwrap();
        let mut chars = inner.chars();
        let mut read = String::new();
        while let Some(char) = chars.next() {
            prop_assert!(!r".+*?()|[]{}^$".contains(char), "{inner}");
            read.push(if char == '\\' { chars.next().unwrap() } else { char });
        }
        prop_assert_eq!(read, text);
    }
}
