//! The bytes under the socket: TCP, TLS, the appliance's own unix socket.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::service::Service as _;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::auth::ChannelBinding;
use super::endpoint::{Endpoint, Kind};
use super::error::ConnectError;
use super::trust::Trust;

/// Bytes in both directions.
pub trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}

type Dial =
    dyn Fn() -> Pin<Box<dyn Future<Output = io::Result<Box<dyn ByteStream>>> + Send>> + Send + Sync;

/// A way to the server that the client does not know by itself: a tunnel, or
/// memory. TLS of a `wss` address goes over it.
#[derive(Clone)]
pub(crate) struct Connector(Arc<Dial>);

impl Connector {
    pub(crate) fn new<F, S>(dial: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: ByteStream + 'static,
    {
        Self(Arc::new(move || {
            let dialling = dial();
            Box::pin(async move {
                let stream: Box<dyn ByteStream> = Box::new(dialling.await?);
                Ok(stream)
            })
        }))
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

/// Where the bytes go.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) endpoint: Endpoint,
    pub(crate) connector: Option<Connector>,
    /// Made once, so that a new connection can resume what the last one had.
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
}

/// An open way to the server.
pub(crate) struct Opened {
    pub(crate) stream: Counted,
    /// Whether nobody in between can read along.
    pub(crate) encrypted: bool,
    /// What ties a login to this very connection.
    pub(crate) binding: Option<ChannelBinding>,
}

impl Route {
    /// A way to the endpoint. Reads what is trusted there.
    #[cfg(feature = "tls")]
    pub(crate) fn new(
        endpoint: Endpoint,
        trust: &Trust,
        connector: Option<Connector>,
    ) -> Result<Self, ConnectError> {
        let secure = matches!(endpoint.0, Kind::Tcp { secure: true, .. });
        let config = secure.then(|| trust.client_config()).transpose();
        let tls = config.map_err(|error| ConnectError::Tls {
            endpoint: endpoint.to_string(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            endpoint,
            connector,
            tls,
        })
    }

    /// A way to the endpoint.
    #[cfg(not(feature = "tls"))]
    pub(crate) fn new(
        endpoint: Endpoint,
        _: &Trust,
        connector: Option<Connector>,
    ) -> Result<Self, ConnectError> {
        if matches!(endpoint.0, Kind::Tcp { secure: true, .. }) {
            return Err(ConnectError::Tls {
                endpoint: endpoint.to_string(),
                reason: "this program was built without TLS: turn on the feature `tls-ring` or `tls-aws-lc-rs`"
                    .to_owned(),
            });
        }
        Ok(Self {
            endpoint,
            connector,
        })
    }

    pub(crate) fn is_unix(&self) -> bool {
        matches!(self.endpoint.0, Kind::Unix(_))
    }

    pub(crate) async fn open(&self) -> Result<Opened, ConnectError> {
        let stream = self.dial().await.map_err(|source| ConnectError::Network {
            endpoint: self.endpoint.to_string(),
            source,
        })?;
        #[cfg(feature = "tls")]
        if let (Some(config), Kind::Tcp { host, .. }) = (&self.tls, &self.endpoint.0) {
            return self.encrypt(config.clone(), stream, host).await;
        }
        Ok(Opened {
            stream: Counted::new(stream),
            encrypted: self.is_unix(),
            binding: None,
        })
    }

    async fn dial(&self) -> io::Result<Box<dyn ByteStream>> {
        if let Some(Connector(dial)) = &self.connector {
            return dial().await;
        }
        match &self.endpoint.0 {
            Kind::Tcp { .. } => Ok(Box::new(connect(&self.endpoint).await?)),
            #[cfg(unix)]
            Kind::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
            #[cfg(not(unix))]
            Kind::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    #[cfg(feature = "tls")]
    async fn encrypt(
        &self,
        config: Arc<rustls::ClientConfig>,
        stream: Box<dyn ByteStream>,
        host: &str,
    ) -> Result<Opened, ConnectError> {
        let fail = |reason: String| ConnectError::Tls {
            endpoint: self.endpoint.to_string(),
            reason,
        };
        let name = rustls::pki_types::ServerName::try_from(host.to_owned())
            .map_err(|_| fail(format!("{host} is no name that a certificate can have")))?;
        let stream = tokio_rustls::TlsConnector::from(config)
            .connect(name, stream)
            .await
            .map_err(|source| match source.get_ref() {
                // What TLS itself has to say; anything else is the network's.
                Some(error) if error.is::<rustls::Error>() => fail(super::trust::explain(&source)),
                _ => ConnectError::Network {
                    endpoint: self.endpoint.to_string(),
                    source,
                },
            })?;
        let certificates = stream.get_ref().1.peer_certificates();
        // Without one a login that wants to be bound says so.
        let binding = certificates
            .and_then(<[_]>::first)
            .and_then(|certificate| ChannelBinding::of(certificate).ok());
        Ok(Opened {
            stream: Counted::new(Box::new(stream)),
            encrypted: true,
            binding,
        })
    }
}

/// How long all addresses of a host may take together.
const ADDRESSES: Duration = Duration::from_secs(20);

/// A host can have an address that nobody answers at: the other kind (IPv4,
/// IPv6) is tried soon after.
async fn connect(endpoint: &Endpoint) -> io::Result<TcpStream> {
    let uri = format!("tcp://{}", endpoint.authority());
    let uri =
        Uri::try_from(uri).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(ADDRESSES));
    // Calls are small and each one is waited for.
    connector.set_nodelay(true);
    match TowerToHyperService::new(connector).call(uri).await {
        Ok(stream) => Ok(stream.into_inner()),
        Err(error) => Err(match error.source().and_then(<dyn Error>::downcast_ref) {
            Some(cause) => io::Error::new(io::Error::kind(cause), format!("{error}: {cause}")),
            None => io::Error::other(error),
        }),
    }
}

/// A stream that counts the bytes it has read, so that a large message which
/// takes its time is not mistaken for silence.
pub(crate) struct Counted {
    stream: Box<dyn ByteStream>,
    heard: Arc<AtomicU64>,
}

impl Counted {
    fn new(stream: Box<dyn ByteStream>) -> Self {
        Self {
            stream,
            heard: Arc::default(),
        }
    }

    /// How many bytes have been read so far.
    pub(crate) fn heard(&self) -> Arc<AtomicU64> {
        self.heard.clone()
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let read = buffer.filled().len().saturating_sub(before);
        self.heard
            .fetch_add(u64::try_from(read).unwrap_or(u64::MAX), Ordering::Relaxed);
        result
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
