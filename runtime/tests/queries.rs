//! Queries, against a transport that writes down what it is given.

#![allow(clippy::unwrap_used, clippy::panic)]

mod recorder;

use std::future::IntoFuture;

use recorder::{Recorder, RecorderError, now};
use serde_json::{Value, json};
use truenas_runtime::{
    BigInteger, Column, DateTime, DecodeError, Field, Filter, Json, Map, Method, MethodInfo,
    MethodKind, Order, Pipes, Query, QueryError, QueryField, QueryRequest, QueryResult, Raw,
    Reader, Typed, write_object,
};

#[derive(Debug, PartialEq)]
struct Dataset {
    name: String,
    used: i64,
}

const DATASET: &[Field] = &[Field::required("name"), Field::required("used")];

impl Json for Dataset {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(DATASET);
        Self {
            name: object.next(),
            used: object.next(),
        }
    }

    fn write(&self) -> Value {
        write_object(DATASET, &[&self.name, &self.used])
    }
}

/// What a service has of its entries' fields.
mod field {
    use super::*;
    type Field<T> = QueryField<Dataset, T>;
    pub(crate) const NAME: Field<str> = Field::new("name");
    pub(crate) const USED: Field<i64> = Field::new("used");
    pub(crate) const LOCKED: Field<bool> = Field::new("locked");
    pub(crate) const CREATED: Field<DateTime> = Field::new("created");
    pub(crate) const QUOTA: Field<Raw> = Field::new("quota");
}

enum DatasetQuery {}

impl Method for DatasetQuery {
    const INFO: &'static MethodInfo = &MethodInfo {
        name: "pool.dataset.query",
        kind: MethodKind::Call,
        pipes: Pipes::NONE,
        roles: &[],
        parameters: &[],
        reads_only: true,
        removed_in: None,
    };
    type Params = ();
    type Result = QueryResult<Dataset>;
}

impl Query for DatasetQuery {
    type Entry = Dataset;
}

fn query(client: &Recorder) -> QueryRequest<'_, Recorder, DatasetQuery> {
    QueryRequest::new(client)
}

fn datasets(names: &[&str]) -> Value {
    let entries = names.iter().map(|name| json!({"name": name, "used": 1}));
    entries.collect()
}

/// What a query is refused for; nothing may have been sent.
fn refused(
    end: impl FnOnce(QueryRequest<'_, Recorder, DatasetQuery>) -> Result<(), RecorderError>,
) -> QueryError {
    let client = Recorder::answering(Value::Null);
    let error = end(query(&client)).unwrap_err();
    assert!(client.sent().is_empty());
    match error {
        RecorderError::Query(error) => error,
        RecorderError::Decode(error) => panic!("{error}"),
    }
}

#[test]
fn conditions_are_put_together() {
    use field::*;
    let client = Recorder::answering(datasets(&[]));
    let filter = Filter::all_of([
        USED.gt(0),
        Filter::all_of([LOCKED.eq(false)]),
        Filter::any_of([
            NAME.eq("a"),
            Filter::all_of([NAME.starts_with("b"), USED.lt(9)]),
            Filter::any_of([NAME.eq("c")]),
        ]),
    ]);
    now(query(&client)
        .filter(filter)
        .filter(NAME.ne("z"))
        .into_future())
    .unwrap();
    assert_eq!(
        client.last(),
        (
            "pool.dataset.query",
            json!([
                [
                    ["used", "!=", null],
                    ["used", ">", 0],
                    ["locked", "=", false],
                    [
                        "OR",
                        [
                            ["name", "=", "a"],
                            [["name", "^", "b"], ["used", "!=", null], ["used", "<", 9]],
                            ["name", "=", "c"]
                        ]
                    ],
                    ["name", "!=", "z"]
                ],
                {}
            ])
        )
    );
}

#[test]
fn options_are_sent_as_they_were_set() {
    let client = Recorder::answering(datasets(&["a"]));
    let query = query(&client)
        .order_by(field::NAME)
        .order_by(field::USED.desc().nulls_last())
        .order_by(Order::asc("quota.parsed"))
        .limit(5)
        .offset(1)
        .extra("flat", true);
    assert_eq!(now(query.into_future()).unwrap()[0].name, "a");
    assert_eq!(
        client.last().1,
        json!([[], {
            // On the server, the last key decides first.
            "order_by": ["quota.parsed", "nulls_last:-used", "name"],
            "limit": 5,
            "offset": 1,
            "extra": {"flat": true}
        }])
    );
}

#[test]
fn each_end_of_a_query_has_its_own_answer() {
    let dataset = Dataset {
        name: "a".into(),
        used: 1,
    };
    let client = Recorder::answering(json!({"name": "a", "used": 1}));
    assert_eq!(now(query(&client).limit(1).get()).unwrap(), dataset);
    assert_eq!(client.last().1, json!([[], {"limit": 1, "get": true}]));

    let client = Recorder::answering_in_turn([datasets(&["a"]), datasets(&[])]);
    let first = || now(query(&client).offset(3).first()).unwrap();
    assert_eq!(first(), Some(dataset));
    assert_eq!(client.last().1, json!([[], {"limit": 1, "offset": 3}]));
    assert_eq!(first(), None);

    let client = Recorder::answering(json!(7));
    assert_eq!(now(query(&client).count()).unwrap(), 7);
    assert_eq!(client.last().1, json!([[], {"count": true}]));
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Usage {
    name: String,
    bytes: u64,
    created: Option<Typed<DateTime>>,
}

#[test]
fn columns_become_a_type_of_the_callers_own() {
    let row = json!({"name": "a", "bytes": 5, "created": {"$date": 1000}});
    let client = Recorder::answering(json!([row]));
    let columns = (
        field::NAME,
        field::QUOTA.at::<i64>("parsed").named("bytes"),
        field::CREATED,
    );
    let rows: Vec<Usage> = now(query(&client).select(columns)).unwrap();
    assert_eq!(
        rows,
        [Usage {
            name: "a".into(),
            bytes: 5,
            created: Some(Typed(DateTime::from_millis(1000))),
        }]
    );
    assert_eq!(
        client.last().1,
        json!([[], {"select": ["name", ["quota.parsed", "bytes"], "created"]}])
    );

    let columns = vec![Column::new(r"user\.key").named("key")];
    let rows: Vec<Map<String, Value>> = now(query(&client).select(columns)).unwrap();
    assert_eq!(rows[0]["bytes"], 5);
    assert_eq!(
        client.last().1,
        json!([[], {"select": [[r"user\.key", "key"]]}])
    );
}

#[test]
fn columns_keep_the_digits_of_integers() {
    #[derive(serde::Deserialize)]
    struct Guid {
        guid: Typed<BigInteger>,
        raw: Value,
    }
    let text = r#"[{"guid": 18446744073709551616, "raw": 18446744073709551616}]"#;
    let client = Recorder::answering(text.to_owned());
    let guids: Vec<Guid> = now(query(&client).select((field::NAME,))).unwrap();
    let [
        Guid {
            guid: Typed(guid),
            raw,
        },
    ] = guids.as_slice()
    else {
        panic!("one row");
    };
    assert_eq!(guid.to_string(), "18446744073709551616");
    assert_eq!(*raw, "18446744073709551616");

    #[derive(Debug, serde::Deserialize)]
    struct Rounded {
        #[expect(dead_code)]
        guid: f64,
    }
    assert!(now(query(&client).select::<Rounded>((field::NAME,))).is_err());
}

#[test]
fn a_row_that_does_not_fit_says_where_and_not_what() {
    let error = |row: Value| {
        let client = Recorder::answering(json!([{"name": "a", "bytes": 1}, row]));
        match now(query(&client).select::<Usage>((field::NAME,))).unwrap_err() {
            RecorderError::Decode(error) => {
                assert!(error.answer().is_some());
                error.to_string()
            }
            RecorderError::Query(error) => panic!("{error}"),
        }
    };
    assert_eq!(
        error(json!({"name": "b", "bytes": "hunter2, expected hunter2"})),
        "pool.dataset.query: at `$[1].bytes`: expected u64"
    );
    assert_eq!(
        error(json!({"name": "b"})),
        "pool.dataset.query: at `$[1]`: missing field `bytes`"
    );
    assert_eq!(
        error(json!({"name": "b", "bytes": 1, "created": ["hunter2"]})),
        "pool.dataset.query: at `$[1].created`: does not fit the type"
    );
}

#[test]
fn a_stream_asks_page_by_page() {
    let pages = [
        datasets(&["a", "b"]),
        datasets(&["c", "d"]),
        datasets(&["e"]),
    ];
    let client = Recorder::answering_in_turn(pages);
    let entries = query(&client).filter(field::USED.gt(0)).offset(10).stream();
    let mut entries = entries.page_size(2);
    let mut names = Vec::new();
    while let Some(entry) = now(entries.next()) {
        names.push(entry.unwrap().name);
        // The next page only when it is asked for.
        assert_eq!(client.sent().len(), names.len().div_ceil(2));
    }
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    assert!(now(entries.next()).is_none());
    let offsets = client.sent();
    let offsets: Vec<&Value> = offsets.iter().map(|params| &params[1]["offset"]).collect();
    assert_eq!(offsets, [10, 12, 14]);
    assert_eq!(
        client.last().1[0],
        json!([["used", "!=", null], ["used", ">", 0]])
    );
}

#[test]
fn a_stream_stops_at_the_limit_and_at_an_error() {
    let client = Recorder::answering_in_turn([datasets(&["a", "b"]), datasets(&["c"])]);
    let mut entries = query(&client).limit(3).stream().page_size(2);
    let mut count = 0;
    while let Some(entry) = now(entries.next()) {
        entry.unwrap();
        count += 1;
    }
    assert_eq!(count, 3);
    assert_eq!(
        client.sent(),
        [
            json!([[], {"limit": 2}]),
            json!([[], {"limit": 1, "offset": 2}])
        ]
    );

    let client = Recorder::answering(json!({"name": "a"}));
    let mut entries = query(&client).stream();
    assert!(now(entries.next()).unwrap().is_err());
    assert!(now(entries.next()).is_none());
    assert_eq!(client.sent().len(), 1);
}

/// Returns the name of each entry, or the error's message and the text of the
/// entry.
fn shown(rows: Vec<Result<Dataset, DecodeError>>) -> Vec<String> {
    let show = |row: Result<Dataset, DecodeError>| match row {
        Ok(dataset) => dataset.name,
        Err(error) => format!("{error} | {}", error.answer().unwrap().text()),
    };
    rows.into_iter().map(show).collect()
}

#[test]
fn one_entry_that_does_not_fit_does_not_lose_the_others() {
    let text = r#" [ {"name": "a", "used": 1}, {"name": "b", "used": "5]"} ,
        {"name": "c", "used": NaN},{"name":"d\udce9"}, {"name": "e", "used": 1}]"#;
    let client = Recorder::answering(text.to_owned());
    assert_eq!(
        shown(now(query(&client).each()).unwrap()),
        [
            "a",
            "pool.dataset.query: at `$[1].used`: expected integer, found string \
             | {\"name\": \"b\", \"used\": \"5]\"}",
            "pool.dataset.query: at `$[2]`: not JSON: `NaN` at line 1 column 23 \
             | {\"name\": \"c\", \"used\": NaN}",
            "pool.dataset.query: at `$[3]`: not JSON: lone leading surrogate in hex escape \
             at line 1 column 16 | {\"name\":\"d\\udce9\"}",
            "e",
        ]
    );
    assert_eq!(client.last().1, json!([[], {}]));
}

#[test]
fn the_error_of_a_list_counts_the_entries_that_cannot_be_read() {
    let error = |answer: Value| {
        let client = Recorder::answering(answer.clone());
        match now(query(&client).into_future()).unwrap_err() {
            RecorderError::Decode(error) => {
                assert_eq!(error.answer(), Some(&answer.into()));
                error.to_string()
            }
            RecorderError::Query(error) => panic!("{error}"),
        }
    };
    let good = json!({"name": "a", "used": 1});
    assert_eq!(
        error(json!([good, {"name": 5}, good, {"name": "hunter2"}])),
        "pool.dataset.query: at `$[1].name`: expected string, found integer; \
         2 of 4 entries cannot be read: call `each` to get the others"
    );
    assert_eq!(
        error(json!([null])),
        "pool.dataset.query: at `$[0]`: expected object, found null; \
         1 of 1 entries cannot be read"
    );
    assert_eq!(
        error(json!({})),
        "pool.dataset.query: at `$`: expected array, found object"
    );
}

#[test]
fn a_list_without_an_end_has_no_entries() {
    for text in [
        "", "{}", "5", "[", "[{}", "[{]", "[}", "[{}]]", "[{},]", "[,{}]", "[{},,{}]", "[{}] x",
        "[\"]", "[{}}", "nul",
    ] {
        let client = Recorder::answering(text.to_owned());
        let error = now(query(&client).each()).unwrap_err();
        assert!(
            error.to_string().starts_with("pool.dataset.query: at `$"),
            "{text}"
        );
    }
    for (text, count) in [
        ("[]", 0),
        (" [ ] ", 0),
        ("[[[],{}]]", 1),
        ("[\"\\\"\",1]", 2),
    ] {
        let client = Recorder::answering(text.to_owned());
        assert_eq!(now(query(&client).each()).unwrap().len(), count, "{text}");
    }
}

#[test]
fn a_stream_goes_on_after_an_entry_that_does_not_fit() {
    let (good, bad) = (json!({"name": "a", "used": 1}), json!({"name": "a"}));
    let pages = [json!([good, bad]), json!([bad, bad]), json!([good])];
    let client = Recorder::answering_in_turn(pages);
    let mut entries = query(&client).offset(10).stream().page_size(2);
    let mut seen = Vec::new();
    while let Some(entry) = now(entries.next()) {
        seen.push(match entry {
            Ok(entry) => entry.name,
            Err(RecorderError::Decode(error)) => {
                assert_eq!(error.answer().unwrap().text(), bad.to_string());
                error.path().to_owned()
            }
            Err(RecorderError::Query(error)) => panic!("{error}"),
        });
    }
    assert_eq!(seen, ["a", "$[1]", "$[2]", "$[3]", "a"]);
    let offsets = client.sent();
    let offsets: Vec<&Value> = offsets.iter().map(|params| &params[1]["offset"]).collect();
    assert_eq!(offsets, [10, 12, 14]);
}

#[test]
fn what_the_server_would_refuse_is_not_sent() {
    let list = |query: QueryRequest<'_, Recorder, DatasetQuery>| now(query.into_future()).map(drop);
    let stream = |query: QueryRequest<'_, Recorder, DatasetQuery>, size| {
        let mut entries = query.stream().page_size(size);
        let entry = now(entries.next()).unwrap().map(drop);
        assert!(now(entries.next()).is_none());
        entry
    };
    let nested = |depth| {
        let deeper = |inner, _| {
            let both = Filter::all_of([field::LOCKED.eq(true), inner]);
            Filter::any_of([field::USED.eq(1), both])
        };
        (0..depth).fold(field::NAME.eq("a"), deeper)
    };
    let any = |filters: Vec<Filter<Dataset>>| Filter::any_of(filters);

    let client = Recorder::answering(datasets(&[]));
    now(query(&client).filter(nested(3)).limit(10_000).into_future()).unwrap();

    for (error, expected) in [
        (
            refused(|query| list(query.filter(nested(4)))),
            QueryError::TooDeep,
        ),
        (
            refused(|query| list(query.filter(any(vec![])))),
            QueryError::Empty,
        ),
        (
            refused(|query| list(query.filter(any(vec![Filter::all_of([])])))),
            QueryError::Empty,
        ),
        (
            refused(|query| list(query.filter(field::NAME.matches("a").ignore_case()))),
            QueryError::IgnoreCase,
        ),
        (refused(|query| list(query.limit(0))), QueryError::Limit(0)),
        (
            refused(|query| list(query.limit(10_001))),
            QueryError::Limit(10_001),
        ),
        (
            refused(|query| now(query.limit(2).get()).map(drop)),
            QueryError::GetWithLimit(2),
        ),
        (
            refused(|query| now(query.offset(1).get()).map(drop)),
            QueryError::GetWithOffset(1),
        ),
        (
            refused(|query| now(query.filter(any(vec![])).count()).map(drop)),
            QueryError::Empty,
        ),
        (refused(|query| stream(query, 0)), QueryError::PageSize(0)),
        (
            refused(|query| stream(query, 10_001)),
            QueryError::PageSize(10_001),
        ),
        (
            refused(|query| stream(query.limit(0), 10)),
            QueryError::Limit(0),
        ),
    ] {
        assert_eq!(error, expected);
    }
}

#[test]
fn a_refusal_says_what_to_do() {
    assert_eq!(
        QueryError::Limit(20_000).to_string(),
        "`limit(20000)`: the server takes 1 to 10000; leave it out for all entries, or let \
         `stream` ask page by page"
    );
    assert_eq!(
        QueryError::GetWithOffset(3).to_string(),
        "`offset(3)` does not go with `get`: use `first`, which takes one"
    );
}

#[test]
fn debug_shows_no_values() {
    let filter = Filter::any_of([field::NAME.eq("hunter2"), field::NAME.one_of(["hunter2"])]);
    assert!(!format!("{filter:?}").contains("hunter2"));
    let client = Recorder::answering(Value::Null);
    let query = query(&client).filter(filter);
    assert_eq!(
        format!("{query:?}"),
        r#"QueryRequest("pool.dataset.query")"#
    );
    assert_eq!(
        format!("{:?}", query.stream()),
        r#"Entries("pool.dataset.query")"#
    );
}
