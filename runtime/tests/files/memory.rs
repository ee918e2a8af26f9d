//! A large file takes no memory; alone in its process, whose memory is looked at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code,
    reason = "a test may fail, and shares its server with others"
)]
#![cfg(target_os = "linux")]

mod api;
mod nas;

use futures_util::stream;
use hyper::body::Bytes;
use serde_json::json;
use truenas_runtime::client::{Auth, Client, Source, Trust};

const GIB: u64 = 1 << 30;
const PIECE: usize = 1 << 20;

/// The most memory that the process ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_gibibyte_goes_and_comes_in_constant_memory() {
    let mut nas = nas::Nas::secure().await;
    let client = Client::<api::V1>::builder(&nas.address)
        .trust(Trust::fingerprint(nas.fingerprint.parse().unwrap()))
        .login(Auth::token("a-login"))
        .connect()
        .await
        .unwrap();
    let piece = Bytes::from(vec![7; PIECE]);
    let before = peak();

    let pieces = usize::try_from(GIB).unwrap() / PIECE;
    let given = std::iter::repeat_n(piece.clone(), pieces).map(Ok);
    let source = Source::stream(stream::iter(given), Some(GIB));
    let server = async {
        let mut exchange = nas.exchange().await;
        let mut received = 0;
        exchange
            .each(|bytes| received += u64::try_from(bytes.len()).unwrap())
            .await;
        exchange.answer(200, r#"{"job_id": 5}"#).await;
        received
    };
    let (job, received) = tokio::join!(client.file().upload(source), server);
    job.unwrap();
    assert!(received > GIB);

    nas.job(7, "SUCCESS", json!({}));
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.begin().await;
        for _ in 0..pieces {
            exchange.give(&piece).await;
        }
        exchange.end().await;
    };
    let receive = async {
        let mut download = client.file().download().await.unwrap();
        while download.next().await.unwrap().is_some() {}
        download.transferred().bytes
    };
    let (received, ()) = tokio::join!(receive, server);
    assert_eq!(received, GIB);

    let growth = peak() - before;
    println!("{GIB} bytes each way; memory grew by {} KiB", growth >> 10);
    assert!(growth < 32 << 20, "{growth} bytes more");
}
