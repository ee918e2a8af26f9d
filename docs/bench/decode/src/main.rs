//! What it costs to decode a long answer to `pool.dataset.query` in types,
//! against `serde_json::Value`: time and peak memory.
//!
//! ```sh
//! cargo run --release --package truenas-bench-decode
//! ```

mod reply;

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use reply::{Children, reply};
use truenas_api::runtime::{Answer, Value};
use truenas_api::v25_10::pool::dataset::PoolDatasetEntry;

const BYTES: usize = 50_000_000;
const ROUNDS: usize = 7;

const CASES: [(&str, Children); 2] = [
    ("children left out", Children::Left),
    ("children nested", Children::Nested),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(),
        // What this program starts itself as, as peak memory is one of a process.
        ["peak", case, form] => peak(case, form),
        _ => Err(io::Error::other("takes no arguments")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> io::Result<()> {
    println!(
        "| reply | in types, MB/s | as `Value`, MB/s | ratio | peak memory in types : payload | as `Value` : payload |"
    );
    println!("|---|---|---|---|---|---|");
    for (name, children) in CASES {
        let answer = Answer::from(reply(BYTES, children));
        let (mut types, mut value) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            types = types.min(time(|| in_types(&answer))?);
            value = value.min(time(|| as_value(&answer))?);
        }
        let megabytes = megabytes(answer.text().len());
        let (types, value) = (types.as_secs_f64(), value.as_secs_f64());
        println!(
            "| {name} | {:.0} | {:.0} | {:.2} | {} | {} |",
            megabytes / types,
            megabytes / value,
            value / types,
            ask(name, "types")?,
            ask(name, "value")?,
        );
    }
    Ok(())
}

fn in_types(answer: &Answer) -> io::Result<Vec<PoolDatasetEntry>> {
    answer.read().map_err(io::Error::other)
}

fn as_value(answer: &Answer) -> io::Result<Value> {
    serde_json::from_str(answer.text()).map_err(io::Error::other)
}

/// How long it takes until the value is there; what it takes to drop it, is not counted.
fn time<T>(decode: impl FnOnce() -> io::Result<T>) -> io::Result<Duration> {
    let start = Instant::now();
    let decoded = black_box(decode()?);
    let taken = start.elapsed();
    drop(decoded);
    Ok(taken)
}

fn ask(case: &str, form: &str) -> io::Result<String> {
    let output = Command::new(env::current_exe()?)
        .args(["peak", case, form])
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Prints the peak memory of this process, less what it had before there was a
/// payload, as a multiple of the payload.
fn peak(case: &str, form: &str) -> io::Result<()> {
    let (_, children) = CASES
        .into_iter()
        .find(|(name, _)| *name == case)
        .ok_or_else(|| io::Error::other("no such case"))?;
    let before = status("VmRSS")?;
    let answer = Answer::from(reply(BYTES, children));
    match form {
        "types" => drop(black_box(in_types(&answer)?)),
        _ => drop(black_box(as_value(&answer)?)),
    }
    let taken = status("VmHWM")? - before;
    println!("{:.2}", taken / megabytes(answer.text().len()));
    Ok(())
}

/// A line of `/proc/self/status`, in megabytes.
fn status(name: &str) -> io::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|number| number.trim().parse().ok())
        .map(|kibibytes: f64| kibibytes * 1024.0 / 1e6)
        .ok_or_else(|| io::Error::other(format!("no {name} in /proc/self/status")))
}

fn megabytes(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6
}
