//! What stands in front of the API on a system: it ends TLS, has the pages of
//! the documentation, and hands everything else on.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::server::Request;
use crate::small_site::{Files, answer};

pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    /// Its certificate.
    pub(crate) pem: String,
}

impl Front {
    /// With these files below `/api/docs/`, or at all if they begin with `/`,
    /// before this server.
    pub(crate) async fn start(files: Files, behind: SocketAddr) -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let files = Arc::new(files);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, files) = (acceptor.clone(), files.clone());
                // Whatever a client does about it is its own affair.
                tokio::spawn(async move { serve(stream, &acceptor, &files, behind).await });
            }
        });
        Self {
            address,
            pem: made.cert.pem(),
        }
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    files: &Files,
    behind: SocketAddr,
) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let request = Request::read(text.lines().map(str::to_owned)).unwrap();
    let path = request.target.strip_prefix("/api/docs/");
    let path = path.or(Some(request.target.as_str()).filter(|path| files.contains_key(*path)));
    if path.is_some() {
        stream.write_all(&answer(files, path).bytes).await?;
        return stream.shutdown().await;
    }
    let mut server = TcpStream::connect(behind).await?;
    if request.header("upgrade").is_none() {
        // The next request may be for a page.
        head.truncate(head.len() - 2);
        head.extend(b"Connection: close\r\n\r\n");
    }
    server.write_all(&head).await?;
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}
