//! What subscribers hear of a change.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One `collection_update`.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// What is subscribed to: `cronjob.query`.
    pub collection: String,
    /// What happened.
    pub msg: Change,
    /// The entry's id, where there is one and the event says it.
    pub id: Option<Value>,
    /// The entry, of one that was added or changed.
    pub fields: Option<Value>,
    /// What some collections say beside that.
    pub extra: Option<Value>,
}

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Change {
    /// It is new.
    Added,
    /// It is no longer as it was.
    Changed,
    /// It is gone.
    Removed,
}

impl Change {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }

    /// The word in schemas.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Changed => "CHANGED",
            Self::Removed => "REMOVED",
        }
    }

    /// What a word in schemas means.
    pub(crate) fn of(kind: &str) -> Option<Self> {
        let all = [Self::Added, Self::Changed, Self::Removed];
        all.into_iter().find(|change| change.kind() == kind)
    }
}

impl Update {
    /// The `params` of the notification, to a subscriber of `collection`.
    #[must_use]
    pub fn to_params(&self, collection: &str) -> Value {
        let mut params = Map::new();
        params.insert("msg".to_owned(), json!(self.msg.as_str()));
        params.insert("collection".to_owned(), json!(collection));
        for (key, value) in [
            ("id", &self.id),
            ("fields", &self.fields),
            ("extra", &self.extra),
        ] {
            if let Some(value) = value {
                params.insert(key.to_owned(), value.clone());
            }
        }
        Value::Object(params)
    }
}
