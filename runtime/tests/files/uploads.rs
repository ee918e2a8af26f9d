//! Files that go to a job.

use std::io;
use std::sync::{Arc, Mutex};

use futures_util::stream;
use serde_json::json;
use truenas_runtime::client::trust::Trust;
use truenas_runtime::client::{Auth, Client, Error, Refusal, Source, TransferError};

use crate::api::{Old, V1};
use crate::nas::{Nas, TOKEN};
use crate::seen;

/// The reason why a transfer failed.
fn transfer(error: Error) -> Arc<TransferError> {
    match seen(error) {
        Error::Transfer(error) => error,
        error => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_file_goes_with_its_call_and_the_job_tells_how_it_ends() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    let steps = Arc::new(Mutex::new(Vec::new()));
    let told = steps.clone();
    let source = Source::bytes("a configuration").named("tank.conf");
    let upload = client
        .file()
        .upload(source)
        .progress(move |done| told.lock().unwrap().push((done.bytes, done.total)));

    let server = async {
        let mut exchange = nas.exchange().await;
        assert_eq!(exchange.line(), "POST /_upload HTTP/1.1");
        let token = format!("Token {TOKEN}");
        assert_eq!(exchange.header("authorization"), Some(token.as_str()));
        let body = exchange.body().await;
        let data = body.find(r#"name="data""#).unwrap();
        let file = body.find(r#"name="file"; filename="tank.conf""#).unwrap();
        assert!(data < file);
        assert!(body.contains(&json!({"method": "disk.file", "params": []}).to_string()));
        assert!(body.contains("\r\na configuration\r\n"));
        nas.job(5, "SUCCESS", json!({"result": 42}));
        exchange.answer(200, r#"{"job_id": 5}"#).await;
    };
    let (job, ()) = tokio::join!(upload, server);
    let job = job.unwrap();
    assert_eq!(job.id(), 5);
    assert_eq!(job.wait().await.unwrap(), Some(42));
    assert_eq!(*steps.lock().unwrap(), [(15, Some(15))]);
    // Good once, and from this address only.
    assert_eq!(
        nas.calls("auth.generate_token"),
        [json!([300, {}, true, true])]
    );
}

#[tokio::test]
async fn a_stream_without_a_size_goes_as_well() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    let pieces = stream::iter(["one,", "two"]).map_ok_bytes();
    let upload = client.file().upload(Source::stream(pieces, None));
    let server = async {
        let mut exchange = nas.exchange().await;
        assert_eq!(exchange.header("transfer-encoding"), Some("chunked"));
        assert!(exchange.body().await.contains("\r\none,two\r\n"));
        exchange.answer(200, r#"{"job_id": 5}"#).await;
    };
    let (job, ()) = tokio::join!(upload, server);
    job.unwrap();
}

trait MapOkBytes: futures_util::Stream<Item = &'static str> + Sized {
    fn map_ok_bytes(self) -> impl futures_util::Stream<Item = io::Result<hyper::body::Bytes>> {
        futures_util::StreamExt::map(self, |piece| Ok(piece.into()))
    }
}
impl<S: futures_util::Stream<Item = &'static str>> MapOkBytes for S {}

#[tokio::test]
async fn several_files_go_one_after_the_other() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    let upload = client
        .file()
        .upload(Source::bytes("first"))
        .and(Source::bytes("second"));
    let server = async {
        let mut exchange = nas.exchange().await;
        let body = exchange.body().await;
        assert_eq!(body.matches(r#"; name="file""#).count(), 2);
        assert!(body.find("first").unwrap() < body.find("second").unwrap());
        exchange.answer(200, r#"{"job_id": 5}"#).await;
    };
    let (job, ()) = tokio::join!(upload, server);
    job.unwrap();

    let client = Client::<Old>::builder(&nas.address)
        .login(Auth::token("a-login"))
        .connect()
        .await
        .unwrap();
    let two = client
        .file()
        .upload(Source::bytes("a"))
        .and(Source::bytes("b"));
    let error = transfer(two.await.unwrap_err());
    assert!(matches!(
        *error,
        TransferError::TooManyFiles {
            files: 2,
            limit: 1,
            ..
        }
    ));
    assert!(nas.is_quiet());
}

#[tokio::test]
async fn what_the_server_refuses_is_told_by_its_kind() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    for (status, expected) in [
        (400, Refusal::Malformed),
        (401, Refusal::Unauthorized),
        (403, Refusal::Forbidden),
        (405, Refusal::Misplaced),
        (412, Refusal::Failed),
        (413, Refusal::TooLarge),
        (500, Refusal::Server),
    ] {
        let upload = client.file().upload(Source::bytes("a file"));
        let server = async {
            let mut exchange = nas.exchange().await;
            exchange.body().await;
            exchange.answer(status, "[EINVAL] it is not so").await;
        };
        let (job, ()) = tokio::join!(upload, server);
        let error = job.unwrap_err();
        assert!(!error.is_retryable());
        let error = transfer(error);
        let TransferError::Refused { why, message, .. } = &*error else {
            panic!("{error:?}");
        };
        assert_eq!(*why, expected);
        assert_eq!(message, "[EINVAL] it is not so");
    }
    let upload = client.file().upload(Source::bytes("a file"));
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.body().await;
        exchange.answer(422, "").await;
    };
    let (job, ()) = tokio::join!(upload, server);
    assert!(matches!(seen(job.unwrap_err()), Error::NoSuchMethod { .. }));
}

#[tokio::test]
async fn a_refusal_in_the_middle_is_heard() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    let upload = client.file().upload(endless());
    let server = async {
        let exchange = nas.exchange().await;
        exchange.answer(403, "Invalid token").await;
    };
    let (job, ()) = tokio::join!(upload, server);
    let error = transfer(job.unwrap_err());
    assert!(
        matches!(
            *error,
            TransferError::Refused {
                why: Refusal::Forbidden,
                ..
            }
        ),
        "{error:?}"
    );
}

/// More than fits on the way, so that a part of it has arrived.
const MIB: usize = 1 << 20;

fn endless() -> Source {
    Source::reader(tokio::io::repeat(7), None)
}

#[tokio::test]
async fn a_connection_that_is_cut_is_no_success_and_is_not_tried_again() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    let upload = client.file().upload(endless());
    let server = async { drop(nas.exchange().await) };
    let (job, ()) = tokio::join!(upload, server);
    let error = job.unwrap_err();
    assert!(!error.is_retryable());
    let error = transfer(error);
    assert!(
        matches!(*error, TransferError::Interrupted { .. }),
        "{error:?}"
    );
    assert!(nas.is_quiet());
}

#[tokio::test]
async fn a_source_that_fails_or_lies_about_its_size_is_told() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    let broken = || {
        let pieces = [
            Ok(vec![7; MIB].into()),
            Err(io::Error::other("the disk is gone")),
        ];
        Source::stream(stream::iter(pieces), None)
    };
    let sized = |size: usize| {
        Source::reader(
            io::Cursor::new(vec![7; MIB]),
            Some(size.try_into().unwrap()),
        )
    };
    for (source, expected) in [
        (broken(), "the disk is gone"),
        (sized(MIB - 1), "more bytes"),
        (sized(MIB + 1), "fewer bytes"),
    ] {
        let upload = client.file().upload(source);
        // The server must see that the request is cut off.
        let (job, mut exchange) = tokio::join!(upload, nas.exchange());
        let error = transfer(job.unwrap_err());
        assert!(matches!(*error, TransferError::Source { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!exchange.rest().await.ends_with("--\r\n"));
    }
}

#[tokio::test]
async fn a_job_that_fails_on_the_file_says_so() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    let upload = client.file().upload(Source::bytes("no configuration"));
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.body().await;
        nas.job(5, "FAILED", json!({"error": "[EINVAL] no database"}));
        exchange.answer(200, r#"{"job_id": 5}"#).await;
    };
    let (job, ()) = tokio::join!(upload, server);
    let error = seen(job.unwrap().wait().await.unwrap_err());
    assert!(matches!(error, Error::JobFailed(_)), "{error:?}");
}

#[tokio::test]
async fn what_is_no_answer_to_an_upload_is_an_error() {
    let mut nas = Nas::plain().await;
    let client = nas.client().await;
    let upload = client.file().upload(Source::bytes("a file"));
    let server = async {
        let mut exchange = nas.exchange().await;
        exchange.body().await;
        exchange.answer(200, "<html>hello</html>").await;
    };
    let (job, ()) = tokio::join!(upload, server);
    let error = transfer(job.unwrap_err());
    assert!(
        matches!(*error, TransferError::Protocol { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_file_of_the_disk_goes_over_tls_to_the_certificate_that_is_pinned() {
    let mut nas = Nas::secure().await;
    let trust = || Trust::fingerprint(nas.fingerprint.parse().unwrap());
    let client = Client::<V1>::builder(&nas.address)
        .trust(trust())
        .login(Auth::token("a-login"))
        .connect()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tank.conf");
    std::fs::write(&path, "x".repeat(200_000)).unwrap();
    let upload = client.file().upload(Source::open(&path).await.unwrap());
    let server = async {
        let mut exchange = nas.exchange().await;
        let body = exchange.body().await;
        assert!(body.contains(r#"filename="tank.conf""#));
        assert!(body.contains(&"x".repeat(200_000)));
        exchange.answer(200, r#"{"job_id": 5}"#).await;
    };
    let (job, ()) = tokio::join!(upload, server);
    job.unwrap();

    nas.renew_certificate();
    let upload = client.file().upload(Source::open(&path).await.unwrap());
    let error = upload.await.unwrap_err();
    // Nothing was sent, so that it may be tried again.
    assert!(error.is_retryable());
    let error = transfer(error);
    assert!(matches!(*error, TransferError::Connect { .. }), "{error:?}");
    let shown = error.to_string().replace(':', "");
    assert!(shown.contains(&nas.fingerprint), "{error}");
    assert!(nas.is_quiet());
}

#[tokio::test]
async fn a_file_goes_over_the_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let mut nas = Nas::unix(&folder.path().join("middlewared.sock"));
    let client = nas.client().await;
    let upload = client.file().upload(Source::bytes("a file"));
    let server = async {
        let mut exchange = nas.exchange().await;
        assert!(exchange.body().await.contains("\r\na file\r\n"));
        exchange.answer(200, r#"{"job_id": 5}"#).await;
    };
    let (job, ()) = tokio::join!(upload, server);
    job.unwrap();
}

#[tokio::test]
async fn a_file_takes_no_other_way_than_the_socket() {
    let nas = Nas::plain().await;
    let address = nas.address.trim_start_matches("ws://").to_owned();
    let client = Client::<V1>::builder("ws://nowhere.invalid")
        .connector(move || tokio::net::TcpStream::connect(address.clone()))
        .login(Auth::token("a-login"))
        .connect()
        .await
        .unwrap();
    let error = client
        .file()
        .upload(Source::bytes("a file"))
        .await
        .unwrap_err();
    assert!(matches!(*transfer(error), TransferError::Connector { .. }));
}
