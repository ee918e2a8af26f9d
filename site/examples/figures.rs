//! What reading a whole site costs, against what parsing its HTML costs alone.
//!
//! ```sh
//! cargo run --release -p truenas-site --example figures -- FOLDER
//! ```
//!
//! `FOLDER` holds the `….html` of one version. The yardstick is html5ever with the
//! tree that its own tests use. Of each page, only the parsing or the reading is
//! timed, not the disk.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};
use std::{env, fs};

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::RcDom;

const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("usage: figures FOLDER")?;
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path().to_string_lossy().into_owned();
        if path.contains("/api_") && path.ends_with(".html") {
            files.push(path);
        }
    }
    files.sort();

    // Alone first, so that the peak is its own.
    read(&files)?;
    let peak = peak_memory()?;

    let mut parsed = Duration::MAX;
    let mut took = Duration::MAX;
    for _ in 0..ROUNDS {
        parsed = parsed.min(parse(&files)?);
        took = took.min(read(&files)?);
    }
    println!("{} files", files.len());
    println!("parsed by html5ever: {:.2} s", parsed.as_secs_f64());
    println!("read: {:.2} s", took.as_secs_f64());
    println!("ratio: {:.2}", took.as_secs_f64() / parsed.as_secs_f64());
    println!("peak memory of reading: {peak}");
    Ok(())
}

/// Reads all pages, and puts them together.
fn read(files: &[String]) -> Result<Duration, Box<dyn Error>> {
    let mut pages = Vec::new();
    let mut time = Duration::ZERO;
    for file in files {
        let text = fs::read_to_string(file)?;
        let start = Instant::now();
        match truenas_site::page(file, &text) {
            Ok(page) => pages.push(page),
            Err(_) => drop(black_box(truenas_site::index(file, &text)?)),
        }
        time += start.elapsed();
    }
    let start = Instant::now();
    black_box(truenas_site::dump("v0.0.0", pages));
    Ok(time + start.elapsed())
}

fn parse(files: &[String]) -> Result<Duration, Box<dyn Error>> {
    let mut time = Duration::ZERO;
    for file in files {
        let text = fs::read_to_string(file)?;
        let start = Instant::now();
        black_box(parse_document(RcDom::default(), ParseOpts::default()).one(text.as_str()));
        time += start.elapsed();
    }
    Ok(time)
}

/// As the kernel counts it.
fn peak_memory() -> Result<String, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(peak
        .ok_or("the kernel does not count it")?
        .trim()
        .to_owned())
}
