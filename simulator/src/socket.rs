//! One WebSocket connection, from its first message to its end.

use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};

use crate::auth::{Access, SessionKind, access};
use crate::call::{Answer, Context, Started, call, not_authenticated, result, too_many};
use crate::connection::{Connection, Outgoing, Peer, PeerKind};
use crate::engine::{Catalog, Failure};
use crate::faults::{FaultKind, Phase};
use crate::number::V25_10;
use crate::record::Side;
use crate::rpc::{self, Call, Incoming, TOO_MANY_CALLS};
use crate::system::System;
use crate::wreck;

/// Calls that run at once, and that wait for one of those to end.
const RUNNING: usize = 10;
const WAITING: usize = 10;
/// What a message may have in characters before a login, and after.
const LIMIT_BEFORE: usize = 8192;
const LIMIT_AFTER: usize = 65_536;
/// What a message that holds a file may have.
const LIMIT_FILE: usize = 2 << 20;
/// What the WebSocket layer takes at all, in bytes.
const LIMIT_BYTES: usize = 4 << 20;
/// A longer reply is sent in frames of this size, in bytes.
const FRAME: usize = 64 << 10;
/// How long a reply that is out of order waits for the next.
const HELD: Duration = Duration::from_millis(100);

/// Serves a connection until it ends.
pub(crate) async fn serve<S>(system: Arc<System>, peer: Peer, catalog: Arc<Catalog>, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let config = WebSocketConfig::default()
        .max_message_size(Some(LIMIT_BYTES))
        .max_frame_size(Some(LIMIT_BYTES));
    let stream = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    let unix = peer.kind == PeerKind::Unix;
    let (connection, outbox) = Connection::new(peer, catalog);
    let connection = Arc::new(connection);
    system.open(&connection);
    if unix {
        let root = system.accounts.root();
        system.log_in(
            &connection,
            system.session(&connection.peer, root, SessionKind::UnixSocket),
        );
    }
    let mut socket = Socket {
        system: Arc::clone(&system),
        connection: Arc::clone(&connection),
        stream,
        held: None,
    };
    socket.event(Side::Client, "opened");
    tokio::select! {
        () = socket.run(outbox) => {}
        () = connection.ended() => {}
    }
    socket.event(Side::Server, "closed");
    system.close(&connection);
}

struct Socket<S> {
    system: Arc<System>,
    connection: Arc<Connection>,
    stream: WebSocketStream<S>,
    /// A reply that waits for the next to overtake it.
    held: Option<(Instant, String)>,
}

/// The connection is over.
struct Ended;

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket<S> {
    async fn run(&mut self, mut outbox: mpsc::Receiver<Outgoing>) {
        let (system, connection) = (Arc::clone(&self.system), Arc::clone(&self.connection));
        let idle = match connection.peer.kind {
            // The proxy cuts a connection on which nothing is said; there is
            // none in front of the unix socket.
            PeerKind::Unix => None,
            _ => Some(system.settings.idle_timeout),
        };
        let mut running = FuturesUnordered::new();
        let mut waiting = VecDeque::new();
        loop {
            while running.len() < RUNNING
                && let Some(call) = waiting.pop_front()
            {
                running.push(answer(&system, &connection, call));
            }
            let held = self.held.as_ref().map(|(until, _)| *until);
            let silence = idle.and_then(|idle| Instant::now().checked_add(idle));
            let step = tokio::select! {
                biased;
                Some(message) = outbox.recv() => self.send(message).await,
                Some(()) = running.next(), if !running.is_empty() => Ok(()),
                () = until(held), if held.is_some() => self.release().await,
                message = self.stream.next() => match self.receive(message).await {
                    Ok(Some(call)) if waiting.len() < WAITING => {
                        waiting.push_back(call);
                        Ok(())
                    }
                    Ok(Some(call)) => self.refuse(&call).await,
                    Ok(None) => Ok(()),
                    Err(ended) => Err(ended),
                },
                () = until(silence) => Err(Ended),
            };
            if step.is_err() {
                return;
            }
        }
    }

    /// Makes a call of what has come, if it is one.
    async fn receive(
        &mut self,
        message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
    ) -> Result<Option<Call>, Ended> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_))) => {
                return Err(self.close(1003, "Only text messages are understood").await);
            }
            Some(Ok(_)) => return Ok(None),
            Some(Err(tokio_tungstenite::tungstenite::Error::Capacity(_))) => {
                return Err(self.close(1009, "Message too large").await);
            }
            Some(Err(_)) | None => return Err(Ended),
        };
        if let Some(recorder) = &self.system.recorder {
            recorder.message(self.connection.id, Side::Client, &text);
        }
        let length = text.chars().count();
        if length > LIMIT_BEFORE && self.connection.session().is_none() {
            return Err(self
                .close(1007, "Anonymous connection max message length is 8 kB")
                .await);
        }
        let incoming = match length {
            0..=LIMIT_AFTER => rpc::read(&text),
            // A file is all that may be longer, so the call has to be read.
            length if length <= LIMIT_FILE => match rpc::read(&text) {
                Incoming::Call(call) if call.method == "filesystem.file_receive" => {
                    Incoming::Call(call)
                }
                _ => return Err(self.close(1009, "Max message length is 64 kB").await),
            },
            _ => return Err(self.close(1009, "Max message length is 64 kB").await),
        };
        match incoming {
            Incoming::Call(call) => self.before(call).await,
            Incoming::Refused(answer) => {
                self.send(Outgoing::Message(answer)).await?;
                Ok(None)
            }
            Incoming::Ignored => Ok(None),
        }
    }

    /// What can go wrong before a call is carried out.
    async fn before(&mut self, call: Call) -> Result<Option<Call>, Ended> {
        let system = Arc::clone(&self.system);
        let fault = system.faults.strike(Phase::Call, &call.method);
        match fault {
            Some(FaultKind::DropBeforeCall) => return Err(Ended),
            Some(FaultKind::Restart) => {
                system.restart();
                return Err(Ended);
            }
            Some(FaultKind::SlowReader(time)) => sleep(time).await,
            Some(FaultKind::ExpireSession) => {
                if let Some(session) = &mut self.connection.login().session {
                    session.until = Some(Instant::now());
                }
            }
            Some(FaultKind::RateLimit) => {
                if let Some(id) = &call.id {
                    let text = rpc::failure(id, &too_many());
                    self.send(Outgoing::Message(text)).await?;
                }
                return Ok(None);
            }
            _ => {}
        }
        Ok(Some(call))
    }

    /// Ten calls run and ten wait already.
    async fn refuse(&mut self, call: &Call) -> Result<(), Ended> {
        match &call.id {
            Some(id) => {
                let text = rpc::error(id, TOO_MANY_CALLS, "Too many concurrent calls");
                self.send(Outgoing::Message(text)).await
            }
            None => Ok(()),
        }
    }

    async fn send(&mut self, message: Outgoing) -> Result<(), Ended> {
        match message {
            Outgoing::Message(text) | Outgoing::Reply(text, None) => self.text(text).await?,
            Outgoing::Reply(text, Some(fault)) => match fault {
                FaultKind::Reorder if self.held.is_none() => {
                    self.held = Some((Instant::now() + HELD, text));
                    return Ok(());
                }
                FaultKind::DuplicateReply => {
                    self.text(text.clone()).await?;
                    self.text(text).await?;
                }
                FaultKind::DropBeforeReply => return Err(Ended),
                FaultKind::DropAfterReply => {
                    self.text(text).await?;
                    return Err(Ended);
                }
                FaultKind::DropDuringReply => {
                    let half = text.into_bytes();
                    let half = half.get(..half.len() / 2).unwrap_or_default().to_vec();
                    let frame = Frame::message(half, OpCode::Data(Data::Text), false);
                    let _ = self.stream.send(Message::Frame(frame)).await;
                    return Err(Ended);
                }
                FaultKind::HalfFrame => {
                    let mut bytes = Vec::new();
                    let frame = Frame::message(text, OpCode::Data(Data::Text), true);
                    if frame.format(&mut bytes).is_ok() {
                        let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
                        let stream = self.stream.get_mut();
                        let _ = stream.write_all(half).await;
                        let _ = stream.flush().await;
                    }
                    return Err(Ended);
                }
                FaultKind::Close(code) => {
                    return Err(self.close(code, "The simulator was told to close").await);
                }
                _ => self.text(text).await?,
            },
        }
        self.release().await
    }

    /// Sends the reply that was to be overtaken.
    async fn release(&mut self) -> Result<(), Ended> {
        match self.held.take() {
            Some((_, text)) => self.text(text).await,
            None => Ok(()),
        }
    }

    async fn text(&mut self, text: String) -> Result<(), Ended> {
        if let Some(recorder) = &self.system.recorder {
            recorder.message(self.connection.id, Side::Server, &text);
        }
        if text.len() <= FRAME {
            return self
                .stream
                .send(Message::text(text))
                .await
                .map_err(|_| Ended);
        }
        let bytes = text.into_bytes();
        let frames = bytes.len().div_ceil(FRAME);
        for (number, part) in bytes.chunks(FRAME).enumerate() {
            let kind = if number == 0 {
                Data::Text
            } else {
                Data::Continue
            };
            let last = number + 1 == frames;
            let frame = Frame::message(part.to_vec(), OpCode::Data(kind), last);
            self.stream
                .feed(Message::Frame(frame))
                .await
                .map_err(|_| Ended)?;
        }
        self.stream.flush().await.map_err(|_| Ended)
    }

    async fn close(&mut self, code: u16, reason: &str) -> Ended {
        self.event(Side::Server, &format!("closes with {code}"));
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: reason.into(),
        };
        if self.stream.close(Some(frame)).await.is_ok() {
            // What the client has sent must be read, or the system resets the
            // connection and the client never sees the code.
            let drained = async { while let Some(Ok(_)) = self.stream.next().await {} };
            let _ = tokio::time::timeout(Duration::from_secs(1), drained).await;
        }
        Ended
    }

    fn event(&self, side: Side, what: &str) {
        if let Some(recorder) = &self.system.recorder {
            recorder.event(self.connection.id, side, what);
        }
    }
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Carries out a call and sends its reply, if it wants one.
async fn answer(system: &Arc<System>, connection: &Arc<Connection>, request: Call) {
    let Call { id, method, params } = request;
    let context = Context {
        catalog: Arc::clone(&connection.catalog),
        session: connection.session(),
        address: connection.peer.address.clone(),
        connection: Some(Arc::clone(connection)),
    };
    let (answer, gate) = match limited(system, &context, &method).await {
        Err(failure) => (Err(failure), None),
        Ok(()) => match call(system, &context, &method, params, id.as_ref()) {
            Ok(Answer::Value(value)) => (Ok(value), None),
            Ok(Answer::Job(Started { job, gate })) if connection.waits_for_jobs() => {
                drop(gate);
                let result = result(job.finished().await);
                (
                    result.map(|result| context.shown(system, &method, result)),
                    None,
                )
            }
            Ok(Answer::Job(Started { job, gate })) => (Ok(job.id.into()), gate),
            Err(failure) => (Err(failure), None),
        },
    };
    if let Some(id) = id {
        let text = reply(system, &method, &id, answer);
        let fault = system.faults.strike(Phase::Reply, &method);
        if let Some(FaultKind::Delay(time)) = fault {
            sleep(time).await;
        }
        connection.send(Outgoing::Reply(text, fault)).await;
    }
    drop(gate);
}

fn reply(system: &System, method: &str, id: &Value, answer: Result<Value, Failure>) -> String {
    let mut value = match answer {
        Ok(value) => value,
        Err(failure) => return rpc::failure(id, &failure),
    };
    match system.faults.strike(Phase::Result, method) {
        Some(FaultKind::NanResult) => wreck::with_nan(id, value),
        Some(_) => {
            wreck::break_schema(&mut value);
            rpc::result(id, &value)
        }
        None => rpc::result(id, &value),
    }
}

/// Fails where someone who is not logged in calls too often.
async fn limited(system: &System, context: &Context, method: &str) -> Result<(), Failure> {
    if context.session.is_some() || method == "core.set_options" {
        return Ok(());
    }
    // What needs a login fails for want of it.
    let ping_is_free = system.number >= V25_10;
    if access(method, ping_is_free) != Access::NoLogin {
        let known = system.engine.find(&context.catalog, method);
        return known.and(Err(not_authenticated()));
    }
    if system.rate_limit.exceeded(method, &context.address) {
        sleep(Duration::from_secs(1)).await;
        return Err(too_many());
    }
    Ok(())
}
