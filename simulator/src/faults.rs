//! Faults of real networks and servers, on demand.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What goes wrong, how often, and for which methods.
///
/// It is written the same way on the command line (`--fault`), in the body of
/// `POST /_simulator/faults`, and here:
///
/// ```text
/// KIND[=VALUE][:PROBABILITY][:xCOUNT][:sSEED][@METHOD]
/// delay=200ms                     each reply comes 200 ms late
/// drop-before-reply:0.1           one call in ten is carried out, and the connection ends
/// close=1011:x1@pool.*            the next call of a method of pool closes the connection
/// ```
///
/// ```
/// use truenas_simulator::{Fault, FaultKind};
///
/// let fault = Fault::new(FaultKind::DropBeforeReply).probability(0.1).methods("pool.*");
/// assert_eq!(fault, "drop-before-reply:0.1@pool.*".parse()?);
/// # Ok::<(), truenas_simulator::ParseFaultError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    kind: FaultKind,
    probability: f64,
    count: Option<u64>,
    seed: Option<u64>,
    methods: Glob,
}

impl Fault {
    /// A fault that always strikes.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            probability: 1.0,
            count: None,
            seed: None,
            methods: Glob::default(),
        }
    }

    /// Strikes by chance: 0.1 is one call in ten.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability.clamp(0.0, 1.0);
        self
    }

    /// Strikes that many times, then never again.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Where chance starts from; by default the simulator's own seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Only for methods of this name, in which `*` stands for anything.
    #[must_use]
    pub fn methods(mut self, pattern: &str) -> Self {
        self.methods = Glob(pattern.to_owned());
        self
    }
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The reply comes so much later.
    Delay(Duration),
    /// The reply comes after the next one, or after 100 ms.
    Reorder,
    /// The reply comes twice.
    DuplicateReply,
    /// The connection ends and the call is not carried out.
    DropBeforeCall,
    /// The call is carried out and the connection ends without the reply.
    DropBeforeReply,
    /// The connection ends between two frames of the reply.
    DropDuringReply,
    /// The connection ends within a frame of the reply.
    HalfFrame,
    /// The connection ends right behind the reply.
    DropAfterReply,
    /// The server closes the connection with this code and sends no reply.
    Close(u16),
    /// A number of the result is `NaN`, or all of it if it holds none.
    NanResult,
    /// The result breaks its schema: a key is missing, a value is null or of
    /// another type.
    BrokenResult,
    /// The session has expired: this call and all behind it fail with 207.
    ExpireSession,
    /// The system restarts before the call: connections and jobs are lost.
    Restart,
    /// The server stops reading for so long.
    SlowReader(Duration),
    /// A login is refused, whatever it brings.
    RefuseLogin,
    /// The call fails as if too many had been made (errno 16).
    RateLimit,
    /// The job ends as `FAILED`.
    FailJob,
    /// A download ends half way, and its job fails.
    CutDownload,
}

/// The words of the kinds without a value.
const WORDS: [(&str, FaultKind); 15] = [
    ("reorder", FaultKind::Reorder),
    ("duplicate-reply", FaultKind::DuplicateReply),
    ("drop-before-call", FaultKind::DropBeforeCall),
    ("drop-before-reply", FaultKind::DropBeforeReply),
    ("drop-during-reply", FaultKind::DropDuringReply),
    ("half-frame", FaultKind::HalfFrame),
    ("drop-after-reply", FaultKind::DropAfterReply),
    ("nan-result", FaultKind::NanResult),
    ("broken-result", FaultKind::BrokenResult),
    ("expire-session", FaultKind::ExpireSession),
    ("restart", FaultKind::Restart),
    ("refuse-login", FaultKind::RefuseLogin),
    ("rate-limit", FaultKind::RateLimit),
    ("fail-job", FaultKind::FailJob),
    ("cut-download", FaultKind::CutDownload),
];

impl FaultKind {
    /// When in the course of a call it strikes.
    fn phase(self) -> Phase {
        match self {
            Self::DropBeforeCall
            | Self::ExpireSession
            | Self::Restart
            | Self::SlowReader(_)
            | Self::RateLimit => Phase::Call,
            Self::RefuseLogin => Phase::Login,
            Self::FailJob => Phase::Job,
            Self::CutDownload => Phase::Download,
            Self::NanResult | Self::BrokenResult => Phase::Result,
            Self::Delay(_)
            | Self::Reorder
            | Self::DuplicateReply
            | Self::DropBeforeReply
            | Self::DropDuringReply
            | Self::HalfFrame
            | Self::DropAfterReply
            | Self::Close(_) => Phase::Reply,
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delay(time) => write!(f, "delay={}ms", time.as_millis()),
            Self::SlowReader(time) => write!(f, "slow-reader={}ms", time.as_millis()),
            Self::Close(code) => write!(f, "close={code}"),
            word => {
                let found = WORDS.iter().find(|(_, kind)| kind == word);
                f.write_str(found.map_or("", |(word, _)| *word))
            }
        }
    }
}

/// The points at which a call looks for faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before it is carried out.
    Call,
    /// A login with something that would do.
    Login,
    /// A job that would succeed.
    Job,
    /// A download, after its first half.
    Download,
    /// A result, before it is written.
    Result,
    /// A reply, before it is sent.
    Reply,
}

/// A name in which `*` stands for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob(pub(crate) String);

impl Default for Glob {
    fn default() -> Self {
        Self("*".to_owned())
    }
}

impl Glob {
    /// Whether a name is meant.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

/// A fault was written in a way that says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseFaultError {
    text: String,
    what: &'static str,
}

impl fmt::Display for ParseFaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the fault {:?} {}; write KIND[=VALUE][:PROBABILITY][:xCOUNT][:sSEED][@METHOD], where KIND is \
             delay=200ms, slow-reader=1s, close=1011",
            self.text, self.what
        )?;
        WORDS.iter().try_for_each(|(word, _)| write!(f, ", {word}"))
    }
}

impl std::error::Error for ParseFaultError {}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let wrong = |what| ParseFaultError {
            text: text.to_owned(),
            what,
        };
        let (rule, methods) = match text.split_once('@') {
            Some((rule, pattern)) => (rule, Glob(pattern.to_owned())),
            None => (text, Glob::default()),
        };
        let mut parts = rule.split(':');
        let kind = parts.next().unwrap_or_default();
        let mut fault = Self::new(kind_of(kind).map_err(wrong)?);
        fault.methods = methods;
        for part in parts {
            if let Some(count) = part.strip_prefix('x') {
                let count = count.parse();
                fault.count = Some(count.map_err(|_| wrong("has a count that is no number"))?);
            } else if let Some(seed) = part.strip_prefix('s') {
                let seed = seed.parse();
                fault.seed = Some(seed.map_err(|_| wrong("has a seed that is no number"))?);
            } else {
                fault.probability = match part.parse() {
                    Ok(probability) if (0.0..=1.0).contains(&probability) => probability,
                    _ => return Err(wrong("has a probability that is not between 0 and 1")),
                };
            }
        }
        Ok(fault)
    }
}

fn kind_of(text: &str) -> Result<FaultKind, &'static str> {
    let Some((word, value)) = text.split_once('=') else {
        let found = WORDS.iter().find(|(word, _)| *word == text);
        return found.map(|(_, kind)| *kind).ok_or("is of no known kind");
    };
    match word {
        "delay" => time(value).map(FaultKind::Delay),
        "slow-reader" => time(value).map(FaultKind::SlowReader),
        "close" => match value.parse() {
            // What a server may send: 1000 to 1015 but the reserved ones, and
            // those of libraries and applications.
            Ok(code @ (1000..=1003 | 1007..=1014 | 3000..=4999)) => Ok(FaultKind::Close(code)),
            _ => Err("has a close code that no server sends"),
        },
        _ => Err("is of no known kind, or takes no value"),
    }
}

fn time(text: &str) -> Result<Duration, &'static str> {
    duration(text).map_err(|_| "has a time that is none, unlike 250ms, 2s, 5m or 1h")
}

/// Reads a time as it stands in a fault: `250ms`, `2s`, `5m` or `1h`.
///
/// # Errors
///
/// What is wrong, to be put behind a name of the text.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    let wrong = "is not a time such as 250ms, 2s, 5m or 1h";
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u32 = digits.parse().map_err(|_| wrong)?;
    let unit = match text.get(digits.len()..) {
        Some("ms") => Duration::from_millis(1),
        Some("s") => Duration::from_secs(1),
        Some("m") => Duration::from_secs(60),
        Some("h") => Duration::from_secs(60 * 60),
        _ => return Err(wrong),
    };
    unit.checked_mul(number).ok_or(wrong)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if self.probability < 1.0 {
            write!(f, ":{}", self.probability)?;
        }
        if let Some(count) = self.count {
            write!(f, ":x{count}")?;
        }
        if let Some(seed) = self.seed {
            write!(f, ":s{seed}")?;
        }
        if self.methods != Glob::default() {
            write!(f, "@{}", self.methods.0)?;
        }
        Ok(())
    }
}

/// The faults of a simulator. They can be changed while it runs.
#[derive(Debug)]
pub struct Faults {
    seed: u64,
    active: Mutex<Vec<Active>>,
}

#[derive(Debug)]
struct Active {
    fault: Fault,
    chance: fastrand::Rng,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            active: Mutex::new(Vec::new()),
        }
    }

    /// Adds a fault to those there are.
    pub fn add(&self, fault: Fault) {
        let seed = fault.seed.unwrap_or(self.seed);
        let chance = fastrand::Rng::with_seed(seed);
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.push(Active { fault, chance });
    }

    /// Takes all faults away.
    pub fn clear(&self) {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.clear();
    }

    /// The faults that can still strike, with the counts that are left.
    #[must_use]
    pub fn list(&self) -> Vec<Fault> {
        let active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.iter().map(|active| active.fault.clone()).collect()
    }

    /// What strikes a call at this point: the first fault that is due.
    pub(crate) fn strike(&self, phase: Phase, method: &str) -> Option<FaultKind> {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        let struck = active.iter_mut().find_map(|Active { fault, chance }| {
            let meant = fault.kind.phase() == phase && fault.methods.matches(method);
            if !meant || fault.count == Some(0) || chance.f64() >= fault.probability {
                return None;
            }
            fault.count = fault.count.map(|count| count.saturating_sub(1));
            Some(fault.kind)
        });
        active.retain(|active| active.fault.count != Some(0));
        struck
    }
}
