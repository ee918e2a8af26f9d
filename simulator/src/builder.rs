//! What a simulator is to be like, and its start.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::{Accounts, Credentials, OtpSecret, is_role, letters, otp_secret};
use crate::engine::{Engine, Schemas};
use crate::faults::{Fault, Faults, Glob};
use crate::keep::StateFile;
use crate::number::{Number, V26};
use crate::record::Recorder;
use crate::settings::Settings;
use crate::simulator::Simulator;
use crate::system::System;
use crate::tls::Tls;

/// The first user's id in the state, and on the system.
const ADMIN: i64 = 70;
const UID: i64 = 950;
/// The ids of other users in the state come behind this one.
const OTHERS: i64 = 80;

/// Why a simulator did not start or end as it should.
#[derive(Debug)]
pub struct StartError(String);

impl StartError {
    pub(crate) fn new(doing: &str, error: &dyn fmt::Display) -> Self {
        Self(format!("{doing}: {error}"))
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// What a simulator is to be like. All of it has a default.
#[derive(Clone)]
pub struct Builder {
    api: Option<String>,
    schemas: Option<PathBuf>,
    seed: u64,
    state: Option<PathBuf>,
    user: String,
    password: Option<String>,
    api_key: Option<String>,
    otp_secret: Option<String>,
    two_factor: bool,
    roles: Vec<String>,
    accounts: Vec<(String, Vec<String>)>,
    job_duration: Duration,
    session_lifetime: Duration,
    idle_timeout: Option<Duration>,
    rate_limit: Option<u32>,
    loopback_is_secure: bool,
    transient: Option<String>,
    wss: SocketAddr,
    ws: SocketAddr,
    unix_socket: Option<PathBuf>,
    record: Option<PathBuf>,
    faults: Vec<Fault>,
}

impl Default for Builder {
    fn default() -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            api: None,
            schemas: None,
            seed: 0,
            state: None,
            user: "truenas_admin".to_owned(),
            password: None,
            api_key: None,
            otp_secret: None,
            two_factor: false,
            roles: vec!["FULL_ADMIN".to_owned()],
            accounts: Vec::new(),
            job_duration: Duration::from_millis(200),
            session_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
            idle_timeout: None,
            rate_limit: Some(20),
            loopback_is_secure: false,
            transient: None,
            wss: any_port,
            ws: any_port,
            unix_socket: None,
            record: None,
            faults: Vec::new(),
        }
    }
}

impl Builder {
    /// The system's own API version, such as `v25.10.5`; by default the newest
    /// there is.
    #[must_use]
    pub fn api(mut self, api: &str) -> Self {
        self.api = Some(api.to_owned());
        self
    }

    /// Reads the schemas from this folder and not from the program itself.
    #[must_use]
    pub fn schemas(mut self, folder: impl Into<PathBuf>) -> Self {
        self.schemas = Some(folder.into());
        self
    }

    /// What everything made up follows from; by default 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Keeps the state in this file: it is read at the start, if it is there,
    /// and written, whole or not at all, within a quarter of a second of each
    /// change and by [`Simulator::shutdown`]. It holds the texts of API keys;
    /// only its owner may read it. Beside it a file that ends in `.lock` keeps
    /// other simulators off.
    #[must_use]
    pub fn state(mut self, file: impl Into<PathBuf>) -> Self {
        self.state = Some(file.into());
        self
    }

    /// The name of the user; by default `truenas_admin`.
    #[must_use]
    pub fn user(mut self, name: &str) -> Self {
        self.user = name.to_owned();
        self
    }

    /// The user's password; by default one that follows from the seed.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// The user's API key, `<id>-<letters and digits>`; by default one that
    /// follows from the seed.
    #[must_use]
    pub fn api_key(mut self, key: &str) -> Self {
        self.api_key = Some(key.to_owned());
        self
    }

    /// The secret of the user's one-time passwords, in base32; by default one
    /// that follows from the seed.
    #[must_use]
    pub fn otp_secret(mut self, secret: &str) -> Self {
        self.otp_secret = Some(secret.to_owned());
        self
    }

    /// Whether a password is not enough without a one-time password; by
    /// default it is.
    #[must_use]
    pub fn two_factor(mut self, needed: bool) -> Self {
        self.two_factor = needed;
        self
    }

    /// The user's roles; by default `FULL_ADMIN` alone.
    #[must_use]
    pub fn roles<'a>(mut self, roles: impl IntoIterator<Item = &'a str>) -> Self {
        self.roles = roles.into_iter().map(str::to_owned).collect();
        self
    }

    /// Adds another user with these roles, such as `READONLY_ADMIN`; may be
    /// called again for more. Its password and API key follow from the seed;
    /// [`Simulator::login`] returns them.
    #[must_use]
    pub fn account<'a>(mut self, name: &str, roles: impl IntoIterator<Item = &'a str>) -> Self {
        let roles = roles.into_iter().map(str::to_owned).collect();
        self.accounts.push((name.to_owned(), roles));
        self
    }

    /// How long a job runs; by default 200 ms. With zero it comes to its end
    /// at once, without progress in between.
    #[must_use]
    pub fn job_duration(mut self, duration: Duration) -> Self {
        self.job_duration = duration;
        self
    }

    /// Jobs of methods with such a name are transient; `*` stands for
    /// anything. By default none are.
    #[must_use]
    pub fn transient_jobs(mut self, pattern: &str) -> Self {
        self.transient = Some(pattern.to_owned());
        self
    }

    /// How long a session lasts; by default 30 days.
    #[must_use]
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// After how long a silent connection is cut; by default 60 s, and an hour
    /// from 26.0 on.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// How many calls of a method one address may make in 60 s without a
    /// login; by default 20, as on a real system. `None` lets all through.
    #[must_use]
    pub fn rate_limit(mut self, calls: Option<u32>) -> Self {
        self.rate_limit = calls;
        self
    }

    /// Whether a plain connection from this machine counts as encrypted, as it
    /// does on a real system, where it comes from the proxy. By default it does
    /// not, so that an API key that is sent over `ws://` is revoked, as it
    /// would be over a network.
    #[must_use]
    pub fn loopback_is_secure(mut self, secure: bool) -> Self {
        self.loopback_is_secure = secure;
        self
    }

    /// Where TLS connections come in; by default any port of 127.0.0.1.
    #[must_use]
    pub fn wss_address(mut self, address: SocketAddr) -> Self {
        self.wss = address;
        self
    }

    /// Where plain connections come in; by default any port of 127.0.0.1.
    #[must_use]
    pub fn ws_address(mut self, address: SocketAddr) -> Self {
        self.ws = address;
        self
    }

    /// Listens on a unix socket as well.
    #[must_use]
    pub fn unix_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.unix_socket = Some(path.into());
        self
    }

    /// Writes what is said to this file, as JSON lines, with secrets masked.
    #[must_use]
    pub fn record(mut self, file: impl Into<PathBuf>) -> Self {
        self.record = Some(file.into());
        self
    }

    /// Lets something go wrong; may be called again for more.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Starts the simulator on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// Where there is no such version or role, two users have the same name, a
    /// file cannot be read or written, an address is taken, or something to log
    /// in with has not its form.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let first = self.credentials()?;
        let others = self.others(&first)?;
        let schemas = match &self.schemas {
            None => Schemas::embedded(),
            Some(folder) => Schemas::in_folder(folder),
        };
        let schemas = schemas.map_err(|error| StartError::new("reading the schemas", &error))?;
        let newest = schemas.iter().last().map(|version| version.api.clone());
        let api = self.api.or(newest).unwrap_or_default();
        let engine = Engine::load(schemas, &api, self.seed)
            .map_err(|error| StartError::new("loading the API", &error))?;
        for role in first
            .roles
            .iter()
            .chain(others.iter().flat_map(|other| &other.roles))
        {
            if !engine.own().has_role(role) && !is_role(role) {
                let problem = format!("no method of {api} asks for it");
                return Err(StartError::new(&format!("the role {role}"), &problem));
            }
        }
        let state = self.state.map(StateFile::open).transpose()?;
        if let Some(file) = &state {
            file.restore(&engine)?;
        }
        let engine = Arc::new(engine);
        let accounts = Accounts::new(first, others, Arc::clone(&engine))
            .map_err(|error| StartError::new("the accounts in the state", &error))?;
        let default_timeout = if Number::new(engine.own().api()) >= V26 {
            3600
        } else {
            60
        };
        let faults = Faults::new(self.seed);
        self.faults.into_iter().for_each(|fault| faults.add(fault));
        let recorder = self.record.map(|path| {
            Recorder::create(&path, Arc::clone(&engine))
                .map_err(|error| StartError::new(&format!("the record {}", path.display()), &error))
        });
        let recorder = recorder.transpose()?;
        let settings = Settings {
            seed: self.seed,
            job_duration: self.job_duration,
            session_lifetime: self.session_lifetime,
            idle_timeout: self
                .idle_timeout
                .unwrap_or(Duration::from_secs(default_timeout)),
            rate_limit: self.rate_limit,
            loopback_is_secure: self.loopback_is_secure,
            transient: self.transient.map(Glob),
        };
        let tls = Arc::new(Tls::new()?);
        let hash = tls.hash.clone();
        let system = System::new(settings, engine, accounts, faults, recorder, hash);
        Simulator::serve(
            Arc::new(system),
            tls,
            state,
            self.wss,
            self.ws,
            self.unix_socket,
        )
        .await
    }

    fn credentials(&self) -> Result<Credentials, StartError> {
        // Chance of its own, so that one that is given changes no other.
        let mut chance = fastrand::Rng::with_seed(self.seed);
        let password = letters(&mut chance, 16);
        let api_key = format!("1-{}", letters(&mut chance, 64));
        let secret = otp_secret(&mut chance);
        let api_key = self.api_key.clone().unwrap_or(api_key);
        let well_formed = api_key.split_once('-').is_some_and(|(id, key)| {
            let letters = key.bytes().all(|byte| byte.is_ascii_alphanumeric());
            id.parse::<i64>().is_ok() && !key.is_empty() && letters
        });
        if !well_formed {
            let form = "it must be <id>-<letters and digits>, such as 1-abc";
            return Err(StartError::new("the API key", &form));
        }
        let secret = self.otp_secret.as_deref().unwrap_or(&secret);
        let otp = OtpSecret::new(secret)
            .ok_or_else(|| StartError::new("the OTP secret", &"it must be base32"))?;
        Ok(Credentials {
            id: ADMIN,
            uid: UID,
            user: self.user.clone(),
            password: self.password.clone().unwrap_or(password),
            api_key,
            otp,
            two_factor: self.two_factor,
            roles: self.roles.clone(),
        })
    }
}

impl Builder {
    /// The users beside the first. Their ids, and those of their keys, count up
    /// from its own.
    fn others(&self, first: &Credentials) -> Result<Vec<Credentials>, StartError> {
        let first_key = first
            .api_key
            .split_once('-')
            .and_then(|(id, _)| id.parse().ok());
        let first_key: i64 = first_key.unwrap_or_default();
        let mut taken = vec!["root", &self.user];
        let mut others = Vec::new();
        for ((name, roles), number) in self.accounts.iter().zip(1..) {
            if taken.contains(&name.as_str()) {
                return Err(StartError::new(
                    &format!("the account {name}"),
                    &"there is a user with this name; choose another",
                ));
            }
            taken.push(name);
            // Chance of its own for each, so that one more changes no other.
            let seed = fastrand::Rng::with_seed(self.seed)
                .u64(..)
                .wrapping_add(number);
            let mut chance = fastrand::Rng::with_seed(seed);
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            let key = first_key.saturating_add(number);
            let password = letters(&mut chance, 16);
            let api_key = format!("{key}-{}", letters(&mut chance, 64));
            others.push(Credentials {
                id: OTHERS.saturating_add(number),
                uid: UID.saturating_add(number),
                user: name.clone(),
                password,
                api_key,
                otp: first.otp.clone(),
                two_factor: false,
                roles: roles.clone(),
            });
        }
        Ok(others)
    }
}

/// Without what one logs in with.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("api", &self.api)
            .field("seed", &self.seed)
            .field("state", &self.state)
            .field("user", &self.user)
            .field("roles", &self.roles)
            .field("accounts", &self.accounts)
            .field("wss", &self.wss)
            .field("ws", &self.ws)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
