//! Known changes of real releases: found, and graded as they deserve.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::LazyLock;

use common::{between, line, version};
use truenas_diff::finding::{Direction, Effect, Finding, Severity};
use truenas_diff::rule::Rule;
use truenas_diff::{Report, compare};

static TO_25_10: LazyLock<Report> = LazyLock::new(|| between("v25.04.2", "v25.10.0"));
static TO_26: LazyLock<Report> = LazyLock::new(|| between("v25.10.5", "v26.0.0"));

/// The findings of a method or event, one line each.
fn of(report: &Report, name: &str) -> Vec<String> {
    about(report, name).map(line).collect()
}

fn about<'a>(report: &'a Report, name: &'a str) -> impl Iterator<Item = &'a Finding> {
    let findings = report.findings.iter();
    findings.filter(move |finding| {
        let names = &finding.subject.name;
        names.before.as_deref() == Some(name) || names.after.as_deref() == Some(name)
    })
}

/// The one finding of this kind at this path.
#[track_caller]
fn one<'a>(report: &'a Report, name: &'a str, rule: Rule, path: &str) -> &'a Finding {
    let mut found = about(report, name)
        .filter(|finding| finding.rule == rule && finding.path.to_string() == path);
    let first = found.next();
    assert!(
        first.is_some() && found.next().is_none(),
        "{rule} at {path:?} among {:#?}",
        of(report, name)
    );
    first.unwrap()
}

fn methods<'a>(api: &'a truenas_diff::Version, prefix: &str) -> Vec<&'a str> {
    let names = api.api().methods.keys().map(String::as_str);
    names.filter(|name| name.starts_with(prefix)).collect()
}

#[test]
fn snapshots_moved_from_zfs_to_pool() {
    let old = version("v25.04.2");
    for name in methods(&old, "zfs.snapshot.") {
        let new = name.replace("zfs.", "pool.");
        let finding = one(&TO_25_10, name, Rule::MethodRenamed, "");
        assert_eq!(finding.subject.name.after.as_deref(), Some(new.as_str()));
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.confidence >= Some(50), "{}", line(finding));
    }
}

#[test]
fn update_update_has_another_meaning() {
    let finding = one(&TO_25_10, "update.update", Rule::MethodRedefined, "");
    assert_eq!(finding.severity, Severity::Error);
    assert!(finding.message.contains("THE SAME NAME, ANOTHER MEANING"));
    assert!(
        finding.message.contains("`update.run`"),
        "{}",
        finding.message
    );
    one(&TO_25_10, "update.run", Rule::MethodAdded, "");
}

#[test]
fn smart_and_directory_services_of_their_own_are_gone() {
    let old = version("v25.04.2");
    let services = [
        "smart.",
        "disk.smart_attributes",
        "activedirectory.",
        "ldap.",
        "certificateauthority.",
    ];
    for name in services.iter().flat_map(|prefix| methods(&old, prefix)) {
        let finding = one(&TO_25_10, name, Rule::MethodRemoved, "");
        assert_eq!(finding.severity, Severity::Error, "{}", line(finding));
    }
    let state = one(
        &TO_25_10,
        "directoryservices.get_state",
        Rule::MethodRemoved,
        "",
    );
    assert_eq!(state.severity, Severity::Error);
    one(&TO_25_10, "directoryservices.update", Rule::MethodAdded, "");
    assert!(!of(&TO_25_10, "directoryservices.status").is_empty());
}

#[test]
fn smb_options_of_a_share_moved_into_a_choice() {
    let finding = |key: &str| {
        let mut found = about(&TO_25_10, "sharing.smb.create").filter(|finding| {
            finding.rule == Rule::PropertyMoved && finding.before == Some(key.into())
        });
        found.next().unwrap().clone()
    };
    for key in [
        "guestok",
        "home",
        "timemachine_quota",
        "auxsmbconf",
        "hostsallow",
    ] {
        let moved = finding(key);
        assert_eq!(moved.after, Some(format!("options.{key}").into()));
        assert_eq!(
            (moved.severity, moved.rust),
            (Severity::Error, Effect::Breaks)
        );
    }
    one(
        &TO_25_10,
        "sharing.smb.create",
        Rule::PropertyAdded,
        "params[0].options",
    );
    let purposes: Vec<String> = about(&TO_25_10, "sharing.smb.create")
        .filter(|finding| finding.path.to_string() == "params[0].purpose")
        .map(line)
        .collect();
    assert!(
        purposes
            .iter()
            .any(|line| line.starts_with("info value-added") && line.contains("LEGACY_SHARE"))
    );
    assert!(
        purposes
            .iter()
            .any(|line| line.starts_with("error value-removed") && line.contains("NO_PRESET"))
    );
}

#[test]
fn the_type_of_an_alert_service_moved_into_its_attributes() {
    let finding = one(
        &TO_25_10,
        "alertservice.create",
        Rule::PropertyMoved,
        "params[0]",
    );
    assert_eq!(finding.message, "`type` is now `attributes.type`");
    assert_eq!(finding.severity, Severity::Error);
}

#[test]
fn service_verbs_were_announced_and_then_gone() {
    for verb in ["start", "stop", "restart", "reload"] {
        let name = format!("service.{verb}");
        let coming = one(&TO_25_10, &name, Rule::RemovalAnnounced, "");
        assert_eq!(coming.severity, Severity::Warning);
        assert!(TO_25_10.coming.iter().any(|coming| coming.name == name));
        let gone = one(&TO_26, &name, Rule::MethodRemovedAsAnnounced, "");
        assert_eq!(
            gone.severity,
            Severity::Warning,
            "lower than without a warning"
        );
        assert_eq!(gone.wire, Effect::Breaks);
    }
}

#[test]
fn virt_is_gone_and_container_is_new() {
    let (old, new) = (version("v25.10.5"), version("v26.0.0"));
    for name in methods(&old, "virt.") {
        assert!(
            about(&TO_26, name).any(|finding| {
                matches!(finding.rule, Rule::MethodRemoved | Rule::MethodRenamed)
                    && finding.severity == Severity::Error
            }),
            "{name}: {:#?}",
            of(&TO_26, name)
        );
    }
    for name in methods(&new, "container.") {
        assert!(
            about(&TO_26, name)
                .any(|finding| matches!(finding.rule, Rule::MethodAdded | Rule::MethodRenamed)),
            "{name}: {:#?}",
            of(&TO_26, name)
        );
    }
    one(&TO_26, "virt.instance.create", Rule::MethodRemoved, "");
    one(&TO_26, "container.create", Rule::MethodAdded, "");
}

#[test]
fn registry_mirrors_became_one_list() {
    for key in ["secure_registry_mirrors", "insecure_registry_mirrors"] {
        for path in ["params[0]", "result"] {
            assert!(
                about(&TO_26, "docker.update").any(|finding| {
                    finding.rule == Rule::PropertyRenamed
                        && finding.severity == Severity::Error
                        && finding.path.to_string() == path
                        && finding.before == Some(key.into())
                        && finding.after == Some("registry_mirrors".into())
                }),
                "{:#?}",
                of(&TO_26, "docker.update")
            );
        }
    }
}

#[test]
fn results_that_were_booleans_are_null() {
    for name in ["vm.delete", "mail.send"] {
        let finding = one(&TO_26, name, Rule::TypeChanged, "result");
        assert_eq!(finding.message, "was boolean, is null");
        assert_eq!(
            (finding.severity, finding.rust),
            (Severity::Error, Effect::Breaks)
        );
    }
}

#[test]
fn pbkdf2iters_starts_higher() {
    let path = "params[0].encryption_options.pbkdf2iters";
    let finding = one(&TO_26, "pool.create", Rule::LimitTightened, path);
    assert_eq!(finding.message, "minimum `1300000`, was minimum `100000`");
    assert_eq!(
        (finding.severity, finding.rust),
        (Severity::Error, Effect::None)
    );
}

#[test]
fn login_takes_scram_and_has_two_more_answers() {
    let cases = |direction| -> Vec<&Finding> {
        about(&TO_26, "auth.login_ex")
            .filter(|finding| {
                finding.rule == Rule::CaseAdded && finding.direction == Some(direction)
            })
            .collect()
    };
    let sent = cases(Direction::Request);
    assert_eq!(sent.len(), 1);
    assert!(
        sent.iter()
            .all(|finding| finding.severity == Severity::Info)
    );
    assert!(format!("{:?}", sent.first().unwrap().after).contains("SCRAM"));
    let received = cases(Direction::Result);
    assert_eq!(received.len(), 2);
    assert!(
        received
            .iter()
            .all(|finding| finding.severity == Severity::Warning)
    );
}

#[test]
fn two_versions_that_say_the_same_differ_in_nothing() {
    let report = between("v25.10.2", "v25.10.4");
    assert_eq!(report.findings, []);
    assert_eq!((report.from.methods, report.to.methods), (769, 769));
}

#[test]
fn models_with_other_names_are_no_finding() {
    let old = version("v25.10.5");
    let mut renamed = old.api().clone();
    let models = renamed.models.into_iter();
    renamed.models = models
        .map(|(name, schema)| (format!("My{name}"), schema))
        .collect();
    let text = serde_json::to_string(&renamed).unwrap();
    let text = text.replace("\"#/models/", "\"#/models/My");
    let overrides = truenas_codegen::overrides::Overrides::default();
    let new = truenas_diff::Version::new(serde_json::from_str(&text).unwrap(), &overrides);
    assert_eq!(new.api().models.len(), old.api().models.len());
    let lines: Vec<String> = compare(&old, &new).findings.iter().map(line).collect();
    assert_eq!(lines, [""; 0]);
}
