//! For readers: the same change of the same model in many methods is told
//! once.

use std::collections::BTreeMap;

use crate::compare::Report;
use crate::finding::{Finding, Severity};

/// A change and all the places where it is seen.
pub(super) struct Group<'a> {
    pub(super) first: &'a Finding,
    /// The other methods and events, each once.
    pub(super) also: Vec<&'a str>,
}

/// The heading of changes that several services share.
pub(super) const SHARED: &str = "several services";

/// Groups by service, the gravest first.
pub(super) fn by_service(report: &Report) -> BTreeMap<&str, Vec<Group<'_>>> {
    let mut alike: Vec<Vec<&Finding>> = Vec::new();
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    for finding in &report.findings {
        let key = (
            finding.rule,
            finding.direction.map(|direction| direction.is_sent()),
            finding.rust_path.clone(),
            finding.path.keys().next_back().map(str::to_owned),
            &finding.message,
            // Nothing in common but the name: the same only in one place.
            finding
                .rust_path
                .is_blank()
                .then(|| finding.path.to_string()),
            finding.path.is_empty().then(|| finding.subject.clone()),
        );
        let place = *places.entry(key).or_insert_with(|| {
            alike.push(Vec::new());
            alike.len() - 1
        });
        if let Some(group) = alike.get_mut(place) {
            group.push(finding);
        }
    }
    let mut services: BTreeMap<&str, Vec<Group<'_>>> = BTreeMap::new();
    for findings in alike {
        let Some((first, others)) = findings.split_first() else {
            continue;
        };
        let service = first.subject.service();
        let shared = others
            .iter()
            .any(|other| other.subject.service() != service);
        let mut also: Vec<&str> = others.iter().map(|other| other.subject.name()).collect();
        also.retain(|name| *name != first.subject.name());
        also.dedup();
        services
            .entry(if shared { SHARED } else { service })
            .or_default()
            .push(Group { first, also });
    }
    for groups in services.values_mut() {
        groups.sort_by_key(|group| std::cmp::Reverse(group.first.severity));
    }
    services
}

impl Group<'_> {
    /// `pool.create params[0].name`.
    pub(super) fn place(&self) -> String {
        place(self.first)
    }

    /// `and in 3 more: …`, if it is seen elsewhere.
    pub(super) fn elsewhere(&self) -> Option<String> {
        const SHOWN: usize = 3;
        let more = self.also.len();
        if more == 0 {
            return None;
        }
        let mut text = self
            .also
            .iter()
            .take(SHOWN)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        if more > SHOWN {
            text.push_str(&format!(" and {} more", more - SHOWN));
        }
        Some(text)
    }

    pub(super) fn severity(&self) -> Severity {
        self.first.severity
    }
}

/// `pool.create params[0].name`.
pub(super) fn place(finding: &Finding) -> String {
    let path = finding.path.to_string();
    if path.is_empty() {
        finding.subject.name().to_owned()
    } else {
        format!("{} {path}", finding.subject.name())
    }
}
