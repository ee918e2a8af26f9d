//! A transport that writes down what it is given, and answers what it was told.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use serde_json::Value;
use truenas_runtime::{Answer, Call, DecodeError, QueryError, Transport};

pub(crate) struct Recorder {
    /// The last one is given again and again.
    answers: Mutex<VecDeque<Answer>>,
    calls: Mutex<Vec<(&'static str, Value)>>,
}

#[derive(Debug)]
pub(crate) enum RecorderError {
    Decode(DecodeError),
    Query(QueryError),
}

impl fmt::Display for RecorderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Query(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RecorderError {}

impl From<DecodeError> for RecorderError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<QueryError> for RecorderError {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl Recorder {
    pub(crate) fn answering(answer: impl Into<Answer>) -> Self {
        Self::answering_in_turn([answer])
    }

    pub(crate) fn answering_in_turn<A: Into<Answer>>(answers: impl IntoIterator<Item = A>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().map(Into::into).collect()),
            calls: Mutex::default(),
        }
    }

    /// The method and the parameters of the last call.
    pub(crate) fn last(&self) -> (&'static str, Value) {
        self.calls.lock().unwrap().last().unwrap().clone()
    }

    /// The parameters of all calls.
    pub(crate) fn sent(&self) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        calls.iter().map(|(_, params)| params.clone()).collect()
    }
}

impl Transport for Recorder {
    type Error = RecorderError;

    async fn call(&self, call: Call) -> Result<Answer, RecorderError> {
        let params = call.params.into();
        self.calls.lock().unwrap().push((call.method.name, params));
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.pop_front().unwrap()
        } else {
            answers[0].clone()
        };
        Ok(answer)
    }
}

/// Runs a future that never waits; it must be one that can go to another thread.
pub(crate) fn now<T>(future: impl Future<Output = T> + Send) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the transport never waits"),
    }
}
