//! SCRAM by its formulas, from the client's side.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::num::NonZeroU32;

use data_encoding::BASE64;
use ring::{digest, hmac, pbkdf2};
use serde_json::{Value, json};
use support::{Client, start};
use truenas_simulator::Simulator;

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, key), text)
        .as_ref()
        .to_vec()
}

async fn say(client: &mut Client, scram_type: &str, rfc_str: &str) -> Value {
    let data = json!({"mechanism": "SCRAM", "scram_type": scram_type, "rfc_str": rfc_str});
    client.log_in(data).await
}

/// Logs in with a key's text, bound to a certificate if there is one; what the
/// server says last, and what it should have signed.
async fn log_in(
    client: &mut Client,
    simulator: &Simulator,
    certificate: Option<&[u8]>,
    key: &str,
) -> (Value, String) {
    let (gs2, bound_to) = match certificate {
        None => ("n", Vec::new()),
        Some(der) => {
            let hash = digest::digest(&digest::SHA256, der);
            ("p=tls-server-end-point", hash.as_ref().to_vec())
        }
    };
    let nonce = [7; 32];
    let bare = format!("n={}:1,r={}", simulator.user(), BASE64.encode(&nonce));
    let first = say(client, "CLIENT_FIRST_MESSAGE", &format!("{gs2},,{bare}")).await;
    if first["response_type"] != "SCRAM_RESPONSE" {
        return (first, String::new());
    }
    assert_eq!(first["scram_type"], "SERVER_FIRST_RESPONSE");
    let server_first = first["rfc_str"].as_str().unwrap();
    let part = |name: &str| {
        let mut parts = server_first.split(',');
        parts.find_map(|part| part.strip_prefix(name)).unwrap()
    };
    let nonces = BASE64.decode(part("r=").as_bytes()).unwrap();
    assert_eq!((nonces.len(), &nonces[..32]), (64, nonce.as_slice()));
    let salt = BASE64.decode(part("s=").as_bytes()).unwrap();
    let iterations: u32 = part("i=").parse().unwrap();
    assert!((50_000..=5_000_000).contains(&iterations));
    let mut salted = [0; 64];
    let rounds = NonZeroU32::new(iterations).unwrap();
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA512,
        rounds,
        &salt,
        key.as_bytes(),
        &mut salted,
    );
    let client_key = sign(&salted, b"Client Key");
    let stored_key = digest::digest(&digest::SHA512, &client_key);
    let binding = [format!("{gs2},,").as_bytes(), &bound_to].concat();
    let without_proof = format!("c={},r={}", BASE64.encode(&binding), part("r="));
    let message = format!("{bare},{server_first},{without_proof}");
    let signature = sign(stored_key.as_ref(), message.as_bytes());
    let proof: Vec<u8> = client_key
        .iter()
        .zip(&signature)
        .map(|(a, b)| a ^ b)
        .collect();
    let last = format!("{without_proof},p={}", BASE64.encode(&proof));
    let answer = say(client, "CLIENT_FINAL_MESSAGE", &last).await;
    let expected = sign(&sign(&salted, b"Server Key"), message.as_bytes());
    (answer, format!("v={}", BASE64.encode(&expected)))
}

fn key(simulator: &Simulator) -> String {
    simulator.api_key().split_once('-').unwrap().1.to_owned()
}

#[tokio::test]
async fn who_knows_the_key_gets_in_and_so_does_the_server() {
    let simulator = start("v26.0.0").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    let (answer, signature) = log_in(&mut client, &simulator, None, &key(&simulator)).await;
    assert_eq!(answer["scram_type"], "SERVER_FINAL_RESPONSE");
    assert_eq!(answer["rfc_str"], signature);
    assert_eq!(answer["user_info"]["pw_name"], simulator.user());
    client.call("auth.me", json!([])).await.unwrap();
}

#[tokio::test]
async fn who_does_not_stays_out() {
    let simulator = start("v26.0.0").await;
    let refused = json!({"response_type": "AUTH_ERR"});
    let mut client = Client::dial(&simulator, "/api/current").await;
    let (answer, _) = log_in(&mut client, &simulator, None, "guess").await;
    assert_eq!(answer, refused);
    // There is nothing to bind to without TLS.
    let (answer, _) = log_in(
        &mut client,
        &simulator,
        Some(simulator.certificate_der()),
        &key(&simulator),
    )
    .await;
    assert_eq!(answer, refused);
    for nonsense in ["", "n,,", "n,,n=a:1,r=AAAA", "y,,n=a:1,r=", "n,,n=a,r=b"] {
        assert_eq!(
            say(&mut client, "CLIENT_FIRST_MESSAGE", nonsense).await,
            refused
        );
        assert_eq!(
            say(&mut client, "CLIENT_FINAL_MESSAGE", nonsense).await,
            refused
        );
    }
    assert_eq!(
        client.call("auth.me", json!([])).await.unwrap_err()["data"]["error"],
        207
    );
}

#[tokio::test]
async fn over_tls_the_proof_can_be_bound_to_the_certificate() {
    let simulator = start("v26.0.0").await;
    let der = simulator.certificate_der();
    let mut client = Client::dial_tls(&simulator).await;
    // Somebody in between would have shown another.
    let other = log_in(&mut client, &simulator, Some(b"another"), &key(&simulator)).await;
    assert_eq!(other.0, json!({"response_type": "AUTH_ERR"}));
    let (answer, signature) = log_in(&mut client, &simulator, Some(der), &key(&simulator)).await;
    assert_eq!(answer["rfc_str"], signature);
    client.call("auth.me", json!([])).await.unwrap();
}

#[tokio::test]
async fn it_is_offered_from_26_on() {
    for (api, offered) in [("v25.10.5", false), ("v26.0.0", true)] {
        let simulator = start(api).await;
        let mut client = Client::logged_in(&simulator).await;
        let mechanisms = client
            .call("auth.mechanism_choices", json!([]))
            .await
            .unwrap();
        assert_eq!(
            mechanisms.as_array().unwrap().contains(&json!("SCRAM")),
            offered
        );
    }
}

#[tokio::test]
async fn what_a_new_key_comes_with_is_as_good_as_its_text() {
    let simulator = start("v26.0.0").await;
    let mut client = Client::logged_in(&simulator).await;
    let entry = json!([{"name": "k", "username": simulator.user()}]);
    let made = client.call("api_key.create", entry).await.unwrap();
    let bytes = |value: &Value| BASE64.decode(value.as_str().unwrap().as_bytes()).unwrap();
    let mut salted = [0; 64];
    let rounds = u32::try_from(made["iterations"].as_u64().unwrap()).unwrap();
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA512,
        NonZeroU32::new(rounds).unwrap(),
        &bytes(&made["salt"]),
        made["key"]
            .as_str()
            .unwrap()
            .split_once('-')
            .unwrap()
            .1
            .as_bytes(),
        &mut salted,
    );
    let client_key = bytes(&made["client_key"]);
    assert_eq!(client_key, sign(&salted, b"Client Key"));
    assert_eq!(
        bytes(&made["stored_key"]),
        digest::digest(&digest::SHA512, &client_key).as_ref()
    );
    assert_eq!(bytes(&made["server_key"]), sign(&salted, b"Server Key"));
    // What a login goes by is the same.
    let id = &made["id"];
    let first = format!(
        "n,,n={}:{id},r={}",
        simulator.user(),
        BASE64.encode(&[7; 32])
    );
    let answer = say(&mut client, "CLIENT_FIRST_MESSAGE", &first).await;
    let said = format!(",s={},i={rounds}", made["salt"].as_str().unwrap());
    assert!(
        answer["rfc_str"].as_str().unwrap().ends_with(&said),
        "{answer}"
    );
    // And only who asked for the key has heard of all of it.
    let found = client
        .call("api_key.get_instance", json!([id]))
        .await
        .unwrap();
    assert_eq!(found["stored_key"], made["stored_key"]);
    assert_eq!((found.get("key"), found.get("client_key")), (None, None));
}
