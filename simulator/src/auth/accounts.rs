//! The accounts, and the API keys that act for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::otp::{DIGITS, INTERVAL};
use super::{Credentials, OtpSecret, ScramKeys};
use crate::clock;
use crate::engine::Engine;
use crate::json::set;
use crate::number::{Number, V26};

/// The account of who comes over the unix socket.
const ROOT: &str = "root";
/// Under what name the state keeps what is kept in here.
const KEPT: &str = "accounts";

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) roles: Vec<String>,
    uid: i64,
}

/// An API key. What is said of it stands in the system's state, as an entry of
/// `api_key`; its text stands there beside the entries.
#[derive(Clone)]
pub(crate) struct ApiKey {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) username: String,
}

/// What a key turned out to be.
pub(crate) enum KeyCheck {
    Good(ApiKey),
    /// Revoked, or too old.
    Expired,
    Wrong,
}

/// All that a login is checked against.
pub(crate) struct Accounts {
    first: Credentials,
    others: Vec<Credentials>,
    engine: Arc<Engine>,
    changing: Mutex<Changing>,
}

struct Changing {
    kept: Kept,
    one_time: BTreeMap<String, String>,
}

/// What outlives a restart.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Kept {
    /// By the id of the key, the text behind `<id>-`.
    keys: BTreeMap<i64, String>,
    /// By user, what `auth.set_attribute` has set.
    attributes: BTreeMap<String, Map<String, Value>>,
}

impl Accounts {
    /// Those of the system that this is the state of, and those that were asked
    /// for, which it may not know yet. Fails if what the state has kept is not
    /// that.
    pub(crate) fn new(
        first: Credentials,
        others: Vec<Credentials>,
        engine: Arc<Engine>,
    ) -> serde_json::Result<Self> {
        let kept = engine.kept(KEPT).map(serde_json::from_value).transpose()?;
        let accounts = Self {
            changing: Mutex::new(Changing {
                kept: kept.unwrap_or_default(),
                one_time: BTreeMap::new(),
            }),
            first,
            others,
            engine,
        };
        accounts.all().for_each(|account| accounts.put(account));
        Ok(accounts)
    }

    /// Puts a user and its key into the state.
    fn put(&self, account: &Credentials) {
        let Credentials {
            id,
            uid,
            user,
            api_key,
            roles,
            ..
        } = account;
        let known = self.engine.entry("user", *id);
        if known.is_none_or(|known| known.get("username") != Some(&json!(user))) {
            let home = format!("/home/{user}");
            let entry =
                json!({"id": id, "uid": uid, "username": user, "home": home, "roles": roles});
            self.engine.put("user", entry);
        }
        if let Some((key, text)) = split_key(api_key) {
            // Good at each start, whatever has become of it.
            let entry = json!({
                "id": key,
                "name": if *user == self.first.user { "simulator" } else { user },
                "username": user,
                "user_identifier": id,
                "local": true,
                "expires_at": null,
                "revoked": false,
                "revoked_reason": null,
            });
            self.engine.put("api_key", entry);
            self.set_key(key, text.to_owned());
        }
    }

    /// The first user's credentials.
    pub(crate) fn first(&self) -> &Credentials {
        &self.first
    }

    /// The credentials of a user that there is from the start.
    pub(crate) fn credentials(&self, username: &str) -> Option<&Credentials> {
        self.all().find(|account| account.user == username)
    }

    /// The credentials of all users that there are from the start.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Credentials> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// A user by name.
    pub(crate) fn account(&self, username: &str) -> Option<Account> {
        match self.credentials(username) {
            Some(known) => Some(Account {
                username: username.to_owned(),
                roles: known.roles.clone(),
                uid: known.uid,
            }),
            None => (username == ROOT).then(|| self.root()),
        }
    }

    /// The account behind the unix socket.
    pub(crate) fn root(&self) -> Account {
        Account {
            username: ROOT.to_owned(),
            roles: vec!["FULL_ADMIN".to_owned()],
            uid: 0,
        }
    }

    /// Whether this is the user's password. A one-time password is one once.
    pub(crate) fn check_password(&self, username: &str, password: &str) -> PasswordCheck {
        let known = self.credentials(username);
        if let Some(known) = known.filter(|known| known.password == password) {
            return if known.two_factor {
                PasswordCheck::NeedsOtp
            } else {
                PasswordCheck::Good
            };
        }
        let mut changing = self.changing();
        match changing.one_time.get(username) {
            Some(expected) if expected == password => {
                changing.one_time.remove(username);
                PasswordCheck::OneTime
            }
            _ => PasswordCheck::Wrong,
        }
    }

    /// Lets the user log in with this password once; false if there is no
    /// such user.
    pub(crate) fn set_one_time(&self, username: &str, password: &str) -> bool {
        let known = self.account(username).is_some();
        if known {
            let mut changing = self.changing();
            changing
                .one_time
                .insert(username.to_owned(), password.to_owned());
        }
        known
    }

    /// The secret of one-time passwords.
    pub(crate) fn otp(&self) -> &OtpSecret {
        &self.first.otp
    }

    /// Gives a key its text, in the place of any that it had; what is to be
    /// said of it beside that.
    pub(crate) fn set_key(&self, id: i64, text: String) -> Value {
        let mut said = json!({});
        if Number::new(self.engine.own().api()) >= V26 {
            let (keys, client_key) = ScramKeys::new(id, &text);
            said = keys.describe();
            let mut entry = said.clone();
            set(&mut entry, "id", id.into());
            self.engine.put("api_key", entry);
            // Only who asks for a key hears of this.
            set(&mut said, "client_key", BASE64.encode(&client_key).into());
        }
        let mut changing = self.changing();
        let keys = &mut changing.kept.keys;
        keys.retain(|id, _| self.engine.entry("api_key", *id).is_some());
        keys.insert(id, text);
        self.keep(&changing);
        said
    }

    /// What is known of a key. Without a user's name, as in HTTP and in
    /// `auth.login_with_api_key`, the key alone counts.
    pub(crate) fn check_key(&self, username: Option<&str>, text: &str) -> KeyCheck {
        let found = split_key(text).and_then(|(id, text)| {
            let known = self
                .changing()
                .kept
                .keys
                .get(&id)
                .is_some_and(|key| key == text);
            self.key(id).filter(|_| known)
        });
        match found {
            Some((key, _)) if username.is_some_and(|username| username != key.username) => {
                KeyCheck::Wrong
            }
            Some((key, true)) => KeyCheck::Good(key),
            Some((_, false)) => KeyCheck::Expired,
            None => KeyCheck::Wrong,
        }
    }

    /// What SCRAM needs of a user's key.
    pub(crate) fn scram_keys(&self, username: &str, id: i64) -> Option<ScramKeys> {
        let key = self.good_key(id).filter(|key| key.username == username)?;
        let text = self.changing().kept.keys.get(&key.id)?.clone();
        Some(ScramKeys::new(id, &text).0)
    }

    /// A key that one can log in with.
    pub(crate) fn good_key(&self, id: i64) -> Option<ApiKey> {
        let (key, good) = self.key(id)?;
        good.then_some(key)
    }

    /// A key by its id, and whether it is neither revoked nor too old.
    fn key(&self, id: i64) -> Option<(ApiKey, bool)> {
        let entry = self.engine.entry("api_key", id)?;
        let text = |key: &str| entry.get(key)?.as_str().map(str::to_owned);
        let end = entry.pointer("/expires_at/$date").and_then(Value::as_i64);
        let good = entry.get("revoked") != Some(&Value::Bool(true))
            && end.is_none_or(|end| clock::now() < end);
        let key = ApiKey {
            id,
            name: text("name").unwrap_or_default(),
            username: text("username")?,
        };
        Some((key, good))
    }

    /// Keeps an attribute of the user.
    pub(crate) fn set_attribute(&self, username: &str, key: &str, value: Value) {
        let mut changing = self.changing();
        let attributes = &mut changing.kept.attributes;
        let attributes = attributes.entry(username.to_owned()).or_default();
        // Enough for any program, and not for one that runs wild.
        if attributes.len() < 1000 || attributes.contains_key(key) {
            attributes.insert(key.to_owned(), value);
        }
        self.keep(&changing);
    }

    fn keep(&self, changing: &Changing) {
        self.engine.keep(KEPT, json!(changing.kept));
    }

    fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `auth.me` answers.
    pub(crate) fn describe(&self, account: &Account) -> Value {
        let name = &account.username;
        let attributes = self.changing().kept.attributes.get(name).cloned();
        let two_factor = self.credentials(name).is_some_and(|known| known.two_factor);
        json!({
            "pw_name": name,
            "pw_gecos": name,
            "pw_dir": if account.uid == 0 { "/root".to_owned() } else { format!("/home/{name}") },
            "pw_shell": "/bin/bash",
            "pw_uid": account.uid,
            "pw_gid": account.uid,
            "grouplist": null,
            "sid": null,
            "source": "LOCAL",
            "local": true,
            "attributes": attributes.unwrap_or_default(),
            "two_factor_config": {
                "provisioning_uri": null,
                "secret_configured": two_factor,
                "interval": INTERVAL,
                "otp_digits": DIGITS,
            },
            "privilege": {
                "roles": {"$set": account.roles},
                "allowlist": if account.is_full_admin() {
                    json!([{"method": "*", "resource": "*"}])
                } else {
                    json!([])
                },
                "web_shell": account.is_full_admin(),
                "webui_access": true,
            },
            "account_attributes": if account.uid == 0 {
                json!(["LOCAL", "SYS_ADMIN"])
            } else if two_factor {
                json!(["LOCAL", "2FA"])
            } else {
                json!(["LOCAL"])
            },
        })
    }
}

/// What a password is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordCheck {
    Good,
    NeedsOtp,
    OneTime,
    Wrong,
}

/// The id and the text of `<id>-<text>`.
fn split_key(text: &str) -> Option<(i64, &str)> {
    let (id, key) = text.split_once('-')?;
    let plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    Some((id.parse().ok()?, key)).filter(|_| plain)
}
