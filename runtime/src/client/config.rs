//! What a client is told once, when it is built.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long things may take and how large they may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// For opening a connection: address, TLS, upgrade. Not the login.
    pub(crate) connect: Duration,
    /// For an answer.
    pub(crate) call: Duration,
    /// How often the connection is pinged. The proxy in front of 25.x cuts a
    /// silent one after 60 s.
    pub(crate) ping: Duration,
    /// How long nothing at all may be heard after a ping.
    pub(crate) silence: Duration,
    /// How many calls may be with the server at once. It runs ten, lets ten
    /// more wait and refuses the next.
    pub(crate) in_flight: usize,
    /// The largest message that is taken, in bytes, fragments together.
    pub(crate) message: usize,
    /// How many items a stream of events holds for a slow reader.
    pub(crate) backlog: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            call: Duration::from_secs(60),
            ping: Duration::from_secs(20),
            silence: Duration::from_secs(20),
            in_flight: 20,
            message: 1 << 30,
            backlog: 1024,
        }
    }
}

/// A call that was with the server when the connection was lost, for the
/// decision whether to send it again.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Interrupted<'a> {
    /// The method's name on the wire.
    pub method: &'a str,
    /// Whether it changes nothing, as far as the schemas tell.
    pub reads_only: bool,
    /// How many times it has been sent.
    pub sent: u8,
}

/// Decides what becomes of calls that were with the server when the
/// connection was lost.
///
/// The usual decision is [`Replay::reads`]. A call that is not sent again ends
/// with [`Error::Interrupted`](crate::client::Error::Interrupted).
#[derive(Clone)]
pub struct Replay(Arc<dyn Fn(Interrupted<'_>) -> bool + Send + Sync>);

impl Replay {
    /// Calls that only read are sent again, up to ten times in all; what may
    /// have changed something is not.
    #[must_use]
    pub fn reads() -> Self {
        Self::when(|call| call.reads_only && call.sent < 10)
    }

    /// Nothing is sent again.
    #[must_use]
    pub fn never() -> Self {
        Self::when(|_| false)
    }

    /// Sends again what the function says yes to. It must be sure that doing
    /// the call twice does no harm, and set an end to the attempts.
    ///
    /// ```
    /// use truenas_runtime::client::Replay;
    ///
    /// let replay = Replay::when(|call| {
    ///     call.sent <= 2 && (call.reads_only || call.method == "pool.dataset.update")
    /// });
    /// # drop(replay);
    /// ```
    #[must_use]
    pub fn when(decide: impl Fn(Interrupted<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(decide))
    }

    pub(crate) fn decide(&self, call: Interrupted<'_>) -> bool {
        (self.0)(call)
    }
}

impl Default for Replay {
    fn default() -> Self {
        Self::reads()
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replay")
    }
}

/// The settings for reconnecting.
///
/// The first attempt is made at once, unless the last login was only moments
/// ago: logins are spread evenly over the minute. After each attempt that fails
/// the pause doubles, up to a limit, and is spread at random, so that the
/// clients of a server that comes back do not all come at once. The client
/// gives up when the server refuses its login.
///
/// The server accepts 20 logins a minute from one address, and refuses more for
/// a minute. All clients behind that address share them: the clients of one
/// program, other programs on the same machine, and other machines behind the
/// same NAT. A client does not know of the others. Where several may lose their
/// connections at once, divide the 20 among them:
///
/// ```
/// use truenas_runtime::client::Reconnect;
///
/// // For each of five programs on this machine.
/// let reconnect = Reconnect {
///     logins_per_minute: 20 / 5,
///     ..Reconnect::default()
/// };
/// # drop(reconnect);
/// ```
///
/// A client that the server refuses for this reason is not at its end: it waits
/// for a minute and tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reconnect {
    /// The pause after the first failed attempt; at least a millisecond.
    pub first: Duration,
    /// The longest pause, before it is spread: it can become twice as long.
    pub longest: Duration,
    /// The number of failed attempts in a row after which to give up; `None` for
    /// never.
    pub attempts: Option<usize>,
    /// The maximum number of login calls per minute; at least one.
    ///
    /// The server accepts 20 from one address, which all clients behind it
    /// share. A login with SCRAM or a one-time password takes two.
    pub logins_per_minute: u32,
}

impl Default for Reconnect {
    /// From half a second to half a minute, without an end; all logins that the
    /// server accepts from one address, for a client that has it to itself.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            attempts: None,
            logins_per_minute: 20,
        }
    }
}

impl Reconnect {
    pub(crate) fn pauses(self) -> impl Iterator<Item = Duration> {
        use backon::BackoffBuilder as _;

        let builder = backon::ExponentialBuilder::default()
            .with_min_delay(self.first.max(Duration::from_millis(1)))
            .with_max_delay(self.longest)
            .with_jitter();
        match self.attempts {
            Some(attempts) => builder.with_max_times(attempts),
            None => builder.without_max_times(),
        }
        .build()
    }
}
