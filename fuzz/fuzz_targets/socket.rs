//! Any bytes and any messages on a connection of the simulator: it answers the
//! next one as if nothing had been.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use truenas_simulator::Simulator;

const HELLO: &[u8] = b"GET /api/current HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static RUNNING: LazyLock<(Runtime, Simulator)> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let builder = Simulator::builder().rate_limit(None);
    let simulator = runtime.block_on(builder.start()).expect("a simulator");
    (runtime, simulator)
});

/// A frame of text, masked with zeros, which is no mask.
fn frame(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes();
    let text = &text[..text.len().min(u16::MAX.into())];
    [&[0x81, 0xfe], length.as_slice(), &[0; 4], text].concat()
}

fuzz_target!(|input: (bool, Vec<&[u8]>)| {
    let (raw, messages) = input;
    let (runtime, simulator) = &*RUNNING;
    runtime.block_on(async {
        let mut sent = HELLO.to_vec();
        for message in messages {
            sent.extend(if raw { message.to_vec() } else { frame(message) });
        }
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
