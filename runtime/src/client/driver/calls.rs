//! Calls on their way.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::answer::Answer;
use crate::client::config::{Interrupted, Replay};
use crate::client::error::Error;
use crate::client::socket::{Lost, Text};

use super::jobs::Started;

/// A call, written and ready to go.
pub(crate) struct Outgoing {
    pub(crate) id: u64,
    pub(crate) method: Cow<'static, str>,
    pub(crate) reads_only: bool,
    pub(crate) text: Text,
    pub(crate) reply: Reply,
    /// What it ends with if the server is restarted before it is sent.
    pub(crate) unless_restarted: Option<Box<Error>>,
    /// Shared with the caller, who wants to know it when time is up.
    pub(crate) sent: Arc<AtomicBool>,
    pub(crate) times_sent: u8,
    /// How often it was turned away for want of a login.
    pub(crate) turned_away: u8,
    /// Given back when the server is done with the call, not when the caller
    /// has lost interest: until then it takes one of the server's places.
    pub(crate) _slot: OwnedSemaphorePermit,
}

/// Who waits for the answer.
pub(crate) enum Reply {
    /// A call.
    Answer(oneshot::Sender<Result<Answer, Error>>),
    /// A call that starts a job, which is to be followed.
    Job(oneshot::Sender<Result<Started, Error>>),
    /// Nobody but the handle of this job, which was started already.
    Following(i64),
}

impl Outgoing {
    pub(crate) fn is_abandoned(&self) -> bool {
        match &self.reply {
            Reply::Answer(reply) => reply.is_closed(),
            Reply::Job(reply) => reply.is_closed(),
            Reply::Following(_) => false,
        }
    }

    pub(crate) fn fail(self, error: Error) {
        // Nobody waits any more if these fail.
        match self.reply {
            Reply::Answer(reply) => drop(reply.send(Err(error))),
            Reply::Job(reply) => drop(reply.send(Err(error))),
            Reply::Following(_) => {}
        }
    }

    pub(crate) fn mark_sent(&mut self) {
        self.times_sent = self.times_sent.saturating_add(1);
        self.sent.store(true, Ordering::SeqCst);
    }
}

/// What the server is at work on.
pub(crate) enum Work {
    Call(Outgoing),
    Subscribe(String),
    Unsubscribe(String),
    /// Whether the login still holds.
    Look,
    /// A request for the token of the next login.
    Token,
}

impl Work {
    /// Whether nothing is lost if the connection ends now.
    pub(super) fn can_wait(&self) -> bool {
        match self {
            Self::Call(call) => {
                call.reads_only || call.is_abandoned() || matches!(call.reply, Reply::Following(_))
            }
            Self::Subscribe(_) | Self::Unsubscribe(_) | Self::Look | Self::Token => true,
        }
    }
}

/// What was sent and not answered yet, in the order it was sent.
pub(crate) type InFlight = BTreeMap<u64, Work>;

/// After the connection is lost: what can be sent again goes to the front of
/// what waits, the rest ends with an error.
///
/// Where the answer to one of them cannot be taken, asking for it again and
/// again would cost the others their connection each time: once must do.
pub(crate) fn settle(
    in_flight: InFlight,
    outbox: &mut VecDeque<Outgoing>,
    replay: &Replay,
    why: &Lost,
) {
    let mut again = VecDeque::new();
    for work in in_flight.into_values() {
        // Subscriptions are made again by their topics.
        let Work::Call(call) = work else { continue };
        let repeat = !call.is_abandoned()
            && !matches!(call.reply, Reply::Following(_))
            && (call.times_sent < 2 || !matches!(why, Lost::Unacceptable(_)))
            && replay.decide(Interrupted {
                method: &call.method,
                reads_only: call.reads_only,
                sent: call.times_sent,
            });
        if repeat {
            tracing::debug!(method = %call.method, id = call.id, "call is sent again");
            again.push_back(call);
        } else {
            let (method, reads_only) = (call.method.clone(), call.reads_only);
            let reason = why.to_string();
            call.fail(Error::Interrupted {
                method,
                reads_only,
                reason,
            });
        }
    }
    again.append(outbox);
    *outbox = again;
}
