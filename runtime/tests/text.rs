//! Texts that are read as types, and those that cannot be.

use truenas_runtime::{Answer, DecodeError, EntryId, Json, Map, Value, from_str, from_value};

type Free = Map<String, Value>;

fn error<T: Json>(text: &str) -> String {
    match from_str::<T>(text) {
        Ok(_) => String::from("no error"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_python_writes_and_json_does_not_know_is_named() {
    assert_eq!(
        error::<Free>(r#"{"temperature": NaN}"#),
        "at `$`: not JSON: `NaN` at line 1 column 17"
    );
    assert_eq!(
        error::<Vec<f64>>("[0.5,\n Infinity]"),
        "at `$[1]`: not JSON: `Infinity` at line 2 column 2"
    );
    assert_eq!(
        error::<Vec<f64>>("[-Infinity]"),
        "at `$[0]`: not JSON: `Infinity` at line 1 column 3"
    );
}

#[test]
fn half_a_character_is_an_error_that_says_where() {
    // Python writes the bytes of a file name that are no UTF-8 like this.
    assert_eq!(
        error::<Vec<String>>(r#"["tank", "caf\udce9"]"#),
        "at `$[1]`: not JSON: lone leading surrogate in hex escape at line 1 column 19"
    );
    assert!(error::<Vec<String>>(r#"["\ud83d and more"]"#).starts_with("at `$[0]`: not JSON: "));
    assert_eq!(
        from_str::<Vec<String>>(r#"["\ud83d\ude00"]"#),
        Ok(vec!["😀".to_owned()])
    );
}

#[test]
fn a_list_that_is_cut_off_or_goes_on_is_an_error() {
    for text in [
        "",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[1 2]",
        "[1]]",
        "[1]{",
        "nul",
        "{\"id\": 1",
    ] {
        assert!(error::<Vec<i64>>(text).contains("not JSON"), "{text}");
    }
    assert_eq!(from_str::<Vec<i64>>(" \n[ 1 ,2 ]\t"), Ok(vec![1, 2]));
}

#[test]
fn an_item_that_does_not_fit_is_named_by_its_place() {
    assert_eq!(
        error::<Vec<EntryId<i64>>>(r#"[{"id": 1}, {"id": "two"}]"#),
        "at `$[1].id`: expected integer, found string"
    );
    assert_eq!(
        error::<Vec<i64>>(r#"{"id": 1}"#),
        "at `$`: expected array, found object"
    );
}

#[test]
fn of_a_key_that_is_there_twice_the_last_value_counts() -> Result<(), DecodeError> {
    let twice = r#"{"id": "one", "other": 0, "id": 2}"#;
    assert_eq!(from_str::<EntryId<i64>>(twice)?, EntryId { id: 2 });
    assert_eq!(from_str::<Free>(twice)?.get("id"), Some(&Value::from(2)));
    Ok(())
}

#[test]
fn nesting_without_end_is_an_error_and_no_end_of_the_stack() {
    let deep = "[".repeat(1_000_000);
    assert!(error::<Value>(&deep).contains("recursion limit exceeded"));
    assert!(error::<Vec<Value>>(&deep).contains("recursion limit exceeded"));
    let keys = r#"{"id":"#.repeat(1_000_000);
    assert!(error::<EntryId<Value>>(&keys).contains("recursion limit exceeded"));

    let mut value = Value::Null;
    for _ in 0..200 {
        value = Value::Array(vec![value]);
    }
    let error = from_value::<Value>(&value).map_err(|error| error.to_string());
    assert_eq!(error, Err("at `$`: nested more than 127 deep".to_owned()));
}

#[test]
fn an_error_keeps_the_answer() {
    let answer = Answer::from(String::from("[1, NaN]"));
    let error = answer.read::<Vec<i64>>().err();
    assert_eq!(error.as_ref().and_then(DecodeError::answer), Some(&answer));
}
