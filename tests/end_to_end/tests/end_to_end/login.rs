//! Who gets in, and who does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use truenas_api::runtime::Api;
use truenas_api::runtime::client::auth::{Credential, LoginError};
use truenas_api::runtime::client::{Auth, Client, ConnectError, Error, Trust};
use truenas_api::{v25_04, v25_10, v26_0};

use crate::reach::{self, Way};

fn refusal<A: Api>(outcome: Result<Client<A>, Error>) -> LoginError {
    match outcome.unwrap_err() {
        Error::Login(error) => (*error).clone(),
        error => panic!("{error:?}"),
    }
}

async fn password<A: Api>() {
    let simulator = reach::simulator::<A>().await;
    let nas: Client<A> = reach::client(&simulator, Way::Wss).connect().await.unwrap();
    nas.session().ping().await.unwrap();
    assert!(nas.session().user().is_some());
    let wrong = reach::secure::<A>(&simulator).login(Auth::password(simulator.user(), "wrong"));
    assert!(matches!(
        refusal(wrong.connect().await),
        LoginError::Refused(..)
    ));
}

async fn one_time_password<A: Api>() {
    let simulator = reach::builder::<A>()
        .two_factor(true)
        .start()
        .await
        .unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let (counted, secret) = (asked.clone(), simulator.otp_now());
    let auth = Auth::password(simulator.user(), simulator.password()).with_otp(move || {
        let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
        let otp = if first {
            "000000".to_owned()
        } else {
            secret.clone()
        };
        async move { otp }
    });
    let nas = reach::secure::<A>(&simulator)
        .login(auth)
        .connect()
        .await
        .unwrap();
    nas.session().ping().await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let nobody = reach::client::<A>(&simulator, Way::Wss).connect().await;
    assert_eq!(refusal(nobody), LoginError::OtpNeeded);
}

async fn plain_key<A: Api>() {
    let simulator = reach::simulator::<A>().await;
    let auth = Auth::api_key(simulator.user(), reach::key(&simulator));
    let unasked = reach::secure::<A>(&simulator)
        .login(auth.clone())
        .connect()
        .await;
    assert_eq!(refusal(unasked), LoginError::NoScram);
    let builder = reach::secure::<A>(&simulator).login(auth.allow_plain());
    builder
        .connect()
        .await
        .unwrap()
        .session()
        .ping()
        .await
        .unwrap();
}

/// Would revoke the key.
async fn nothing_secret_goes_over_ws<A: Api>() {
    let simulator = reach::simulator::<A>().await;
    let key = Auth::api_key(simulator.user(), reach::key(&simulator)).allow_plain();
    let builder = reach::client::<A>(&simulator, Way::Ws);
    let error = refusal(builder.clone().login(key.clone()).connect().await);
    assert_eq!(error, LoginError::Unencrypted(Credential::ApiKey));
    assert!(error.to_string().contains("revokes"), "{error}");
    let password = Auth::password(simulator.user(), simulator.password());
    let error = refusal(builder.login(password).connect().await);
    assert_eq!(error, LoginError::Unencrypted(Credential::Password));
    // The key still works.
    let builder = reach::secure::<A>(&simulator).login(key);
    builder
        .connect()
        .await
        .unwrap()
        .session()
        .ping()
        .await
        .unwrap();
}

#[tokio::test]
async fn by_password() {
    password::<v25_04::Api>().await;
    password::<v25_10::Api>().await;
    password::<v26_0::Api>().await;
}

#[tokio::test]
async fn by_password_and_one_time_password() {
    one_time_password::<v25_04::Api>().await;
    one_time_password::<v25_10::Api>().await;
    one_time_password::<v26_0::Api>().await;
}

#[tokio::test]
async fn by_a_key_as_it_is_only_if_that_is_allowed() {
    plain_key::<v25_04::Api>().await;
    plain_key::<v25_10::Api>().await;
}

#[tokio::test]
async fn by_a_key_with_scram() {
    let simulator = reach::simulator::<v26_0::Api>().await;
    let auth = Auth::api_key(simulator.user(), reach::key(&simulator));
    let bound = reach::secure::<v26_0::Api>(&simulator).login(auth.clone());
    bound
        .connect()
        .await
        .unwrap()
        .session()
        .ping()
        .await
        .unwrap();
    let unbound =
        reach::secure::<v26_0::Api>(&simulator).login(auth.clone().without_channel_binding());
    unbound
        .connect()
        .await
        .unwrap()
        .session()
        .ping()
        .await
        .unwrap();
    // The key itself is not sent, so this is no danger to it.
    let open = reach::client::<v26_0::Api>(&simulator, Way::Ws).login(auth.clone());
    open.connect()
        .await
        .unwrap()
        .session()
        .ping()
        .await
        .unwrap();
    let stranger = Auth::api_key("nobody", reach::key(&simulator));
    let refused = reach::secure::<v26_0::Api>(&simulator).login(stranger);
    assert!(matches!(
        refusal(refused.connect().await),
        LoginError::KeyRefused { .. }
    ));
}

#[tokio::test]
async fn nothing_secret_goes_over_an_unencrypted_connection() {
    nothing_secret_goes_over_ws::<v25_04::Api>().await;
    nothing_secret_goes_over_ws::<v25_10::Api>().await;
}

#[tokio::test]
async fn the_servers_limit_on_logins_is_told() {
    let simulator = reach::builder::<v25_10::Api>()
        .rate_limit(Some(2))
        .start()
        .await
        .unwrap();
    let wrong = Auth::password(simulator.user(), "wrong");
    let builder = reach::secure::<v25_10::Api>(&simulator)
        .login(wrong)
        .timeout(Duration::from_secs(30));
    for _ in 0..2 {
        let error = refusal(builder.clone().connect().await);
        assert!(matches!(error, LoginError::Refused(..)), "{error:?}");
    }
    let outcome = builder.connect().await;
    let error = outcome.unwrap_err();
    assert!(error.is_retryable());
    assert!(matches!(error, Error::Login(error) if *error == LoginError::RateLimited));
    // One attempt each.
    assert_eq!(simulator.stats().failed_logins, 2);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_shown() {
    let simulator = reach::simulator::<v25_10::Api>().await;
    let outcome = Client::<v25_10::Api>::builder(&simulator.wss_url())
        .connect()
        .await;
    let error = outcome.unwrap_err();
    let Error::Connect(connect) = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(**connect, ConnectError::Tls { .. }));
    let text = error.to_string().to_lowercase().replace(':', "");
    let seen = simulator.fingerprint().to_lowercase().replace(':', "");
    assert!(text.contains(&seen), "{error}");

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), simulator.certificate_pem()).unwrap();
    let auth = Auth::password(simulator.user(), simulator.password());
    let nas = Client::<v25_10::Api>::builder(&simulator.wss_url())
        .trust(Trust::ca_file(file.path()))
        .login(auth)
        .connect()
        .await
        .unwrap();
    nas.session().ping().await.unwrap();
}

#[tokio::test]
async fn an_older_server_says_what_it_serves() {
    let simulator = reach::simulator::<v25_04::Api>().await;
    let outcome = reach::client::<v26_0::Api>(&simulator, Way::Wss)
        .connect()
        .await;
    let error = outcome.unwrap_err().to_string();
    assert!(error.contains("does not serve v26.0.0"), "{error}");
    assert!(error.contains("v25.04.2"), "{error}");
}

#[tokio::test]
async fn a_newer_server_serves_the_older_version() {
    let simulator = reach::simulator::<v25_10::Api>().await;
    let nas = reach::client::<v25_04::Api>(&simulator, Way::Wss)
        .connect()
        .await
        .unwrap();
    assert!(nas.cronjob().query().await.is_ok());
}
