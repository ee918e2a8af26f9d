//! Files go up and come down again, over TLS and over the unix socket.

use truenas_api::runtime::client::{Error, Source, TransferError};
use truenas_api::{Client, v25_10};
use truenas_simulator::{Fault, FaultKind};

use crate::reach::{self, Way};

/// Four MiB that are no repetition of a few.
fn content() -> Vec<u8> {
    (0..4_u32 << 20)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

macro_rules! there_and_back {
    ($($version:ident)*) => {$(
        #[tokio::test]
        async fn $version() {
            use truenas_api::$version::Api;

            let folder = tempfile::tempdir().unwrap();
            let simulator = reach::builder::<Api>()
                .unix_socket(folder.path().join("middlewared.sock"))
                .start()
                .await
                .unwrap();
            let content = content();
            for way in [Way::Wss, Way::Unix] {
                if cfg!(not(unix)) && matches!(way, Way::Unix) {
                    continue;
                }
                let nas: Client<Api> = reach::client(&simulator, way).connect().await.unwrap();
                let mut seen = 0;
                let job = nas
                    .filesystem()
                    .put("/mnt/tank/film", None)
                    .upload(Source::bytes(content.clone()))
                    .await
                    .unwrap();
                job.wait().await.unwrap();

                let target = folder.path().join("film");
                let mut download = nas.filesystem().get("/mnt/tank/film").download().await.unwrap();
                while let Some(piece) = download.next().await.unwrap() {
                    seen += piece.len();
                }
                assert_eq!(seen, content.len());
                let download = nas.filesystem().get("/mnt/tank/film").download().await.unwrap();
                download.save(&target).await.unwrap();
                assert!(std::fs::read(&target).unwrap() == content, "the bytes differ");
            }
        }
    )*};
}

there_and_back!(v25_04 v25_10 v26_0);

#[tokio::test]
async fn what_was_cut_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = reach::simulator::<v25_10::Api>().await;
    let nas: Client<v25_10::Api> = reach::client(&simulator, Way::Wss).connect().await.unwrap();
    let put = nas.filesystem().put("/mnt/tank/film", None);
    put.upload(Source::bytes(content()))
        .await
        .unwrap()
        .wait()
        .await
        .unwrap();
    simulator
        .faults()
        .add(Fault::new(FaultKind::CutDownload).count(1));
    let target = folder.path().join("film");
    let download = nas
        .filesystem()
        .get("/mnt/tank/film")
        .download()
        .await
        .unwrap();
    let error = download.save(&target).await.unwrap_err();
    assert!(
        matches!(error, Error::JobFailed(_) | Error::Transfer(_)),
        "{error:?}"
    );
    assert!(!target.exists());
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is left over"
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_failed_job() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = reach::simulator::<v25_10::Api>().await;
    let nas: Client<v25_10::Api> = reach::client(&simulator, Way::Wss).connect().await.unwrap();
    let outcome = match nas.filesystem().get("/mnt/tank/nothing").download().await {
        Ok(download) => download.save(folder.path().join("nothing")).await.map(drop),
        Err(error) => Err(error),
    };
    let error = outcome.unwrap_err();
    let refused = match &error {
        Error::JobFailed(_) | Error::Failed(_) | Error::Invalid { .. } => true,
        Error::Transfer(error) => matches!(**error, TransferError::Refused { .. }),
        _ => false,
    };
    assert!(refused, "{error:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
