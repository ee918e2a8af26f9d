use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use data_encoding::BASE64;
use proptest::prelude::*;
use sha2::Sha512;

use super::super::scram::Keys;
use super::*;

const KEY: &str = "7-Lg3PzqTnK0vRw8yXaYb2";

#[derive(Debug, PartialEq)]
enum Failed {
    Login(LoginError),
    Server(ServerError),
    Lost,
}

impl From<LoginError> for Failed {
    fn from(error: LoginError) -> Self {
        Self::Login(error)
    }
}

/// A server that answers from a function, and remembers what it was sent.
struct Server<F> {
    answer: F,
    link: Link,
    reconnect_tokens: bool,
    sent: Vec<Value>,
}

impl<F: FnMut(&str, &Value) -> Result<Value, Failed> + Send> LoginWire for Server<F> {
    type Error = Failed;

    async fn call(&mut self, method: &'static str, params: Vec<Value>) -> Result<Value, Failed> {
        let param = params.into_iter().next().unwrap_or(json!(method));
        let answer = (self.answer)(method, &param);
        self.sent.push(param);
        answer
    }

    async fn meanwhile<T: Send>(
        &mut self,
        waiting: impl Future<Output = T> + Send,
    ) -> Result<T, Failed> {
        Ok(waiting.await)
    }

    fn server_error(error: &Failed) -> Option<ServerError> {
        match error {
            Failed::Server(error) => Some(*error),
            _ => None,
        }
    }

    fn link(&self) -> Link {
        self.link.clone()
    }

    fn knows_reconnect_tokens(&self) -> bool {
        self.reconnect_tokens
    }
}

fn tls() -> Link {
    Link::Tls(Some(ChannelBinding(vec![5; 32])))
}

fn failed(errno: i64) -> Result<Value, Failed> {
    Err(Failed::Server(ServerError {
        code: CALL_FAILED,
        errno: Some(errno),
    }))
}

fn success() -> Value {
    json!({"response_type": "SUCCESS", "user_info": {"pw_name": "admin"}, "authenticator": "LEVEL_1"})
}

fn run<F>(auth: &Auth, link: Link, answer: F) -> (Result<LoggedIn, Failed>, Vec<Value>)
where
    F: FnMut(&str, &Value) -> Result<Value, Failed> + Send,
{
    run_on(auth, link, false, answer)
}

fn run_on<F>(
    auth: &Auth,
    link: Link,
    reconnect_tokens: bool,
    answer: F,
) -> (Result<LoggedIn, Failed>, Vec<Value>)
where
    F: FnMut(&str, &Value) -> Result<Value, Failed> + Send,
{
    let mut server = Server {
        answer,
        link,
        reconnect_tokens,
        sent: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let result = runtime.block_on(login(auth, &mut server));
    (result, server.sent)
}

/// Answers one after the other; more calls than answers are an error.
fn in_turn(answers: &[Value]) -> impl FnMut(&str, &Value) -> Result<Value, Failed> + Send {
    let mut answers = answers.iter().cloned();
    move |_, _| answers.next().ok_or(Failed::Lost)
}

fn refused(auth: &Auth, answers: &[Value]) -> LoginError {
    match run(auth, tls(), in_turn(answers)).0 {
        Err(Failed::Login(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn kind(response_type: &str) -> Value {
    json!({"response_type": response_type})
}

fn api_key() -> Auth {
    Auth::api_key("admin", KEY.parse().unwrap())
}

/// A server of 25.x: asked before a login, it does not say what it offers.
fn without_scram(method: &str, _: &Value) -> Result<Value, Failed> {
    match method {
        "auth.mechanism_choices" => failed(207),
        _ => Ok(success()),
    }
}

#[test]
fn a_password() {
    let auth = Auth::password("admin", "hunter2");
    let (result, sent) = run(&auth, tls(), in_turn(&[success()]));
    assert_eq!(result.unwrap().user_info, Some(json!({"pw_name": "admin"})));
    assert_eq!(
        sent,
        [json!({"mechanism": "PASSWORD_PLAIN", "username": "admin", "password": "hunter2"})]
    );
}

#[test]
fn a_token_and_nothing_at_all() {
    let (result, sent) = run(
        &Auth::token("t0ken"),
        Link::Unencrypted,
        in_turn(&[success()]),
    );
    assert!(result.is_ok());
    assert_eq!(
        sent,
        [json!({"mechanism": "TOKEN_PLAIN", "token": "t0ken"})]
    );

    let (result, sent) = run(&Auth::none(), Link::Unix, in_turn(&[]));
    assert!(result.is_ok());
    assert!(sent.is_empty());
}

#[test]
fn nothing_secret_goes_over_an_unencrypted_connection() {
    for auth in [
        Auth::password("admin", "hunter2"),
        api_key(),
        api_key().allow_plain(),
    ] {
        let (result, sent) = run(&auth, Link::Unencrypted, without_scram);
        let Err(Failed::Login(error @ LoginError::Unencrypted(_))) = result else {
            panic!("{result:?}");
        };
        let sent = format!("{sent:?}");
        assert!(
            !sent.contains("hunter2") && !sent.contains("Lg3P"),
            "{sent}"
        );
        assert!(error.to_string().contains("connect with wss://"), "{error}");
    }
    assert!(
        LoginError::Unencrypted(Credential::ApiKey)
            .to_string()
            .contains("TrueNAS revokes an API key")
    );
}

#[test]
fn without_scram_a_key_is_sent_only_if_that_is_allowed() {
    let (result, sent) = run(&api_key(), tls(), without_scram);
    assert_eq!(result.unwrap_err(), Failed::Login(LoginError::NoScram));
    assert_eq!(sent, [json!("auth.mechanism_choices")]);

    let plain = json!({"mechanism": "API_KEY_PLAIN", "username": "admin", "api_key": KEY});
    let (result, sent) = run(&api_key().allow_plain(), tls(), without_scram);
    assert!(result.is_ok());
    assert_eq!(sent.last(), Some(&plain));

    // Nobody is asked for SCRAM on the unix socket, where it does not work.
    let (result, sent) = run(&api_key().allow_plain(), Link::Unix, without_scram);
    assert!(result.is_ok());
    assert_eq!(sent, [plain]);
    let (result, _) = run(&api_key(), Link::Unix, without_scram);
    assert_eq!(result.unwrap_err(), Failed::Login(LoginError::NoScram));
}

#[test]
fn a_list_of_mechanisms_without_scram_is_no_scram() {
    let choices = json!(["PASSWORD_PLAIN", "API_KEY_PLAIN"]);
    assert_eq!(refused(&api_key(), &[choices]), LoginError::NoScram);
}

#[test]
fn the_connection_breaking_is_not_taken_for_a_server_without_scram() {
    let (result, _) = run(&api_key().allow_plain(), tls(), |_, _| Err(Failed::Lost));
    assert_eq!(result.unwrap_err(), Failed::Lost);
}

#[test]
fn refusals_are_told_apart() {
    let auth = Auth::password("admin", "hunter2");
    let name = "admin".to_owned();
    assert_eq!(
        refused(&auth, &[kind("AUTH_ERR")]),
        LoginError::Refused(name, Credential::Password)
    );
    assert_eq!(
        refused(&auth, &[kind("EXPIRED")]),
        LoginError::Expired(Credential::Password)
    );
    let key = api_key().allow_plain();
    let choices = json!([]);
    let refused_key = refused(&key, &[choices.clone(), kind("AUTH_ERR")]).to_string();
    assert!(
        refused_key.starts_with("the server refused API key 7 of admin: the key may be wrong"),
        "{refused_key}"
    );
    let expired_key = refused(&key, &[choices, kind("EXPIRED")]).to_string();
    assert!(
        expired_key.starts_with("API key 7 of admin has expired or was revoked"),
        "{expired_key}"
    );
    assert_eq!(refused(&auth, &[kind("DENIED")]), LoginError::Denied);
    assert_eq!(
        refused(&auth, &[kind("OTP_REQUIRED")]),
        LoginError::OtpNeeded
    );
    let redirect = json!({"response_type": "REDIRECT", "urls": ["https://a", 7, "https://b"]});
    assert_eq!(
        refused(&auth, &[redirect]),
        LoginError::Redirect(vec!["https://a".to_owned(), "https://b".to_owned()])
    );
    for nonsense in [
        json!(null),
        json!([]),
        json!({"response_type": 7}),
        kind("NEW"),
        kind("SCRAM_RESPONSE"),
    ] {
        let error = refused(&auth, &[nonsense]);
        assert!(matches!(error, LoginError::Unexpected(_)), "{error:?}");
    }
    for auth in [auth, api_key()] {
        let (result, _) = run(&auth, tls(), |_, _| failed(16));
        assert_eq!(result.unwrap_err(), Failed::Login(LoginError::RateLimited));
    }
}

/// Asks for one-time passwords: wrong ones, and `123456` as the third.
fn asking() -> (Auth, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let auth = Auth::password("admin", "hunter2").with_otp(move || {
        let nth = count.fetch_add(1, Ordering::Relaxed);
        async move { if nth == 2 { "123456\n" } else { "000000" } }
    });
    (auth, asked)
}

#[test]
fn a_wrong_one_time_password_is_asked_for_again() {
    // 25.x stays where it is.
    let (auth, asked) = asking();
    let (result, sent) = run(&auth, tls(), |_, param| {
        Ok(if param["otp_token"] == "123456" {
            success()
        } else {
            kind("OTP_REQUIRED")
        })
    });
    assert!(result.is_ok());
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    assert_eq!(sent.len(), 4);
    assert_eq!(
        sent[3],
        json!({"mechanism": "OTP_TOKEN", "otp_token": "123456"})
    );

    // 27 starts again from the password.
    let (auth, asked) = asking();
    let (result, sent) = run_on(&auth, tls(), true, |_, param| {
        Ok(match (&param["mechanism"], &param["otp_token"]) {
            (_, Value::Null) => kind("OTP_REQUIRED"),
            (_, otp) if otp == "123456" => {
                let mut answer = success();
                answer["reconnect_token"] = json!("t0ken");
                answer
            }
            _ => kind("AUTH_ERR"),
        })
    });
    assert_eq!(result.unwrap().reconnect_token, Some("t0ken".into()));
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    let mechanisms: Vec<&Value> = sent.iter().map(|sent| &sent["mechanism"]).collect();
    assert_eq!(
        mechanisms,
        [
            "PASSWORD_PLAIN",
            "OTP_TOKEN",
            "PASSWORD_PLAIN",
            "OTP_TOKEN",
            "PASSWORD_PLAIN",
            "OTP_TOKEN"
        ]
    );
    assert_eq!(sent[5]["login_options"]["reconnect_token"], true);
}

#[test]
fn three_wrong_one_time_passwords_are_enough() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let auth = Auth::password("admin", "hunter2").with_otp(move || {
        count.fetch_add(1, Ordering::Relaxed);
        async { "000000" }
    });
    let (result, _) = run(&auth, tls(), |_, _| Ok(kind("OTP_REQUIRED")));
    assert_eq!(result.unwrap_err(), Failed::Login(LoginError::WrongOtp));
    assert_eq!(asked.load(Ordering::Relaxed), OTP_ATTEMPTS);

    let giving_up = Auth::password("admin", "hunter2").with_otp(async || "");
    let (result, _) = run(&giving_up, tls(), |_, _| Ok(kind("OTP_REQUIRED")));
    assert_eq!(result.unwrap_err(), Failed::Login(LoginError::OtpNeeded));
}

/// The server's side of SCRAM, for one login.
struct Scram {
    text: &'static [u8],
    client_first_bare: String,
    server_first: String,
}

impl Scram {
    fn new(text: &'static [u8]) -> Self {
        Self {
            text,
            client_first_bare: String::new(),
            server_first: String::new(),
        }
    }

    fn answer(&mut self, method: &str, param: &Value) -> Result<Value, Failed> {
        let said = param["rfc_str"].as_str().unwrap_or_default();
        Ok(match (method, param["scram_type"].as_str()) {
            ("auth.mechanism_choices", _) => json!(["API_KEY_PLAIN", "SCRAM"]),
            ("auth.login_ex", Some("CLIENT_FIRST_MESSAGE")) => {
                let (_, bare) = said.split_once(",,").unwrap();
                let (_, nonce) = bare.split_once(",r=").unwrap();
                let mut nonce = BASE64.decode(nonce.as_bytes()).unwrap();
                nonce.extend([9; NONCE]);
                self.client_first_bare = bare.to_owned();
                self.server_first = format!("r={},s=c2FsdA==,i=50000", BASE64.encode(&nonce));
                json!({"response_type": "SCRAM_RESPONSE", "scram_type": "SERVER_FIRST_RESPONSE",
                    "rfc_str": self.server_first, "user_info": null})
            }
            ("auth.login_ex", Some("CLIENT_FINAL_MESSAGE")) => {
                let (without_proof, _) = said.split_once(",p=").unwrap();
                let message = format!(
                    "{},{},{without_proof}",
                    self.client_first_bare, self.server_first
                );
                let keys = Keys::derive::<Sha512>(self.text, b"salt", 50_000);
                let signature = BASE64.encode(&keys.server_signature::<Sha512>(&message));
                json!({"response_type": "SCRAM_RESPONSE", "scram_type": "SERVER_FINAL_RESPONSE",
                    "rfc_str": format!("v={signature}"), "user_info": {"pw_name": "admin"}})
            }
            ("auth.logout", _) => json!(true),
            _ => return Err(Failed::Lost),
        })
    }
}

#[test]
fn a_key_by_scram() {
    for (auth, link, gs2) in [
        (api_key(), tls(), "p=tls-server-end-point,,n=admin:7,r="),
        (
            api_key().without_channel_binding(),
            tls(),
            "n,,n=admin:7,r=",
        ),
        (
            api_key().without_channel_binding(),
            Link::Tls(None),
            "n,,n=admin:7,r=",
        ),
        (api_key(), Link::Unencrypted, "n,,n=admin:7,r="),
        // What is allowed is not what is done.
        (
            api_key().allow_plain(),
            tls(),
            "p=tls-server-end-point,,n=admin:7,r=",
        ),
    ] {
        let mut server = Scram::new(b"Lg3PzqTnK0vRw8yXaYb2");
        let (result, sent) = run(&auth, link, |method, param| server.answer(method, param));
        assert_eq!(result.unwrap().user_info, Some(json!({"pw_name": "admin"})));
        assert!(
            sent[1]["rfc_str"].as_str().unwrap().starts_with(gs2),
            "{sent:?}"
        );
        assert_eq!(sent.len(), 3);
        assert!(!format!("{sent:?}").contains("Lg3P"));
    }
}

#[test]
fn a_server_that_does_not_know_the_key_gets_no_session() {
    let mut server = Scram::new(b"anotherkey");
    let (result, sent) = run(&api_key().allow_plain(), tls(), |m, p| server.answer(m, p));
    let expected = LoginError::Scram(super::super::ScramError::Signature);
    assert_eq!(result.unwrap_err(), Failed::Login(expected));
    assert_eq!(sent.last(), Some(&json!("auth.logout")));
}

#[test]
fn a_certificate_that_cannot_be_bound_to_is_no_reason_to_go_without() {
    let mut server = Scram::new(b"Lg3PzqTnK0vRw8yXaYb2");
    let (result, sent) = run(&api_key().allow_plain(), Link::Tls(None), |m, p| {
        server.answer(m, p)
    });
    assert_eq!(
        result.unwrap_err(),
        Failed::Login(LoginError::NoChannelBinding)
    );
    assert_eq!(sent, [json!("auth.mechanism_choices")]);
}

#[test]
fn after_scram_has_failed_the_key_is_not_sent_plain() {
    for answer in [
        kind("AUTH_ERR"),
        kind("SUCCESS"),
        json!({"response_type": "SCRAM_RESPONSE"}),
    ] {
        let (result, sent) = run(
            &api_key().allow_plain(),
            tls(),
            in_turn(&[json!(["SCRAM"]), answer]),
        );
        assert!(matches!(result, Err(Failed::Login(_))), "{result:?}");
        assert_eq!(sent.len(), 2);
    }
}

#[test]
fn debug_shows_the_kind_and_the_user() {
    assert_eq!(format!("{:?}", api_key()), r#"Auth::api_key("admin")"#);
    assert_eq!(format!("{:?}", Auth::token("t0ken")), "Auth::token()");
    assert_eq!(format!("{:?}", Auth::none()), "Auth::none()");
    let logged_in = LoggedIn {
        user_info: None,
        reconnect_token: Some("t0ken".into()),
    };
    assert!(!format!("{logged_in:?}").contains("t0ken"));
}

fn json() -> impl Strategy<Value = Value> {
    let field = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,20}".prop_map(Value::from),
        Just(json!(["SCRAM", 1])),
    ];
    let known = prop::sample::select(vec![
        "SUCCESS",
        "OTP_REQUIRED",
        "AUTH_ERR",
        "REDIRECT",
        "SCRAM_RESPONSE",
        "SERVER_FIRST_RESPONSE",
    ]);
    let field = prop_oneof![field, known.prop_map(Value::from)];
    let names = prop::sample::select(vec![
        "response_type",
        "scram_type",
        "rfc_str",
        "urls",
        "user_info",
        "reconnect_token",
    ]);
    let object = prop::collection::btree_map(names, field.clone(), 0..5).prop_map(|fields| {
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    });
    prop_oneof![field, object]
}

proptest! {
    #[test]
    fn no_answer_is_too_much(answers in prop::collection::vec(json(), 0..6)) {
        let password = Auth::password("admin", "hunter2").with_otp(async || "000000");
        for auth in [password, api_key().allow_plain(), Auth::token("t0ken")] {
            let _ = run(&auth, tls(), in_turn(&answers));
        }
    }
}
