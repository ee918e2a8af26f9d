//! A line of the corpus.

use serde::Serialize;
use serde_json::Value;

use super::calls::Call;
use super::wide::Exact;

/// An answer in the form that the conformance tool reads.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    api: &'a str,
    kind: &'static str,
    name: &'a str,
    from: String,
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    params: &'a [Value],
    value: Exact<'a>,
}

impl<'a> Line<'a> {
    pub(super) fn new(api: &'a str, release: &str, call: &'a Call, value: &'a Value) -> Self {
        Self {
            api,
            kind: "result",
            name: &call.method,
            from: format!("recorded from {release}"),
            params: &call.params,
            value: Exact(value),
        }
    }
}
