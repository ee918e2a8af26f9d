//! The three libraries behind one trait.

use std::future::Future;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;

pub trait Socket: Sized {
    async fn connect(address: SocketAddr, path: &str, limit: usize) -> Result<Self, String>;
    async fn feed(&mut self, text: String);
    async fn flush(&mut self);
    /// The length of the next message; how the connection ended, if it did.
    async fn next(&mut self) -> Result<usize, String>;
}

async fn tcp(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

pub struct Tungstenite<const BUFFER: usize>(tokio_tungstenite::WebSocketStream<TcpStream>);

impl<const BUFFER: usize> Socket for Tungstenite<BUFFER> {
    async fn connect(address: SocketAddr, path: &str, limit: usize) -> Result<Self, String> {
        let config = tokio_tungstenite::tungstenite::protocol::WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .max_message_size(Some(limit))
            .max_frame_size(Some(limit));
        tokio_tungstenite::client_async_with_config(
            format!("ws://{address}{path}"),
            tcp(address).await,
            Some(config),
        )
        .await
        .map(|(socket, _)| Self(socket))
        .map_err(|error| error.to_string())
    }

    async fn feed(&mut self, text: String) {
        self.0.feed(text.into()).await.unwrap();
    }

    async fn flush(&mut self) {
        self.0.flush().await.unwrap();
    }

    async fn next(&mut self) -> Result<usize, String> {
        use tokio_tungstenite::tungstenite::Message;
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(text.len()),
            other => Err(format!("{other:?}")),
        }
    }
}

pub struct Websockets(tokio_websockets::WebSocketStream<TcpStream>);

impl Socket for Websockets {
    async fn connect(address: SocketAddr, path: &str, limit: usize) -> Result<Self, String> {
        tokio_websockets::ClientBuilder::new()
            .uri(&format!("ws://{address}{path}"))
            .unwrap()
            .limits(tokio_websockets::Limits::default().max_payload_len(Some(limit)))
            .connect_on(tcp(address).await)
            .await
            .map(|(socket, _)| Self(socket))
            .map_err(|error| error.to_string())
    }

    async fn feed(&mut self, text: String) {
        self.0
            .feed(tokio_websockets::Message::text(text))
            .await
            .unwrap();
    }

    async fn flush(&mut self) {
        self.0.flush().await.unwrap();
    }

    async fn next(&mut self) -> Result<usize, String> {
        match self.0.next().await {
            Some(Ok(message)) if message.is_text() => Ok(message.as_payload().len()),
            other => Err(format!("{other:?}")),
        }
    }
}

pub struct Fast(
    fastwebsockets::FragmentCollector<hyper_util::rt::TokioIo<hyper::upgrade::Upgraded>>,
);

struct Spawn;

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Spawn {
    fn execute(&self, future: F) {
        tokio::spawn(future);
    }
}

impl Socket for Fast {
    async fn connect(address: SocketAddr, path: &str, limit: usize) -> Result<Self, String> {
        let request = hyper::Request::get(path)
            .header("Host", address.to_string())
            .header("Upgrade", "websocket")
            .header("Connection", "upgrade")
            .header(
                "Sec-WebSocket-Key",
                fastwebsockets::handshake::generate_key(),
            )
            .header("Sec-WebSocket-Version", "13")
            .body(http_body_util::Empty::<bytes::Bytes>::new())
            .unwrap();
        let (mut socket, _) =
            fastwebsockets::handshake::client(&Spawn, request, tcp(address).await)
                .await
                .map_err(|error| error.to_string())?;
        socket.set_max_message_size(limit);
        Ok(Self(fastwebsockets::FragmentCollector::new(socket)))
    }

    async fn feed(&mut self, text: String) {
        let payload = fastwebsockets::Payload::Owned(text.into_bytes());
        self.0
            .write_frame(fastwebsockets::Frame::text(payload))
            .await
            .unwrap();
    }

    /// `write_frame` writes at once.
    async fn flush(&mut self) {}

    async fn next(&mut self) -> Result<usize, String> {
        match self.0.read_frame().await {
            Ok(frame) if frame.opcode == fastwebsockets::OpCode::Text => Ok(frame.payload.len()),
            Ok(frame) => Err(format!("{:?} {:?}", frame.opcode, &frame.payload[..])),
            Err(error) => Err(format!("{error:?}")),
        }
    }
}
