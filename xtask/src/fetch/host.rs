//! A system that runs: what it answers to `core.get_methods`, and its own
//! documentation site.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use reqwest::Url;
use serde_json::Value;
use sha2::Digest as _;
use truenas_codegen::versions::is_version_name;
use truenas_runtime::client::{ApiKey, Auth, Client, Session, Trust};
use truenas_runtime::{Api, MethodInfo};

use super::cache::{hash, hex};
use super::json;
use super::material::Material;
use super::web::Expected;
use super::web::{Proxy, Web, WebOptions};
use crate::output::beginning;

const KEY_VARIABLE: &str = "TRUENAS_API_KEY";
const PASSWORD_VARIABLE: &str = "TRUENAS_PASSWORD";
/// What is known by the authorities of this machine.
pub(super) const SYSTEM: &str = "system";
const JSON: Expected = Expected {
    most: 1 << 20,
    content_types: &["application/json"],
    is_long: false,
};

/// Which system, and who asks.
#[derive(Debug, Args)]
pub(super) struct HostOptions {
    /// Ask this system, which has to run the release: nas.example, or with a
    /// port
    ///
    /// It is asked directly: HTTPS_PROXY and the like count for sites only.
    #[arg(long, requires = "user")]
    pub(super) host: Option<String>,

    /// Who logs in there: a full administrator, or methods will be missing
    ///
    /// Without --api-key-file, the environment has the key in TRUENAS_API_KEY
    /// or the password in TRUENAS_PASSWORD.
    #[arg(long, requires = "host")]
    user: Option<String>,

    /// A file with the user's API key: its text, JSON or INI
    #[arg(long, value_name = "FILE", requires = "host")]
    api_key_file: Option<PathBuf>,

    /// Send the API key itself, encrypted by TLS alone, as releases before 26
    /// need it
    #[arg(long, requires = "host")]
    allow_plain: bool,

    #[command(flatten)]
    trust: TrustOptions,
}

/// By what a server is known: --host, or without it the site.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct TrustOptions {
    /// Trust the authorities in this file, in PEM, and no others
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,

    /// Trust the certificate with this SHA-256 fingerprint, and no other
    #[arg(long, value_name = "SHA256")]
    fingerprint: Option<String>,

    /// Trust anybody, who then can read and change everything, login included
    #[arg(long)]
    insecure: bool,
}

/// The version that a server is itself of, whichever that is.
struct Current;

impl Api for Current {
    const VERSION: &'static str = "current";
    const METHODS: &'static [&'static MethodInfo] = &[];
    type Services<C> = C;

    fn services<C>(client: C) -> C {
        client
    }
}

/// A login at a system.
pub(crate) struct Connection {
    client: Client<Current>,
    base: Url,
    web: Web,
    /// The API version of the system itself.
    pub(crate) api: String,
}

impl Connection {
    /// The session for calls.
    pub(crate) fn session(&self) -> &Session {
        self.client.session()
    }
}

/// What a system says.
pub(crate) struct Answer {
    pub(crate) api: String,
    pub(crate) release: String,
    pub(crate) methods: Material,
    /// Where its documentation is.
    pub(crate) docs: Url,
    pub(super) web: Web,
}

impl HostOptions {
    /// By what the server is known that these options are about.
    pub(super) fn trust(&self) -> Result<Trust> {
        let options = &self.trust;
        Ok(match (&options.ca_file, &options.fingerprint) {
            (Some(file), _) => Trust::ca_file(file),
            (_, Some(fingerprint)) => {
                Trust::fingerprint(fingerprint.parse().context("--fingerprint")?)
            }
            _ if options.insecure => Trust::dangerously_accept_any(),
            _ => Trust::system(),
        })
    }

    /// The same in words, different for all that differ; `None` is anybody.
    pub(super) fn known(&self) -> Result<Option<String>> {
        let options = &self.trust;
        Ok(match (&options.ca_file, &options.fingerprint) {
            (Some(path), _) => {
                // There may be others in it tomorrow.
                let hash = File::open(path).and_then(|file| hash(&file));
                let hash =
                    hash.with_context(|| format!("the CA file {} cannot be read", path.display()))?;
                Some(format!("ca-file {}", hex(hash.finalize())))
            }
            (_, Some(fingerprint)) => Some(format!("fingerprint {fingerprint}")),
            _ if options.insecure => None,
            _ => Some(SYSTEM.to_owned()),
        })
    }

    /// Whether anybody is trusted.
    pub(super) fn is_insecure(&self) -> bool {
        self.trust.insecure
    }

    /// Logs in to the system.
    pub(super) async fn connect(&self, host: &str, options: &WebOptions) -> Result<Connection> {
        let trust = self.trust()?;
        let base = address(host)?;
        let web = Web::new(options, &trust, self.known()?.as_deref(), Proxy::None)?;
        let timeout = Duration::from_secs(options.timeout);
        let client = Client::<Current>::builder(&format!("wss://{host}"))
            .trust(trust)
            .login(self.auth()?)
            .max_message(json::MOST)
            .timeout(timeout)
            .connect_timeout(timeout)
            .connect()
            .await?;
        match newest(&web, &base).await {
            Ok(api) => Ok(Connection {
                client,
                base,
                web,
                api,
            }),
            Err(error) => {
                client.session().close().await;
                Err(error.context(host.to_owned()))
            }
        }
    }

    /// Requests everything that the system publishes itself.
    pub(super) async fn ask(&self, host: &str, options: &WebOptions) -> Result<Answer> {
        let connection = self.connect(host, options).await?;
        let session = connection.session();
        let result = answer(session, &connection.base).await;
        session.close().await;
        let (release, methods) = result.with_context(|| host.to_owned())?;
        Ok(Answer {
            api: connection.api,
            release,
            methods,
            docs: connection.base.join("api/docs/")?,
            web: connection.web,
        })
    }

    fn auth(&self) -> Result<Auth> {
        let user = self.user.as_deref().unwrap_or_default();
        let set = |variable| std::env::var_os(variable).is_some();
        let key = match &self.api_key_file {
            Some(path) => Some(ApiKey::from_file(path)?),
            None if set(KEY_VARIABLE) => Some(ApiKey::from_env(KEY_VARIABLE)?),
            None => None,
        };
        Ok(match (key, std::env::var(PASSWORD_VARIABLE)) {
            (Some(key), _) if self.allow_plain => Auth::api_key(user, key).allow_plain(),
            (Some(key), _) => Auth::api_key(user, key),
            (None, Ok(password)) => Auth::password(user, password),
            (None, Err(_)) => bail!(
                "nothing to log in with: give --api-key-file, or set {KEY_VARIABLE} or \
                 {PASSWORD_VARIABLE}"
            ),
        })
    }
}

/// The address of a system that is called so, which is a name or an address
/// and maybe a port.
fn address(host: &str) -> Result<Url> {
    let url: Option<Url> = format!("https://{host}/").parse().ok();
    // Whatever else is in it, a password maybe, is not shown.
    let url = url.filter(|url| {
        let authority = url.authority();
        url.as_str() == format!("https://{authority}/") && !authority.contains('@')
    });
    url.context(
        "--host: expected a name or an address, with its port if that is not 443: nas.example, \
         nas.example:8443 or [fd00::1]",
    )
}

async fn answer(session: &Session, base: &Url) -> Result<(String, Material)> {
    let release = release(session).await?;
    let me = session.call_raw("auth.me", Vec::new()).await?;
    json::check(me.text()).context("auth.me")?;
    let me = me.value()?;
    let methods = session.call_raw("core.get_methods", Vec::new()).await;
    let methods = methods.context(
        "`core.get_methods` is not answered: on 25.04 only a full administrator may call it",
    )?;
    json::check(methods.text()).context("core.get_methods")?;
    let methods = Material {
        name: format!("core.get_methods of {}", base.authority()),
        text: methods.text().to_owned(),
        is_site: false,
        roles: Some(roles(&me)?),
        absent: Vec::new(),
        unproven: Vec::new(),
    };
    Ok((release, methods))
}

/// Returns the release that a system runs.
pub(crate) async fn release(session: &Session) -> Result<String> {
    let release = session.call_raw("system.version_short", Vec::new()).await?;
    let release: String = release.read()?;
    ensure!(
        is_plain(&release, 40, ".-"),
        "system.version_short: {} is no release such as 25.10.0",
        beginning(&release)
    );
    Ok(release)
}

/// The version that `core.get_methods` speaks of, whatever was dialled: the
/// last of those that the server serves.
async fn newest(web: &Web, base: &Url) -> Result<String> {
    let url = base.join("api/versions")?;
    let Some(path) = web.get(&url, JSON).await? else {
        bail!("{url}: not there; is this a TrueNAS of 25.04 or later?");
    };
    let versions: Vec<String> =
        serde_json::from_slice(&std::fs::read(path)?).with_context(|| url.to_string())?;
    let newest = versions.last();
    let newest = newest.with_context(|| format!("{url}: no version"))?;
    // It becomes part of addresses and of the names of files.
    ensure!(
        is_version_name(newest),
        "{url}: {} is no version such as v25.10.0",
        beginning(newest)
    );
    Ok(newest.clone())
}

/// Whether this is a word that may be written into a file and shown.
fn is_plain(text: &str, most: usize, marks: &str) -> bool {
    let mut letters = text.chars();
    (1..=most).contains(&text.len())
        && letters.all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}

/// The roles of the account, as `auth.me` tells them.
fn roles(me: &Value) -> Result<Vec<String>> {
    const ALL: &str = "FULL_ADMIN";
    let roles = me.pointer("/privilege/roles").unwrap_or(&Value::Null);
    // A set, in the API's own way of writing one.
    let roles = roles.get("$set").unwrap_or(roles);
    let roles = roles.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut roles: Vec<String> = roles
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    for role in &roles {
        ensure!(
            is_plain(role, 64, "_"),
            "auth.me: {} is no role",
            beginning(role)
        );
    }
    roles.sort();
    // It has all the others.
    if roles.iter().any(|role| role == ALL) {
        roles = vec![ALL.to_owned()];
    }
    Ok(roles)
}
