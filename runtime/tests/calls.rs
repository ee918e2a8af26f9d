//! Parameters and requests, against a transport that writes down what it is given.

#![allow(clippy::unwrap_used, clippy::panic)]

mod recorder;
mod types;

use std::future::IntoFuture;

use proptest::prelude::*;
use recorder::{Recorder, RecorderError, now};
use serde_json::{Value, json};
use truenas_runtime::{
    BigInteger, EntryId, Job, JobRequest, Method, MethodInfo, MethodKind, Parameter, Params, Patch,
    Pipes, QueryError, Raw, Request, Row, from_str, params_from_value, to_value,
};
use types::{Node, Update};

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "id",
        required: true,
        default: None,
    },
    Parameter {
        name: "data",
        required: false,
        default: Some(r#"{"sync": "STANDARD"}"#),
    },
    Parameter {
        name: "note",
        required: false,
        default: None,
    },
    Parameter {
        name: "force",
        required: false,
        default: Some("false"),
    },
];

const fn info(name: &'static str, kind: MethodKind) -> MethodInfo {
    MethodInfo {
        name,
        kind,
        pipes: Pipes::NONE,
        roles: &[],
        parameters: PARAMETERS,
        reads_only: false,
        removed_in: None,
    }
}

const UPDATE: MethodInfo = info("node.update", MethodKind::Call);
const SCRUB: MethodInfo = info("node.scrub", MethodKind::Job);

type NodeParams = (i64, Option<Update>, Patch<String>, Option<bool>);

enum NodeUpdate {}
impl Method for NodeUpdate {
    const INFO: &'static MethodInfo = &UPDATE;
    type Params = NodeParams;
    type Result = Node;
}

enum NodeScrub {}
impl Method for NodeScrub {
    const INFO: &'static MethodInfo = &SCRUB;
    type Params = NodeParams;
    type Result = ();
}
impl Job for NodeScrub {}

#[test]
fn parameters_behind_the_last_given_are_left_off() {
    let write = |params: NodeParams| Value::from(params.write_params(PARAMETERS));
    assert_eq!(write((1, None, Patch::Leave, None)), json!([1]));
    assert_eq!(
        write((1, Some(Update::default()), Patch::Leave, None)),
        json!([1, {}])
    );
    assert_eq!(
        write((1, None, Patch::Null, None)),
        json!([1, {"sync": "STANDARD"}, null])
    );
    assert_eq!(
        write((1, None, Patch::Leave, Some(true))),
        json!([1, {"sync": "STANDARD"}, null, true])
    );
}

#[test]
fn parameters_come_back_as_they_were() {
    for value in [
        json!([1]),
        json!([1, {}]),
        json!([1, {}, null]),
        json!([1, {}, "x", false]),
    ] {
        let params: NodeParams = params_from_value(&value, PARAMETERS).unwrap();
        assert_eq!(Value::from(params.write_params(PARAMETERS)), value);
    }
    assert!(params_from_value::<()>(&json!([]), &[]).is_ok());
}

#[test]
fn too_many_and_too_few_parameters_are_errors() {
    let error = |value| {
        params_from_value::<NodeParams>(&value, PARAMETERS)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(error(json!([])), "at `$`: missing parameter `id`");
    assert_eq!(
        error(json!([1, {}, "x", false, 5])),
        "at `$`: expected at most 4 parameters (the last is `force`), found 5"
    );
    assert_eq!(
        error(json!(["x"])),
        "at `$[0]`: expected integer, found string"
    );
    assert_eq!(error(json!({})), "at `$`: expected array, found object");
    assert!(params_from_value::<()>(&json!([1]), &[]).is_err());
}

#[test]
fn a_method_may_have_many_parameters() {
    type Eight = (i64, i64, i64, i64, i64, i64, i64, i64);
    fn all_are_params<P: Params>(values: &Value, parameters: &'static [Parameter]) -> Value {
        let params: P = params_from_value(values, parameters).unwrap();
        params.write_params(parameters).into()
    }
    const NUMBER: Parameter = Parameter {
        name: "number",
        required: true,
        default: None,
    };
    type Many = (
        Eight,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        i64,
        String,
    );
    let mut values = vec![json!([1, 2, 3, 4, 5, 6, 7, 8])];
    values.extend((1..31).map(Value::from));
    values.push("last".into());
    let values = Value::from(values);
    assert_eq!(all_are_params::<Many>(&values, &[NUMBER; 32]), values);
}

#[test]
fn a_request_sends_its_parameters_and_reads_the_answer() {
    let client = Recorder::answering(json!({"name": "a", "children": [], "size": 1}));
    let request = Request::<_, NodeUpdate>::new(&client, (1, None, Patch::Leave, None));
    assert_eq!(format!("{request:?}"), r#"Request(Call("node.update"))"#);
    assert_eq!(now(request.into_future()).unwrap().size, Some(1));
    assert_eq!(client.last(), ("node.update", json!([1])));
}

#[test]
fn an_answer_that_does_not_fit_names_the_method() {
    let client = Recorder::answering(json!({"name": 1}));
    let request = Request::<_, NodeUpdate>::new(&client, (1, None, Patch::Leave, None));
    let RecorderError::Decode(error) = now(request.into_future()).unwrap_err() else {
        panic!("the answer does not fit");
    };
    assert_eq!(error.method(), Some("node.update"));
    assert_eq!(
        error.to_string(),
        "node.update: at `$.name`: expected string, found integer"
    );
}

enum Sizes {}

impl Method for Sizes {
    const INFO: &'static MethodInfo = &info("node.sizes", MethodKind::Call);
    type Params = ();
    type Result = Vec<i64>;
}

#[test]
fn items_that_fit_are_read_next_to_one_that_does_not() {
    let client = Recorder::answering(json!([1, "x", 3]));
    let items = now(Request::<_, Sizes>::new(&client, ()).each()).unwrap();
    let [Ok(1), Err(error), Ok(3)] = items.as_slice() else {
        panic!("{items:?}");
    };
    assert_eq!(
        error.to_string(),
        "node.sizes: at `$[1]`: expected integer, found string"
    );
    assert_eq!(error.answer().unwrap().text(), r#""x""#);
}

#[test]
fn a_job_answers_its_id() {
    let client = Recorder::answering(json!(42));
    let request = JobRequest::<_, NodeScrub>::new(&client, (1, None, Patch::Null, None));
    assert_eq!(now(request.detach()).unwrap(), 42);
    assert_eq!(client.last().0, "node.scrub");
}

#[test]
fn a_row_is_full_only_if_nothing_is_lost() {
    let full = |value: Value| {
        let row: Row<Node> = truenas_runtime::from_value(&value).unwrap();
        assert_eq!(to_value(&row), value);
        matches!(row, Row::Full(_))
    };
    assert!(full(json!({"name": "a", "children": [], "size": 1})));
    assert!(full(json!({"name": "a", "children": [], "size": null})));
    assert!(
        !full(json!({"name": "a", "children": []})),
        "a key is missing"
    );
    assert!(
        !full(json!({"name": "a", "children": [], "size": 1, "n": 1})),
        "a key is new"
    );
    assert!(
        !full(json!({"name": "a", "children": [{"name": "b", "children": []}], "size": 1})),
        "a key is missing further down"
    );
    assert!(!full(json!({"n": "a"})));
}

#[test]
fn a_row_is_full_only_if_no_number_changes() {
    let full = |number: Value| {
        let row: Row<EntryId<f64>> =
            truenas_runtime::from_value(&json!({"id": number.clone()})).unwrap();
        assert_eq!(to_value(&row)["id"], number);
        matches!(row, Row::Full(_))
    };
    assert!(full(json!(0.5)));
    assert!(full(json!(9_007_199_254_740_992_i64)));
    assert!(!full(json!(9_007_199_254_740_993_i64)), "no `f64` holds it");
}

/// Items that fit, do not fit, and are not JSON.
const ITEMS: &[&str] = &[
    "1",
    "-7",
    "18446744073709551616",
    "null",
    r#""],[""#,
    r#""\"}""#,
    r#"{"a": [1, {}]}"#,
    "[[],[]]",
    "NaN",
    "[1, -Infinity]",
    r#""\udce9""#,
    "tru",
];

proptest! {
    #[test]
    fn any_list_is_read_item_by_item(
        items in proptest::collection::vec(proptest::sample::select(ITEMS), 0..8),
        space in "[ \n\t]{0,2}",
    ) {
        let spaced: Vec<String> = items.iter().map(|item| format!("{space}{item}{space}")).collect();
        let client = Recorder::answering(format!("{space}[{}]{space}", spaced.join(",")));
        let read = now(Request::<_, Sizes>::new(&client, ()).each()).unwrap();
        prop_assert_eq!(read.len(), items.len());
        for (index, (read, item)) in read.into_iter().zip(items).enumerate() {
            match (read, from_str::<i64>(item)) {
                (Ok(read), Ok(expected)) => prop_assert_eq!(read, expected),
                (Err(error), Err(expected)) => {
                    prop_assert_eq!(error.message(), expected.message());
                    let place = format!("$[{index}]");
                    prop_assert!(error.path().starts_with(&place));
                    prop_assert_eq!(error.answer().unwrap().text(), item);
                }
                (read, expected) => prop_assert!(false, "{read:?}, {expected:?}"),
            }
        }
    }

    #[test]
    fn any_text_is_a_list_or_an_error(text in "[\\[\\]{}:, \"0-9\\\\]{0,40}") {
        let client = Recorder::answering(format!("[{text}"));
        let _ = now(Request::<_, Sizes>::new(&client, ()).each());
    }
}

enum NodeNote {}
impl Method for NodeNote {
    const INFO: &'static MethodInfo = &UPDATE;
    type Params = (Raw, Option<BigInteger>);
    type Result = ();
}
impl Job for NodeNote {}

#[test]
fn an_integer_of_more_than_64_bits_is_not_sent() {
    let wide = "18446744073709551616";
    let raw = |text: &str| from_str::<Raw>(text).unwrap();
    for params in [
        (raw(&format!(r#"{{"a":[{wide}]}}"#)), None),
        (raw("1"), Some(wide.parse().unwrap())),
    ] {
        let client = Recorder::answering(json!(null));
        let call = Request::<_, NodeNote>::new(&client, params.clone());
        let error = now(call.into_future()).unwrap_err();
        assert!(
            matches!(error, RecorderError::Query(QueryError::WideInteger)),
            "{error}"
        );
        let job = JobRequest::<_, NodeNote>::new(&client, params);
        assert!(now(job.detach()).is_err());
        assert!(client.sent().is_empty());
    }
    let client = Recorder::answering(json!(null));
    let digits = (raw(&format!(r#""{wide}""#)), Some(u64::MAX.into()));
    now(Request::<_, NodeNote>::new(&client, digits).into_future()).unwrap();
    assert_eq!(client.last().1, json!([wide, u64::MAX]));
}
