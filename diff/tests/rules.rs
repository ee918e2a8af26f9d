//! Each rule on the smallest example: what is sent and what is received have
//! opposite rules.

#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{line, with_method, with_models};
use serde_json::{Value, json};
use truenas_diff::compare;

/// What changes if a method takes and answers this, and then that.
fn changes(old: Value, new: Value) -> Vec<String> {
    let report = compare(
        &with_method(old.clone(), old),
        &with_method(new.clone(), new),
    );
    let findings = report.findings.iter();
    findings
        .map(|finding| line(finding).replace(" lamp.set", ""))
        .collect()
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

#[test]
fn keys() {
    let old = object(
        json!({"colour": {"type": "string"}, "watt": {"type": "integer"}}),
        &["watt"],
    );
    let new = object(
        json!({"height": {"type": "integer"}, "place": {"type": "null"}}),
        &["place"],
    );
    assert_eq!(
        changes(old, new),
        [
            "error property-removed params[0].colour: optional key is gone: string",
            "info property-added params[0].height: new optional key: integer",
            "error required-property-added params[0].place: new required key: null",
            "error required-property-removed params[0].watt: required key is gone: integer",
            "warning property-removed result.colour: optional key is gone: string",
            "info property-added result.height: new optional key: integer",
            "info required-property-added result.place: new required key: null",
            "error required-property-removed result.watt: required key is gone: integer",
        ]
    );
}

#[test]
fn required_and_null() {
    let plain = object(json!({"watt": {"type": "integer"}}), &["watt"]);
    let loose = object(
        json!({"watt": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}),
        &[],
    );
    assert_eq!(
        changes(plain.clone(), loose.clone()),
        [
            "warning property-optional params[0].watt: key can be missing now",
            "warning null-allowed params[0].watt: can be null now",
            "error property-optional result.watt: key can be missing now",
            "error null-allowed result.watt: can be null now",
        ],
        "what breaks only the build is a warning"
    );
    assert_eq!(
        changes(loose, plain),
        [
            "error property-required params[0].watt: key must be there now",
            "error null-refused params[0].watt: cannot be null any more",
            "warning property-required result.watt: key must be there now",
            "warning null-refused result.watt: cannot be null any more",
        ]
    );
}

#[test]
fn values() {
    assert_eq!(
        changes(
            json!({"type": "string", "enum": ["ON", "OFF"]}),
            json!({"type": "string", "enum": ["OFF", "DIM"]}),
        ),
        [
            "info value-added params[0]: can also be `\"DIM\"`",
            "error value-removed params[0]: can no longer be `\"ON\"`",
            "warning value-added result: can also be `\"DIM\"`",
            "warning value-removed result: can no longer be `\"ON\"`",
        ]
    );
}

#[test]
fn limits() {
    assert_eq!(
        changes(
            json!({"type": "integer", "minimum": 1, "maximum": 9}),
            json!({"type": "integer", "minimum": 2, "exclusiveMaximum": 20}),
        ),
        [
            "warning limit-added params[0]: exclusiveMaximum `20` now",
            "info limit-removed params[0]: no longer maximum `9`",
            "error limit-tightened params[0]: minimum `2`, was minimum `1`",
            "info limit-added result: exclusiveMaximum `20` now",
            "warning limit-removed result: no longer maximum `9`",
            "info limit-tightened result: minimum `2`, was minimum `1`",
        ]
    );
    // An integer that no float can hold is still greater than the one before.
    assert_eq!(
        changes(
            json!({"type": "integer", "maximum": 9_007_199_254_740_993_u64}),
            json!({"type": "integer", "maximum": 9_007_199_254_740_992_u64}),
        )
        .len(),
        2
    );
}

#[test]
fn types() {
    let case = |kind: &str| json!({"type": kind});
    assert_eq!(
        changes(case("boolean"), case("string")),
        [
            "error type-changed params[0]: was boolean, is string",
            "error type-changed result: was boolean, is string",
        ]
    );
    assert_eq!(
        changes(
            case("string"),
            json!({"anyOf": [case("string"), case("integer")]})
        ),
        [
            "warning case-added params[0]: can also be integer",
            "warning case-added result: can also be integer",
        ]
    );
    assert_eq!(
        changes(json!({}), case("string")),
        [
            "warning type-specified params[0]: was not described, is string",
            "warning type-specified result: was not described, is string",
        ]
    );
    // A word that is a string anyway says nothing new.
    let word = json!({"type": "string", "const": "AUTO"});
    assert_eq!(
        changes(json!({"anyOf": [word, case("string")]}), case("string")),
        Vec::<String>::new()
    );
}

#[test]
fn defaults_count_for_what_is_left_out() {
    let with = |default: Value| {
        object(
            json!({"watt": {"type": "integer", "default": default}}),
            &[],
        )
    };
    assert_eq!(
        changes(with(json!(40)), with(json!(60))),
        [
            "warning default-changed params[0].watt: defaults to `60`, not `40`",
            "info default-changed result.watt: defaults to `60`, not `40`",
        ]
    );
}

#[test]
fn a_default_that_only_says_more_is_no_change() {
    let bulb = |keys: Value, default: Value| {
        let mut bulb = object(keys, &[]);
        bulb["default"] = default;
        object(json!({"bulb": bulb}), &[])
    };
    let watt = json!({"type": "integer", "default": 40});
    let colour = json!({"type": "string", "default": "warm"});
    let lines = changes(
        bulb(json!({"watt": watt}), json!({"watt": 40})),
        bulb(
            json!({"watt": watt, "colour": colour}),
            json!({"watt": 40, "colour": "warm"}),
        ),
    );
    assert_eq!(
        lines,
        [
            "info property-added params[0].bulb.colour: new optional key: string",
            "info property-added result.bulb.colour: new optional key: string",
        ]
    );
}

#[test]
fn moved_and_renamed_keys() {
    let text = json!({"type": "string"});
    assert_eq!(
        changes(
            object(json!({"bulb": text, "safe_colour": text}), &[]),
            object(
                json!({"colour": text, "fitting": object(json!({"bulb": text}), &[])}),
                &[]
            ),
        )
        .into_iter()
        .filter(|line| line.contains("params"))
        .collect::<Vec<_>>(),
        [
            "error property-moved params[0]: `bulb` is now `fitting.bulb`",
            "error property-renamed params[0]: `safe_colour` is now called `colour` (50 % sure)",
            "info property-added params[0].fitting: new optional key: object with bulb",
        ]
    );
}

#[test]
fn choices_by_a_tag_are_matched_by_it() {
    let lamp = |tag: &str, key: &str| {
        object(
            json!({"kind": {"type": "string", "const": tag}, key: {"type": "integer"}}),
            &["kind"],
        )
    };
    let choice =
        |cases: &[Value]| json!({"oneOf": cases, "discriminator": {"propertyName": "kind"}});
    assert_eq!(
        changes(
            choice(&[lamp("LED", "watt"), lamp("GAS", "pressure")]),
            choice(&[lamp("OIL", "level"), lamp("LED", "volt")]),
        )
        .into_iter()
        .filter(|line| line.contains("params"))
        .collect::<Vec<_>>(),
        [
            "info case-added params[0]: can also be object with kind \"OIL\", level",
            "error case-removed params[0]: can no longer be object with kind \"GAS\", pressure",
            "info property-added params[0]<LED>.volt: new optional key: integer",
            "error property-removed params[0]<LED>.watt: optional key is gone: integer",
        ]
    );
}

#[test]
fn a_model_that_holds_itself_is_compared_once() {
    let version = |limit: u32| {
        let node = json!({"type": "object", "properties": {
            "watt": {"type": "integer", "maximum": limit},
            "next": {"anyOf": [{"$ref": "#/models/Lamp"}, {"type": "null"}]},
        }});
        with_models(
            json!({"lamp.chain": {
                "kind": "call", "roles": [], "parameters": [],
                "result": {"$ref": "#/models/Lamp"},
            }}),
            json!({"Lamp": node}),
        )
    };
    let report = compare(&version(60), &version(40));
    let lines: Vec<String> = report.findings.iter().map(line).collect();
    assert_eq!(
        lines,
        ["info limit-tightened lamp.chain result.watt: maximum `40`, was maximum `60`"]
    );
}

#[test]
fn methods_calls_and_jobs() {
    let method = |kind: &str, parameters: Value| {
        json!({
            "kind": kind, "roles": ["LAMP_WRITE"], "parameters": parameters,
            "result": {"type": "integer"},
        })
    };
    let number = json!({"type": "integer"});
    let one = json!([{"name": "id", "required": true, "schema": number}]);
    let two = json!([
        {"name": "id", "required": true, "schema": number},
        {"name": "slowly", "required": false, "schema": {"type": "boolean"}},
    ]);
    let mut going = method("call", one.clone());
    going["removed_in"] = "v1.1".into();
    let old = common::made_up(json!({"lamp.dim": method("call", one), "lamp.off": going}));
    let new = common::made_up(json!({"lamp.dim": method("job", two)}));
    let lines: Vec<String> = compare(&old, &new).findings.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "error call-became-job lamp.dim: answers the id of a job, no longer its result",
            "warning parameter-added lamp.dim params[1]: new optional parameter `slowly`: boolean",
            "warning method-removed-as-announced lamp.off: gone, as announced",
        ]
    );
}
