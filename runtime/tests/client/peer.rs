//! The other side, told word by word what to say.

use std::io::Cursor;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use truenas_runtime::client::{Auth, Builder, Client, Status};

use crate::api::V1;

pub const TOKEN: &str = "a-token-that-nobody-may-see";

/// Where connections arrive.
pub struct Peer {
    streams: mpsc::UnboundedReceiver<DuplexStream>,
    pub boot_id: &'static str,
    pub logins: usize,
}

/// A connection.
pub struct Line {
    /// True if requests for another token are answered here and hidden from
    /// tests.
    pub gives_tokens: bool,
    socket: WebSocketStream<Box<dyn Both>>,
}

pub trait Both: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Both for T {}

/// A call, as it arrives.
#[derive(Debug, Clone)]
pub struct Asked {
    pub id: u64,
    pub method: String,
    pub params: Value,
}

pub fn start() -> (Builder<V1>, Peer) {
    start_at("ws://peer")
}

/// A peer that is taken to be at this address.
pub fn start_at(address: &str) -> (Builder<V1>, Peer) {
    let (sender, streams) = mpsc::unbounded_channel();
    let builder = Client::<V1>::builder(address)
        .connector(move || {
            let sender = sender.clone();
            async move {
                let (ours, theirs) = tokio::io::duplex(1 << 20);
                sender
                    .send(theirs)
                    .map_err(|_| std::io::Error::other("nobody there"))?;
                Ok(ours)
            }
        })
        .login(Auth::token(TOKEN));
    let peer = Peer {
        streams,
        boot_id: "boot-1",
        logins: 0,
    };
    (builder, peer)
}

/// A client that is connected, and its line.
pub async fn connected(builder: Builder<V1>, peer: &mut Peer) -> (Client<V1>, Line) {
    let (client, line) = tokio::join!(builder.connect(), peer.line());
    (client.unwrap(), line)
}

/// Waits until the client knows that its connection is lost.
pub async fn reconnecting(client: &Client<V1>) {
    let mut statuses = client.session().statuses();
    while statuses.next().await != Some(Status::Reconnecting) {}
}

impl Peer {
    /// Nobody answers for so long: who comes is sent away.
    pub async fn away(&mut self, time: Duration) {
        let away = async { while self.streams.recv().await.is_some() {} };
        let _ = tokio::time::timeout(time, away).await;
    }

    /// Answers the next request like this, or hangs up if this is nothing.
    pub async fn answers(&mut self, answer: &str) {
        let mut stream = self.streams.recv().await.expect("a client");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
    }

    /// The next WebSocket; questions before it are answered.
    pub async fn socket(&mut self) -> Line {
        loop {
            let mut stream = self.streams.recv().await.expect("a client");
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            if head.starts_with(b"GET /api/versions ") {
                let body = r#"["v25.04.2","v25.10.4","v25.10.5"]"#;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
                continue;
            }
            assert!(head.starts_with(b"GET /api/v25.10.5 "));
            let (read, write) = tokio::io::split(stream);
            let stream: Box<dyn Both> =
                Box::new(tokio::io::join(Cursor::new(head).chain(read), write));
            // It may be closed before it is open.
            let Ok(socket) = tokio_tungstenite::accept_async(stream).await else {
                continue;
            };
            return Line {
                gives_tokens: true,
                socket,
            };
        }
    }

    /// The next WebSocket, logged in.
    pub async fn line(&mut self) -> Line {
        let mut line = self.socket().await;
        line.log_in(self.boot_id).await;
        self.logins += 1;
        line
    }
}

impl Line {
    pub async fn log_in(&mut self, boot_id: &str) {
        let login = self.asked().await;
        assert_eq!(login.method, "auth.login_ex");
        assert_eq!(login.params[0]["token"], TOKEN);
        self.answer(
            login.id,
            json!({"response_type": "SUCCESS", "user_info": {"pw_name": "admin"}}),
        )
        .await;
        let boot = self.asked().await;
        assert_eq!(boot.method, "system.boot_id");
        self.answer(boot.id, json!(boot_id)).await;
    }

    /// The next call.
    pub async fn asked(&mut self) -> Asked {
        self.next().await.expect("a call, not the end")
    }

    /// The next call; `None` when the client has gone.
    pub async fn next(&mut self) -> Option<Asked> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Text(text)) => {
                    let mut call: Value = serde_json::from_str(&text).unwrap();
                    if self.gives_tokens && call["method"] == "auth.generate_token" {
                        self.answer(call["id"].as_u64().unwrap(), json!(TOKEN))
                            .await;
                        continue;
                    }
                    return Some(Asked {
                        id: call["id"].as_u64().unwrap(),
                        method: call["method"].as_str().unwrap().to_owned(),
                        params: call["params"].take(),
                    });
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Whether the client says nothing for a while.
    pub async fn is_quiet(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(200), self.next())
            .await
            .is_err()
    }

    /// The next call must be this one.
    pub async fn expect(&mut self, method: &str) -> Asked {
        let asked = self.asked().await;
        assert_eq!(asked.method, method);
        asked
    }

    pub async fn say(&mut self, text: impl Into<String>) {
        // A client that has gone does not hear it.
        let _ = self.socket.send(Message::Text(text.into().into())).await;
    }

    pub async fn answer(&mut self, id: u64, result: Value) {
        self.say(json!({"jsonrpc": "2.0", "result": result, "id": id}).to_string())
            .await;
    }

    pub async fn fail(&mut self, id: u64, code: i64, errno: i64, extra: Value) {
        let error = json!({
            "code": code,
            "message": "it failed",
            "data": {
                "error": errno, "errname": "E", "reason": "it failed", "extra": extra,
                "trace": {"class": "CallError", "frames": [], "formatted": "", "repr": ""},
            },
        });
        self.say(json!({"jsonrpc": "2.0", "error": error, "id": id}).to_string())
            .await;
    }

    /// Answers the question whether the login still holds.
    pub async fn logged_out(&mut self) {
        let look = self.expect("auth.me").await;
        self.fail(look.id, -32001, 207, json!(null)).await;
    }

    pub async fn notify(&mut self, method: &str, params: Value) {
        self.say(json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string())
            .await;
    }

    pub async fn changed(&mut self, collection: &str, msg: &str, rest: Value) {
        let mut params = json!({"msg": msg, "collection": collection});
        params
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        self.notify("collection_update", params).await;
    }

    /// Answers the subscription that comes next.
    pub async fn subscribed(&mut self, collection: &str) {
        let asked = self.expect("core.subscribe").await;
        assert_eq!(asked.params, json!([collection]));
        self.answer(asked.id, json!("subscription-1")).await;
    }

    /// Takes the client's first job call, and answers it with the job's number.
    pub async fn starts(&mut self, id: i64) {
        self.subscribed("core.get_jobs").await;
        let call = self.expect("disk.scrub").await;
        self.answer(call.id, json!(id)).await;
    }

    pub async fn job(&mut self, msg: &str, id: i64, state: &str, rest: Value) {
        let mut fields = json!({
            "id": id, "message_ids": [], "method": "disk.scrub", "arguments": [],
            "transient": false, "description": null, "abortable": true, "logs_path": null,
            "logs_excerpt": null,
            "progress": {"percent": 0, "description": "", "extra": null}, "result": null,
            "result_encoding_error": null, "error": null, "exception": null, "exc_info": null,
            "state": state, "time_started": {"$date": 1_700_000_000_000_i64},
            "time_finished": null, "credentials": null,
        });
        fields
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        self.changed("core.get_jobs", msg, json!({"id": id, "fields": fields}))
            .await;
    }

    pub async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        self.socket.close(Some(frame)).await.unwrap();
    }

    pub async fn end(mut self) {
        let _ = self.socket.close(None).await;
    }
}
