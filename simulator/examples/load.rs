//! Many clients, many calls: how fast, and in how much memory.
//!
//! ```sh
//! cargo run --release -p truenas-simulator --example load -- 100 1000000
//! ```

use std::error::Error;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use truenas_simulator::Simulator;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The n-th call: a read, a query, something made up, a change that others
/// hear of.
fn call(number: u64) -> Value {
    let (method, params) = match number % 4 {
        0 => ("core.ping", json!([])),
        1 => (
            "cronjob.query",
            json!([[["id", ">", 0]], {"select": ["id"]}]),
        ),
        2 => ("system.info", json!([])),
        _ => ("ssh.update", json!([{"tcpport": 22}])),
    };
    json!({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let clients: u64 = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let calls: u64 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let simulator = Simulator::builder()
        .api("v25.10.5")
        .rate_limit(None)
        .start()
        .await?;
    let began = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let login = json!({
            "mechanism": "PASSWORD_PLAIN",
            "username": simulator.user(),
            "password": simulator.password(),
        });
        running.spawn(client(simulator.connect(), login, calls / clients.max(1)));
    }
    let mut done = 0;
    let mut most = resident();
    while !running.is_empty() {
        tokio::select! {
            Some(ended) = running.join_next() => done += ended??,
            () = tokio::time::sleep(Duration::from_secs(5)) => {
                let now = resident();
                println!("{:>5.0} s  {now} kB resident", began.elapsed().as_secs_f64());
                most = most.max(now);
            }
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{clients} clients made {done} calls in {seconds:.1} s; at most {most} kB resident");
    simulator.shutdown().await?;
    Ok(())
}

/// Makes calls one after the other, and listens to what others change.
async fn client(stream: DuplexStream, login: Value, calls: u64) -> Result<u64> {
    let (mut socket, _) = client_async("ws://simulator/api/current", stream).await?;
    let login =
        json!({"jsonrpc": "2.0", "id": "login", "method": "auth.login_ex", "params": [login]});
    let subscribe = json!({"jsonrpc": "2.0", "id": "events", "method": "core.subscribe", "params": ["ssh.config"]});
    let first = [login, subscribe].into_iter();
    for request in first.chain((0..calls).map(call)) {
        socket.send(Message::text(request.to_string())).await?;
        loop {
            let message = socket.next().await.ok_or("the connection ended")??;
            let message: Value = serde_json::from_str(message.to_text()?)?;
            match (message.get("id"), message.get("error")) {
                (_, Some(error)) => return Err(error.to_string().into()),
                (Some(_), None) => break,
                (None, None) => {}
            }
        }
    }
    Ok(calls)
}

/// What the process holds in memory, in kB; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}
