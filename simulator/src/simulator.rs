//! A simulator that runs, and what can be done with it.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::io::DuplexStream;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::auth::Credentials;
use crate::builder::{Builder, StartError};
use crate::faults::Faults;
use crate::http::router;
use crate::keep::{StateFile, follow};
use crate::listen::Served;
use crate::stats::Stats;
use crate::system::System;
use crate::tls::Tls;

/// A simulator that runs. It ends when this is dropped; [`Self::shutdown`]
/// waits for its end, and says so if the last of the state cannot be kept.
pub struct Simulator {
    served: Served,
    tls: Arc<Tls>,
    wss: SocketAddr,
    ws: SocketAddr,
    unix: Option<PathBuf>,
    stop: watch::Sender<bool>,
    /// What listens, and what keeps the state.
    tasks: JoinSet<()>,
    state: Option<Arc<StateFile>>,
}

impl Simulator {
    /// Begins with all defaults.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Opens its doors.
    pub(crate) async fn serve(
        system: Arc<System>,
        tls: Arc<Tls>,
        state: Option<StateFile>,
        wss: SocketAddr,
        ws: SocketAddr,
        unix: Option<PathBuf>,
    ) -> Result<Self, StartError> {
        let (stop, stopped) = watch::channel(false);
        let served = Served {
            router: router(Arc::clone(&system)),
            system,
            stop: stopped,
        };
        let mut tasks = JoinSet::new();
        let (wss_listener, wss) = bind(wss).await?;
        let (ws_listener, ws) = bind(ws).await?;
        #[cfg(unix)]
        if let Some(path) = &unix {
            let listener = crate::listen::unix_listener(path).map_err(|error| {
                StartError::new(&format!("the unix socket {}", path.display()), &error)
            })?;
            tasks.spawn(served.clone().unix(listener));
        }
        #[cfg(not(unix))]
        if unix.is_some() {
            return Err(StartError::new("the unix socket", &"this system has none"));
        }
        tasks.spawn(served.clone().tcp(wss_listener, Some(Arc::clone(&tls))));
        tasks.spawn(served.clone().tcp(ws_listener, None));
        let state = state.map(Arc::new);
        if let Some(file) = &state {
            let engine = Arc::clone(&served.system.engine);
            tasks.spawn(follow(Arc::clone(file), engine, served.stop.clone()));
        }
        Ok(Self {
            served,
            tls,
            wss,
            ws,
            unix,
            stop,
            tasks,
            state,
        })
    }

    /// The API version, such as `v25.10.5`.
    #[must_use]
    pub fn api(&self) -> &str {
        self.system().engine.own().api()
    }

    /// `wss://127.0.0.1:…/api/current`.
    #[must_use]
    pub fn wss_url(&self) -> String {
        format!("wss://{}/api/current", self.wss)
    }

    /// `ws://127.0.0.1:…/api/current`.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://{}/api/current", self.ws)
    }

    /// `https://127.0.0.1:…`, without a slash at the end.
    #[must_use]
    pub fn https_url(&self) -> String {
        format!("https://{}", self.wss)
    }

    /// `http://127.0.0.1:…`, without a slash at the end.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://{}", self.ws)
    }

    /// The unix socket, if there is one.
    #[must_use]
    pub fn unix_path(&self) -> Option<&Path> {
        self.unix.as_deref()
    }

    /// The certificate of this run, in PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.tls.pem
    }

    /// The certificate of this run, in DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        &self.tls.der
    }

    /// The SHA-256 of the certificate's DER, in lower-case hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.tls.fingerprint()
    }

    /// The user's name.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.credentials().user
    }

    /// The user's password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.credentials().password
    }

    /// The user's API key, `<id>-<text>`.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.credentials().api_key
    }

    /// The secret of the user's one-time passwords, in base32.
    #[must_use]
    pub fn otp_secret(&self) -> &str {
        self.credentials().otp.text()
    }

    /// The one-time password of this moment.
    #[must_use]
    pub fn otp_now(&self) -> String {
        self.credentials().otp.at(SystemTime::now())
    }

    /// What a user that there is from the start logs in with.
    #[must_use]
    pub fn login(&self, user: &str) -> Option<Login<'_>> {
        self.system().accounts.credentials(user).map(Login)
    }

    /// The same of all such users, the first user first.
    pub fn logins(&self) -> impl Iterator<Item = Login<'_>> {
        self.system().accounts.all().map(Login)
    }

    /// What goes wrong; it can be changed at any time.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.system().faults
    }

    /// What has been seen until now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.system().snapshot()
    }

    /// The id of this boot.
    #[must_use]
    pub fn boot_id(&self) -> String {
        self.system().boot_id().clone()
    }

    /// Restarts the system: connections, sessions, tokens and jobs are lost,
    /// job ids start again, and the boot has another id. The state stays, and
    /// so do addresses, certificate and credentials.
    pub fn restart(&self) {
        self.system().restart();
    }

    /// Ends all sessions; their connections stay.
    pub fn expire_sessions(&self) {
        self.system().expire_sessions();
    }

    /// Cuts all WebSocket connections.
    pub fn drop_connections(&self) {
        self.system().drop_connections();
    }

    /// A connection within the memory, for tests under Tokio's paused clock:
    /// HTTP/1.1 without TLS, over which a client opens its WebSocket. It counts
    /// as encrypted.
    #[must_use]
    pub fn connect(&self) -> DuplexStream {
        self.served.memory(true)
    }

    /// The same, but it counts as one that anybody could listen to.
    #[must_use]
    pub fn connect_insecure(&self) -> DuplexStream {
        self.served.memory(false)
    }

    /// Ends the simulator, and writes the state if it has a file.
    ///
    /// # Errors
    ///
    /// Where the state cannot be written.
    pub async fn shutdown(mut self) -> Result<(), StartError> {
        self.stop.send_replace(true);
        self.system().drop_connections();
        while self.tasks.join_next().await.is_some() {}
        match &self.state {
            Some(file) => file.save(&self.system().engine),
            None => Ok(()),
        }
    }

    fn system(&self) -> &System {
        &self.served.system
    }

    fn credentials(&self) -> &Credentials {
        self.system().accounts.first()
    }
}

/// What a user logs in with.
#[derive(Clone, Copy)]
pub struct Login<'s>(&'s Credentials);

impl<'s> Login<'s> {
    /// The user's name.
    #[must_use]
    pub fn user(self) -> &'s str {
        &self.0.user
    }

    /// The password.
    #[must_use]
    pub fn password(self) -> &'s str {
        &self.0.password
    }

    /// An API key, `<id>-<text>`.
    #[must_use]
    pub fn api_key(self) -> &'s str {
        &self.0.api_key
    }

    /// The roles.
    #[must_use]
    pub fn roles(self) -> &'s [String] {
        &self.0.roles
    }
}

/// Without the secrets.
impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.user())
            .field("roles", &self.roles())
            .finish_non_exhaustive()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.system().drop_connections();
        if let Some(path) = &self.unix {
            // It may be gone already.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("api", &self.api())
            .field("wss", &self.wss)
            .field("ws", &self.ws)
            .finish_non_exhaustive()
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    let bound: std::io::Result<_> = bound.await;
    bound.map_err(|error| {
        StartError::new(
            &format!("listening on {address} (port 0 takes any)"),
            &error,
        )
    })
}
