//! No token of a transfer is in any log.

use serde_json::json;
use truenas_runtime::client::{Auth, Client, Source, Trust};

use crate::api::V1;
use crate::listener::{check, listen, show_debug, show_error};
use crate::nas::{Nas, TOKEN};

#[tokio::test]
async fn the_tokens_of_transfers_are_not_shown() {
    let _listening = listen();
    let mut nas = Nas::secure().await;
    let trust = Trust::fingerprint(nas.fingerprint.parse().unwrap());
    let client = Client::<V1>::builder(&nas.address)
        .trust(trust)
        .login(Auth::token("a-login"))
        .connect()
        .await
        .unwrap();
    show_debug(&client);
    nas.job(7, "SUCCESS", json!({"result": 42}));
    nas.job(8, "SUCCESS", json!({}));
    let server = async {
        let mut upload = nas.exchange().await;
        assert_eq!(
            upload.header("authorization"),
            Some(&*format!("Token {TOKEN}"))
        );
        upload.body().await;
        upload.answer(200, r#"{"job_id": 7}"#).await;
        for _ in 0..2 {
            let mut download = nas.exchange().await;
            assert!(download.line().contains(TOKEN));
            download.begin().await;
            download.end().await;
        }
        let refused = nas.exchange().await;
        refused.answer(403, "no").await;
    };
    let client = async {
        let upload = client.file().upload(Source::bytes("a file"));
        show_debug(&upload);
        let job = upload.await.unwrap();
        show_debug(&job.status().await.unwrap());
        let logs = job.logs().await.unwrap();
        show_debug(&logs);
        logs.finish().await.unwrap();
        let download = client.file().download().await.unwrap();
        show_debug(&download);
        download.finish().await.unwrap();
        show_error(&client.file().download().await.unwrap_err());
    };
    tokio::join!(client, server);
    check(&[TOKEN, "a-login"]);
}
