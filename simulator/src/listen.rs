//! Where connections come in: TCP, TLS, a unix socket, and the memory.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::connection::{Peer, PeerKind};
use crate::system::System;
use crate::tls::Tls;

/// How long a client may take for TLS.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// What every listener needs.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) system: Arc<System>,
    pub(crate) router: Router,
    /// True once the simulator is to end.
    pub(crate) stop: watch::Receiver<bool>,
}

impl Served {
    /// Serves one connection until it ends, upgraded or not.
    pub(crate) async fn connection<S>(mut self, peer: Peer, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let router = self.router.layer(Extension(peer));
        let service = TowerToHyperService::new(router);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::select! {
            // How a client leaves is its own affair.
            _ = connection => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Takes connections until the simulator ends. With a certificate they
    /// speak TLS.
    pub(crate) async fn tcp(mut self, listener: TcpListener, tls: Option<Arc<Tls>>) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = self.stop.wait_for(|stop| *stop) => return,
            };
            let Ok((stream, from)) = accepted else {
                // Too many open files, for one: some may be closed soon.
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            // Small messages are not to wait for one another.
            let _ = stream.set_nodelay(true);
            let trusted = self.system.settings.loopback_is_secure && from.ip().is_loopback();
            let peer = Peer {
                address: from.ip().to_string(),
                origin: from.to_string(),
                secure: tls.is_some() || trusted,
                kind: if tls.is_some() {
                    PeerKind::Tls
                } else {
                    PeerKind::Plain
                },
            };
            let served = self.clone();
            match &tls {
                None => tokio::spawn(served.connection(peer, stream)),
                Some(tls) => {
                    let acceptor = tls.acceptor.clone();
                    tokio::spawn(async move {
                        let accepted = timeout(HANDSHAKE, acceptor.accept(stream)).await;
                        if let Ok(Ok(stream)) = accepted {
                            served.connection(peer, stream).await;
                        }
                    })
                }
            };
        }
    }

    /// Serves a connection within the memory.
    pub(crate) fn memory(&self, secure: bool) -> tokio::io::DuplexStream {
        let (ours, theirs) = tokio::io::duplex(64 << 10);
        let peer = Peer {
            address: "memory".to_owned(),
            origin: "memory".to_owned(),
            secure,
            kind: PeerKind::Memory,
        };
        tokio::spawn(self.clone().connection(peer, ours));
        theirs
    }

    /// Takes connections over a unix socket: whoever may open the file is
    /// `root`.
    #[cfg(unix)]
    pub(crate) async fn unix(mut self, listener: tokio::net::UnixListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = self.stop.wait_for(|stop| *stop) => return,
            };
            let Ok((stream, _)) = accepted else {
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            let peer = Peer {
                address: "unix".to_owned(),
                origin: "UNIX socket".to_owned(),
                secure: true,
                kind: PeerKind::Unix,
            };
            tokio::spawn(self.clone().connection(peer, stream));
        }
    }
}

/// A new unix socket. One that a simulator left behind is replaced, one that
/// somebody listens on is not.
#[cfg(unix)]
pub(crate) fn unix_listener(path: &Path) -> io::Result<tokio::net::UnixListener> {
    use std::os::unix::fs::FileTypeExt;
    use std::os::unix::net::UnixStream;

    let left = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if left && UnixStream::connect(path).is_err() {
        std::fs::remove_file(path)?;
    }
    tokio::net::UnixListener::bind(path)
}
