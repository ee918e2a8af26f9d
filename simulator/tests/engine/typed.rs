//! The filters that typed queries write, read by the engine: they find what
//! their documentation says, whatever the entries are.

use std::cmp::Ordering;
use std::fmt;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use serde_json::{Value, json};
use truenas_runtime::{
    Answer, Call, DateTime, DecodeError, Filter, Method, MethodInfo, MethodKind, Order, Pipes,
    Query, QueryError, QueryField, QueryRequest, QueryResult, Quirk, Raw, Transport,
};
use truenas_simulator::engine::{self, Nature};

const NAME: QueryField<Raw, str> = QueryField::new("name");
const SIZE: QueryField<Raw, i64> = QueryField::new("size");
const RATIO: QueryField<Raw, f64> = QueryField::new("ratio");
const SEEN: QueryField<Raw, DateTime> = QueryField::new("seen");
const MADE: QueryField<Raw, DateTime> = QueryField::naive("made");
const TAGS: QueryField<Raw, Vec<String>> = QueryField::new("tags");

const INFO: MethodInfo = MethodInfo {
    name: "thing.query",
    kind: MethodKind::Call,
    pipes: Pipes::NONE,
    roles: &[],
    parameters: &[],
    reads_only: true,
    removed_in: None,
};

enum Plain {}
enum Sql {}

impl Method for Plain {
    const INFO: &'static MethodInfo = &INFO;
    type Params = ();
    type Result = QueryResult<Raw>;
}

impl Query for Plain {
    type Entry = Raw;
}

impl Method for Sql {
    const INFO: &'static MethodInfo = &INFO;
    type Params = ();
    type Result = QueryResult<Raw>;
}

impl Query for Sql {
    type Entry = Raw;
    const QUIRKS: &'static [Quirk] = &[Quirk::FiltersInSql];
}

/// Keeps the parameters of the last call.
#[derive(Default)]
struct Capture(Mutex<Vec<Value>>);

#[derive(Debug)]
enum Error {
    Query(QueryError),
    Decode(#[expect(dead_code, reason = "shown by Debug")] DecodeError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl From<QueryError> for Error {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl Transport for Capture {
    type Error = Error;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        *self.0.lock().unwrap() = call.params;
        Ok(json!(0).into())
    }
}

/// The parameters that a query sends.
fn sent<Q: Query<Entry = Raw>>(
    build: impl FnOnce(QueryRequest<'_, Capture, Q>) -> QueryRequest<'_, Capture, Q>,
) -> Result<(Value, Value), QueryError> {
    let client = Capture::default();
    let count = pin!(build(QueryRequest::new(&client)).count());
    match count.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(_)) => {}
        Poll::Ready(Err(Error::Query(error))) => return Err(error),
        other => panic!("{other:?}"),
    }
    let mut params = std::mem::take(&mut *client.0.lock().unwrap());
    let mut options = params.pop().unwrap();
    options["count"] = false.into();
    Ok((params.pop().unwrap(), options))
}

fn nature(sql: bool) -> Nature {
    let times = json!([{"method": INFO.name, "path": "made", "versions": ["v*"],
        "microseconds": true, "reason": ""}]);
    let quirks = json!([{"method": INFO.name, "quirk": "filters_in_sql", "versions": ["v*"],
        "reason": ""}]);
    let overrides = json!({"secrets": [], "integers": [], "reads_only": [], "names": [],
        "naive_times": times, "query_quirks": if sql { quirks } else { json!([]) }});
    let overrides = serde_json::from_value(overrides).unwrap();
    Nature::of(&overrides, "v25.10.0", INFO.name)
}

/// What an entry holds under each key; missing keys are `None`, nulls
/// `Some(None)`.
#[derive(Debug, Clone)]
struct Thing {
    name: Option<Option<String>>,
    size: Option<Option<i64>>,
    ratio: Option<Option<f64>>,
    /// In seconds.
    seen: Option<Option<i64>>,
    made: Option<Option<i64>>,
    tags: Option<Vec<String>>,
}

impl Thing {
    fn entry(&self, id: usize) -> Value {
        let mut entry = json!({"id": id});
        let time = |seconds: Option<i64>| seconds.map(|seconds| json!({"$date": seconds * 1_000}));
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                entry[key] = value;
            }
        };
        put("name", self.name.clone().map(Value::from));
        put("size", self.size.map(Value::from));
        put("ratio", self.ratio.map(Value::from));
        put("seen", self.seen.map(|seen| json!(time(seen))));
        put("made", self.made.map(|made| json!(time(made))));
        put("tags", self.tags.clone().map(Value::from));
        entry
    }
}

/// How a field is compared.
#[derive(Debug, Clone)]
enum Test<T> {
    Null,
    NotNull,
    Eq(T),
    Ne(T),
    OneOf(Vec<T>),
    NoneOf(Vec<T>),
    Gt(T),
    Ge(T),
    Lt(T),
    Le(T),
}

#[derive(Debug, Clone)]
enum Part {
    Starts,
    NotStarts,
    Ends,
    NotEnds,
    Contains,
    NotContains,
}

#[derive(Debug, Clone)]
enum Condition {
    Size(Test<i64>),
    Ratio(Test<f64>),
    /// In milliseconds.
    Seen(Test<i64>),
    Made(Test<i64>),
    /// No text has an order.
    Name(Test<String>, bool),
    NamePart(Part, String, bool),
    Tagged(String),
    NotTagged(String),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

impl<T: PartialOrd> Test<T> {
    /// The documented meaning.
    fn holds(&self, value: Option<Option<T>>) -> bool {
        let Some(value) = value else {
            return false;
        };
        match (self, value) {
            (Self::Null, value) => value.is_none(),
            (Self::NotNull, value) => value.is_some(),
            (Self::Ne(given), value) => value.as_ref() != Some(given),
            (_, None) => false,
            (Self::Eq(given), Some(value)) => value == *given,
            (Self::OneOf(given), Some(value)) => given.contains(&value),
            (Self::NoneOf(given), Some(value)) => !given.contains(&value),
            (Self::Gt(given), Some(value)) => value > *given,
            (Self::Ge(given), Some(value)) => value >= *given,
            (Self::Lt(given), Some(value)) => value < *given,
            (Self::Le(given), Some(value)) => value <= *given,
        }
    }
}

impl<T> Test<T> {
    fn map<U>(self, map: impl Fn(T) -> U) -> Test<U> {
        match self {
            Self::Null => Test::Null,
            Self::NotNull => Test::NotNull,
            Self::Eq(given) => Test::Eq(map(given)),
            Self::Ne(given) => Test::Ne(map(given)),
            Self::OneOf(given) => Test::OneOf(given.into_iter().map(map).collect()),
            Self::NoneOf(given) => Test::NoneOf(given.into_iter().map(map).collect()),
            Self::Gt(given) => Test::Gt(map(given)),
            Self::Ge(given) => Test::Ge(map(given)),
            Self::Lt(given) => Test::Lt(map(given)),
            Self::Le(given) => Test::Le(map(given)),
        }
    }
}

macro_rules! typed {
    ($field:expr, $test:expr) => {
        match $test {
            Test::Null => $field.is_null(),
            Test::NotNull => $field.is_not_null(),
            Test::Eq(given) => $field.eq(given),
            Test::Ne(given) => $field.ne(given),
            Test::OneOf(given) => $field.one_of(given),
            Test::NoneOf(given) => $field.none_of(given),
            Test::Gt(given) => $field.gt(given),
            Test::Ge(given) => $field.ge(given),
            Test::Lt(given) => $field.lt(given),
            Test::Le(given) => $field.le(given),
        }
    };
}

fn folded(text: &str, ignore_case: bool) -> String {
    if ignore_case {
        text.to_ascii_lowercase()
    } else {
        text.to_owned()
    }
}

impl Condition {
    fn filter(self) -> Filter<Raw> {
        let cased = |filter: Filter<Raw>, ignore_case| {
            if ignore_case {
                filter.ignore_case()
            } else {
                filter
            }
        };
        match self {
            Self::Size(test) => typed!(SIZE, test),
            Self::Ratio(test) => typed!(RATIO, test),
            Self::Seen(test) => typed!(SEEN, test.map(DateTime::from_millis)),
            Self::Made(test) => typed!(MADE, test.map(DateTime::from_millis)),
            Self::Name(test, ignore_case) => cased(
                match test {
                    Test::Null => NAME.is_null(),
                    Test::Eq(text) => NAME.eq(&text),
                    Test::Ne(text) => NAME.ne(&text),
                    Test::OneOf(texts) => NAME.one_of(texts),
                    Test::NoneOf(texts) => NAME.none_of(texts),
                    _ => NAME.is_not_null(),
                },
                ignore_case,
            ),
            Self::NamePart(part, text, ignore_case) => cased(
                match part {
                    Part::Starts => NAME.starts_with(&text),
                    Part::NotStarts => NAME.not_starts_with(&text),
                    Part::Ends => NAME.ends_with(&text),
                    Part::NotEnds => NAME.not_ends_with(&text),
                    Part::Contains => NAME.contains(&text),
                    Part::NotContains => NAME.not_contains(&text),
                },
                ignore_case,
            ),
            Self::Tagged(text) => TAGS.contains(text),
            Self::NotTagged(text) => TAGS.not_contains(text),
            Self::All(all) => Filter::all_of(all.into_iter().map(Self::filter)),
            Self::Any(any) => Filter::any_of(any.into_iter().map(Self::filter)),
        }
    }

    /// The documented meaning.
    fn holds(&self, thing: &Thing) -> bool {
        let seconds = |test: &Test<i64>| test.clone().map(|millis| millis.div_euclid(1_000));
        match self {
            Self::Size(test) => test.holds(thing.size),
            Self::Ratio(test) => test.holds(thing.ratio),
            Self::Seen(test) => seconds(test).holds(thing.seen),
            Self::Made(test) => seconds(test).holds(thing.made),
            Self::Name(test, ignore_case) => {
                let test = match test {
                    Test::Gt(_) | Test::Ge(_) | Test::Lt(_) | Test::Le(_) => Test::NotNull,
                    other => other.clone(),
                };
                let name = thing.name.clone();
                let name = name.map(|name| name.map(|name| folded(&name, *ignore_case)));
                test.map(|text| folded(&text, *ignore_case)).holds(name)
            }
            Self::NamePart(part, text, ignore_case) => {
                let Some(Some(name)) = &thing.name else {
                    return false;
                };
                let (name, text) = (folded(name, *ignore_case), folded(text, *ignore_case));
                match part {
                    Part::Starts => name.starts_with(&text),
                    Part::NotStarts => !name.starts_with(&text),
                    Part::Ends => name.ends_with(&text),
                    Part::NotEnds => !name.ends_with(&text),
                    Part::Contains => name.contains(&text),
                    Part::NotContains => !name.contains(&text),
                }
            }
            Self::Tagged(text) => thing.tags.as_ref().is_some_and(|tags| tags.contains(text)),
            Self::NotTagged(text) => thing.tags.as_ref().is_some_and(|tags| !tags.contains(text)),
            Self::All(all) => all.iter().all(|condition| condition.holds(thing)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(thing)),
        }
    }
}

fn text() -> impl Strategy<Value = String> + Clone {
    "[aB._%\\\\\n]{0,2}"
}

fn things() -> impl Strategy<Value = Vec<Thing>> {
    fn held<T: fmt::Debug + Clone>(
        value: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = Option<Option<T>>> {
        proptest::option::weighted(0.9, proptest::option::weighted(0.8, value))
    }
    let ratio = prop_oneof![Just(0.5), Just(1.0), Just(-2.0)];
    let tags = proptest::option::of(proptest::collection::vec(text(), 0..3));
    let thing = (
        held(text()),
        held(-2_i64..3),
        held(ratio),
        held(-1_i64..2),
        held(-1_i64..2),
        tags,
    );
    let thing = thing.prop_map(|(name, size, ratio, seen, made, tags)| Thing {
        name,
        size,
        ratio,
        seen,
        made,
        tags,
    });
    proptest::collection::vec(thing, 0..12)
}

fn test<T: fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Test<T>> + Clone {
    let list = proptest::collection::vec(value.clone(), 0..3);
    prop_oneof![
        Just(Test::Null),
        Just(Test::NotNull),
        value.clone().prop_map(Test::Eq),
        value.clone().prop_map(Test::Ne),
        list.clone().prop_map(Test::OneOf),
        list.prop_map(Test::NoneOf),
        value.clone().prop_map(Test::Gt),
        value.clone().prop_map(Test::Ge),
        value.clone().prop_map(Test::Lt),
        value.prop_map(Test::Le),
    ]
}

/// Conditions on plain columns.
fn columns() -> impl Strategy<Value = Condition> + Clone {
    let part = prop_oneof![
        Just(Part::Starts),
        Just(Part::NotStarts),
        Just(Part::Ends),
        Just(Part::NotEnds),
        Just(Part::Contains),
        Just(Part::NotContains),
    ];
    prop_oneof![
        test(-2_i64..3).prop_map(Condition::Size),
        test(prop_oneof![Just(0.5), Just(1.0)]).prop_map(Condition::Ratio),
        (test(text()), any::<bool>()).prop_map(|(test, case)| Condition::Name(test, case)),
        (part, text(), any::<bool>())
            .prop_map(|(part, text, case)| Condition::NamePart(part, text, case)),
    ]
}

fn nested(leaf: impl Strategy<Value = Condition> + 'static) -> impl Strategy<Value = Condition> {
    leaf.prop_recursive(3, 10, 3, |inner| {
        let list = proptest::collection::vec(inner, 1..4);
        prop_oneof![
            list.clone().prop_map(Condition::All),
            list.prop_map(Condition::Any),
        ]
    })
}

fn conditions() -> impl Strategy<Value = Condition> {
    let millis = -1_500_i64..2_500;
    nested(prop_oneof![
        columns(),
        test(millis.clone()).prop_map(Condition::Seen),
        test(millis).prop_map(Condition::Made),
        text().prop_map(Condition::Tagged),
        text().prop_map(Condition::NotTagged),
    ])
}

/// The numbers of the entries that a query answers.
fn found(entries: &[Value], nature: &Nature, filters: &Value, options: &Value) -> Vec<usize> {
    let query = engine::Query::parse(filters, options).unwrap().of(nature);
    let found = query
        .run(entries)
        .unwrap_or_else(|failure| panic!("{filters} {options}: {failure:?}"));
    let found = found.as_array().unwrap().iter();
    found
        .map(|entry| entry["id"].as_u64().unwrap().try_into().unwrap())
        .collect()
}

fn entries(things: &[Thing]) -> Vec<Value> {
    let things = things.iter().enumerate();
    things.map(|(id, thing)| thing.entry(id)).collect()
}

fn expected(things: &[Thing], condition: &Condition) -> Vec<usize> {
    let things = things.iter().enumerate();
    let matching = things.filter(|(_, thing)| condition.holds(thing));
    matching.map(|(id, _)| id).collect()
}

/// Puts null where a key is missing: the rows of a database have all columns.
fn complete(things: &mut [Thing]) {
    for thing in things {
        thing.name.get_or_insert(None);
        thing.size.get_or_insert(None);
        thing.ratio.get_or_insert(None);
    }
}

/// An order by two keys: whether each is descending and where nulls go.
#[derive(Debug, Clone, Copy)]
struct Direction {
    descending: bool,
    nulls_first: bool,
}

impl Direction {
    fn order<T: ?Sized>(self, field: QueryField<Raw, T>) -> Order<Raw> {
        let order = if self.descending {
            field.desc()
        } else {
            field.asc()
        };
        if self.nulls_first {
            order.nulls_first()
        } else {
            order.nulls_last()
        }
    }

    fn compare<T: Ord>(self, one: Option<T>, other: Option<T>) -> Ordering {
        match (one, other) {
            (Some(one), Some(other)) if self.descending => other.cmp(&one),
            (Some(one), Some(other)) => one.cmp(&other),
            (one, other) if self.nulls_first => one.is_some().cmp(&other.is_some()),
            (one, other) => other.is_some().cmp(&one.is_some()),
        }
    }
}

fn directions() -> impl Strategy<Value = Direction> {
    (any::<bool>(), any::<bool>()).prop_map(|(descending, nulls_first)| Direction {
        descending,
        nulls_first,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_filter_finds_what_its_documentation_says(
        things in things(),
        condition in conditions(),
    ) {
        match sent::<Plain>(|query| query.filter(condition.clone().filter())) {
            Ok((filters, options)) => prop_assert_eq!(
                found(&entries(&things), &nature(false), &filters, &options),
                expected(&things, &condition),
                "{}", filters
            ),
            // A list next to a time costs a level.
            Err(error) => prop_assert_eq!(error, QueryError::TooDeep),
        }
    }

    #[test]
    fn it_finds_the_same_in_a_database(
        mut things in things(),
        condition in nested(columns()),
    ) {
        complete(&mut things);
        match sent::<Sql>(|query| query.filter(condition.clone().filter())) {
            Ok((filters, options)) => prop_assert_eq!(
                found(&entries(&things), &nature(true), &filters, &options),
                expected(&things, &condition),
                "{}", filters
            ),
            Err(error) => prop_assert_eq!(error, QueryError::SqlTooLarge),
        }
    }

    #[test]
    fn the_first_order_decides_first(
        mut things in things(),
        first in directions(),
        second in directions(),
    ) {
        complete(&mut things);
        let mut expected: Vec<(usize, &Thing)> = things.iter().enumerate().collect();
        expected.sort_by(|(_, one), (_, other)| {
            let names = first.compare(one.name.as_ref().unwrap().as_ref(), other.name.as_ref().unwrap().as_ref());
            names.then_with(|| second.compare(one.size.unwrap(), other.size.unwrap()))
        });
        let expected: Vec<usize> = expected.into_iter().map(|(id, _)| id).collect();
        let orders = || (first.order(NAME), second.order(SIZE));
        let (name, size) = orders();
        let (filters, options) = sent::<Plain>(|query| query.order_by(name).order_by(size)).unwrap();
        prop_assert_eq!(&found(&entries(&things), &nature(false), &filters, &options), &expected);
        let (name, size) = orders();
        let (filters, options) = sent::<Sql>(|query| query.order_by(name).order_by(size)).unwrap();
        prop_assert_eq!(found(&entries(&things), &nature(true), &filters, &options), expected);
    }
}
