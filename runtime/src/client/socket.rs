//! The WebSocket. What library it is made with, only this file knows; why
//! this one, docs/websocket.md tells.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll, ready};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink as _, SinkExt as _, StreamExt as _};
use http::StatusCode;
use tokio_websockets::upgrade::Error as UpgradeError;
use tokio_websockets::{ClientBuilder, Error as WsError, Limits, Message, WebSocketStream};

use super::auth::ChannelBinding;
use super::error::ConnectError;
use super::stream::{Counted, Route};

/// An open socket, in two halves that are used at the same time.
pub(crate) struct Socket {
    pub(crate) incoming: Incoming,
    pub(crate) outgoing: Outgoing,
    /// Bytes heard so far.
    pub(crate) heard: Arc<AtomicU64>,
    pub(crate) encrypted: bool,
    pub(crate) binding: Option<ChannelBinding>,
}

pub(crate) struct Incoming(SplitStream<WebSocketStream<Counted>>);

pub(crate) struct Outgoing(SplitSink<WebSocketStream<Counted>, Message>);

/// Why a socket ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    #[error("the server closed the connection ({code}{}{reason})", if .reason.is_empty() { "" } else { ": " })]
    Closed { code: u16, reason: String },
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The client gives it up: what comes is too large, or no message.
    #[error("{0}")]
    Unacceptable(String),
    /// The client needs it no more.
    #[error("the client was closed")]
    Unneeded,
    #[error("the login had run out")]
    Expired,
}

/// Opens a socket; `None` if the server does not serve the path.
pub(crate) async fn open(
    route: &Route,
    path: &str,
    max_message: usize,
) -> Result<Option<Socket>, ConnectError> {
    let fail = |reason: String| ConnectError::Protocol {
        endpoint: route.endpoint.to_string(),
        reason,
    };
    let opened = route.open().await?;
    let heard = opened.stream.heard();
    // The scheme is not sent; what is below may be TLS already.
    let address = format!("ws://{}{path}", route.endpoint.authority());
    let builder = ClientBuilder::new()
        .uri(&address)
        .map_err(|error| fail(error.to_string()))?
        .limits(Limits::default().max_payload_len(Some(max_message)));
    match builder.connect_on(opened.stream).await {
        Ok((socket, _)) => {
            let (outgoing, incoming) = socket.split();
            Ok(Some(Socket {
                incoming: Incoming(incoming),
                outgoing: Outgoing(outgoing),
                heard,
                encrypted: opened.encrypted,
                binding: opened.binding,
            }))
        }
        Err(WsError::Upgrade(UpgradeError::DidNotSwitchProtocols(404))) => Ok(None),
        Err(WsError::Upgrade(UpgradeError::DidNotSwitchProtocols(status))) => {
            match StatusCode::from_u16(status) {
                Ok(status) => Err(ConnectError::of_status(&route.endpoint, path, status)),
                Err(_) => Err(fail(format!("{path} answers {status}"))),
            }
        }
        Err(WsError::Io(source)) => Err(ConnectError::Network {
            endpoint: route.endpoint.to_string(),
            source,
        }),
        Err(error) => Err(fail(error.to_string())),
    }
}

/// A message, in one piece of memory that copies share.
#[derive(Clone)]
pub(crate) struct Text(Message);

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Message::text(text))
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.0.as_text().unwrap_or_default()
    }
}

impl Incoming {
    /// The next message. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Text, Lost> {
        loop {
            let message = match self.0.next().await {
                Some(Ok(message)) => message,
                Some(Err(error)) => return Err(error.into()),
                None => return Err(Lost::Broken("end of stream".to_owned())),
            };
            if message.is_text() {
                return Ok(Text(message));
            }
            if let Some((code, reason)) = message.as_close() {
                return Err(Lost::Closed {
                    code: code.into(),
                    reason: reason.to_owned(),
                });
            }
            if message.is_binary() {
                return Err(Lost::Unacceptable("a message that is not text".to_owned()));
            }
            // The library answers pings by itself.
        }
    }
}

impl Outgoing {
    /// Waits until there is room for a message.
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Lost>> {
        Pin::new(&mut self.0).poll_ready(cx).map_err(Lost::from)
    }

    /// Takes a message; there must be room for it. It goes out with a flush,
    /// or earlier.
    pub(crate) fn start_send(&mut self, Text(message): Text) -> Result<(), Lost> {
        Pin::new(&mut self.0)
            .start_send(message)
            .map_err(Lost::from)
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Lost>> {
        Pin::new(&mut self.0).poll_flush(cx).map_err(Lost::from)
    }

    /// Takes a ping, if there is room; else what waits to go out will do.
    pub(crate) fn poll_ping(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Lost>> {
        ready!(self.poll_ready(cx))?;
        let ping = Text(Message::ping(""));
        Poll::Ready(self.start_send(ping))
    }

    pub(crate) async fn send(&mut self, text: String) -> Result<(), Lost> {
        Ok(self.0.send(Text::from(text).0).await?)
    }

    pub(crate) async fn ping(&mut self) -> Result<(), Lost> {
        Ok(self.0.send(Message::ping("")).await?)
    }

    /// Says goodbye.
    pub(crate) async fn close(&mut self) -> Result<(), Lost> {
        Ok(self.0.close().await?)
    }
}

impl From<WsError> for Lost {
    fn from(error: WsError) -> Self {
        match error {
            WsError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Broken("end of stream".to_owned())
            }
            WsError::PayloadTooLong { len, max_len } => Self::Unacceptable(format!(
                "the server sent a message of {len} bytes, of which {max_len} are taken"
            )),
            error => Self::Broken(error.to_string()),
        }
    }
}
