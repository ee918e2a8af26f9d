//! The keys of values that identify a system or its people.

/// Returns whether the text under a key is prose by a user.
pub(super) fn is_prose(key: &str) -> bool {
    const KEYS: [&str; 10] = [
        "comment",
        "comments",
        "description",
        "formatted",
        "full_name",
        "gecos",
        "motd",
        "notes",
        "remarks",
        "text",
    ];
    KEYS.contains(&key)
}

/// Returns whether the text under a key names a part of the system.
pub(super) fn is_name(key: &str) -> bool {
    const KEYS: [&str; 24] = [
        "city",
        "common",
        "dataset",
        "domainname",
        "domains",
        "group",
        "hostname",
        "label",
        "location",
        "login",
        "name",
        "nameserver",
        "netbiosalias",
        "netbiosname",
        "organization",
        "organizational_unit",
        "pool",
        "realm",
        "share",
        "state_or_province",
        "target",
        "user",
        "username",
        "workgroup",
    ];
    const ENDS: [&str; 5] = ["_name", "domain", "email", "host", "server"];
    KEYS.contains(&key) || key.starts_with("hostname") || ENDS.iter().any(|end| key.ends_with(end))
}

/// Returns whether the text under a key identifies hardware or software.
pub(super) fn is_serial(key: &str) -> bool {
    const KEYS: [&str; 8] = [
        "fingerprint",
        "host_id",
        "identifier",
        "lunid",
        "naa",
        "system_id",
        "wwn",
        "wwpn",
    ];
    KEYS.contains(&key) || key.contains("serial") || key.ends_with("guid")
}

/// Returns whether a name is the same on every system, or does not identify
/// anything.
pub(super) fn is_common(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "boot-pool",
        "dev",
        "home",
        "local",
        "localhost",
        "mnt",
        "nobody",
        "none",
        "nogroup",
        "root",
        "truenas",
        "truenas_admin",
        "usr",
        "var",
        "wheel",
        "zvol",
    ];
    name.len() < 2
        || NAMES.contains(&name)
        || name
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}
