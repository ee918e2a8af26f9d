//! Measures the client against a bare loop over the same WebSocket library and
//! against `pytruenas`: `cargo run --release`. See ../../performance.md.

mod api;
mod server;
mod works;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

pub const EVENTS: u64 = 1_000_000;
const ROUNDS: usize = 9;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "server"] => server::run(),
        [_, work, address] => measure(work, address.parse().unwrap()),
        _ => compare(),
    }
}

fn measure(work: &str, address: SocketAddr) {
    let runtime = match work {
        "client-20-threads" => tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build(),
        _ => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build(),
    };
    let report = runtime.unwrap().block_on(async {
        match work {
            "bare-20" => works::bare_rate(address, 20).await.to_string(),
            "batch-20" => works::batch_rate(address, 20).await.to_string(),
            "client-20" | "client-20-threads" => works::client_rate(address, 20).await.to_string(),
            "bare-1" => works::bare_latency(address).await.to_string(),
            "client-1" => works::client_latency(address).await.to_string(),
            "events" => works::events(address).await,
            _ => panic!("no such work: {work}"),
        }
    });
    println!("{report}");
}

/// A fresh process for each figure; they take turns, so that a busy moment
/// hits all of them.
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
    let address = address.trim();

    let run = |work: &str| {
        let mut command = match work {
            "pytruenas-20" => {
                let python = std::env::var("PYTHON").unwrap_or("python3".to_owned());
                let mut command = Command::new(python);
                command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/pytruenas-20.py"));
                command
            }
            work => {
                let mut command = Command::new(&program);
                command.arg(work);
                command
            }
        };
        let out = command.arg(address).output().unwrap();
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8(out.stdout).unwrap()
    };
    let works = [
        "bare-20",
        "batch-20",
        "client-20",
        "client-20-threads",
        "pytruenas-20",
        "bare-1",
        "client-1",
    ];
    let mut figures = vec![Vec::new(); works.len()];
    for _ in 0..ROUNDS {
        for (figures, work) in figures.iter_mut().zip(works) {
            figures.push(run(work).trim().parse::<f64>().unwrap());
        }
    }
    let median = |work: &str| {
        let mut figures = figures[works.iter().position(|w| *w == work).unwrap()].clone();
        figures.sort_by(f64::total_cmp);
        figures[ROUNDS / 2]
    };
    for work in works {
        println!("{work:18} {:.1}", median(work));
    }
    println!(
        "calls a second, client : bare loop                  {:.2}",
        median("client-20") / median("bare-20")
    );
    println!(
        "calls a second, client : bare loop, one flush a batch {:.2}",
        median("client-20") / median("batch-20")
    );
    println!(
        "calls a second, client : pytruenas                  {:.1}",
        median("client-20") / median("pytruenas-20")
    );
    println!(
        "latency, client : bare loop                         {:.2}",
        median("client-1") / median("bare-1")
    );
    print!("{}", run("events"));

    server.kill().unwrap();
    server.wait().unwrap();
}
