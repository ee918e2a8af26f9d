//! A small client for the tests: it sends what it is told to and keeps what
//! comes, in order.

// Each test file uses a part of it.
#![allow(dead_code)]

pub(crate) mod http;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use truenas_simulator::Simulator;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<Box<dyn Stream>>,
    last_id: i64,
    /// What came while something else was waited for.
    pub(crate) notifications: Vec<Value>,
}

impl Client {
    /// Dials within the memory.
    pub(crate) async fn dial(simulator: &Simulator, path: &str) -> Self {
        Self::over(simulator.connect(), path).await
    }

    /// Dials with TLS, trusting the simulator's certificate alone.
    pub(crate) async fn dial_tls(simulator: &Simulator) -> Self {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(simulator.certificate_der().to_vec()))
            .unwrap();
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let address = simulator.https_url().replace("https://", "");
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .unwrap();
        Self::over(stream, "/api/current").await
    }

    pub(crate) async fn over(stream: impl Stream + 'static, path: &str) -> Self {
        let stream: Box<dyn Stream> = Box::new(stream);
        let url = format!("ws://simulator{path}");
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        Self {
            socket,
            last_id: 0,
            notifications: Vec::new(),
        }
    }

    /// Dials the current version and logs in with the password.
    pub(crate) async fn logged_in(simulator: &Simulator) -> Self {
        let mut client = Self::dial(simulator, "/api/current").await;
        let answer = client.log_in(password(simulator)).await;
        assert_eq!(answer["response_type"], "SUCCESS");
        client
    }

    pub(crate) async fn log_in(&mut self, data: Value) -> Value {
        self.call("auth.login_ex", json!([data])).await.unwrap()
    }

    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next message, whatever it is.
    pub(crate) async fn next(&mut self) -> Value {
        match self.message().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("no text: {other:?}"),
        }
    }

    pub(crate) async fn message(&mut self) -> Message {
        let next = tokio::time::timeout(Duration::from_secs(20), self.socket.next()).await;
        next.expect("something comes")
            .expect("the connection is open")
            .unwrap()
    }

    /// Calls, and answers the result or the error.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.request(method, params).await;
        self.reply(id).await
    }

    pub(crate) async fn request(&mut self, method: &str, params: Value) -> i64 {
        self.last_id += 1;
        let id = self.last_id;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send(request.to_string()).await;
        id
    }

    pub(crate) async fn reply(&mut self, id: i64) -> Result<Value, Value> {
        loop {
            let mut message = self.next().await;
            if message["id"] == id {
                return match message.get_mut("error") {
                    Some(error) => Err(error.take()),
                    None => Ok(message["result"].take()),
                };
            }
            self.notifications.push(message);
        }
    }

    /// The next notification, of those kept first.
    pub(crate) async fn notification(&mut self) -> Value {
        if self.notifications.is_empty() {
            self.next().await
        } else {
            self.notifications.remove(0)
        }
    }

    /// Waits for the end of a job.
    pub(crate) async fn job(&mut self, id: &Value) -> Value {
        loop {
            let job = self
                .call("core.get_jobs", json!([[["id", "=", id]], {"get": true}]))
                .await;
            let job = job.unwrap();
            if job["time_finished"] != Value::Null {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The code the server closes with, or `None` if it just ends.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.socket.next()).await;
            match next.expect("the connection ends") {
                Some(Ok(Message::Close(Some(frame)))) => return Some(frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}

pub(crate) fn password(simulator: &Simulator) -> Value {
    json!({
        "mechanism": "PASSWORD_PLAIN",
        "username": simulator.user(),
        "password": simulator.password(),
    })
}

pub(crate) fn api_key(simulator: &Simulator) -> Value {
    json!({
        "mechanism": "API_KEY_PLAIN",
        "username": simulator.user(),
        "api_key": simulator.api_key(),
    })
}

pub(crate) async fn start(api: &str) -> Simulator {
    Simulator::builder().api(api).seed(7).start().await.unwrap()
}
