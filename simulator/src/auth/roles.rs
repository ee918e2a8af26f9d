//! Which roles include which. No schema says it; it follows from comparing the
//! roles in the dumps of 25.10 and 26.0 with those in their
//! `core.get_methods`, where all roles that include the one asked for stand.

use crate::faults::Glob;

/// What a role includes beside itself. `X_WRITE` also includes `X_READ`.
const INCLUDED: [(&str, &[&str]); 20] = [
    ("FULL_ADMIN", &["*"]),
    ("READONLY_ADMIN", &["*_READ"]),
    (
        "SHARING_ADMIN",
        &[
            "READONLY_ADMIN",
            "*_READ",
            "DATASET_WRITE",
            "FILESYSTEM_ATTRS_WRITE",
            "SHARING_*_WRITE",
        ],
    ),
    (
        "REPLICATION_ADMIN",
        &[
            "KEYCHAIN_CREDENTIAL_*",
            "REPLICATION_TASK_*",
            "SNAPSHOT_READ",
            "SNAPSHOT_WRITE",
            "SNAPSHOT_TASK_*",
        ],
    ),
    (
        "REPLICATION_TASK_WRITE_PULL",
        &["REPLICATION_TASK_READ", "REPLICATION_TASK_WRITE"],
    ),
    (
        "FILESYSTEM_FULL_CONTROL",
        &["FILESYSTEM_ATTRS_*", "FILESYSTEM_DATA_*"],
    ),
    ("ALERT_READ", &["ALERT_LIST_READ"]),
    ("ALERT_WRITE", &["ALERT_LIST_*"]),
    ("APPS_READ", &["CATALOG_READ"]),
    ("APPS_WRITE", &["CATALOG_*"]),
    ("CONTAINER_DEVICE_READ", &["CONTAINER_READ"]),
    (
        "CONTAINER_DEVICE_WRITE",
        &["CONTAINER_READ", "CONTAINER_WRITE"],
    ),
    ("POOL_READ", &["POOL_SCRUB_READ"]),
    ("POOL_WRITE", &["POOL_SCRUB_*"]),
    ("SHARING_READ", &["SHARING_*_READ"]),
    ("SHARING_WRITE", &["SHARING_*"]),
    ("SHARING_ISCSI_READ", &["SHARING_ISCSI_*_READ"]),
    ("SHARING_ISCSI_WRITE", &["SHARING_ISCSI_*"]),
    ("VM_DEVICE_READ", &["VM_READ"]),
    ("VM_DEVICE_WRITE", &["VM_READ", "VM_WRITE"]),
];

/// Whether a role is one of those that include others.
pub(crate) fn is_role(name: &str) -> bool {
    INCLUDED.iter().any(|(role, _)| *role == name)
}

/// Whether who has one role has another.
pub(crate) fn includes(held: &str, asked: &str) -> bool {
    let reads = |held: &str| asked.strip_suffix("_READ") == held.strip_suffix("_WRITE");
    if held == asked || held.ends_with("_WRITE") && reads(held) {
        return true;
    }
    let mut included = INCLUDED.iter().filter(|(role, _)| *role == held);
    included.any(|(_, patterns)| {
        patterns
            .iter()
            .any(|pattern| Glob((*pattern).to_owned()).matches(asked))
    })
}
