//! A server over real sockets: it answers calls by itself, and hands what
//! comes to `/_upload` and `/_download` to the test.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_tungstenite::tungstenite::Message;
use truenas_runtime::client::{Auth, Client};

use crate::api::V1;

/// What no error, no `Debug` and no path of an upload may show.
pub const TOKEN: &str = "a-token-that-nobody-may-see";

pub trait Both: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Both for T {}

pub struct Nas {
    pub address: String,
    /// Of the certificate, without colons.
    pub fingerprint: String,
    state: Arc<State>,
    exchanges: mpsc::UnboundedReceiver<Exchange>,
}

#[derive(Default)]
struct State {
    calls: Mutex<Vec<(String, Value)>>,
    jobs: Mutex<BTreeMap<i64, Value>>,
    tls: Mutex<Option<TlsAcceptor>>,
}

/// A request that the test answers.
pub struct Exchange {
    pub head: String,
    stream: Box<dyn Both>,
}

/// A certificate, and its fingerprint.
fn certificate() -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let der = made.cert.der().clone();
    let fingerprint = data_encoding::HEXUPPER.encode(&Sha256::digest(&der));
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), fingerprint)
}

impl Nas {
    pub async fn plain() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("ws://{}", listener.local_addr().unwrap());
        let (nas, sender) = Self::new(address);
        let state = nas.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(state.clone(), sender.clone(), Box::new(stream)));
            }
        });
        nas
    }

    pub async fn secure() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("wss://{}", listener.local_addr().unwrap());
        let (mut nas, sender) = Self::new(address);
        nas.renew_certificate();
        let state = nas.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = state.tls.lock().unwrap().clone().unwrap();
                let (state, sender) = (state.clone(), sender.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(state, sender, Box::new(stream)).await;
                    }
                });
            }
        });
        nas
    }

    pub fn unix(path: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let (nas, sender) = Self::new(format!("unix:{}", path.display()));
        let state = nas.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(state.clone(), sender.clone(), Box::new(stream)));
            }
        });
        nas
    }

    fn new(address: String) -> (Self, mpsc::UnboundedSender<Exchange>) {
        let (sender, exchanges) = mpsc::unbounded_channel();
        let nas = Self {
            address,
            fingerprint: String::new(),
            state: Arc::default(),
            exchanges,
        };
        (nas, sender)
    }

    /// Shows another certificate from now on.
    pub fn renew_certificate(&mut self) {
        let (acceptor, fingerprint) = certificate();
        *self.state.tls.lock().unwrap() = Some(acceptor);
        self.fingerprint = fingerprint;
    }

    pub async fn client(&self) -> Client<V1> {
        Client::<V1>::builder(&self.address)
            .login(Auth::token("a-login"))
            .connect()
            .await
            .unwrap()
    }

    /// What comes next to `/_upload` or `/_download`.
    pub async fn exchange(&mut self) -> Exchange {
        self.exchanges.recv().await.expect("a request")
    }

    /// Whether anything has come there.
    pub fn is_quiet(&mut self) -> bool {
        self.exchanges.try_recv().is_err()
    }

    /// The parameters of every call of a method.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let calls = self.state.calls.lock().unwrap();
        let of = calls.iter().filter(|(name, _)| name == method);
        of.map(|(_, params)| params.clone()).collect()
    }

    pub fn job(&self, id: i64, state: &str, rest: Value) {
        let mut job = json!({
            "id": id, "message_ids": [], "method": "disk.file", "arguments": [],
            "transient": false, "description": null, "abortable": true, "logs_path": null,
            "logs_excerpt": null,
            "progress": {"percent": 0, "description": "", "extra": null}, "result": null,
            "result_encoding_error": null, "error": null, "exception": null, "exc_info": null,
            "state": state, "time_started": {"$date": 1_700_000_000_000_i64},
            "time_finished": null, "credentials": null,
        });
        let rest = rest.as_object().unwrap().clone();
        job.as_object_mut().unwrap().extend(rest);
        self.state.jobs.lock().unwrap().insert(id, job);
    }
}

async fn serve(
    state: Arc<State>,
    exchanges: mpsc::UnboundedSender<Exchange>,
    mut stream: Box<dyn Both>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    if head.starts_with(b"GET /api/versions ") {
        let body = r#"["v25.04.2","v25.10.5"]"#;
        let length = body.len();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        let _ = stream.write_all(answer.as_bytes()).await;
    } else if head.starts_with(b"GET /api/v") {
        let (read, write) = tokio::io::split(stream);
        let stream = tokio::io::join(Cursor::new(head).chain(read), write);
        answer_calls(&state, stream).await;
    } else {
        let head = String::from_utf8(head).unwrap();
        let _ = exchanges.send(Exchange { head, stream });
    }
}

async fn answer_calls(state: &State, stream: impl Both) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else {
        return;
    };
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let call: Value = serde_json::from_str(&text).unwrap();
        let method = call["method"].as_str().unwrap();
        let result = match method {
            // The answer has the token for the next login, so that none is
            // requested.
            "auth.login_ex" => json!({
                "response_type": "SUCCESS", "user_info": null, "reconnect_token": "next-login",
            }),
            "system.boot_id" => json!("boot-1"),
            "disk.file" => json!(7),
            "disk.query" => json!([1, 2]),
            "core.subscribe" => json!("subscription-1"),
            "auth.generate_token" => json!(TOKEN),
            "core.download" => json!([7, format!("/_download/7?auth_token={TOKEN}")]),
            "core.job_download_logs" => json!(format!("/_download/8?auth_token={TOKEN}")),
            "core.get_jobs" => {
                let id = call["params"][0][0][2].as_i64().unwrap();
                let job = state.jobs.lock().unwrap().get(&id).cloned();
                job.into_iter().collect()
            }
            _ => Value::Null,
        };
        let heard = (method.to_owned(), call["params"].clone());
        state.calls.lock().unwrap().push(heard);
        let reply = json!({"jsonrpc": "2.0", "result": result, "id": call["id"]});
        if socket.send(Message::text(reply.to_string())).await.is_err() {
            return;
        }
    }
}

impl Exchange {
    /// The first line.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The body, piece by piece.
    pub async fn each(&mut self, mut take: impl FnMut(&[u8])) {
        let mut buffer = vec![0; 64 << 10];
        match self.header("content-length") {
            Some(length) => {
                let length = length.parse().unwrap();
                self.copy(length, &mut buffer, &mut take).await;
            }
            None => loop {
                let mut line = Vec::new();
                while !line.ends_with(b"\r\n") {
                    line.push(self.stream.read_u8().await.unwrap());
                }
                let line = std::str::from_utf8(&line).unwrap().trim();
                let length = u64::from_str_radix(line, 16).unwrap();
                self.copy(length, &mut buffer, &mut take).await;
                self.copy(2, &mut buffer, &mut |_| {}).await;
                if length == 0 {
                    return;
                }
            },
        }
    }

    async fn copy(&mut self, mut left: u64, buffer: &mut [u8], take: &mut impl FnMut(&[u8])) {
        while left > 0 {
            let most = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            let read = self.stream.read(&mut buffer[..most]).await.unwrap();
            assert_ne!(read, 0, "the request ends early");
            take(&buffer[..read]);
            left -= u64::try_from(read).unwrap();
        }
    }

    pub async fn body(&mut self) -> String {
        let mut body = Vec::new();
        self.each(|bytes| body.extend_from_slice(bytes)).await;
        String::from_utf8(body).unwrap()
    }

    /// What comes until the client hangs up, however it is framed.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = self.stream.read_to_end(&mut rest).await;
        String::from_utf8_lossy(&rest).into_owned()
    }

    pub async fn answer(mut self, status: u16, body: &str) {
        let length = body.len();
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}");
        self.stream.write_all(head.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
        let _ = self.stream.shutdown().await;
    }

    /// Begins a body of unknown length, as the server does.
    pub async fn begin(&mut self) {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        self.stream.write_all(head).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    pub async fn give(&mut self, bytes: &[u8]) {
        let head = format!("{:x}\r\n", bytes.len());
        self.stream.write_all(head.as_bytes()).await.unwrap();
        self.stream.write_all(bytes).await.unwrap();
        self.stream.write_all(b"\r\n").await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Ends the body as it should; dropping it cuts it off.
    pub async fn end(mut self) {
        self.give(b"").await;
    }
}
