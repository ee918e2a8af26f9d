//! What came of it.

use std::fmt;

use serde_json::Value;
use truenas_conformance::{Generator, Subject, find, same};

use crate::versions::Case;

/// Values for each schema.
const VALUES: usize = 50;
/// How many values are drawn in vain for each that satisfies the schema, at most.
const MISSES: usize = 100;
/// How many failures are told.
const TOLD: usize = 20;

#[derive(Default)]
pub(crate) struct Outcome {
    schemas: usize,
    values: usize,
    round_trips: usize,
    misses: usize,
    skipped: Vec<String>,
    failed: usize,
    /// The first of each case.
    failures: Vec<String>,
}

impl Outcome {
    pub(crate) fn run(&mut self, case: &Case<'_>) {
        self.schemas += 1;
        let values = self.values(case);
        self.values += values.len();
        let mut failures = Vec::new();
        for api in &case.apis {
            for value in &values {
                self.round_trips += 1;
                if let Err(reason) = round_trip(api, case.subject, value) {
                    failures.push(format!(
                        "{api} {:?}\n  sent  {value}\n  {reason}",
                        case.subject
                    ));
                }
            }
        }
        self.failed += failures.len();
        self.failures.extend(failures.into_iter().next());
    }

    fn values(&mut self, case: &Case<'_>) -> Vec<Value> {
        let validator = jsonschema::validator_for(&case.schema).unwrap();
        let mut generator = Generator::new(&case.schema, 0);
        let mut values = Vec::new();
        for _ in 0..VALUES * MISSES {
            match generator.value() {
                Ok(value) if validator.is_valid(&value) && case.is_sent(&value) => {
                    values.push(value);
                }
                Ok(_) => self.misses += 1,
                Err(reason) => {
                    self.skip(case, &reason.to_string());
                    return values;
                }
            }
            if values.len() == VALUES {
                return values;
            }
        }
        self.skip(case, "too few values that satisfy the schema were found");
        values
    }

    fn skip(&mut self, case: &Case<'_>, reason: &str) {
        let apis = case.apis.join(", ");
        self.skipped
            .push(format!("{:?} of {apis}: {reason}", case.subject));
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.schemas += other.schemas;
        self.values += other.values;
        self.round_trips += other.round_trips;
        self.misses += other.misses;
        self.skipped.extend(other.skipped);
        self.failed += other.failed;
        self.failures.extend(other.failures);
    }

    pub(crate) fn failed(&self) -> usize {
        self.failed
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} values of {} schemas ({} more did not satisfy theirs), {} round trips",
            self.values, self.schemas, self.misses, self.round_trips
        )?;
        writeln!(f, "{} cases skipped", self.skipped.len())?;
        for skipped in &self.skipped {
            writeln!(f, "  {skipped}")?;
        }
        let cases = self.failures.len();
        writeln!(f, "{} round trips of {cases} cases failed", self.failed)?;
        for failure in self.failures.iter().take(TOLD) {
            writeln!(f, "{failure}")?;
        }
        Ok(())
    }
}

fn round_trip(api: &str, subject: Subject<'_>, value: &Value) -> Result<(), String> {
    match find(api, subject).unwrap()(value) {
        Ok(back) if same(value, &back, subject.nulls()) => Ok(()),
        Ok(back) => Err(format!("back  {back}")),
        Err(error) => Err(format!("error {error}")),
    }
}
