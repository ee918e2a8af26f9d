//! Files that come from a job.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt;
use truenas_runtime::client::{Error, Refusal, TransferError};

use crate::nas::{Nas, TOKEN};
use crate::seen;

#[tokio::test]
async fn the_end_of_a_download_waits_for_the_job() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    nas.job(7, "RUNNING", json!({}));
    let (download, mut exchange) = tokio::join!(client.file().download(), async {
        let mut exchange = nas.exchange().await;
        assert_eq!(
            exchange.line(),
            format!("GET /_download/7?auth_token={TOKEN} HTTP/1.1")
        );
        exchange.begin().await;
        exchange
    });
    let mut download = download.unwrap();
    assert_eq!(
        nas.calls("core.download"),
        [json!(["disk.file", [], "disk.file", false])]
    );
    exchange.give(b"all of it").await;
    assert_eq!(download.next().await.unwrap().unwrap(), "all of it");
    exchange.end().await;

    let early = tokio::time::timeout(Duration::from_millis(300), download.next()).await;
    assert!(early.is_err(), "the job runs yet");
    nas.job(7, "SUCCESS", json!({"result": 42}));
    assert_eq!(download.next().await.unwrap(), None);
    assert_eq!(download.transferred().bytes, 9);
    assert_eq!(download.finish().await.unwrap(), Some(42));
}

#[tokio::test]
async fn a_job_that_fails_after_its_bytes_is_an_error_and_leaves_no_file() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tank.conf");
    std::fs::write(&path, "what was there").unwrap();
    let save = async { client.file().download().await?.save(&path).await };
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.begin().await;
        exchange.give(b"half of").await;
        nas.job(
            7,
            "FAILED",
            json!({"error": "[EIO] the other half is gone"}),
        );
        exchange.end().await;
    };
    let (saved, ()) = tokio::join!(save, server);
    let error = seen(saved.unwrap_err());
    assert!(matches!(error, Error::JobFailed(_)), "{error:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "what was there");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_file_is_saved_whole() {
    let mut nas = Nas::secure().await;
    let client = truenas_runtime::client::Client::<crate::api::V1>::builder(&nas.address)
        .trust(truenas_runtime::client::Trust::fingerprint(
            nas.fingerprint.parse().unwrap(),
        ))
        .login(truenas_runtime::client::Auth::token("a-login"))
        .connect()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tank.conf");
    std::fs::write(&path, "what was there").unwrap();
    nas.job(7, "SUCCESS", json!({"result": 1}));
    let save = async { client.file().download().await?.save(&path).await };
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.begin().await;
        exchange.give(b"all ").await;
        exchange.give(b"of it").await;
        exchange.end().await;
    };
    let (saved, ()) = tokio::join!(save, server);
    assert_eq!(saved.unwrap(), Some(1));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "all of it");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let nowhere = folder.path().join("no/such/folder");
    let save = async { client.file().download().await?.save(&nowhere).await };
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.begin().await;
        exchange.end().await;
    };
    let (saved, ()) = tokio::join!(save, server);
    let error = seen(saved.unwrap_err());
    assert!(error.to_string().contains("no/such/folder"), "{error}");
}

#[tokio::test]
async fn a_download_that_is_cut_off_is_an_error() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    nas.job(7, "SUCCESS", json!({}));
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.begin().await;
        exchange.give(b"half of").await;
    };
    let (download, ()) = tokio::join!(client.file().download(), server);
    let error = seen(download.unwrap().finish().await.unwrap_err());
    let Error::Transfer(error) = error else {
        panic!("{error:?}");
    };
    assert!(
        matches!(*error, TransferError::Interrupted { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_the_server_refuses_is_told_by_its_kind() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    for (status, expected) in [
        (401, Refusal::Unauthorized),
        (404, Refusal::NotFound),
        (410, Refusal::Gone),
    ] {
        let server = async { nas.exchange().await.answer(status, "").await };
        let (download, ()) = tokio::join!(client.file().download(), server);
        let Error::Transfer(error) = seen(download.unwrap_err()) else {
            panic!("another error");
        };
        let TransferError::Refused { why, .. } = *error else {
            panic!("{error:?}");
        };
        assert_eq!(why, expected);
    }
}

#[tokio::test]
async fn a_buffered_download_is_fetched_when_the_job_has_ended() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    nas.job(7, "RUNNING", json!({}));
    let mut download = Box::pin(client.file().download().buffered().into_future());
    let early = tokio::time::timeout(Duration::from_millis(300), &mut download).await;
    assert!(early.is_err() && nas.is_quiet(), "the job runs yet");
    nas.job(7, "SUCCESS", json!({"result": 3}));
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.begin().await;
        exchange.give(b"all of it").await;
        exchange.end().await;
    };
    let (download, ()) = tokio::join!(download, server);
    assert_eq!(download.unwrap().finish().await.unwrap(), Some(3));

    nas.job(7, "FAILED", json!({"error": "[EIO] no"}));
    let error = client.file().download().buffered().await.unwrap_err();
    assert!(matches!(seen(error), Error::JobFailed(_)));
    assert!(nas.is_quiet());
}

#[tokio::test]
async fn what_is_there_already_is_left_out() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    nas.job(7, "SUCCESS", json!({}));
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.begin().await;
        for piece in ["one,", "two,", "three"] {
            exchange.give(piece.as_bytes()).await;
        }
        exchange.end().await;
    };
    let (download, ()) = tokio::join!(client.file().download().skip(6), server);
    let mut text = String::new();
    let mut reader = download.unwrap().into_reader();
    reader.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "o,three");
}

#[tokio::test]
async fn what_is_to_be_left_out_must_be_there() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    nas.job(7, "SUCCESS", json!({"result": 42}));
    let server = async {
        for _ in 0..2 {
            let mut exchange = nas.exchange().await;
            exchange.begin().await;
            exchange.give(b"short").await;
            exchange.end().await;
        }
    };
    let client = async {
        let download = client.file().download().skip(6).await.unwrap();
        let error = seen(download.finish().await.unwrap_err());
        assert!(error.to_string().contains("not the same file"), "{error}");

        // The end of a file is not saved in place of the whole.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "sho").unwrap();
        let download = client.file().download().skip(3).await.unwrap();
        assert!(download.save(&path).await.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"sho");
    };
    tokio::join!(client, server);
}

#[tokio::test]
async fn the_log_of_a_job_is_a_download() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    nas.job(3, "FAILED", json!({"error": "[EIO] see the log"}));
    nas.job(8, "SUCCESS", json!({}));
    let job = client.session().job::<crate::api::File>(3).await.unwrap();
    let server = async {
        let mut exchange = nas.exchange().await;
        assert!(exchange.line().starts_with("GET /_download/8?"));
        exchange.begin().await;
        exchange.give(b"a line\n").await;
        exchange.end().await;
    };
    let (logs, ()) = tokio::join!(job.logs(), server);
    let mut text = Vec::new();
    logs.unwrap().write_to(&mut text).await.unwrap();
    assert_eq!(text, b"a line\n");
    assert_eq!(
        nas.calls("core.job_download_logs"),
        [json!([3, "log", false])]
    );
}
