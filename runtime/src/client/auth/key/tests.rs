use std::io::Write;

use super::*;

const TEXT: &str = "7-Lg3PzqTnK0vRw8yXaYb2";
/// Of the same key, as `scram/vectors.py` prints them.
const CLIENT_KEY: &str =
    "xuFVTHxfRSlw2QvTzyy2lkplZI0ctm9GKiGURlGaRr1XwaoTbde7Try2CLxbA9x0y4HkCR7AIoeJdTGQAkEpVg==";
const STORED_KEY: &str =
    "EkAz8fdPHrsDz3nbSu8nnBhd3eGFQfyr/12DY5pibhWcwCmiwlGf27st9QjC0hS0GZn93QCkHaVBF/mrNJ356A==";
const SERVER_KEY: &str =
    "k6XwWQ4LIJi5CQxlHg6MknXh8GYNh9WyTuxB5keB7hYhBZXX16C6CLbjDfBtBfhdaxTMmbuzNyLGcqJW2YRQAA==";

fn file(content: &str) -> Result<ApiKey, KeyError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    let key = ApiKey::from_file(file.path());
    if let Err(error) = &key {
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains(&file.path().display().to_string()),
            "{shown}"
        );
        for secret in ["Lg3Pzq", "xuFVTHxf", "EkAz8fdP", "k6XwWQ4L"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    key
}

fn text_of(key: &ApiKey) -> Option<String> {
    key.plain().map(|text| text.to_string())
}

#[test]
fn text_in_every_place() {
    let json = format!(r#"{{"raw_key": "{TEXT}"}}"#);
    let json_with_id = format!(r#"{{"raw_key": "{TEXT}", "api_key_id": 7}}"#);
    for content in [
        TEXT,
        &format!("\u{feff}{TEXT}\r\n"),
        &json,
        &json_with_id,
        &format!("[TRUENAS_API_KEY]\nraw_key = {TEXT}\n"),
        &format!("[other]\nraw_key = 1-x\n[TRUENAS_API_KEY]\nraw_key = {TEXT}\n"),
        &format!("; the key of the backup\n[nas]\nRAW_KEY={TEXT}\napi_key_id = 7"),
        &format!("[nas]\nraw_key: {TEXT}\n"),
    ] {
        let key = file(content).unwrap();
        assert_eq!(key.id(), 7, "{content}");
        assert_eq!(text_of(&key).as_deref(), Some(TEXT), "{content}");
    }
    let key: ApiKey = format!(" {TEXT}\n").parse().unwrap();
    assert_eq!(text_of(&key).as_deref(), Some(TEXT));
}

#[test]
fn derived_keys_from_json_and_ini() {
    for content in [
        format!(
            r#"{{"client_key": "{CLIENT_KEY}", "stored_key": "{STORED_KEY}", "server_key": "{SERVER_KEY}", "api_key_id": 7, "raw_key": null}}"#
        ),
        format!(
            "[TRUENAS_API_KEY]\nclient_key = {CLIENT_KEY}\nstored_key = {STORED_KEY}\nserver_key = {SERVER_KEY}\napi_key_id = 7\n"
        ),
    ] {
        let key = file(&content).unwrap();
        assert_eq!(key.id(), 7);
        assert!(matches!(key.material(), Material::Keys(_)));
        assert_eq!(text_of(&key), None);
    }
}

#[test]
fn what_is_wrong_is_said() {
    let said = |content: &str| file(content).unwrap_err().problem.to_string();
    let keys = |client: &str, stored: &str, id: &str| {
        format!(
            r#"{{"client_key": "{client}", "stored_key": "{stored}", "server_key": "{SERVER_KEY}"{id}}}"#
        )
    };
    for (content, expected) in [
        (String::new(), "is not of the form <number>-"),
        (
            "Lg3PzqTnK0vRw8yXaYb2".into(),
            "is not of the form <number>-",
        ),
        ("7-Lg3Pzq_nK0".into(), "is not of the form <number>-"),
        (
            "{\"raw_key\": \"7-Lg3Pzq".into(),
            "is not JSON (line 1, column 21)",
        ),
        (
            "{\"raw_key\": [\"7-Lg3Pzq\"]}".into(),
            "`raw_key` has to be text",
        ),
        (
            "{\"raw_key\": \"Lg3Pzq\"}".into(),
            "`raw_key` is not of the form",
        ),
        (
            "{\"raw_key\": \"7-Lg3Pzq\", \"api_key_id\": 8}".into(),
            "`api_key_id` is not",
        ),
        (
            "{\"raw_key\": \"7-Lg3Pzq\", \"api_key_id\": \"x\"}".into(),
            "`api_key_id` is not",
        ),
        ("{}".into(), "has neither `raw_key` nor `client_key`"),
        (
            "[a]\nx=1\n[b]\nraw_key=7-Lg3Pzq\n".into(),
            "more than one section",
        ),
        ("[a\nraw_key=7-Lg3Pzq\n".into(), "is not an INI file"),
        (
            keys(CLIENT_KEY, STORED_KEY, ""),
            "has neither `raw_key` nor `api_key_id`",
        ),
        (
            keys("eHV4", STORED_KEY, ", \"api_key_id\": 7"),
            "`client_key` is not base64 of 64 bytes",
        ),
        (
            keys(CLIENT_KEY, "xuFVTHxf", ", \"api_key_id\": 7"),
            "`stored_key` is not base64",
        ),
        (
            keys(CLIENT_KEY, SERVER_KEY, ", \"api_key_id\": 7"),
            "`stored_key` does not belong",
        ),
    ] {
        let said = said(&content);
        assert!(said.contains(expected), "{said} (expected {expected})");
    }
    let missing = ApiKey::from_file("/nowhere/key.json").unwrap_err();
    assert_eq!(
        missing.to_string(),
        "/nowhere/key.json: cannot be read (entity not found)"
    );
    let unset = ApiKey::from_env("TRUENAS_NO_SUCH_VARIABLE").unwrap_err();
    assert_eq!(
        unset.to_string(),
        "$TRUENAS_NO_SUCH_VARIABLE: is not set; put the API key into it"
    );
    let other = ApiKey::from_env("PATH").unwrap_err();
    assert!(
        other.to_string().starts_with("$PATH: is not of the form"),
        "{other}"
    );
}

#[test]
fn a_key_shows_its_number_only() {
    let key: ApiKey = TEXT.parse().unwrap();
    assert_eq!(format!("{key:?}"), "ApiKey(7-…)");
    let error = "7-Lg3Pzq_".parse::<ApiKey>().unwrap_err();
    assert!(!format!("{error:?} {error}").contains("Lg3P"));
}

proptest::proptest! {
    #[test]
    fn no_file_is_too_much(content in "[{\\[]?[ -~\n]{0,200}") {
        let _ = file(&content);
    }
}
