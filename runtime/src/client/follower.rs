//! Follows a job to its end: by its reports, and by looking where it does not
//! report.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::driver::{News, Started, Status};
use super::error::Error;
use super::job::JobStatus;
use super::session::Session;
use crate::answer::Answer;

/// How soon a job that nothing was heard of is looked up: those that are
/// transient do not report, and are gone when they end.
const FIRST_LOOK: Duration = Duration::from_millis(50);

/// The longest time between two looks.
const LONGEST_LOOK: Duration = Duration::from_secs(30);

/// Waits for the end of another job; a job itself, and one that reports.
const JOB_WAIT: &str = "core.job_wait";

#[derive(Clone)]
pub(super) struct Follower {
    pub(super) session: Session,
    pub(super) method: Cow<'static, str>,
    /// The job, once its number is known.
    id: Option<i64>,
    /// The call that it was started by.
    call: u64,
    /// The job that is followed in its place: one that waits for it.
    deputy: Option<i64>,
    news: watch::Receiver<News>,
    /// The connection on which it was heard of or looked up last.
    connection: u64,
    /// What the last look has found.
    looked: Option<Arc<JobStatus>>,
    pause: Duration,
}

/// What is known of a job.
pub(super) enum Known {
    Going(Option<Arc<JobStatus>>),
    Ended(Ended),
}

/// How a job has ended.
pub(super) enum Ended {
    Status(Arc<JobStatus>),
    /// With the answer to the call itself (`legacy_jobs` off).
    Answer(Answer),
}

impl Known {
    pub(super) fn status(&self) -> Option<&JobStatus> {
        match self {
            Self::Going(status) => status.as_deref(),
            Self::Ended(Ended::Status(status)) => Some(status),
            Self::Ended(Ended::Answer(_)) => None,
        }
    }
}

impl Follower {
    pub(super) fn new(session: &Session, method: Cow<'static, str>, started: Started) -> Self {
        let connection = started.news.borrow().connection;
        Self {
            session: session.clone(),
            method,
            id: started.id,
            call: started.call,
            deputy: None,
            news: started.news,
            connection,
            looked: None,
            pause: FIRST_LOOK,
        }
    }

    pub(super) fn id(&self) -> i64 {
        self.id.unwrap_or_default()
    }

    pub(super) fn number(&self) -> Option<i64> {
        self.id
    }

    /// A server that was restarted has given the number to another job.
    pub(super) fn still_numbered(&self) -> Result<(), Error> {
        match self.news.borrow().restarted {
            true => Err(self.lost()),
            false => Ok(()),
        }
    }

    /// Whether this is told of another job than the one that is followed.
    pub(super) fn is_another(&self, found: &JobStatus) -> bool {
        let known = self.news.borrow().status.clone();
        known.is_some_and(|known| found.is_of_another_job(&known))
    }

    /// What is known now; an error if nothing more will be.
    pub(super) fn known(&mut self) -> Result<Known, Error> {
        let News {
            status,
            answer,
            restarted,
            end,
            ..
        } = self.news.borrow_and_update().clone();
        // A look that a restarted server answered is about another job.
        let looked = self.looked.as_ref().filter(|_| !restarted);
        let ended = status
            .iter()
            .chain(looked)
            .find(|status| status.state.is_final());
        if let Some(ended) = ended {
            return Ok(Known::Ended(Ended::Status(ended.clone())));
        }
        match answer {
            Some(Err(error)) => return Err(error),
            // Null is what an aborted job answers as well.
            Some(Ok(answer)) if answer.text() != "null" || self.looked_in_vain() => {
                return Ok(Known::Ended(Ended::Answer(answer)));
            }
            _ => {}
        }
        match end {
            _ if restarted => Err(self.lost()),
            Some(end) => Err(end),
            None => Ok(Known::Going(status.or_else(|| self.looked.clone()))),
        }
    }

    /// Waits until something more may be known.
    pub(super) async fn change(&mut self) -> Result<(), Error> {
        let (connection, answered, heard) = {
            let news = self.news.borrow();
            (
                news.connection,
                news.answer.is_some(),
                news.status.is_some(),
            )
        };
        if answered || connection != self.connection {
            // After the answer the job has ended, or is just about to.
            if connection == self.connection && self.looked.is_some() {
                tokio::time::sleep(self.longer_pause()).await;
            }
            self.connection = connection;
            return self.look_or_wait(answered).await;
        }
        let pause = if heard { LONGEST_LOOK } else { self.pause };
        tokio::select! {
            // It fails if there will be no more news; what is known then tells why.
            changed = self.news.changed() => match changed {
                Ok(()) => Ok(()),
                Err(_) => self.known().and_then(|known| match known {
                    Known::Going(_) => Err(self.session.ended()),
                    Known::Ended(_) => Ok(()),
                }),
            },
            () = tokio::time::sleep(pause) => {
                self.longer_pause();
                self.look_or_wait(false).await
            }
        }
    }

    /// The pause before the next look; the one after that is longer.
    fn longer_pause(&mut self) -> Duration {
        let longer = LONGEST_LOOK.min(self.pause.saturating_mul(2));
        std::mem::replace(&mut self.pause, longer)
    }

    /// A look that fails while there is no connection is worth another one: it
    /// does no harm, and the job goes on.
    async fn look_or_wait(&mut self, answered: bool) -> Result<(), Error> {
        match self.look(answered).await {
            Err(Error::Connect(_) | Error::Timeout { .. } | Error::Interrupted { .. })
                if self.session.status() != Status::Closed =>
            {
                let pause = self.longer_pause();
                // News or time, what comes first; either way it is looked again.
                let _ = tokio::time::timeout(pause, self.news.changed()).await;
                Ok(())
            }
            outcome => outcome,
        }
    }

    pub(super) async fn end(&mut self) -> Result<Ended, Error> {
        loop {
            if let Known::Ended(ended) = self.known()? {
                return Ok(ended);
            }
            self.change().await?;
        }
    }

    /// Asks the server about the job.
    async fn look(&mut self, answered: bool) -> Result<(), Error> {
        let before = self
            .looked
            .take()
            .or_else(|| self.news.borrow().status.clone());
        let found = self.find().await?;
        let Some(found) = found else {
            // One that has answered is known to have ended.
            if answered {
                self.pause = Duration::MAX;
                return Ok(());
            }
            // A transient job may have reported its end during the look.
            return match self.known()? {
                Known::Ended(_) => Ok(()),
                Known::Going(_) => Err(self.lost()),
            };
        };
        if before.is_some_and(|before| found.is_of_another_job(&before)) {
            return Err(self.lost());
        }
        self.id.get_or_insert(found.id);
        let transient = found.transient && !found.state.is_final();
        self.looked = Some(found);
        if transient && self.deputy.is_none() {
            self.appoint().await?;
        }
        Ok(())
    }

    /// A transient job disappears with its result. One that waits for it does not.
    async fn appoint(&mut self) -> Result<(), Error> {
        let params = [self.id().into()];
        let started = self.session.start(JOB_WAIT.into(), &params, None).await?;
        self.deputy = started.id;
        self.connection = started.news.borrow().connection;
        self.news = started.news;
        self.looked = None;
        Ok(())
    }

    fn looked_in_vain(&self) -> bool {
        self.pause == Duration::MAX
    }

    pub(super) async fn find(&self) -> Result<Option<Arc<JobStatus>>, Error> {
        let filter = match self.deputy.or(self.id) {
            Some(id) => json!(["id", "=", id]),
            None => json!(["message_ids", "rin", self.call]),
        };
        // Without this a secret in the result is masked.
        let options = json!({"extra": {"raw_result": true}});
        let answer = self
            .session
            .exchange(
                "core.get_jobs".into(),
                true,
                &[json!([filter]), options],
                None,
            )
            .await?;
        let found = JobStatus::of_list(&answer)?.map(Arc::new);
        // A call's number says nothing of who has made it.
        Ok(found.filter(|found| self.id.is_some() || found.method == self.method))
    }

    pub(super) fn lost(&self) -> Error {
        Error::JobLost {
            id: self.id(),
            method: self.method.clone(),
        }
    }
}
