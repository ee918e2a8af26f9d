//! Makes up values that look like what the key says.
//!
//! Each value follows from the seed and the path it stands at, and from nothing
//! else: a key that only one version has changes nothing beside it.

use fastrand::Rng;
use regex::Regex;
use serde_json::{Value, json};

use super::models::{Kind, kind, size};

/// Where a value stands: what it is, and all that leads there.
pub(crate) struct At<'k> {
    /// The nearest key; of a whole result the method's last word.
    key: &'k str,
    path: u64,
    pub(crate) depth: u32,
    /// Whether something is wanted although the key says nothing: a list of
    /// empty texts would be odd.
    wanted: bool,
}

impl<'k> At<'k> {
    pub(crate) fn new(about: &'k str) -> Self {
        let key = about.rsplit(['.', '/']).next().unwrap_or(about);
        Self {
            key,
            path: hash(0, about),
            depth: 0,
            wanted: true,
        }
    }

    pub(crate) fn key<'n>(&self, key: &'n str) -> At<'n> {
        At {
            key,
            path: hash(self.path, key),
            depth: self.depth + 1,
            wanted: false,
        }
    }

    pub(crate) fn item(&self, index: usize) -> At<'k> {
        At {
            key: self.key,
            path: hash(self.path, &index.to_string()),
            depth: self.depth + 1,
            wanted: true,
        }
    }
}

impl At<'_> {
    fn forms(&self) -> Option<&'static [&'static str]> {
        let line = TEXTS.iter().find(|(key, _)| is(self.key, key));
        line.map(|(_, forms)| *forms)
    }

    fn is_known(&self) -> bool {
        self.forms().is_some()
    }
}

/// FNV-1a, as the standard library's hash may change from release to release.
fn hash(start: u64, text: &str) -> u64 {
    let start = start ^ 0xcbf2_9ce4_8422_2325;
    text.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// What the made-up system was last started at: 2026-03-01 06:00 UTC, in
/// seconds. Times lie in the months before.
const STARTED: i64 = 1_772_344_800;
const MONTHS: i64 = 120 * 86_400;

const GIB: i64 = 1 << 30;

const WORDS: &[&str] = &[
    "media",
    "backup",
    "photos",
    "projects",
    "archive",
    "home",
    "public",
    "videos",
    "music",
    "documents",
    "builds",
    "mirror",
];

/// What a text may be, by what its key is or ends with; the first line that
/// fits counts. `#` becomes a digit, `%` a hexadecimal one.
const TEXTS: &[(&str, &[&str])] = &[
    ("uuid", &["%%%%%%%%-%%%%-4%%%-a%%%-%%%%%%%%%%%%"]),
    ("guid", &["1###############"]),
    ("mac", &["02:%%:%%:%%:%%:%%"]),
    ("mac_address", &["02:%%:%%:%%:%%:%%"]),
    (
        "fingerprint",
        &["%%:%%:%%:%%:%%:%%:%%:%%:%%:%%:%%:%%:%%:%%:%%:%%"],
    ),
    ("hash", &["%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"]),
    ("digest", &["sha256:%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"]),
    ("serial", &["S5H#NS0R######"]),
    (
        "model",
        &["WDC WD80EFZX-68U", "ST8000VN004-2M21", "Samsung SSD 870"],
    ),
    ("email", &["admin@example.net"]),
    ("from", &["nas@example.net"]),
    ("mountpoint", &["/mnt/tank/*"]),
    ("path", &["/mnt/tank/*"]),
    ("dir", &["/mnt/tank/*"]),
    ("directory", &["/mnt/tank/*"]),
    ("hostname", &["nas", "nas-#"]),
    ("host", &["nas-#.example.net"]),
    ("fqdn", &["nas.example.net"]),
    ("domain", &["example.net"]),
    ("url", &["https://nas.example.net/*"]),
    ("uri", &["https://nas.example.net/*"]),
    ("endpoint", &["https://nas.example.net/*"]),
    ("gateway", &["192.0.2.1"]),
    ("netmask", &["255.255.255.0"]),
    ("network", &["192.0.2.0/24"]),
    ("broadcast", &["192.0.2.255"]),
    ("ip", &["192.0.2.1#"]),
    ("address", &["192.0.2.1#"]),
    ("timezone", &["America/Los_Angeles"]),
    ("locale", &["en_US"]),
    ("country", &["US"]),
    ("state", &["ONLINE"]),
    ("status", &["ONLINE"]),
    ("workgroup", &["WORKGROUP"]),
    ("mode", &["AUTO"]),
    ("health", &["HEALTHY"]),
    ("level", &["INFO"]),
    ("user", &["root", "alice", "bob"]),
    ("username", &["root", "alice", "bob"]),
    ("owner", &["root"]),
    ("group", &["root", "builtin_users"]),
    ("shell", &["/usr/bin/bash", "/usr/sbin/nologin"]),
    ("pool", &["tank"]),
    ("pool_name", &["tank"]),
    ("volume", &["tank"]),
    ("dataset", &["tank/*"]),
    ("filesystem", &["tank/*"]),
    ("snapshot", &["tank/*@auto-2026-02-2#_00-00"]),
    ("snapshot_name", &["auto-2026-02-2#_00-00"]),
    ("disk", &["sda", "sdb", "sdc"]),
    ("devname", &["sda", "sdb", "sdc"]),
    ("device", &["sda", "sdb", "sdc"]),
    ("interface", &["eno1"]),
    ("bridge", &["br0"]),
    ("version", &["1.#.#"]),
    ("train", &["stable"]),
    ("image", &["docker.io/library/*:1.#"]),
    ("password", &["made-up-%%%%%%%%"]),
    ("secret", &["made-up-%%%%%%%%"]),
    ("passphrase", &["made-up-%%%%%%%%"]),
    ("certificate", &["nas-example-net"]),
    ("description", &["Made up by the simulator"]),
    ("comment", &["Made up by the simulator"]),
    ("title", &["* of the simulator"]),
    ("message", &["Made up by the simulator"]),
    ("text", &["Made up by the simulator"]),
    ("formatted", &["Made up by the simulator"]),
    ("date", &["2026-02-2#"]),
    ("time", &["0#:00:00"]),
    ("product_type", &["COMMUNITY_EDITION"]),
    ("iqn", &["iqn.2005-10.org.freenas.ctl:*"]),
    ("token", &["%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"]),
    ("choices", &["*"]),
    ("name", &["*"]),
    ("id", &["*"]),
];

/// What is tried where a schema has a pattern.
const PATTERNED: &[&str] = &[
    "tank",
    "/mnt/tank/media",
    "0x1f",
    "02:00:00:12:34:56",
    "naa.6589cfc000000a1b",
    "media:1",
    "fc0",
    "A1",
];

/// Makes values up from a seed.
#[derive(Clone, Copy)]
pub(crate) struct Inventor {
    pub(crate) seed: u64,
}

impl Inventor {
    fn rng(self, at: &At<'_>) -> Rng {
        // A generator whose seeds are close to each other starts alike.
        let mut rng = Rng::with_seed(at.path ^ self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        rng.u64(..);
        rng
    }

    /// How many items of a kind a list has.
    pub(crate) fn count(self, item: Kind, at: &At<'_>) -> usize {
        match item {
            _ if at.depth == 0 => 2,
            Kind::Any | Kind::Text if !at.is_known() => 0,
            _ => self.rng(at).usize(..2),
        }
    }

    pub(crate) fn word_of(self, words: &[Value], at: &At<'_>) -> Value {
        self.rng(at).choice(words).cloned().unwrap_or_default()
    }

    /// The case of a choice: null where nothing is known of the key.
    pub(crate) fn case_of<'s>(self, cases: &'s [Value], at: &At<'_>) -> Option<&'s Value> {
        let null = cases.iter().find(|case| kind(case) == Kind::Null);
        let real: Vec<&Value> = cases
            .iter()
            .filter(|case| kind(case) != Kind::Null)
            .collect();
        let mut rng = self.rng(at);
        let case = rng.choice(real)?;
        let is_likely = match kind(case) {
            Kind::Text => at.is_known(),
            Kind::Any | Kind::List | Kind::Object => false,
            _ => rng.u8(..3) > 0,
        };
        if at.wanted || is_likely {
            Some(case)
        } else {
            null.or(Some(case))
        }
    }

    /// The keys of an object whose schema names none.
    pub(crate) fn keys(self, at: &At<'_>) -> Vec<String> {
        let first = self.text(at);
        vec![first]
    }

    /// A value where anything is allowed.
    pub(crate) fn any(self, at: &At<'_>) -> Value {
        match self.text(at) {
            text if text.is_empty() => Value::Null,
            text => text.into(),
        }
    }

    pub(crate) fn scalar(self, kind: Kind, schema: &Value, at: &At<'_>) -> Value {
        match kind {
            Kind::Boolean => self.boolean(at).into(),
            Kind::Integer => self.integer(schema, at).into(),
            Kind::Number => self.number(schema, at).into(),
            Kind::Date => {
                let second = STARTED - self.rng(at).i64(0..MONTHS);
                json!({"$date": second * 1000})
            }
            _ => self.string(schema, at).into(),
        }
    }

    fn boolean(self, at: &At<'_>) -> bool {
        let usual = [
            "enabled",
            "healthy",
            "valid",
            "local",
            "exists",
            "available",
            "ready",
        ];
        usual.iter().any(|word| is(at.key, word)) || self.rng(at).u8(..8) == 0
    }

    fn integer(self, schema: &Value, at: &At<'_>) -> i64 {
        let mut rng = self.rng(at);
        let (key, few) = (at.key, rng.i64(1..10));
        let any_of = |words: &[&str]| words.iter().any(|word| is(key, word));
        let number = if any_of(&[
            "size",
            "bytes",
            "total",
            "used",
            "available",
            "free",
            "allocated",
            "capacity",
        ]) {
            rng.i64(1..4000) * GIB
        } else if any_of(&["time", "timestamp", "date", "created", "since"]) {
            STARTED - rng.i64(0..MONTHS)
        } else if any_of(&["percent", "progress", "temperature"]) {
            rng.i64(20..60)
        } else if any_of(&["uid", "gid"]) {
            3000 + few
        } else if any_of(&["port"]) {
            rng.i64(1024..10_000)
        } else if any_of(&["mtu"]) {
            1500
        } else if any_of(&["errno", "errors"]) {
            0
        } else {
            few
        };
        let limit = |keyword| schema.get(keyword).and_then(Value::as_i64);
        let least = limit("minimum").or_else(|| Some(limit("exclusiveMinimum")?.saturating_add(1)));
        let most = limit("maximum").or_else(|| Some(limit("exclusiveMaximum")?.saturating_sub(1)));
        let number = most.map_or(number, |most| number.min(most));
        least.map_or(number, |least| number.max(least))
    }

    fn number(self, schema: &Value, at: &At<'_>) -> f64 {
        if is(at.key, "time") {
            // Exact, as 53 bits are enough for any second of the past.
            let ago = self.rng(at).i32(0..10_000_000);
            return 1_772_344_800.0 - f64::from(ago);
        }
        let limit = |keyword| schema.get(keyword).and_then(Value::as_f64);
        let least = limit("minimum")
            .or(limit("exclusiveMinimum"))
            .unwrap_or(0.0);
        let most = limit("maximum").or(limit("exclusiveMaximum"));
        // A schema may contradict itself, and then the least counts.
        let most = most.unwrap_or(least + 10.0).max(least);
        // A quarter is the same in every notation.
        let quarters = f64::from(self.rng(at).i32(1..40)) / 40.0;
        ((least + quarters * (most - least)) * 4.0)
            .round()
            .clamp(least * 4.0, most * 4.0)
            / 4.0
    }

    fn string(self, schema: &Value, at: &At<'_>) -> String {
        let format = schema.get("format").and_then(Value::as_str);
        match format {
            Some("uri") => return "https://nas.example.net/".to_owned(),
            Some("email") => return "admin@example.net".to_owned(),
            Some("ipvanyaddress") => return format!("192.0.2.{}", self.rng(at).u8(10..250)),
            Some("ipvanyinterface" | "ipvanynetwork") => return "192.0.2.0/24".to_owned(),
            _ => {}
        }
        let least = size(schema, "minLength").unwrap_or(0);
        let text = match self.text(at) {
            text if text.chars().count() < least => self.word(at),
            text => text,
        };
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
            let Ok(pattern) = Regex::new(pattern) else {
                return text;
            };
            let candidates = [text.as_str()].into_iter().chain(PATTERNED.iter().copied());
            let mut candidates = candidates;
            let found = candidates.find(|text| pattern.is_match(text));
            return found.unwrap_or_default().to_owned();
        }
        let most = size(schema, "maxLength").unwrap_or(usize::MAX);
        let filler = "0".repeat(least.saturating_sub(text.chars().count()));
        text.chars().chain(filler.chars()).take(most).collect()
    }

    /// What the key says; nothing where it says nothing.
    fn text(self, at: &At<'_>) -> String {
        match at.forms() {
            Some(forms) => self.text_of(forms, at),
            None if at.wanted => self.word(at),
            None => String::new(),
        }
    }

    fn word(self, at: &At<'_>) -> String {
        self.text_of(&["*"], at)
    }

    fn text_of(self, forms: &[&str], at: &At<'_>) -> String {
        let mut rng = self.rng(at);
        let form = rng.choice(forms).copied().unwrap_or_default();
        let mut text = String::new();
        for char in form.chars() {
            match char {
                '#' => text.push(rng.digit(10)),
                '%' => text.push(rng.digit(16)),
                '*' => text.push_str(rng.choice(WORDS).copied().unwrap_or_default()),
                char => text.push(char),
            }
        }
        text
    }
}

/// Whether a key is this word, ends with it, or is several of it.
fn is(key: &str, word: &str) -> bool {
    let key = key.strip_suffix('s').unwrap_or(key);
    let word = word.strip_suffix('s').unwrap_or(word);
    key.strip_suffix(word)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
}
