//! The addresses that users enter, and the servers at these addresses.

use proptest::prelude::*;
use truenas_runtime::client::{ConnectError, Endpoint, Error};

use crate::peer;

#[test]
fn host_names_and_copied_addresses_are_valid() {
    for (text, meant) in [
        ("nas.example", "wss://nas.example"),
        ("  nas.example\n", "wss://nas.example"),
        ("nas.example/", "wss://nas.example"),
        ("nas.example:8443", "wss://nas.example:8443"),
        ("192.0.2.1", "wss://192.0.2.1"),
        ("::1", "wss://[::1]"),
        ("[2001:db8::1]:8443", "wss://[2001:db8::1]:8443"),
        ("WSS://nas.example", "wss://nas.example"),
        ("wss://nas.example/api/current", "wss://nas.example"),
        ("https://nas.example/ui/", "wss://nas.example"),
        (
            "https://nas.example:8443/ui/signin?returnUrl=%2Fdashboard#top",
            "wss://nas.example:8443",
        ),
        // These are never silently unencrypted.
        ("http://nas.example", "wss://nas.example"),
        ("HTTP://nas.example:8080/ui", "wss://nas.example:8080"),
        ("http://nas.example:80/ui/", "wss://nas.example"),
        ("http://[2001:db8::1]:80", "wss://[2001:db8::1]"),
        // Asked for by name.
        ("https://nas.example:80", "wss://nas.example:80"),
        ("nas.example:80", "wss://nas.example:80"),
        // Only on demand.
        ("ws://nas.example/", "ws://nas.example"),
        ("Ws://nas.example:8080", "ws://nas.example:8080"),
        (
            " unix:/run/middleware/middlewared.sock",
            "unix:/run/middleware/middlewared.sock",
        ),
    ] {
        let endpoint: Endpoint = text.parse().unwrap();
        assert_eq!(endpoint.to_string(), meant, "{text:?}");
    }
}

#[test]
fn an_error_about_an_address_shows_a_valid_one() {
    for (text, part) in [
        ("", "nas.example"),
        ("my nas", "nas.example"),
        ("ftp://nas.example", "wss"),
        ("wss://nas.example/websocket", "leave out the path"),
        ("wss://nas.example/api/v25.10.0", "leave out the path"),
        ("nas.example:https", "port"),
        ("unix:middlewared.sock", "must start with /"),
        ("wss://root:hunter2@nas.example", "Builder::login"),
    ] {
        let error = text.parse::<Endpoint>().unwrap_err().to_string();
        assert!(error.starts_with("invalid address `"), "{error}");
        assert!(error.contains(part), "{text:?}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

proptest! {
    #[test]
    fn an_address_reads_back_as_itself(text in "[a-zA-Z]{0,5}(:/{0,2})?[^\r\n]{0,40}") {
        if let Ok(endpoint) = text.parse::<Endpoint>() {
            let again: Endpoint = endpoint.to_string().parse().unwrap();
            prop_assert_eq!(&again, &endpoint);
            // A connection is encrypted unless the address requests otherwise.
            if endpoint.to_string().starts_with("ws://") {
                prop_assert!(text.trim().to_ascii_lowercase().starts_with("ws://"));
            }
        }
    }

    #[test]
    fn an_error_shows_no_password(secret in "[a-z@/?#:]{4,20}", host in "[a-z]{1,8}") {
        let secret = format!("hunter2{secret}hunter2");
        if let Err(error) = format!("wss://root:{secret}@{host}").parse::<Endpoint>() {
            prop_assert!(!error.to_string().contains("hunter2"), "{}", error);
        }
    }
}

async fn refused(address: &str, answers: &[&str]) -> Error {
    let (builder, mut peer) = peer::start_at(address);
    let server = async {
        for answer in answers {
            peer.answers(answer).await;
        }
    };
    let (connected, ()) = tokio::join!(builder.connect(), server);
    connected.unwrap_err()
}

fn answer(status: &str, header: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{header}content-length: 0\r\nconnection: close\r\n\r\n")
}

#[tokio::test(start_paused = true)]
async fn a_redirect_says_where_it_leads_and_what_to_use() {
    let secure = answer(
        "307 Temporary Redirect",
        "location: https://peer:443/api/versions\r\n",
    );
    let error = refused("ws://peer", &[&secure]).await.to_string();
    assert_eq!(
        error,
        "ws://peer redirects to https://peer:443/api/versions; connect to wss://peer instead"
    );
    let login = answer(
        "302 Found",
        "location: https://user:pw@sso.example/start?token=s3cret\r\n",
    );
    let error = refused("ws://peer", &[&login]).await;
    let text = error.to_string();
    assert!(
        text.contains("redirects to https://sso.example/start"),
        "{text}"
    );
    assert!(!format!("{text} {error:?}").contains("s3cret"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_release_that_is_too_old_is_named() {
    // The answer of the web server of 24.10 to unknown paths.
    let old = answer("302 Moved Temporarily", "location: http://peer/ui/\r\n");
    let error = refused("ws://peer", &[&old]).await.to_string();
    assert!(
        error.starts_with("ws://peer is TrueNAS 24.10 or older"),
        "{error}"
    );
    // The answer of its middleware on the unix socket, and of other programs.
    let missing = answer("404 Not Found", "");
    let error = refused("ws://peer", &[&missing, &missing])
        .await
        .to_string();
    assert!(
        error.starts_with("no TrueNAS 25.04 or later answers at ws://peer")
            && error.contains("24.10 or older"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_proxy_in_front_is_named() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let error = refused("ws://peer", &[&answer(status, "")]).await;
        let Error::Connect(connect) = &error else {
            panic!("{error:?}");
        };
        assert!(matches!(**connect, ConnectError::Protocol { .. }));
        let error = error.to_string();
        assert!(error.contains(status) && error.contains("proxy"), "{error}");
    }
}
