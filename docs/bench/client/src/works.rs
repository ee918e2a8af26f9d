//! What is measured, each in a process of its own.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_websockets::{ClientBuilder, Message, WebSocketStream};
use truenas_runtime::client::{Client, Notice};

use crate::EVENTS;
use crate::api::V25_10;

const ROUND: Duration = Duration::from_millis(1000);

/// The same call that the client sends.
const CALL: &str = r#"{"jsonrpc":"2.0","id":12345,"method":"core.ping","params":[]}"#;

async fn bare(address: SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let url = format!("ws://{address}/api/v25.10.5");
    let builder = ClientBuilder::new().uri(&url).unwrap();
    builder.connect_on(stream).await.unwrap().0
}

async fn client(address: SocketAddr) -> Client<V25_10> {
    Client::builder(&format!("ws://{address}"))
        .connect()
        .await
        .unwrap()
}

/// Calls a second: as soon as an answer is there, the next call is sent.
pub async fn bare_rate(address: SocketAddr, in_flight: usize) -> f64 {
    let mut socket = bare(address).await;
    for _ in 0..in_flight {
        socket.feed(Message::text(CALL)).await.unwrap();
    }
    socket.flush().await.unwrap();
    let (start, mut calls) = (Instant::now(), 0);
    while start.elapsed() < ROUND {
        socket.next().await.unwrap().unwrap();
        socket.send(Message::text(CALL)).await.unwrap();
        calls += 1;
    }
    f64::from(calls) / start.elapsed().as_secs_f64()
}

/// The best a loop can do that knows what it waits for: all that are in flight
/// are awaited, and sent again with one flush.
pub async fn batch_rate(address: SocketAddr, in_flight: usize) -> f64 {
    let mut socket = bare(address).await;
    let (start, mut calls) = (Instant::now(), 0);
    while start.elapsed() < ROUND {
        for _ in 0..in_flight {
            socket.feed(Message::text(CALL)).await.unwrap();
        }
        socket.flush().await.unwrap();
        for _ in 0..in_flight {
            socket.next().await.unwrap().unwrap();
            calls += 1;
        }
    }
    f64::from(calls) / start.elapsed().as_secs_f64()
}

/// Calls a second of so many callers, each of whom makes one after the other.
pub async fn client_rate(address: SocketAddr, in_flight: usize) -> f64 {
    let nas = client(address).await;
    let start = Instant::now();
    let callers = (0..in_flight).map(|_| {
        let nas = nas.clone();
        tokio::spawn(async move {
            let mut calls = 0;
            while start.elapsed() < ROUND {
                nas.ping().await.unwrap();
                calls += 1;
            }
            calls
        })
    });
    let callers: Vec<_> = callers.collect();
    let mut calls = 0;
    for caller in callers {
        calls += caller.await.unwrap();
    }
    f64::from(calls) / start.elapsed().as_secs_f64()
}

/// Microseconds.
pub async fn bare_latency(address: SocketAddr) -> f64 {
    let mut socket = bare(address).await;
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < ROUND {
        let sent = Instant::now();
        socket.send(Message::text(CALL)).await.unwrap();
        socket.next().await.unwrap().unwrap();
        times.push(sent.elapsed());
    }
    median(times)
}

/// Microseconds.
pub async fn client_latency(address: SocketAddr) -> f64 {
    let nas = client(address).await;
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < ROUND {
        let sent = Instant::now();
        nas.ping().await.unwrap();
        times.push(sent.elapsed());
    }
    median(times)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

/// All events through one stream, and what memory they leave behind.
pub async fn events(address: SocketAddr) -> String {
    let nas = client(address).await;
    let mut stream = nas.pools().await.unwrap();
    let (mut read, mut missed, mut before) = (0, 0, 0);
    while read + missed < EVENTS {
        match stream.next().await.unwrap().unwrap() {
            Notice::Changed(_) => read += 1,
            Notice::Missed(count) => missed += count,
            other => panic!("{other:?}"),
        }
        // By then all buffers are as large as they become.
        if before == 0 && read >= EVENTS / 10 {
            before = memory();
        }
    }
    format!(
        "{EVENTS} events: {read} read, {missed} missed; memory after the first tenth {before} KiB, at the end {} KiB: {:.3} x",
        memory(),
        memory() as f64 / before as f64,
    )
}

/// Resident, in KiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
