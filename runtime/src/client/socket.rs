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
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::{Error as WsError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

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
    let request = format!("ws://{}{path}", route.endpoint.authority())
        .into_client_request()
        .map_err(|error| fail(error.to_string()))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(max_message))
        .max_frame_size(Some(max_message))
        .read_buffer_size(64 << 10);
    let shaken =
        tokio_tungstenite::client_async_with_config(request, opened.stream, Some(config)).await;
    match shaken {
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
        Err(WsError::Http(response)) if response.status() == StatusCode::NOT_FOUND => Ok(None),
        Err(WsError::Http(response)) => Err(ConnectError::of_status(
            &route.endpoint,
            path,
            response.status(),
        )),
        Err(error @ WsError::Protocol(ProtocolError::HandshakeIncomplete)) => {
            Err(ConnectError::Network {
                endpoint: route.endpoint.to_string(),
                source: io::Error::other(error.to_string()),
            })
        }
        Err(WsError::Io(source)) => Err(ConnectError::Network {
            endpoint: route.endpoint.to_string(),
            source,
        }),
        Err(error) => Err(fail(error.to_string())),
    }
}

impl Incoming {
    /// The next message. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Utf8Bytes, Lost> {
        loop {
            return match self.0.next().await {
                Some(Ok(Message::Text(text))) => Ok(text),
                // The library answers pings, and is owed another look after a close.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Binary(_))) => {
                    Err(Lost::Broken("a message that is not text".to_owned()))
                }
                Some(Ok(Message::Close(frame))) => Err(match frame {
                    Some(frame) => Lost::Closed {
                        code: frame.code.into(),
                        reason: frame.reason.to_string(),
                    },
                    None => Lost::Closed {
                        code: 1005,
                        reason: String::new(),
                    },
                }),
                Some(Err(error)) => Err(error.into()),
                None => Err(Lost::Broken("end of stream".to_owned())),
            };
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
    pub(crate) fn start_send(&mut self, text: Utf8Bytes) -> Result<(), Lost> {
        Pin::new(&mut self.0)
            .start_send(Message::Text(text))
            .map_err(Lost::from)
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Lost>> {
        Pin::new(&mut self.0).poll_flush(cx).map_err(Lost::from)
    }

    /// Takes a ping, if there is room; else what waits to go out will do.
    pub(crate) fn poll_ping(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Lost>> {
        ready!(self.poll_ready(cx))?;
        let ping = Message::Ping(Vec::new().into());
        Poll::Ready(Pin::new(&mut self.0).start_send(ping).map_err(Lost::from))
    }

    pub(crate) async fn send(&mut self, text: String) -> Result<(), Lost> {
        Ok(self.0.send(Message::Text(text.into())).await?)
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
            error => Self::Broken(error.to_string()),
        }
    }
}
