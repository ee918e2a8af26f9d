//! Which findings somebody wants to see, and how they grade them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use truenas_codegen::model::split;

use crate::compare::Report;
use crate::finding::{Effect, Finding, Severity};
use crate::rule::Rule;

/// What of a report is kept.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Only subjects whose service or name is like one of these.
    pub services: Vec<String>,
    /// Other severities than the tool's own.
    pub severities: Vec<(Rule, Severity)>,
    /// What is known and accepted.
    pub ignored: Vec<Ignored>,
    /// What kinds of findings are kept.
    pub selection: Selection,
    /// Only findings at or above this.
    pub level: Option<Severity>,
}

/// A kind of findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Selection {
    /// All.
    #[default]
    All,
    /// What breaks programs, or the build of Rust programs.
    Breaking,
    /// What readers of a changelog want to know: not what is only said in
    /// another way.
    Notable,
}

/// A line of the file of what is known and accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ignored {
    /// The finding's id; any if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Rule>,
    /// The method, event or service; `*` stands for any text.
    pub subject: String,
    /// The path; `*` stands for any text, and any path if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Why it is no harm.
    pub reason: String,
}

/// Lines of the ignore file that match nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedIgnores(pub Vec<Ignored>);

impl Policy {
    /// Keeps what the policy asks for.
    ///
    /// # Errors
    ///
    /// If a line of the ignore file matches nothing in any of the reports: it
    /// would hide what comes next.
    pub fn apply(&self, reports: &mut [Report]) -> Result<(), UnusedIgnores> {
        let mut unused: Vec<&Ignored> = self.ignored.iter().collect();
        for report in reports {
            let mut kept = Vec::new();
            for mut finding in std::mem::take(&mut report.findings) {
                let matching = self.ignored.iter().filter(|line| line.matches(&finding));
                let mut ignored = false;
                for line in matching {
                    ignored = true;
                    unused.retain(|other| *other != line);
                }
                if ignored || !self.is_in_service(&finding) {
                    continue;
                }
                if let Some((_, severity)) = self
                    .severities
                    .iter()
                    .rfind(|(rule, _)| *rule == finding.rule)
                {
                    finding.severity = *severity;
                }
                if self.level.is_none_or(|level| finding.severity >= level)
                    && self.selection.takes(&finding)
                {
                    kept.push(finding);
                }
            }
            report.findings = kept;
            report
                .coming
                .retain(|coming| self.services.is_empty() || self.is_wanted(&coming.name));
        }
        if unused.is_empty() {
            Ok(())
        } else {
            Err(UnusedIgnores(unused.into_iter().cloned().collect()))
        }
    }

    fn is_in_service(&self, finding: &Finding) -> bool {
        let name = &finding.subject.name;
        let mut names = [&name.before, &name.after].into_iter().flatten();
        self.services.is_empty() || names.any(|name| self.is_wanted(name))
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.services.iter().any(|pattern| is_named(pattern, name))
    }
}

impl Selection {
    fn takes(self, finding: &Finding) -> bool {
        match self {
            Self::All => true,
            Self::Breaking => finding.wire == Effect::Breaks || finding.rust == Effect::Breaks,
            Self::Notable => {
                !matches!(
                    finding.rule,
                    Rule::ParameterRenamed
                        | Rule::DefaultAdded
                        | Rule::DefaultRemoved
                        | Rule::RoleAdded
                        | Rule::RoleRemoved
                ) && (finding.severity > Severity::Info || finding.rule.is_news())
            }
        }
    }
}

impl Ignored {
    fn matches(&self, finding: &Finding) -> bool {
        let name = &finding.subject.name;
        let mut names = [&name.before, &name.after].into_iter().flatten();
        self.id.is_none_or(|id| id == finding.rule)
            && names.any(|name| is_named(&self.subject, name))
            && self
                .path
                .as_ref()
                .is_none_or(|path| is_like(path, &finding.path.to_string()))
    }
}

/// Whether a method or event, or its service, is like this.
fn is_named(pattern: &str, name: &str) -> bool {
    is_like(pattern, name) || is_like(pattern, split(name).0)
}

/// Whether a text is like a pattern, in which `*` stands for any text.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        // The first place is as good as any: what follows has more room.
        match text.split_once(part) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    true
}

impl fmt::Display for UnusedIgnores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these lines of the ignore file match nothing and must go:")?;
        self.0.iter().try_for_each(|line| {
            let id = line.id.map_or_else(|| "*".to_owned(), |id| id.to_string());
            let path = line.path.as_deref().unwrap_or("*");
            write!(f, " {id} of {} at {path} ({});", line.subject, line.reason)
        })
    }
}

impl std::error::Error for UnusedIgnores {}
