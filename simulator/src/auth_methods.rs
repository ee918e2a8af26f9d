//! `auth.*`: logins, tokens and sessions.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::auth::{
    Account, ApiKey, ClientFirst, Exchange, KeyCheck, PasswordCheck, Purpose, Session, SessionKind,
    TokenRequest,
};
use crate::call::{Context, not_authenticated};
use crate::connection::{Connection, PeerKind};
use crate::engine::{Failure, Query};
use crate::faults::Phase;
use crate::json::{merge, set};
use crate::number::{Number, V26};
use crate::system::System;

/// Answers a call of a method that is about who is logged in; `None` if it is
/// none of these. The parameters have been checked.
pub(crate) fn call(
    system: &Arc<System>,
    context: &Context,
    name: &str,
    params: &[Value],
) -> Option<Result<Value, Failure>> {
    let answer = match (name, params) {
        ("auth.login_ex" | "auth.login_ex_continue", [data]) => {
            login(system, context, name, data).map(|outcome| outcome.describe(context, data))
        }
        ("auth.login", [username, password, otp]) => {
            login_plain(system, context, name, username, password, otp)
        }
        ("auth.login_with_api_key", [key]) => {
            let data = json!({"mechanism": "API_KEY_PLAIN", "api_key": key});
            login(system, context, name, &data).map(|outcome| outcome.succeeded().into())
        }
        ("auth.login_with_token", [token]) => {
            let data = json!({"mechanism": "TOKEN_PLAIN", "token": token});
            login(system, context, name, &data).map(|outcome| outcome.succeeded().into())
        }
        ("auth.logout", _) => Ok(logout(system, context)),
        ("auth.me", _) => context
            .session()
            .map(|session| system.accounts.describe(&session.account)),
        ("auth.mechanism_choices", _) => mechanisms(system, context),
        ("auth.generate_token", [ttl, _, match_origin, single_use]) => {
            generate_token(system, context, ttl, match_origin, single_use)
        }
        ("auth.generate_onetime_password", [request]) => one_time_password(system, request),
        ("auth.set_attribute", [Value::String(key), value]) => context.session().map(|session| {
            let username = &session.account.username;
            system.accounts.set_attribute(username, key, value.clone());
            Value::Null
        }),
        ("auth.sessions", [filters, options]) => {
            let entries = sessions(system, context);
            let nature = system.engine.nature("auth.sessions");
            Query::parse(filters, options).and_then(|query| query.of(nature).run(&entries))
        }
        ("auth.terminate_session", [id]) => {
            Ok(terminate(system, |session| *id == session.id).into())
        }
        ("auth.terminate_other_sessions", _) => context.session().map(|own| {
            terminate(system, |session| session.id != own.id);
            true.into()
        }),
        _ => return None,
    };
    Some(answer)
}

/// How an attempt to log in ends.
enum Outcome {
    Success {
        reconnect_token: Option<String>,
        two_factors: bool,
        user_info: Value,
    },
    NeedsOtp {
        username: String,
    },
    Scram {
        rfc_str: String,
        user_info: Value,
        last: bool,
    },
    Expired,
    Refused,
}

impl Outcome {
    fn succeeded(&self) -> bool {
        matches!(self, Self::Success { .. })
    }

    /// The answer of `auth.login_ex`.
    fn describe(self, context: &Context, data: &Value) -> Value {
        let options = |key, default| {
            let option = data
                .get("login_options")
                .and_then(|options| options.get(key));
            option.and_then(Value::as_bool).unwrap_or(default)
        };
        match self {
            Self::Success {
                reconnect_token,
                two_factors,
                user_info,
            } => {
                let shown = options("user_info", true);
                let mut answer = json!({
                    "response_type": "SUCCESS",
                    "user_info": if shown { user_info } else { Value::Null },
                    "authenticator": if two_factors { "LEVEL_2" } else { "LEVEL_1" },
                });
                if Number::new(context.catalog.api()) >= V26 {
                    set(&mut answer, "reconnect_token", json!(reconnect_token));
                }
                answer
            }
            Self::NeedsOtp { username } => {
                json!({"response_type": "OTP_REQUIRED", "username": username})
            }
            Self::Scram {
                rfc_str,
                user_info,
                last,
            } => json!({
                "response_type": "SCRAM_RESPONSE",
                "scram_type": if last { "SERVER_FINAL_RESPONSE" } else { "SERVER_FIRST_RESPONSE" },
                "rfc_str": rfc_str,
                "user_info": user_info,
            }),
            Self::Expired => json!({"response_type": "EXPIRED"}),
            Self::Refused => json!({"response_type": "AUTH_ERR"}),
        }
    }
}

/// What somebody has proved.
enum Proof {
    Good(Account, SessionKind),
    Other(Outcome),
}

impl Proof {
    fn wrong() -> Self {
        Self::Other(Outcome::Refused)
    }
}

/// Tries to log in on the call's connection.
fn login(system: &System, context: &Context, name: &str, data: &Value) -> Result<Outcome, Failure> {
    // There is nothing to log in on over HTTP or in a job.
    let connection = context.connection.as_ref().ok_or_else(not_authenticated)?;
    let text = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default();
    let proof = match text("mechanism") {
        _ if system.faults.strike(Phase::Login, name).is_some() => Proof::wrong(),
        "PASSWORD_PLAIN" => password(system, connection, text("username"), text("password")),
        "API_KEY_PLAIN" => {
            let username = data.get("username").and_then(Value::as_str);
            api_key(system, context, username, text("api_key"))
        }
        "TOKEN_PLAIN" => token(system, context, text("token")),
        "OTP_TOKEN" => otp(system, connection, text("otp_token")),
        "SCRAM" => {
            let first = text("scram_type") == "CLIENT_FIRST_MESSAGE";
            let outcome = scram(system, connection, first, text("rfc_str"));
            return Ok(counted(system, outcome.unwrap_or(Outcome::Refused)));
        }
        _ => Proof::wrong(),
    };
    let outcome = match proof {
        Proof::Other(outcome) => outcome,
        Proof::Good(account, kind) => {
            let options = data.get("login_options");
            let wanted = options.and_then(|options| options.get("reconnect_token"));
            let two_factors = kind == SessionKind::TwoFactor;
            let user_info = system.accounts.describe(&account);
            let session = system.session(&connection.peer, account, kind);
            let reconnect_token = (wanted == Some(&Value::Bool(true))).then(|| {
                system.token(TokenRequest {
                    username: session.account.username.clone(),
                    ttl: Duration::from_secs(600),
                    address: Some(context.address.clone()),
                    single_use: true,
                    purpose: Purpose::Login,
                    parent: session.as_parent(),
                })
            });
            system.log_in(connection, session);
            Outcome::Success {
                reconnect_token,
                two_factors,
                user_info,
            }
        }
    };
    Ok(counted(system, outcome))
}

fn counted(system: &System, outcome: Outcome) -> Outcome {
    if matches!(outcome, Outcome::Refused | Outcome::Expired) {
        system.stats().failed_logins += 1;
    }
    outcome
}

fn password(system: &System, connection: &Connection, username: &str, password: &str) -> Proof {
    let Some(account) = system.accounts.account(username) else {
        return Proof::wrong();
    };
    match system.accounts.check_password(username, password) {
        PasswordCheck::Good => Proof::Good(account, SessionKind::Password),
        PasswordCheck::OneTime => Proof::Good(account, SessionKind::OneTimePassword),
        PasswordCheck::NeedsOtp => {
            connection.login().owes_otp = Some(account.username.clone());
            Proof::Other(Outcome::NeedsOtp {
                username: account.username,
            })
        }
        PasswordCheck::Wrong => Proof::wrong(),
    }
}

fn otp(system: &System, connection: &Connection, password: &str) -> Proof {
    let owing = connection.login().owes_otp.clone();
    let account = owing.and_then(|username| system.accounts.account(&username));
    match account {
        None => Proof::wrong(),
        Some(account) if system.accounts.otp().accepts(password) => {
            Proof::Good(account, SessionKind::TwoFactor)
        }
        // Another try, without the password.
        Some(account) => Proof::Other(Outcome::NeedsOtp {
            username: account.username,
        }),
    }
}

fn api_key(system: &System, context: &Context, username: Option<&str>, text: &str) -> Proof {
    let secure = context
        .connection
        .as_ref()
        .is_some_and(|connection| connection.peer.secure);
    match system.accounts.check_key(username, text) {
        KeyCheck::Good(key) if !secure => {
            system.revoke(key.id);
            Proof::Other(Outcome::Expired)
        }
        KeyCheck::Good(key) => key_session(system, key).unwrap_or_else(Proof::wrong),
        KeyCheck::Expired => Proof::Other(Outcome::Expired),
        KeyCheck::Wrong => Proof::wrong(),
    }
}

fn key_session(system: &System, key: ApiKey) -> Option<Proof> {
    let account = system.accounts.account(&key.username)?;
    let kind = SessionKind::ApiKey {
        id: key.id,
        name: key.name,
    };
    Some(Proof::Good(account, kind))
}

fn token(system: &System, context: &Context, text: &str) -> Proof {
    let redeem = || {
        let request = system
            .tokens
            .redeem(text, Purpose::Login, &context.address)?;
        let account = system.accounts.account(&request.username)?;
        let parent = request.parent;
        Some(Proof::Good(account, SessionKind::Token { parent }))
    };
    redeem().unwrap_or_else(Proof::wrong)
}

/// One step of SCRAM; `None` if it fails.
fn scram(system: &System, connection: &Connection, first: bool, text: &str) -> Option<Outcome> {
    if connection.peer.kind == PeerKind::Unix {
        return None;
    }
    if first {
        let first = ClientFirst::read(text)?;
        if first.bound && connection.peer.kind != PeerKind::Tls {
            return None;
        }
        let keys = system.accounts.scram_keys(&first.username, first.key_id)?;
        let hash = &system.certificate_hash;
        let (exchange, rfc_str) = Exchange::begin(first, keys, system.bytes(), hash);
        connection.login().scram = Some(exchange);
        return Some(Outcome::Scram {
            rfc_str,
            user_info: Value::Null,
            last: false,
        });
    }
    let exchange = connection.login().scram.take()?;
    let rfc_str = exchange.finish(text)?;
    let key = system.accounts.good_key(exchange.key_id)?;
    let account = system.accounts.account(&exchange.username)?;
    let user_info = system.accounts.describe(&account);
    let kind = SessionKind::ApiKey {
        id: key.id,
        name: key.name,
    };
    system.log_in(connection, system.session(&connection.peer, account, kind));
    Some(Outcome::Scram {
        rfc_str,
        user_info,
        last: true,
    })
}

/// `auth.login`: true or false, all in one call.
fn login_plain(
    system: &System,
    context: &Context,
    name: &str,
    username: &Value,
    password: &Value,
    otp: &Value,
) -> Result<Value, Failure> {
    let data = json!({"mechanism": "PASSWORD_PLAIN", "username": username, "password": password});
    let mut outcome = login(system, context, name, &data)?;
    if let (Outcome::NeedsOtp { .. }, Value::String(_)) = (&outcome, otp) {
        let data = json!({"mechanism": "OTP_TOKEN", "otp_token": otp});
        outcome = login(system, context, name, &data)?;
    }
    Ok(outcome.succeeded().into())
}

fn logout(system: &System, context: &Context) -> Value {
    if let Some(connection) = &context.connection {
        system.log_out(connection);
    }
    true.into()
}

fn mechanisms(system: &System, context: &Context) -> Result<Value, Failure> {
    // It is said to need no login, and fails without one on 25.x.
    if !system.is_26() {
        context.session()?;
    }
    let mut mechanisms = vec!["PASSWORD_PLAIN", "TOKEN_PLAIN", "API_KEY_PLAIN"];
    if system.accounts.first().two_factor {
        mechanisms.push("OTP_TOKEN");
    }
    if system.is_26() {
        mechanisms.push("SCRAM");
    }
    Ok(json!(mechanisms))
}

fn generate_token(
    system: &System,
    context: &Context,
    ttl: &Value,
    match_origin: &Value,
    single_use: &Value,
) -> Result<Value, Failure> {
    let session = context.session()?;
    let yes = |value: &Value| *value == Value::Bool(true);
    let token = system.token(TokenRequest {
        username: session.account.username.clone(),
        ttl: Duration::from_secs(ttl.as_u64().unwrap_or(600)),
        address: yes(match_origin).then(|| context.address.clone()),
        single_use: yes(single_use),
        purpose: Purpose::Login,
        parent: session.as_parent(),
    });
    Ok(token.into())
}

fn one_time_password(system: &System, request: &Value) -> Result<Value, Failure> {
    let username = request
        .get("username")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let password = system.letters(16);
    if system.accounts.set_one_time(username, &password) {
        Ok(password.into())
    } else {
        let message = format!("{username}: no such user");
        Err(Failure::invalid_at(
            "generate_single_use_password.username",
            message,
        ))
    }
}

fn sessions(system: &System, context: &Context) -> Vec<Value> {
    let own = context.session.as_ref().map(|session| &session.id);
    let connections: Vec<_> = system.connections().values().cloned().collect();
    let sessions = connections
        .iter()
        .filter_map(|connection| connection.session());
    sessions
        .map(|session| session.entry(Some(&session.id) == own))
        .collect()
}

/// Ends sessions; their connections stay. Whether there were any.
fn terminate(system: &System, which: impl Fn(&Session) -> bool) -> bool {
    let connections: Vec<_> = system.connections().values().cloned().collect();
    let ended = connections.into_iter().filter(|connection| {
        let meant = connection.session().is_some_and(|session| which(&session));
        if meant {
            system.log_out(connection);
        }
        meant
    });
    ended.count() > 0
}

/// Gives the key that this entry is of a text that one can log in with. The
/// entry says this once what it is; returns what was added to it.
pub(crate) fn set_new_key(system: &System, entry: &mut Value) -> Value {
    let Some(id) = entry.get("id").and_then(Value::as_i64) else {
        return json!({});
    };
    let text = system.letters(64);
    let key = format!("{id}-{text}");
    let mut added = system.accounts.set_key(id, text);
    set(&mut added, "key", key.into());
    merge(entry, &added);
    added
}
