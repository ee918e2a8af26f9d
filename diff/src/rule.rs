//! The kinds of changes, and what each does to whom.
//!
//! This table is the whole grading: what a change breaks follows from what it
//! is and from which way the message goes. `docs/diff.md` shows it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Effect::{self, Breaks, MayBreak, None as Nothing};
use crate::finding::{Direction, Severity};

/// What a change does to Rust source that uses our types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnRust {
    /// The same wherever it is.
    Always(Effect),
    /// Breaks what builds a value to send; may break what takes one apart.
    ByDirection,
    /// Breaks exactly if the two Rust types differ.
    ByType,
}

use OnRust::{Always, ByDirection, ByType};

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident <> $mirror:ident, $sent:ident, $received:ident, $rust:expr;)+) => {
        /// What kind of change a finding is.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Rule {
            $($(#[doc = $doc])+ $rule,)+
        }

        impl Rule {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$rule),+];

            /// What it says, in words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$rule => concat!($($doc),+).trim_ascii(),)+
                }
            }

            /// What it is called when versions are compared the other way
            /// round.
            #[must_use]
            pub fn mirror(self) -> Self {
                match self {
                    $(Self::$rule => Self::$mirror,)+
                }
            }

            fn facts(self) -> (Effect, Effect, OnRust) {
                match self {
                    $(Self::$rule => ($sent, $received, $rust),)+
                }
            }
        }
    };
}

rules! {
    // Each line: the change <> its mirror image, what it does to what a caller
    // sends, to what it receives, and to Rust source.

    /// A method is new.
    MethodAdded <> MethodRemoved, Nothing, Nothing, Always(Nothing);
    /// A method is gone, and nothing had announced it.
    MethodRemoved <> MethodAdded, Breaks, Breaks, Always(Breaks);
    /// A method is new, and will go again.
    MethodAddedForNow <> MethodRemovedAsAnnounced, Nothing, Nothing, Always(Nothing);
    /// A method is gone, as the older version had announced.
    MethodRemovedAsAnnounced <> MethodAddedForNow, Breaks, Breaks, Always(Breaks);
    /// A method has another name.
    MethodRenamed <> MethodRenamed, Breaks, Breaks, Always(Breaks);
    /// THE SAME NAME, ANOTHER MEANING: what the method takes and does is unlike before.
    MethodRedefined <> MethodRedefined, Breaks, Breaks, Always(Breaks);
    /// A method answers the id of a job, no longer its result.
    CallBecameJob <> JobBecameCall, Breaks, Breaks, Always(Breaks);
    /// A method answers its result, no longer the id of a job.
    JobBecameCall <> CallBecameJob, Breaks, Breaks, Always(Breaks);
    /// A method takes or gives a file beside the call.
    PipeAdded <> PipeRemoved, Nothing, Nothing, Always(Nothing);
    /// A method no longer takes or gives a file beside the call.
    PipeRemoved <> PipeAdded, Breaks, Breaks, Always(Nothing);
    /// A method is refused without its file.
    PipeRequired <> PipeOptional, Breaks, Breaks, Always(Nothing);
    /// A method is no longer refused without its file.
    PipeOptional <> PipeRequired, Nothing, Nothing, Always(Nothing);
    /// One more role gives access.
    RoleAdded <> RoleRemoved, Nothing, Nothing, Always(Nothing);
    /// A role no longer gives access.
    RoleRemoved <> RoleAdded, MayBreak, MayBreak, Always(Nothing);
    /// It is announced that this will go.
    RemovalAnnounced <> RemovalWithdrawn, Nothing, Nothing, Always(Nothing);
    /// This will stay after all.
    RemovalWithdrawn <> RemovalAnnounced, Nothing, Nothing, Always(Nothing);
    /// This will go at another time than announced.
    RemovalMoved <> RemovalMoved, Nothing, Nothing, Always(Nothing);

    /// A parameter is new and can be left out.
    ParameterAdded <> ParameterRemoved, Nothing, Nothing, Always(Breaks);
    /// A parameter that could be left out is gone.
    ParameterRemoved <> ParameterAdded, Breaks, Breaks, Always(Breaks);
    /// A parameter is new and must be given.
    RequiredParameterAdded <> RequiredParameterRemoved, Breaks, Breaks, Always(Breaks);
    /// A parameter that had to be given is gone.
    RequiredParameterRemoved <> RequiredParameterAdded, Breaks, Breaks, Always(Breaks);
    /// A parameter has another name, which is not sent.
    ParameterRenamed <> ParameterRenamed, Nothing, Nothing, Always(Nothing);
    /// A parameter must be given now.
    ParameterRequired <> ParameterOptional, Breaks, Breaks, ByType;
    /// A parameter can be left out now.
    ParameterOptional <> ParameterRequired, Nothing, Nothing, ByType;

    /// An event is new.
    EventAdded <> EventRemoved, Nothing, Nothing, Always(Nothing);
    /// An event is gone, and nothing had announced it.
    EventRemoved <> EventAdded, Breaks, Breaks, Always(Breaks);
    /// An event is new, and will go again.
    EventAddedForNow <> EventRemovedAsAnnounced, Nothing, Nothing, Always(Nothing);
    /// An event is gone, as the older version had announced.
    EventRemovedAsAnnounced <> EventAddedForNow, Breaks, Breaks, Always(Breaks);
    /// An event also comes in this kind.
    EventKindAdded <> EventKindRemoved, Nothing, Nothing, Always(Nothing);
    /// An event no longer comes in this kind.
    EventKindRemoved <> EventKindAdded, Breaks, Breaks, Always(Breaks);
    /// A subscription can be given parameters.
    SubscriptionParametersAdded <> SubscriptionParametersRemoved, MayBreak, MayBreak, Always(Breaks);
    /// A subscription can no longer be given parameters.
    SubscriptionParametersRemoved <> SubscriptionParametersAdded, Breaks, Breaks, Always(Breaks);

    /// A key is new and can be missing.
    PropertyAdded <> PropertyRemoved, Nothing, Nothing, Always(MayBreak);
    /// A key that could be missing is gone.
    PropertyRemoved <> PropertyAdded, Breaks, MayBreak, Always(Breaks);
    /// A key is new and always there.
    RequiredPropertyAdded <> RequiredPropertyRemoved, Breaks, Nothing, ByDirection;
    /// A key that was always there is gone.
    RequiredPropertyRemoved <> RequiredPropertyAdded, Breaks, Breaks, Always(Breaks);
    /// A key stands one level deeper or higher.
    PropertyMoved <> PropertyMoved, Breaks, Breaks, Always(Breaks);
    /// A key has another name.
    PropertyRenamed <> PropertyRenamed, Breaks, Breaks, Always(Breaks);
    /// A key must be there now.
    PropertyRequired <> PropertyOptional, Breaks, Nothing, ByType;
    /// A key can be missing now.
    PropertyOptional <> PropertyRequired, Nothing, Breaks, ByType;
    /// Keys beyond the known ones are allowed.
    ObjectOpened <> ObjectClosed, Nothing, Nothing, ByType;
    /// Keys beyond the known ones are refused.
    ObjectClosed <> ObjectOpened, Breaks, Nothing, ByType;

    /// It is something else.
    TypeChanged <> TypeChanged, Breaks, Breaks, ByType;
    /// What it may be is now said.
    TypeSpecified <> TypeUnspecified, MayBreak, Nothing, ByType;
    /// What it may be is no longer said.
    TypeUnspecified <> TypeSpecified, Nothing, MayBreak, ByType;
    /// It can be null now.
    NullAllowed <> NullRefused, Nothing, Breaks, ByType;
    /// It cannot be null any more.
    NullRefused <> NullAllowed, Breaks, Nothing, ByType;
    /// It can be one thing more.
    CaseAdded <> CaseRemoved, Nothing, MayBreak, ByType;
    /// It can be one thing less.
    CaseRemoved <> CaseAdded, Breaks, Nothing, ByType;
    /// It can have one value more.
    ValueAdded <> ValueRemoved, Nothing, MayBreak, Always(Nothing);
    /// It can have one value less.
    ValueRemoved <> ValueAdded, Breaks, Nothing, Always(Breaks);
    /// It can only have certain values.
    ValuesRestricted <> ValuesUnrestricted, Breaks, Nothing, ByType;
    /// It can have any value of its type.
    ValuesUnrestricted <> ValuesRestricted, Nothing, MayBreak, ByType;

    /// What is left out has a default now.
    DefaultAdded <> DefaultRemoved, Nothing, Nothing, Always(Nothing);
    /// What is left out has no default any more.
    DefaultRemoved <> DefaultAdded, Nothing, Nothing, Always(Nothing);
    /// What is left out means something else.
    DefaultChanged <> DefaultChanged, MayBreak, Nothing, Always(Nothing);

    /// A limit is said that was not said before.
    LimitAdded <> LimitRemoved, MayBreak, Nothing, ByType;
    /// A limit is no longer said.
    LimitRemoved <> LimitAdded, Nothing, MayBreak, ByType;
    /// A limit allows less.
    LimitTightened <> LimitLoosened, Breaks, Nothing, ByType;
    /// A limit allows more.
    LimitLoosened <> LimitTightened, Nothing, MayBreak, ByType;
    /// A format or pattern is said that was not said before.
    FormatAdded <> FormatRemoved, MayBreak, Nothing, ByType;
    /// A format or pattern is no longer said.
    FormatRemoved <> FormatAdded, Nothing, MayBreak, ByType;
    /// Another format or pattern.
    FormatChanged <> FormatChanged, MayBreak, MayBreak, ByType;
}

impl Rule {
    /// What it does to programs in any language.
    #[must_use]
    pub fn wire(self, direction: Option<Direction>) -> Effect {
        let (sent, received, _) = self.facts();
        if direction.is_none_or(Direction::is_sent) {
            sent
        } else {
            received
        }
    }

    /// What it does to Rust source that sees the types of `truenas-api`, if it
    /// is known whether the types at its place differ.
    pub(crate) fn rust(self, direction: Option<Direction>, by_type: Effect) -> Effect {
        match self.facts().2 {
            Always(effect) => effect,
            ByDirection if direction.is_none_or(Direction::is_sent) => Breaks,
            ByDirection => MayBreak,
            ByType => by_type,
        }
    }

    /// How much attention a change with these effects needs.
    pub(crate) fn severity(self, wire: Effect, rust: Effect) -> Severity {
        match self {
            Self::MethodRemovedAsAnnounced
            | Self::EventRemovedAsAnnounced
            | Self::RemovalAnnounced
            | Self::RemovalMoved => Severity::Warning,
            _ => match (wire, rust) {
                (Breaks, _) => Severity::Error,
                (MayBreak, _) | (_, Breaks) => Severity::Warning,
                _ => Severity::Info,
            },
        }
    }

    /// Whether it brings something that was not there.
    #[must_use]
    pub fn is_news(self) -> bool {
        matches!(
            self,
            Self::MethodAdded
                | Self::MethodAddedForNow
                | Self::PipeAdded
                | Self::RemovalWithdrawn
                | Self::ParameterAdded
                | Self::ParameterOptional
                | Self::EventAdded
                | Self::EventAddedForNow
                | Self::EventKindAdded
                | Self::PropertyAdded
                | Self::RequiredPropertyAdded
                | Self::CaseAdded
                | Self::ValueAdded
        )
    }

    /// The grading of all rules as a Markdown table, for the documents.
    #[must_use]
    pub fn table() -> String {
        let mut table =
            String::from("| id | what | sent | received | Rust source |\n|---|---|---|---|---|\n");
        for rule in Self::ALL {
            let (sent, received, rust) = rule.facts();
            let rust = match rust {
                Always(effect) => effect.to_string(),
                ByDirection => format!("sent: {Breaks}; received: {MayBreak}"),
                ByType => "if the types differ".to_owned(),
            };
            table.push_str(&format!(
                "| `{rule}` | {} | {sent} | {received} | {rust} |\n",
                rule.title()
            ));
        }
        table
    }

    /// The rule of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|rule| rule.to_string() == id)
    }
}

impl fmt::Display for Rule {
    /// The id: `property-removed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One spelling for people and for serde.
        self.serialize(f)
    }
}
