//! What happened to one method or event, version by version.

use std::collections::BTreeSet;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::Version;
use crate::compare::Report;
use crate::finding::Finding;

/// The life of a method or event under all its names.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct History {
    /// Its names, in the alphabet's order.
    pub names: Vec<String>,
    /// The oldest version there is that has it.
    pub first: String,
    /// The newest version there is that has it.
    pub last: String,
    /// The version that will no longer have it, as the newest one says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_in: Option<String>,
    /// What changed, by version; only versions in which something did.
    pub changes: Vec<Changes>,
}

/// What changed with one version.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Changes {
    /// The version that is different from the one before it.
    pub version: String,
    /// What changed.
    pub findings: Vec<Finding>,
}

/// Follows a method or event through all versions, which are in ascending
/// order, with the reports between neighbours. `None` if no version has it.
#[must_use]
pub fn history(name: &str, versions: &[&Version], reports: &[Report]) -> Option<History> {
    let has = |version: &&Version, names: &BTreeSet<String>| {
        let api = version.api();
        names
            .iter()
            .any(|name| api.methods.contains_key(name) || api.events.contains_key(name))
    };
    let mut names = BTreeSet::from([name.to_owned()]);
    // A name leads to another one, in either direction.
    loop {
        let renames = reports.iter().flat_map(|report| &report.findings);
        let pairs = renames.filter_map(|finding| finding.subject.name.clone().into_both());
        let linked: BTreeSet<String> = pairs
            .filter(|(a, b)| names.contains(a) || names.contains(b))
            .flat_map(|(a, b)| [a, b])
            .collect();
        let before = names.len();
        names.extend(linked);
        if names.len() == before {
            break;
        }
    }
    let first = versions.iter().find(|version| has(version, &names))?;
    let last = versions.iter().rfind(|version| has(version, &names))?;
    let removed_in = names.iter().find_map(|name| {
        let api = last.api();
        let method = api
            .methods
            .get(name)
            .and_then(|method| method.removed_in.clone());
        method.or_else(|| api.events.get(name)?.removed_in.clone())
    });
    let changes = reports.iter().filter_map(|report| {
        let is_ours = |finding: &&Finding| names.contains(finding.subject.name());
        let findings: Vec<Finding> = report.findings.iter().filter(is_ours).cloned().collect();
        let version = report.to.api.clone();
        (!findings.is_empty()).then_some(Changes { version, findings })
    });
    Some(History {
        first: first.api().api.clone(),
        last: last.api().api.clone(),
        removed_in,
        changes: changes.collect(),
        names: names.into_iter().collect(),
    })
}

impl History {
    /// For a terminal.
    #[must_use]
    pub fn text(&self, newest: &str) -> String {
        let mut text = format!("{}\n\n", self.names.join(", "));
        let _ = writeln!(
            text,
            "in {} and, as far as is known, not before",
            self.first
        );
        for changes in &self.changes {
            let _ = writeln!(text, "\n{}", changes.version);
            for finding in &changes.findings {
                let path = finding.path.to_string();
                let at = if path.is_empty() {
                    String::new()
                } else {
                    format!(" {path}")
                };
                let _ = writeln!(
                    text,
                    "  {:<7}  {}{at}: {}  [{}]",
                    finding.severity.to_string(),
                    finding.subject.name(),
                    finding.message,
                    finding.rule
                );
            }
        }
        text.push('\n');
        let _ = match (&self.removed_in, self.last == newest) {
            (Some(version), true) => writeln!(text, "announced to go in {version}"),
            (None, true) => writeln!(text, "in {newest}, and nothing says that it will go"),
            (_, false) => writeln!(text, "last in {}", self.last),
        };
        text
    }
}
