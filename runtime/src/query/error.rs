//! The reasons why a query or another call is not sent.

use std::fmt;

use super::limits::{DEEPEST, MOST};

/// The server would refuse the query or misunderstand it, so it was not sent.
///
/// [`WideInteger`](Self::WideInteger) is the error of any call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// `any_of` inside `any_of`, deeper than the server takes.
    TooDeep,
    /// `any_of` with nothing in it, or with an `all_of` that has nothing in it.
    Empty,
    /// `ignore_case` on a regular expression.
    IgnoreCase,
    /// A limit that the server does not take.
    Limit(u64),
    /// A page size that the server does not take.
    PageSize(u64),
    /// `get` together with a limit above one.
    GetWithLimit(u64),
    /// `get` together with an offset.
    GetWithOffset(u64),
    /// A value that JSON or its own type cannot represent, such as NaN.
    NotAValue,
    /// An integer that needs more than 64 bits, in a filter or in the parameters
    /// of any other call.
    WideInteger,
    /// A secret to compare with that the server has redacted.
    RedactedSecret,
    /// A time to compare with that holds text or null.
    TimeIsText,
    /// A time outside of the years 1 to 9999.
    TimeOutOfRange,
    /// A time of day with a fraction or an offset.
    TimeOfDay,
    /// An operator that the server does not support for times.
    TimeOperator,
    /// Several comparisons of times in the items of a list.
    TimeOfItems(String),
    /// A text that ends in `.$date`.
    TextEndsInDate,
    /// A text that is also the time in another filter.
    TextIsTime,
    /// A comparison with a list or an object, next to a comparison of times.
    ListBesideTime(String),
    /// A time, in a service that filters in SQL.
    SqlTime,
    /// A field inside another one, in a service that filters in SQL.
    SqlPath(String),
    /// A secret, in a service that filters in SQL.
    SqlSecret(String),
    /// The items of a list, in a service that filters in SQL.
    SqlContains(String),
    /// `ignore_case` on text that is not ASCII or on an order, in a service that
    /// filters in SQL.
    SqlIgnoreCase,
    /// Nested conditions that expand to too many, in a service that filters in
    /// SQL.
    SqlTooLarge,
    /// `nulls_first` or `nulls_last` on a path of several keys.
    NullsOfPath(String),
    /// `order_by` of a field that is not among the selected columns.
    NotSelected(String),
    /// A column inside the items of a list.
    SelectsItem(String),
    /// A renamed or nested column, in a service that only selects whole fields.
    SelectsKeysOnly(String),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => write!(
                f,
                "`any_of` is nested in `any_of` more than {DEEPEST} levels deep, which the server refuses: \
                 use fewer levels; `one_of` counts as one next to a comparison of times"
            ),
            Self::Empty => {
                f.write_str("`any_of` needs at least one condition, and an `all_of` in it as well")
            }
            Self::IgnoreCase => f.write_str(
                "`ignore_case` does not go with `matches`: begin the regular expression with \
                 `(?i)` instead",
            ),
            Self::Limit(limit) => write!(
                f,
                "`limit({limit})`: the server takes 1 to {MOST}; leave it out for all entries, or \
                 let `stream` ask page by page"
            ),
            Self::PageSize(size) => {
                write!(f, "`page_size({size})`: the server takes 1 to {MOST}")
            }
            Self::GetWithLimit(limit) => write!(
                f,
                "`limit({limit})` does not go with `get`, which answers one entry"
            ),
            Self::GetWithOffset(offset) => write!(
                f,
                "`offset({offset})` does not go with `get`: use `first`, which takes one"
            ),
            Self::NotAValue => f.write_str(
                "a value to compare with is not valid for its type, such as NaN or an infinity: \
                 use a finite number, or `is_null` and `is_not_null`",
            ),
            Self::WideInteger => f.write_str(
                "an integer needs more than 64 bits, which a call cannot send: compare it in the \
                 program in place of a filter, and leave it out of an update",
            ),
            Self::RedactedSecret => f.write_str(
                "a secret to compare with is redacted, so its content is not known: log in as a \
                 user who may read it",
            ),
            Self::TimeIsText => f.write_str(
                "a time to compare with holds text or null: make it with `DateTime::from_millis` \
                 or from a `SystemTime`, or use `is_null` and `is_not_null`",
            ),
            Self::TimeOutOfRange => f.write_str(
                "a time to compare with is outside of the years 1 to 9999: use one in between",
            ),
            Self::TimeOfDay => f.write_str(
                "a time of day to compare with has a fraction or an offset: use hours, minutes \
                 and seconds only",
            ),
            Self::TimeOperator => f.write_str(
                "a path that ends in `.$date` compares with `=`, `!=`, `>`, `>=`, `<` or `<=` \
                 only: use one of them, or `any_of` with several",
            ),
            Self::TimeOfItems(path) => write!(
                f,
                "`{path}`: the server cannot tell whether one item of a list satisfies several \
                 comparisons: use `gt`, `ge`, `lt` or `le`, or compare in the program"
            ),
            Self::TextEndsInDate => f.write_str(
                "a text to compare with ends in `.$date`, which the server takes for the path of a \
                 time: use `one_of` with this text alone, or `matches` with `[.][$]date` at the end",
            ),
            Self::TextIsTime => f.write_str(
                "a text to compare with is the time of another filter, which the server compares \
                 in its place: send two queries, or compare the text in the program",
            ),
            Self::ListBesideTime(path) => write!(
                f,
                "`{path}`: the server cannot compare lists and objects in a query that compares \
                 times as well: send two queries, or compare one of them in the program"
            ),
            Self::SqlTime => f.write_str(
                "this service filters in SQL and cannot compare times: compare them in the program",
            ),
            Self::SqlPath(path) => write!(
                f,
                "`{path}`: this service filters in SQL and compares whole fields only: compare \
                 what is inside of one in the program"
            ),
            Self::SqlSecret(path) => write!(
                f,
                "`{path}`: this service filters in SQL, where secrets are encrypted and never \
                 match: compare them in the program"
            ),
            Self::SqlContains(path) => write!(
                f,
                "`{path}`: this service filters in SQL and cannot look into lists: look into them \
                 in the program"
            ),
            Self::SqlIgnoreCase => f.write_str(
                "this service filters in SQL, where `ignore_case` works for ASCII and not for an \
                 order: compare in the program, or use `matches` with `(?i)`",
            ),
            Self::SqlTooLarge => f.write_str(
                "this service filters in SQL, where these nested `any_of` and `all_of` become too \
                 many comparisons: send several queries, or filter in the program",
            ),
            Self::NullsOfPath(path) => write!(
                f,
                "`{path}`: the server ignores `nulls_first` and `nulls_last` on a path: filter \
                 with `is_not_null` in their place, or sort in the program"
            ),
            Self::NotSelected(path) => write!(
                f,
                "`{path}`: this service sorts the selected columns: add this one to them"
            ),
            Self::SelectsItem(path) => write!(
                f,
                "`{path}`: the server selects nothing inside the items of a list: select the \
                 whole list"
            ),
            Self::SelectsKeysOnly(path) => write!(
                f,
                "`{path}`: this service leaves out columns that are renamed or inside a field: \
                 select the whole field under its own name"
            ),
        }
    }
}

impl std::error::Error for QueryError {}
