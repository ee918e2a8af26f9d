//! Measures the client side of three WebSocket libraries against one server
//! that uses none of them: `cargo run --release`. See ../../websocket.md.

mod clients;
mod server;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clients::{Fast, Socket, Tungstenite, Websockets};

/// About the size of a call of `pool.dataset.query`.
pub const CALL: &str = r#"{"jsonrpc":"2.0","id":"c1","method":"pool.dataset.query","params":[[["id","=","tank/media"]],{"get":true}]}"#;
pub const REPLY: usize = 50_000_000;
const ROUND: Duration = Duration::from_millis(1500);

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "server"] => server::run(),
        [_, "client", library, work, address] => client(library, work, address.parse().unwrap()),
        _ => compare(),
    }
}

/// A fresh process for each figure, so that peak memory is that of one kind of
/// work; the libraries take turns, so that a busy moment hits all of them.
fn compare() {
    let program = std::env::current_exe().unwrap();
    let mut server = Command::new(&program)
        .arg("server")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut address)
        .unwrap();
    let libraries = ["tungstenite", "tungstenite-8k", "websockets", "fast"];
    let works = [
        "one",
        "twenty",
        "batch",
        "whole",
        "fragments",
        "missing",
        "close",
        "cancel",
        "limit",
    ];
    for work in works {
        let mut best = vec![String::new(); libraries.len()];
        let mut figures = vec![Vec::new(); libraries.len()];
        let rounds = if ["missing", "close", "cancel", "limit"].contains(&work) {
            1
        } else {
            5
        };
        for _ in 0..rounds {
            for (i, library) in libraries.iter().enumerate() {
                let out = Command::new(&program)
                    .args(["client", library, work, address.trim()])
                    .output()
                    .unwrap();
                let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
                if let Some(figure) = text.split(' ').next().and_then(|f| f.parse::<f64>().ok()) {
                    figures[i].push(figure);
                }
                best[i] = if out.status.success() {
                    text
                } else {
                    String::from_utf8_lossy(&out.stderr)
                        .lines()
                        .next()
                        .unwrap_or("?")
                        .to_owned()
                };
            }
        }
        for (i, library) in libraries.iter().enumerate() {
            figures[i].sort_by(f64::total_cmp);
            let median = figures[i].get(figures[i].len() / 2);
            println!(
                "{work:10} {library:16} {} {}",
                best[i],
                median.map_or(String::new(), |m| format!("(median {m:.1})"))
            );
        }
    }
    server.kill().unwrap();
    server.wait().unwrap();
}

fn client(library: &str, work: &str, address: SocketAddr) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            match library {
                "tungstenite" => run::<Tungstenite<{ 128 << 10 }>>(work, address).await,
                "tungstenite-8k" => run::<Tungstenite<{ 8 << 10 }>>(work, address).await,
                "websockets" => run::<Websockets>(work, address).await,
                _ => run::<Fast>(work, address).await,
            }
        });
}

async fn run<S: Socket>(work: &str, address: SocketAddr) {
    let limit = if work == "limit" { 1 << 20 } else { 2 << 30 };
    if work == "missing" {
        match S::connect(address, "/api/v1.0.0", limit).await {
            Ok(_) => println!("connected"),
            Err(error) => println!("{error}"),
        }
        return;
    }
    let mut socket = S::connect(address, "/api/current", limit).await.unwrap();
    match work {
        "one" => echo(&mut socket, 1, false).await,
        "twenty" => echo(&mut socket, 20, false).await,
        "batch" => echo(&mut socket, 20, true).await,
        "whole" | "fragments" => big(&mut socket, work).await,
        "close" => {
            socket.feed("close".into()).await;
            socket.flush().await;
            println!("{}", socket.next().await.unwrap_err());
        }
        // A reply that trickles in, and a reader that is dropped and made anew.
        "cancel" => {
            socket.feed("trickle".into()).await;
            socket.flush().await;
            loop {
                match tokio::time::timeout(Duration::from_millis(3), socket.next()).await {
                    Err(_) => {}
                    Ok(Ok(length)) => return println!("message of {length} bytes"),
                    Ok(Err(error)) => return println!("lost: {error}"),
                }
            }
        }
        // Fragments that are together over the limit of 1 MiB, each far below it.
        _ => {
            socket.feed("fragments".into()).await;
            socket.flush().await;
            match socket.next().await {
                Ok(length) => println!("no limit: {length} bytes"),
                Err(error) => println!("{error}"),
            }
        }
    }
}

/// Calls a second, with so many in flight. In batches, the twenty are written
/// with one flush.
async fn echo<S: Socket>(socket: &mut S, in_flight: usize, batch: bool) {
    let start = Instant::now();
    let mut calls = 0u64;
    for _ in 0..in_flight {
        socket.feed(CALL.to_owned()).await;
    }
    socket.flush().await;
    while start.elapsed() < ROUND {
        let turns = if batch { in_flight } else { 1 };
        for _ in 0..turns {
            assert_eq!(socket.next().await.unwrap(), CALL.len());
        }
        for _ in 0..turns {
            socket.feed(CALL.to_owned()).await;
        }
        socket.flush().await;
        calls += turns as u64;
    }
    println!(
        "{:.0} calls/s",
        calls as f64 / start.elapsed().as_secs_f64()
    );
}

/// MB a second of 50 MB replies, and peak memory in multiples of one reply.
async fn big<S: Socket>(socket: &mut S, work: &str) {
    let before = peak_memory();
    let start = Instant::now();
    for _ in 0..10 {
        socket.feed(work.to_owned()).await;
        socket.flush().await;
        assert_eq!(socket.next().await.unwrap(), REPLY);
    }
    let megabytes = (10 * REPLY) as f64 / 1e6;
    println!(
        "{:.0} MB/s, peak memory {:.2} x the reply",
        megabytes / start.elapsed().as_secs_f64(),
        (peak_memory() - before) as f64 / REPLY as f64
    );
}

fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<usize>()
        .unwrap()
        * 1024
}
