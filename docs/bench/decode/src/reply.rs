//! A made-up answer to `pool.dataset.query`, in the server's own spelling.

use std::fmt::Write as _;

/// How many datasets are in each of those that hold others.
const CHILDREN: usize = 40;

/// Property, value as parsed (JSON), raw value, value, source.
const PROPERTIES: &[[&str; 5]] = &[
    ["deduplication", "\"off\"", "\"off\"", "\"OFF\"", "DEFAULT"],
    [
        "aclmode",
        "\"discard\"",
        "\"discard\"",
        "\"DISCARD\"",
        "LOCAL",
    ],
    [
        "acltype",
        "\"posix\"",
        "\"posix\"",
        "\"POSIX\"",
        "INHERITED",
    ],
    ["xattr", "\"sa\"", "\"sa\"", "\"SA\"", "INHERITED"],
    ["atime", "false", "\"off\"", "\"OFF\"", "INHERITED"],
    [
        "casesensitivity",
        "\"sensitive\"",
        "\"sensitive\"",
        "\"SENSITIVE\"",
        "NONE",
    ],
    ["checksum", "\"on\"", "\"on\"", "\"ON\"", "DEFAULT"],
    ["exec", "true", "\"on\"", "\"ON\"", "DEFAULT"],
    [
        "sync",
        "\"standard\"",
        "\"standard\"",
        "\"STANDARD\"",
        "DEFAULT",
    ],
    ["compression", "\"lz4\"", "\"lz4\"", "\"LZ4\"", "INHERITED"],
    ["compressratio", "\"1.27\"", "\"1.27\"", "\"1.27x\"", "NONE"],
    ["origin", "\"\"", "\"\"", "\"\"", "NONE"],
    ["quota", "null", "\"0\"", "null", "DEFAULT"],
    ["refquota", "null", "\"0\"", "null", "DEFAULT"],
    ["reservation", "null", "\"0\"", "null", "DEFAULT"],
    ["refreservation", "null", "\"0\"", "null", "DEFAULT"],
    ["copies", "1", "\"1\"", "\"1\"", "INHERITED"],
    ["snapdir", "null", "\"hidden\"", "\"HIDDEN\"", "DEFAULT"],
    ["readonly", "false", "\"off\"", "\"OFF\"", "DEFAULT"],
    ["recordsize", "131072", "\"131072\"", "\"128K\"", "DEFAULT"],
    ["key_format", "\"none\"", "\"none\"", "null", "DEFAULT"],
    [
        "encryption_algorithm",
        "\"off\"",
        "\"off\"",
        "null",
        "DEFAULT",
    ],
    ["pbkdf2iters", "\"0\"", "\"0\"", "\"0\"", "DEFAULT"],
    [
        "special_small_block_size",
        "\"0\"",
        "\"0\"",
        "\"0\"",
        "DEFAULT",
    ],
    [
        "snapdev",
        "\"hidden\"",
        "\"hidden\"",
        "\"HIDDEN\"",
        "DEFAULT",
    ],
    ["usedbyrefreservation", "0", "\"0\"", "\"0 B\"", "NONE"],
];

/// Properties that are an amount of bytes.
const AMOUNTS: &[&str] = &[
    "used",
    "usedbychildren",
    "usedbydataset",
    "usedbysnapshots",
    "available",
];

/// What the caller has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Children {
    /// Nothing special: each dataset is there on its own, and once more in the
    /// one it is in.
    Nested,
    /// `retrieve_children: false`.
    Left,
}

/// At least so many bytes of JSON, less than one dataset above.
pub(crate) fn reply(bytes: usize, children: Children) -> String {
    let mut out = String::with_capacity(bytes.saturating_mul(102) / 100);
    out.push('[');
    let mut parent: usize = 0;
    while out.len() < bytes {
        separate(&mut out);
        let name = format!("tank/projects-{parent:04}");
        begin(&mut out, &name, parent);
        out.push_str(", \"children\": [");
        if children == Children::Nested {
            for child in 0..CHILDREN {
                separate(&mut out);
                leaf(&mut out, &name, child);
            }
        }
        out.push_str("]}");
        for child in 0..CHILDREN {
            if out.len() < bytes {
                separate(&mut out);
                leaf(&mut out, &name, child);
            }
        }
        parent = parent.saturating_add(1);
    }
    out.push(']');
    out
}

fn separate(out: &mut String) {
    if !out.ends_with('[') {
        out.push_str(", ");
    }
}

fn leaf(out: &mut String, parent: &str, number: usize) {
    begin(out, &format!("{parent}/share-{number:03}"), number);
    out.push_str(", \"children\": []}");
}

/// All of a dataset but its children.
fn begin(out: &mut String, name: &str, number: usize) {
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        r#"{{"id": "{name}", "type": "FILESYSTEM", "name": "{name}", "pool": "tank", "encrypted": false, "encryption_root": null, "key_loaded": false, "locked": false, "mountpoint": "/mnt/{name}", "user_properties": {{}}"#
    );
    for [property, parsed, raw, value, source] in PROPERTIES {
        let _ = write!(
            out,
            r#", "{property}": {{"parsed": {parsed}, "rawvalue": {raw}, "value": {value}, "source": "{source}", "source_info": {}}}"#,
            if *source == "INHERITED" {
                "\"tank\""
            } else {
                "null"
            }
        );
    }
    let mut amount = number.saturating_mul(7_340_033).saturating_add(98_304);
    for property in AMOUNTS {
        amount = amount.saturating_add(1_048_576);
        let _ = write!(
            out,
            r#", "{property}": {{"parsed": {amount}, "rawvalue": "{amount}", "value": "{} KiB", "source": "NONE", "source_info": null}}"#,
            amount / 1024
        );
    }
    let seconds = number.saturating_add(1_700_000_000);
    let _ = write!(
        out,
        r#", "creation": {{"parsed": {{"$date": {seconds}000}}, "rawvalue": "{seconds}", "value": "Tue Nov 14 22:13 2023", "source": "NONE", "source_info": null}}"#
    );
}
