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

/// The n-th call: nothing, a query, something made up, a change that the first
/// client hears of.
fn call(number: u64) -> Value {
    let (method, params) = match number % 4 {
        0 => ("core.ping", json!([])),
        1 => (
            "cronjob.query",
            json!([[["id", ">", 0]], {"select": ["id"]}]),
        ),
        2 => ("system.info", json!([])),
        _ => (
            "cronjob.update",
            json!([1, {"description": number.to_string()}]),
        ),
    };
    request(method, params)
}

fn request(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": method, "method": method, "params": params})
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let clients: u64 = arguments
        .next()
        .map_or(Ok(100), |text| text.parse())?
        .max(1);
    let calls: u64 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let simulator = Simulator::builder()
        .api("v25.10.5")
        .rate_limit(None)
        .start()
        .await?;
    let login = json!([{
        "mechanism": "PASSWORD_PLAIN",
        "username": simulator.user(),
        "password": simulator.password(),
    }]);
    let login = request("auth.login_ex", login);
    let entry = json!([{"user": "root", "command": "true"}]);
    let prepare = [login.clone(), request("cronjob.create", entry)];
    client(simulator.connect(), prepare.into_iter()).await?;
    let began = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for number in 0..clients {
        let event = if number == 0 {
            "cronjob.query"
        } else {
            "nothing"
        };
        let first = [login.clone(), request("core.subscribe", json!([event]))];
        let calls = (0..calls / clients).map(call);
        running.spawn(client(simulator.connect(), first.into_iter().chain(calls)));
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

/// Makes calls one after the other; how many.
async fn client(stream: DuplexStream, requests: impl Iterator<Item = Value>) -> Result<u64> {
    let (mut socket, _) = client_async("ws://simulator/api/current", stream).await?;
    let mut calls = 0;
    for request in requests {
        socket.send(Message::text(request.to_string())).await?;
        calls += 1;
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
