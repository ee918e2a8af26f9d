//! The command: a simulator that runs until Ctrl-C.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use truenas_simulator::{Fault, Simulator, StartError};

/// A made-up TrueNAS to test against.
///
/// It speaks the API of any version, strict where a real system is strict, and
/// makes up the rest. Addresses and credentials are printed at the start; those
/// that are not given follow from --seed.
#[derive(Parser)]
#[command(name = "truenas-simulator", version)]
struct Arguments {
    /// The system's API version, such as v25.10.5 [default: the newest]
    #[arg(long, value_name = "VERSION")]
    api: Option<String>,

    /// What everything made up follows from
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// Keeps the state in this file, for the next start
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Writes what is said to this file, as JSON lines, with secrets masked;
    /// what it held before is gone
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,

    /// Reads the schemas from this folder and not from the program itself
    #[arg(long, value_name = "FOLDER")]
    schemas: Option<PathBuf>,

    /// Where TLS connections come in; port 0 takes any
    #[arg(
        long,
        value_name = "IP:PORT",
        default_value = "127.0.0.1:8443",
        help_heading = "Addresses"
    )]
    wss: SocketAddr,

    /// Where plain connections come in
    #[arg(
        long,
        value_name = "IP:PORT",
        default_value = "127.0.0.1:8080",
        help_heading = "Addresses"
    )]
    ws: SocketAddr,

    /// Listens on a unix socket as well; whoever may open it is root
    #[arg(long, value_name = "PATH", help_heading = "Addresses")]
    unix_socket: Option<PathBuf>,

    /// Writes the certificate of this run to this file, in PEM
    #[arg(long, value_name = "FILE", help_heading = "Addresses")]
    certificate: Option<PathBuf>,

    /// Lets plain connections from this machine count as encrypted, as they do
    /// on a real system; without it an API key sent over ws:// is revoked
    #[arg(long, help_heading = "Addresses")]
    loopback_is_secure: bool,

    /// The user's name
    #[arg(
        long,
        value_name = "NAME",
        default_value = "truenas_admin",
        help_heading = "Login"
    )]
    user: String,

    /// The user's password
    #[arg(long, help_heading = "Login")]
    password: Option<String>,

    /// The user's API key, <id>-<letters and digits>
    #[arg(long, value_name = "KEY", help_heading = "Login")]
    api_key: Option<String>,

    /// The secret of the user's one-time passwords, in base32
    #[arg(long, value_name = "SECRET", help_heading = "Login")]
    otp_secret: Option<String>,

    /// Asks for a one-time password after the password
    #[arg(long, help_heading = "Login")]
    two_factor: bool,

    /// The user's roles, such as READONLY_ADMIN
    #[arg(
        long,
        value_name = "ROLE",
        default_value = "FULL_ADMIN",
        value_delimiter = ',',
        help_heading = "Login"
    )]
    role: Vec<String>,

    /// Adds another user with these roles, as in reader=READONLY_ADMIN; may be
    /// given again
    #[arg(long, value_name = "NAME=ROLE[,ROLE]", value_parser = account, help_heading = "Login")]
    account: Vec<(String, Vec<String>)>,

    /// Calls of a method that one address may make in 60 s without a login; 0
    /// lets all through
    #[arg(
        long,
        value_name = "CALLS",
        default_value_t = 20,
        help_heading = "Login"
    )]
    rate_limit: u32,

    /// How long a session lasts, as in 250ms, 2s, 5m or 1h
    #[arg(long, value_name = "TIME", default_value = "720h", value_parser = time, help_heading = "Sessions and jobs")]
    session_lifetime: Duration,

    /// After how long a silent connection is cut [default: 60s, from 26.0 on 1h]
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Sessions and jobs")]
    idle_timeout: Option<Duration>,

    /// How long a job runs
    #[arg(long, value_name = "TIME", default_value = "200ms", value_parser = time, help_heading = "Sessions and jobs")]
    job_duration: Duration,

    /// Jobs of methods with such a name are transient, as in 'app.image.*'
    #[arg(long, value_name = "PATTERN", help_heading = "Sessions and jobs")]
    transient: Option<String>,

    /// Lets something go wrong, as in delay=200ms, drop-before-reply:0.1 or
    /// close=1011:x1@pool.*; may be given again. See the README for all
    #[arg(
        long,
        value_name = "KIND[=VALUE][:PROBABILITY][:xCOUNT][:sSEED][@METHOD]",
        help_heading = "What goes wrong"
    )]
    fault: Vec<Fault>,
}

fn time(text: &str) -> Result<Duration, String> {
    truenas_simulator::parse_duration(text).map_err(|error| format!("it {error}"))
}

fn account(text: &str) -> Result<(String, Vec<String>), String> {
    match text.split_once('=') {
        Some((name, roles)) if !name.is_empty() => Ok((
            name.to_owned(),
            roles.split(',').map(str::to_owned).collect(),
        )),
        _ => Err("it must be NAME=ROLE, such as reader=READONLY_ADMIN".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let certificate = arguments.certificate.clone();
    let ended = asked_to_end()?;
    let simulator = start(arguments).await?;
    if let Some(path) = certificate {
        std::fs::write(&path, simulator.certificate_pem())
            .map_err(|error| format!("the certificate {}: {error}", path.display()))?;
    }
    describe(&simulator)?;
    ended.await;
    simulator.shutdown().await?;
    Ok(())
}

async fn start(arguments: Arguments) -> Result<Simulator, StartError> {
    let mut builder = Simulator::builder()
        .seed(arguments.seed)
        .user(&arguments.user)
        .two_factor(arguments.two_factor)
        .roles(arguments.role.iter().map(String::as_str))
        .rate_limit((arguments.rate_limit > 0).then_some(arguments.rate_limit))
        .loopback_is_secure(arguments.loopback_is_secure)
        .session_lifetime(arguments.session_lifetime)
        .job_duration(arguments.job_duration)
        .wss_address(arguments.wss)
        .ws_address(arguments.ws);
    if let Some(api) = arguments.api {
        builder = builder.api(&api);
    }
    if let Some(folder) = arguments.schemas {
        builder = builder.schemas(folder);
    }
    if let Some(file) = arguments.state {
        builder = builder.state(file);
    }
    if let Some(file) = arguments.record {
        builder = builder.record(file);
    }
    if let Some(path) = arguments.unix_socket {
        builder = builder.unix_socket(path);
    }
    if let Some(password) = arguments.password {
        builder = builder.password(&password);
    }
    if let Some(key) = arguments.api_key {
        builder = builder.api_key(&key);
    }
    if let Some(secret) = arguments.otp_secret {
        builder = builder.otp_secret(&secret);
    }
    if let Some(timeout) = arguments.idle_timeout {
        builder = builder.idle_timeout(timeout);
    }
    if let Some(pattern) = arguments.transient {
        builder = builder.transient_jobs(&pattern);
    }
    for (name, roles) in &arguments.account {
        builder = builder.account(name, roles.iter().map(String::as_str));
    }
    for fault in arguments.fault {
        builder = builder.fault(fault);
    }
    builder.start().await
}

/// Prints all that one needs to connect.
fn describe(simulator: &Simulator) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "TrueNAS simulator, API {}", simulator.api())?;
    writeln!(out)?;
    writeln!(out, "  wss          {}", simulator.wss_url())?;
    writeln!(out, "  ws           {}", simulator.ws_url())?;
    if let Some(path) = simulator.unix_path() {
        writeln!(out, "  unix socket  {}", path.display())?;
    }
    writeln!(out, "  fingerprint  {}", simulator.fingerprint())?;
    writeln!(out, "  user         {}", simulator.user())?;
    writeln!(out, "  password     {}", simulator.password())?;
    writeln!(out, "  API key      {}", simulator.api_key())?;
    writeln!(out, "  OTP secret   {}", simulator.otp_secret())?;
    for login in simulator.logins().skip(1) {
        writeln!(out)?;
        writeln!(
            out,
            "  user         {} ({})",
            login.user(),
            login.roles().join(", ")
        )?;
        writeln!(out, "  password     {}", login.password())?;
        writeln!(out, "  API key      {}", login.api_key())?;
    }
    writeln!(out)?;
    writeln!(
        out,
        "Faults: POST {}/_simulator/faults. Ctrl-C ends.",
        simulator.http_url()
    )?;
    out.flush()
}

/// Waits for Ctrl-C, or for what a service manager sends. It is listened for
/// from the call on, so that nothing is lost however early it comes.
fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(windows)]
    {
        let mut pressed = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            pressed.recv().await;
        })
    }
}
