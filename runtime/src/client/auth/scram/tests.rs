use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;

/// As in `vectors.py`, which prints all that is expected here.
const OURS: [u8; NONCE] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29, 30, 31,
];
const SERVER_FIRST: &str = "r=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9kZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGCgw==,s=c2l4dGVlbiBvZiBzYWx0IQ==,i=50000";
const CLIENT_KEY: &str =
    "xuFVTHxfRSlw2QvTzyy2lkplZI0ctm9GKiGURlGaRr1XwaoTbde7Try2CLxbA9x0y4HkCR7AIoeJdTGQAkEpVg==";
const STORED_KEY: &str =
    "EkAz8fdPHrsDz3nbSu8nnBhd3eGFQfyr/12DY5pibhWcwCmiwlGf27st9QjC0hS0GZn93QCkHaVBF/mrNJ356A==";
const SERVER_KEY: &str =
    "k6XwWQ4LIJi5CQxlHg6MknXh8GYNh9WyTuxB5keB7hYhBZXX16C6CLbjDfBtBfhdaxTMmbuzNyLGcqJW2YRQAA==";

fn key() -> ApiKey {
    "7-Lg3PzqTnK0vRw8yXaYb2".parse().unwrap()
}

fn unbound() -> ClientFirst {
    ClientFirst::new("admin", key(), None, OURS).unwrap()
}

#[test]
fn an_exchange_without_channel_binding() {
    let first = unbound();
    assert_eq!(
        first.message(),
        "n,,n=admin:7,r=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    );
    let last = first.challenge(SERVER_FIRST).unwrap().answer();
    assert_eq!(
        last.message(),
        "c=biws,r=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9kZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGCgw==,p=Dlewkh9EqZu8ERApgI4A1/9rsFuqqVO8VbnBdvVpAGRY7r3zx7EUVLe/+rRYzXbxx8RRBGCBuUFBMAn0JY52rg=="
    );
    let server_final = "v=Kz92mdmG1I7n2PIwBMYHnC7itKYTc9JIOExYV6TkGQInWN47wGIXgW0bqvyxYxN7i2T6x58kOCd5/30T2Lq/nw==";
    assert_eq!(last.verify(server_final), Ok(()));
}

#[test]
fn an_exchange_with_channel_binding() {
    let binding = ChannelBinding(Sha256::digest("certificate").to_vec());
    let first = ClientFirst::new("admin", key(), Some(&binding), OURS).unwrap();
    assert_eq!(
        first.message(),
        "p=tls-server-end-point,,n=admin:7,r=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    );
    let last = first.challenge(SERVER_FIRST).unwrap().answer();
    assert_eq!(
        last.message(),
        "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsA9Zt0Ig1wco/EozOrNHzGslBYwlrIPRFroQoW8CDLXI=,r=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9kZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGCgw==,p=rofdN0cNQIroV5sZnTc9fFiuD39Gbexo8TRNctkZGTn1nFoctbvSKrc6jczOmBLnjyxGvnHXAr5TzDQBwK0wTg=="
    );
    let server_final = "v=Uxc3Bq25dwZ7f/zEXQl7AEU9ieAO7QplWSVR75/U9UrPcQl/spwPMBlpci1n3SokDL9dh6cMKbMLrIB6eyOswQ==";
    assert_eq!(last.verify(server_final), Ok(()));
}

#[test]
fn keys_of_a_file_give_the_same_answer_as_the_text() {
    let bytes = |text: &str| Zeroizing::new(BASE64.decode(text.as_bytes()).unwrap());
    let keys = Keys::stored(bytes(CLIENT_KEY), &bytes(STORED_KEY), bytes(SERVER_KEY)).unwrap();
    let derived = Keys::derive::<Sha512>(b"Lg3PzqTnK0vRw8yXaYb2", b"sixteen of salt!", 50_000);
    assert!(keys.client == derived.client && keys.server == derived.server);
    assert!(Keys::stored(bytes(CLIENT_KEY), &bytes(SERVER_KEY), bytes(SERVER_KEY)).is_none());
}

/// RFC 7677, section 3.
#[test]
fn the_vector_of_the_rfc() {
    let salt = BASE64.decode(b"W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    let keys = Keys::derive::<Sha256>(b"pencil", &salt, 4096);
    let auth_message = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
        r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
        c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    assert_eq!(
        BASE64.encode(&keys.proof::<Sha256>(auth_message)),
        "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    assert_eq!(
        BASE64.encode(&keys.server_signature::<Sha256>(auth_message)),
        "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    );
}

#[test]
fn names_are_prepared_and_those_that_cannot_be_sent_are_refused() {
    // A soft hyphen goes, a Roman numeral becomes letters (RFC 4013, section 3).
    let first = ClientFirst::new("I\u{ad}X\u{2168}", key(), None, OURS).unwrap();
    assert!(first.message().starts_with("n,,n=IXIX:7,"));
    for user in ["", "a,b", "a=b", "a\u{7}b"] {
        let refused = ClientFirst::new(user, key(), None, OURS).err();
        assert_eq!(refused, Some(ScramError::User), "{user:?}");
    }
}

#[test]
fn what_the_server_must_not_send_is_refused() {
    let nonce = |ours: &[u8], theirs: &[u8]| BASE64.encode(&[ours, theirs].concat());
    let good = nonce(&OURS, &[9; NONCE]);
    let refusal = |message: &str| unbound().challenge(message).err();
    assert_eq!(refusal(&format!("r={good},s=c2FsdA==,i=50000")), None);
    assert_eq!(refusal(&format!("r={good},s=c2FsdA==,i=5000000")), None);

    let other = nonce(&[1; NONCE], &[9; NONCE]);
    for nonce in [&other, &nonce(&OURS, &[]), &nonce(&OURS, &[9; 33])] {
        let message = format!("r={nonce},s=c2FsdA==,i=50000");
        assert_eq!(refusal(&message), Some(ScramError::Nonce), "{message}");
    }
    for rounds in [0, 1, 49_999, 5_000_001, u32::MAX] {
        let message = format!("r={good},s=c2FsdA==,i={rounds}");
        assert_eq!(refusal(&message), Some(ScramError::Rounds(rounds)));
    }
    let long = BASE64.encode(&[1; LONGEST_SALT + 1]);
    for message in [
        String::new(),
        "e=other-error".to_owned(),
        format!("m=ext,r={good},s=c2FsdA==,i=50000"),
        format!("s=c2FsdA==,r={good},i=50000"),
        format!("r={good},s=c2FsdA=="),
        format!("r={good},s=,i=50000"),
        format!("r={good},s=not base64,i=50000"),
        format!("r={good},s={long},i=50000"),
        format!("r={good},s=c2FsdA==,i=many"),
        format!("r={good},s=c2FsdA==,i=-50000"),
        "r=not base64,s=c2FsdA==,i=50000".to_owned(),
    ] {
        let refused = refusal(&message);
        assert!(
            matches!(refused, Some(ScramError::Malformed(_))),
            "{message}: {refused:?}"
        );
    }
}

#[test]
fn a_server_that_does_not_know_the_key_is_found_out() {
    let last = unbound().challenge(SERVER_FIRST).unwrap().answer();
    let wrong = BASE64.encode(&[0; 64]);
    assert_eq!(
        last.verify(&format!("v={wrong}")),
        Err(ScramError::Signature)
    );
    assert_eq!(last.verify("v="), Err(ScramError::Signature));
    for message in ["", "e=invalid-proof", "v", "v=?"] {
        let refused = last.verify(message);
        assert!(
            matches!(refused, Err(ScramError::Malformed(_))),
            "{message}: {refused:?}"
        );
    }
}

proptest! {
    #[test]
    fn no_first_message_of_the_server_is_too_much(message in "([resi]=)?[ -~äÄ€,=]{0,80}") {
        let _ = unbound().challenge(&message);
    }

    #[test]
    fn no_number_of_rounds_is_too_much(rounds in any::<i128>(), salt in any::<Vec<u8>>()) {
        let nonce = BASE64.encode(&[OURS, [9; NONCE]].concat());
        let message = format!("r={nonce},s={},i={rounds}", BASE64.encode(&salt));
        let accepted = unbound().challenge(&message).is_ok();
        let fine = (50_000..=5_000_000).contains(&rounds) && (1..=1_024).contains(&salt.len());
        prop_assert_eq!(accepted, fine);
    }

    #[test]
    fn the_binding_is_sent_whatever_its_length(certificate in any::<Vec<u8>>()) {
        let binding = ChannelBinding(certificate.clone());
        let first = ClientFirst::new("admin", key(), Some(&binding), OURS).unwrap();
        let challenge = first.challenge(SERVER_FIRST).unwrap();
        let c = challenge.without_proof.split(',').next().unwrap().strip_prefix("c=").unwrap();
        let sent = BASE64.decode(c.as_bytes()).unwrap();
        prop_assert_eq!(&sent[..], [&b"p=tls-server-end-point,,"[..], &certificate].concat());
    }
}
