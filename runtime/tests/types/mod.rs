//! What the generator would write for a few small schemas.

// Each test program uses some of these.
#![allow(dead_code)]

use std::collections::BTreeMap;

use truenas_runtime::{
    Case, Field, Json, Kinds, Patch, Reader, Scalar, Value, word, write_object, write_open_object,
};

/// Refers to itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) children: Vec<Node>,
    pub(crate) parent: Option<Box<Node>>,
    pub(crate) size: Option<i64>,
}

const NODE: &[Field] = &[
    Field::required("name"),
    Field::required("children"),
    Field::optional("parent"),
    Field::required("size"),
];

impl Json for Node {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(NODE);
        Self {
            name: object.next(),
            children: object.next(),
            parent: object.next(),
            size: object.next(),
        }
    }

    fn write(&self) -> Value {
        write_object(
            NODE,
            &[&self.name, &self.children, &self.parent, &self.size],
        )
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sync {
    Standard,
    Always,
    Unknown(String),
}

impl Json for Sync {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.word(&["STANDARD", "ALWAYS"]) {
            Some(0) => Self::Standard,
            Some(1) => Self::Always,
            _ => Self::Unknown(reader.text()),
        }
    }

    fn write(&self) -> Value {
        word(match self {
            Self::Standard => "STANDARD",
            Self::Always => "ALWAYS",
            Self::Unknown(other) => other,
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Level {
    Off,
    One,
    Null,
    Unknown(Value),
}

const LEVEL: &[Scalar] = &[Scalar::Text("off"), Scalar::Integer(1), Scalar::Null];

impl Json for Level {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.scalar(LEVEL) {
            Some(0) => Self::Off,
            Some(1) => Self::One,
            Some(2) => Self::Null,
            _ => Self::Unknown(reader.raw()),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Off => Scalar::Text("off").write(),
            Self::One => Scalar::Integer(1).write(),
            Self::Null => Scalar::Null.write(),
            Self::Unknown(other) => other.clone(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Smb {
    pub(crate) protocol: Protocol,
    pub(crate) home: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Nfs {
    pub(crate) protocol: Option<Protocol>,
    pub(crate) hosts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Protocol {
    Smb,
    Nfs,
    Unknown(String),
}

impl Json for Protocol {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.word(&["SMB", "NFS"]) {
            Some(0) => Self::Smb,
            Some(1) => Self::Nfs,
            _ => Self::Unknown(reader.text()),
        }
    }

    fn write(&self) -> Value {
        word(match self {
            Self::Smb => "SMB",
            Self::Nfs => "NFS",
            Self::Unknown(other) => other,
        })
    }
}

const SMB: &[Field] = &[Field::tag("protocol", "SMB"), Field::required("home")];
const NFS: &[Field] = &[
    Field::optional_tag("protocol", "NFS"),
    Field::required("hosts"),
];

impl Json for Smb {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(SMB);
        Self {
            protocol: object.next(),
            home: object.next(),
        }
    }

    fn write(&self) -> Value {
        write_object(SMB, &[&self.protocol, &self.home])
    }
}

impl Json for Nfs {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(NFS);
        Self {
            protocol: object.next(),
            hosts: object.next(),
        }
    }

    fn write(&self) -> Value {
        write_object(NFS, &[&self.protocol, &self.hosts])
    }
}

/// By tag; without one, by looking at the keys.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Share {
    Smb(Smb),
    Nfs(Nfs),
    Other(Value),
}

const SHARE: &[Case] = &[
    Case::probe::<Smb>("Smb", Kinds::OBJECT),
    Case::probe::<Nfs>("Nfs", Kinds::OBJECT),
];

impl Json for Share {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.tag("protocol", &[&["SMB"], &["NFS"]], SHARE) {
            Some(0) => Self::Smb(Json::read(reader)),
            Some(1) => Self::Nfs(Json::read(reader)),
            _ => Self::Other(reader.raw()),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Smb(share) => share.write(),
            Self::Nfs(share) => share.write(),
            Self::Other(raw) => raw.clone(),
        }
    }
}

/// By looking at the value; refers to itself by way of `Tree`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mixed {
    Count(i64),
    Sync(Sync),
    Text(String),
    List(Vec<Mixed>),
    Smb(Smb),
    Nfs(Nfs),
    Left(Box<Left>),
    Right(Box<Right>),
}

const MIXED: &[Case] = &[
    Case::kind("integer", Kinds::INTEGER),
    Case::probe::<Sync>("Sync", Kinds::STRING),
    Case::kind("string", Kinds::STRING),
    Case::kind("list", Kinds::ARRAY),
    Case::probe::<Smb>("Smb", Kinds::OBJECT),
    Case::probe::<Nfs>("Nfs", Kinds::OBJECT),
    Case::probe::<Left>("Left", Kinds::OBJECT),
    Case::probe::<Right>("Right", Kinds::OBJECT),
];

impl Json for Mixed {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.choose(MIXED, 0) {
            0 => Self::Count(Json::read(reader)),
            1 => Self::Sync(Json::read(reader)),
            2 => Self::Text(Json::read(reader)),
            3 => Self::List(Json::read(reader)),
            4 => Self::Smb(Json::read(reader)),
            5 => Self::Nfs(Json::read(reader)),
            6 => Self::Left(Json::read(reader)),
            _ => Self::Right(Json::read(reader)),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Count(value) => value.write(),
            Self::Sync(value) => value.write(),
            Self::Text(value) => value.write(),
            Self::List(value) => value.write(),
            Self::Smb(value) => value.write(),
            Self::Nfs(value) => value.write(),
            Self::Left(value) => value.write(),
            Self::Right(value) => value.write(),
        }
    }
}

/// Told from `Right` only at the bottom of `next`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Left {
    pub(crate) next: Mixed,
    pub(crate) left: Option<bool>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Right {
    pub(crate) next: Mixed,
    pub(crate) right: Option<bool>,
}

const LEFT: &[Field] = &[Field::required("next"), Field::optional("left")];
const RIGHT: &[Field] = &[Field::required("next"), Field::optional("right")];

impl Json for Left {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(LEFT);
        Self {
            next: object.next(),
            left: object.next(),
        }
    }

    fn write(&self) -> Value {
        write_object(LEFT, &[&self.next, &self.left])
    }
}

impl Json for Right {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(RIGHT);
        Self {
            next: object.next(),
            right: object.next(),
        }
    }

    fn write(&self) -> Value {
        write_object(RIGHT, &[&self.next, &self.right])
    }
}

/// Open: holds whatever else is there, as numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limits {
    pub(crate) name: Option<String>,
    pub(crate) rest: BTreeMap<String, f64>,
}

const LIMITS: &[Field] = &[Field::optional("name")];

impl Json for Limits {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.open_object(LIMITS);
        Self {
            name: object.next(),
            rest: object.rest(),
        }
    }

    fn write(&self) -> Value {
        write_open_object(LIMITS, &[&self.name], &self.rest)
    }
}

/// The keys of an update.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Update {
    pub(crate) comment: Patch<String>,
    pub(crate) sync: Option<Sync>,
}

const UPDATE: &[Field] = &[Field::optional("comment"), Field::optional("sync")];

impl Json for Update {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(UPDATE);
        Self {
            comment: object.next(),
            sync: object.next(),
        }
    }

    fn write(&self) -> Value {
        write_object(UPDATE, &[&self.comment, &self.sync])
    }
}
