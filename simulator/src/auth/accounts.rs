//! The accounts, and the API keys that act for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::otp::{DIGITS, INTERVAL};
use super::{Credentials, OtpSecret, ScramKeys};

/// The account of who comes over the unix socket.
const ROOT: &str = "root";

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) roles: Vec<String>,
    uid: i64,
}

/// An API key.
#[derive(Debug, Clone)]
pub(crate) struct ApiKey {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) username: String,
    /// The text behind `<id>-`.
    key: String,
    revoked: bool,
    /// Made when first needed, as that takes time.
    scram: Option<Arc<ScramKeys>>,
}

/// What a key turned out to be.
pub(crate) enum KeyCheck {
    Good(ApiKey),
    Revoked,
    Wrong,
}

/// All that a login is checked against.
pub(crate) struct Accounts {
    first: Credentials,
    changing: Mutex<Changing>,
}

#[derive(Default)]
struct Changing {
    keys: BTreeMap<i64, ApiKey>,
    attributes: BTreeMap<String, Map<String, Value>>,
    one_time: BTreeMap<String, String>,
}

impl Accounts {
    pub(crate) fn new(first: Credentials) -> Self {
        let accounts = Self {
            changing: Mutex::new(Changing::default()),
            first,
        };
        accounts.add_key("simulator", &accounts.first.user, &accounts.first.api_key);
        accounts
    }

    /// The first user's credentials.
    pub(crate) fn first(&self) -> &Credentials {
        &self.first
    }

    /// A user by name.
    pub(crate) fn account(&self, username: &str) -> Option<Account> {
        let is_first = username == self.first.user;
        (is_first || username == ROOT).then(|| Account {
            username: username.to_owned(),
            roles: if is_first {
                self.first.roles.clone()
            } else {
                vec!["FULL_ADMIN".to_owned()]
            },
            uid: if username == ROOT { 0 } else { 950 },
        })
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
        if username == self.first.user && password == self.first.password {
            return if self.first.two_factor {
                PasswordCheck::NeedsOtp
            } else {
                PasswordCheck::Good
            };
        }
        let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
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
            let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Takes up a key of the form `<id>-<text>`; anything else is left.
    pub(crate) fn add_key(&self, name: &str, username: &str, text: &str) {
        let Some((id, key)) = split_key(text) else {
            return;
        };
        let key = ApiKey {
            id,
            name: name.to_owned(),
            username: username.to_owned(),
            key: key.to_owned(),
            revoked: false,
            scram: None,
        };
        let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        changing.keys.insert(id, key);
    }

    /// Forgets a key.
    pub(crate) fn remove_key(&self, id: i64) {
        let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        changing.keys.remove(&id);
    }

    /// What is known of a key. Without a user's name, as in HTTP and in
    /// `auth.login_with_api_key`, the key alone counts.
    pub(crate) fn check_key(&self, username: Option<&str>, text: &str) -> KeyCheck {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let found = split_key(text).and_then(|(id, key)| {
            let found = changing.keys.get(&id)?;
            let own = username.is_none_or(|username| username == found.username);
            (own && found.key == key).then_some(found)
        });
        match found {
            None => KeyCheck::Wrong,
            Some(key) if key.revoked => KeyCheck::Revoked,
            Some(key) => KeyCheck::Good(key.clone()),
        }
    }

    /// Makes a key useless for good.
    pub(crate) fn revoke(&self, id: i64) {
        let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = changing.keys.get_mut(&id) {
            key.revoked = true;
        }
    }

    /// What SCRAM needs of a user's key.
    pub(crate) fn scram_keys(
        &self,
        username: &str,
        id: i64,
        salt: [u8; 16],
    ) -> Option<Arc<ScramKeys>> {
        let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let key = changing.keys.get_mut(&id)?;
        if key.revoked || key.username != username {
            return None;
        }
        let scram = key
            .scram
            .get_or_insert_with(|| Arc::new(ScramKeys::new(&key.key, salt)));
        Some(Arc::clone(scram))
    }

    /// A key by its id.
    pub(crate) fn key(&self, id: i64) -> Option<ApiKey> {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        changing.keys.get(&id).cloned()
    }

    /// Keeps an attribute of the user.
    pub(crate) fn set_attribute(&self, username: &str, key: &str, value: Value) {
        let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let attributes = changing.attributes.entry(username.to_owned()).or_default();
        // Enough for any program, and not for one that runs wild.
        if attributes.len() < 1000 || attributes.contains_key(key) {
            attributes.insert(key.to_owned(), value);
        }
    }

    /// What `auth.me` answers.
    pub(crate) fn describe(&self, account: &Account) -> Value {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let name = &account.username;
        let attributes = changing.attributes.get(name).cloned().unwrap_or_default();
        let two_factor = self.first.two_factor && *name == self.first.user;
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
            "attributes": attributes,
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
