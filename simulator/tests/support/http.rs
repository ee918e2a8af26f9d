//! HTTP by hand. As of HTTP/1.0, a body is all up to the end.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use truenas_simulator::Simulator;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A request without a body: `GET /api/versions`.
pub(crate) async fn ask(simulator: &Simulator, line: &str) -> Answer {
    request(simulator, line, "", b"").await
}

/// Each header ends in a line break.
pub(crate) async fn request(
    simulator: &Simulator,
    line: &str,
    headers: &str,
    body: &[u8],
) -> Answer {
    over(simulator.connect(), line, headers, body).await
}

pub(crate) async fn over(
    mut stream: tokio::io::DuplexStream,
    line: &str,
    headers: &str,
    body: &[u8],
) -> Answer {
    let length = body.len();
    let head = format!("{line} HTTP/1.0\r\nContent-Length: {length}\r\n{headers}\r\n");
    let sent = [head.as_bytes(), body].concat();
    // It may answer before it has read all, and leave.
    let _ = stream.write_all(&sent).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    Answer {
        status: head[9..12].parse().unwrap(),
        body: answer[end + 4..].to_vec(),
        head,
    }
}

/// The body of an upload, and its header.
pub(crate) fn multipart(parts: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!(
            "--between\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--between--\r\n");
    (
        "Content-Type: multipart/form-data; boundary=between\r\n".to_owned(),
        body,
    )
}
