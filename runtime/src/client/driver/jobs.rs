//! The jobs that somebody in this program follows.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::watch;

use crate::answer::Answer;
use crate::client::error::Error;
use crate::client::job::JobStatus;

/// The collection in which jobs report.
pub(crate) const COLLECTION: &str = "core.get_jobs";

/// How many jobs nobody asked for are remembered: one's report can come before
/// the answer that tells its id.
const REMEMBERED: usize = 256;

/// How many bytes a report may have to be remembered for nobody.
const LARGE: usize = 64 << 10;

/// What is known of a job.
#[derive(Debug, Clone, Default)]
pub(crate) struct News {
    pub(crate) status: Option<Arc<JobStatus>>,
    /// What the call itself was answered, where the server answers when the
    /// job has ended (`legacy_jobs` off).
    pub(crate) answer: Option<Result<Answer, Error>>,
    /// Counts the connections: after a new one the job has to be looked up.
    pub(crate) connection: u64,
    /// Whether the server was restarted since the job was started.
    pub(crate) restarted: bool,
    /// Why nothing more will be heard.
    pub(crate) end: Option<Error>,
}

impl News {
    fn has_ended(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| status.state.is_final())
    }
}

/// A job that has been started.
pub(crate) struct Started {
    /// None if it has ended before the server told its id.
    pub(crate) id: Option<i64>,
    /// The call that started it.
    pub(crate) call: u64,
    pub(crate) news: watch::Receiver<News>,
}

#[derive(Default)]
pub(crate) struct Jobs {
    followed: HashMap<i64, watch::Sender<News>>,
    recent: VecDeque<Arc<JobStatus>>,
    connection: u64,
}

impl Jobs {
    /// Somebody wants to know how a job goes on.
    pub(crate) fn follow(&mut self, id: i64) -> watch::Receiver<News> {
        self.forget_unfollowed();
        let recent = self.recent.iter().find(|status| status.id == id).cloned();
        let connection = self.connection;
        let news = self.followed.entry(id).or_insert_with(|| {
            watch::Sender::new(News {
                status: recent,
                connection,
                ..News::default()
            })
        });
        news.subscribe()
    }

    /// The answer to a call that started a job, where nothing was heard of the
    /// job before it ended.
    pub(crate) fn unknown(&self, answer: Result<Answer, Error>) -> watch::Receiver<News> {
        let (_, news) = watch::channel(News {
            answer: Some(answer),
            connection: self.connection,
            ..News::default()
        });
        news
    }

    /// The server has told of a job, in so many bytes.
    pub(crate) fn report(&mut self, status: JobStatus, size: usize) {
        let status = Arc::new(status);
        if let Some(news) = self.followed.get(&status.id) {
            let known = news.borrow().status.clone();
            if known.is_some_and(|known| status.is_of_another_job(&known)) {
                // The server has started its numbers again without telling.
                news.send_modify(|news| news.restarted = true);
                self.followed.remove(&status.id);
            } else {
                news.send_modify(|news| {
                    // Reports repeat and overtake one another; an end stays one.
                    if !news.has_ended() {
                        news.status = Some(status.clone());
                    }
                });
            }
        }
        self.recent.retain(|known| known.id != status.id);
        // It holds on to the whole message. A job that is not remembered is
        // looked up.
        if size > LARGE {
            return;
        }
        if self.recent.len() >= REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(status);
    }

    pub(crate) fn answered(&self, id: i64, answer: Result<Answer, Error>) {
        if let Some(news) = self.followed.get(&id) {
            news.send_modify(|news| news.answer = Some(answer));
        }
    }

    /// There is a new connection; what was heard before may be old.
    pub(crate) fn reconnected(&mut self, restarted: bool) {
        self.connection = self.connection.saturating_add(1);
        self.recent.clear();
        self.forget_unfollowed();
        // Of what has ended nothing more is to come, but a restarted server may
        // give its number to another job.
        self.followed.retain(|_, news| !news.borrow().has_ended());
        for news in self.followed.values() {
            news.send_modify(|news| {
                news.connection = self.connection;
                news.restarted |= restarted;
            });
        }
        if restarted {
            // Ids start again: what is followed under them from now on is new.
            self.followed.clear();
        }
    }

    pub(crate) fn end(&mut self, error: &Error) {
        for (_, news) in self.followed.drain() {
            news.send_modify(|news| news.end = Some(error.clone()));
        }
    }

    fn forget_unfollowed(&mut self) {
        self.followed.retain(|_, news| news.receiver_count() > 0);
    }
}
