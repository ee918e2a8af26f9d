//! One thing that changed.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use truenas_codegen::model::split;

use crate::path::Path;
use crate::rule::Rule;

/// One thing that changed from the older to the newer of two versions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// What kind of change it is.
    #[serde(rename = "id")]
    pub rule: Rule,
    /// How much attention it needs.
    pub severity: Severity,
    /// The method or event.
    pub subject: Subject,
    /// Which way the message goes; none where it is about the whole subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Where in the message.
    #[serde(skip_serializing_if = "Path::is_empty")]
    pub path: Path,
    /// What it does to programs in any language.
    pub wire: Effect,
    /// What it does to Rust source that uses the types of `truenas-api`.
    pub rust: Effect,
    /// Where that is in Rust.
    #[serde(skip_serializing_if = "Pair::is_blank")]
    pub rust_path: Pair<String>,
    /// What was: a part of a schema, a value, a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// How sure it is that two things are one, from 0 to 100; only where the
    /// tool has concluded that, and no schema says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// The change in words.
    pub message: String,
}

/// How much attention a finding needs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Breaks nothing.
    Info,
    /// May break a program, or breaks the build of one, or was announced.
    Warning,
    /// Breaks programs that work with the older version.
    Error,
}

/// What a change does to a program that was written for the older version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing.
    None,
    /// Depends on the program, or on what the schema does not say.
    MayBreak,
    /// What worked does not work any more.
    Breaks,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The caller sends it as parameters of a method.
    Request,
    /// The caller receives it from a method.
    Result,
    /// The caller receives it with an event.
    Event,
    /// The caller sends it to subscribe.
    Subscription,
}

/// The method or event that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct Subject {
    /// Which of the two.
    pub kind: SubjectKind,
    /// Its wire name in either version; they differ if it was renamed.
    #[serde(flatten)]
    pub name: Pair<String>,
}

/// What a [`Subject`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A method.
    Method,
    /// An event.
    Event,
}

/// The same thing in the older and in the newer version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct Pair<T> {
    /// In the older version, if it has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<T>,
    /// In the newer version, if it has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<T>,
}

impl<T> Default for Pair<T> {
    fn default() -> Self {
        Self {
            before: None,
            after: None,
        }
    }
}

impl<T> Pair<T> {
    /// In both versions.
    pub fn both(before: T, after: T) -> Self {
        Self {
            before: Some(before),
            after: Some(after),
        }
    }

    /// In neither version.
    pub fn is_blank(&self) -> bool {
        self.before.is_none() && self.after.is_none()
    }

    /// The older one, or the newer one if there is no older one.
    pub fn either(&self) -> Option<&T> {
        self.before.as_ref().or(self.after.as_ref())
    }

    /// Both, if there are both.
    pub fn into_both(self) -> Option<(T, T)> {
        self.before.zip(self.after)
    }

    /// The other way round.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            before: self.after,
            after: self.before,
        }
    }
}

impl Subject {
    /// The name a caller of the older version knows it by; of something new,
    /// the new name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.either().map_or("", String::as_str)
    }

    /// The service it belongs to: `pool.dataset`.
    #[must_use]
    pub fn service(&self) -> &str {
        split(self.name()).0
    }
}

impl Direction {
    /// Whether the caller sends the message.
    #[must_use]
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Request | Self::Subscription)
    }
}

impl Finding {
    /// The finding of the comparison the other way round.
    #[must_use]
    pub fn reversed(self) -> Self {
        let rule = self.rule.mirror();
        Self {
            rule,
            subject: Subject {
                kind: self.subject.kind,
                name: self.subject.name.reversed(),
            },
            rust_path: self.rust_path.reversed(),
            before: self.after,
            after: self.before,
            ..self
        }
        .graded(self.rust)
    }

    /// With severity, effect on the wire and message as the rule says. What
    /// it does to Rust source the rule may leave to the types.
    #[must_use]
    pub(crate) fn graded(mut self, rust: Effect) -> Self {
        self.wire = self.rule.wire(self.direction);
        self.rust = self.rule.rust(self.direction, rust);
        self.severity = self.rule.severity(self.wire, self.rust);
        self.message = crate::message::message(&self);
        self
    }

    /// What findings are sorted by.
    pub(crate) fn order(&self) -> impl Ord + '_ {
        (
            self.subject.service(),
            &self.subject,
            self.direction,
            &self.path,
            self.rule,
            &self.message,
        )
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::MayBreak => "may break",
            Self::Breaks => "breaks",
        })
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Request => "request",
            Self::Result => "result",
            Self::Event => "event",
            Self::Subscription => "subscription",
        })
    }
}
