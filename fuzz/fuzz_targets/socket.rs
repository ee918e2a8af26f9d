//! Any bytes and any messages on a connection of the simulator: it answers the
//! next one as if nothing had been.
//!
//! An input is readable: its first line says how the rest is sent. With `http`
//! as it stands, with `raw` as it stands behind the opening of a WebSocket, with
//! `login` as messages, a line each, behind a login, with anything else as
//! messages alone.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use truenas_simulator::Simulator;

const HELLO: &[u8] = b"GET /api/current HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

struct Running {
    runtime: Runtime,
    simulator: Simulator,
    /// A login that succeeds, as a frame.
    login: Vec<u8>,
}

static RUNNING: LazyLock<Running> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let builder = Simulator::builder()
        .password("fuzz")
        .api_key("1-fuzz")
        .rate_limit(None)
        .job_duration(Default::default());
    let simulator = runtime.block_on(builder.start()).expect("a simulator");
    let login = json!({
        "mechanism": "PASSWORD_PLAIN",
        "username": simulator.user(),
        "password": simulator.password(),
    });
    let login = json!({"jsonrpc": "2.0", "id": 0, "method": "auth.login_ex", "params": [login]});
    let login = frame(login.to_string().as_bytes());
    Running { runtime, simulator, login }
});

/// A frame of text, masked with zeros, which is no mask.
fn frame(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes();
    let text = &text[..text.len().min(u16::MAX.into())];
    [&[0x81, 0xfe], length.as_slice(), &[0; 4], text].concat()
}

fuzz_target!(|input: &[u8]| {
    let Running { runtime, simulator, login } = &*RUNNING;
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (how, rest) = input.split_at(end);
    let rest = rest.get(1..).unwrap_or_default();
    let messages = || rest.split(|byte| *byte == b'\n').flat_map(frame);
    let sent: Vec<u8> = match how {
        b"http" => rest.to_vec(),
        b"raw" => [HELLO, rest].concat(),
        b"login" => HELLO.iter().chain(login).copied().chain(messages()).collect(),
        _ => HELLO.iter().copied().chain(messages()).collect(),
    };
    // What the last input may have asked for over HTTP.
    simulator.faults().clear();
    runtime.block_on(async {
        let mut stream = simulator.connect();
        let mut answer = Vec::new();
        let (mut reading, mut writing) = tokio::io::split(&mut stream);
        let write = async {
            let _ = writing.write_all(&sent).await;
            let _ = writing.shutdown().await;
        };
        let _ = tokio::join!(write, reading.read_to_end(&mut answer));
        let mut other = simulator.connect();
        other.write_all(b"GET /api/versions HTTP/1.0\r\n\r\n").await.expect("it listens");
        let mut answer = Vec::new();
        other.read_to_end(&mut answer).await.expect("it answers");
        assert!(answer.starts_with(b"HTTP/1.0 200"));
    });
});
