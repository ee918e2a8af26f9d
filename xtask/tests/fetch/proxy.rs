//! Proxies, which the environment names.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::folder::{Done, Folder};
use crate::server::{Answer, Server};
use crate::small_site::API;
use crate::system::System;
use crate::trust::encrypted_site;

/// A proxy that opens tunnels.
struct Proxy {
    address: SocketAddr,
    /// The requests for tunnels, whole.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            asked: Arc::default(),
        };
        let asked = proxy.asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(stream, asked.clone()));
            }
        });
        proxy
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn tunnel(mut client: TcpStream, asked: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    asked.lock().unwrap().push(head.clone());
    let target = head.split(' ').nth(1).unwrap();
    let mut server = TcpStream::connect(target).await?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Fetches from the small site behind TLS, with this environment and without a
/// second attempt.
fn fetch(folder: &Folder, url: &str, variables: &[(&str, &str)]) -> Done {
    let fetch = [
        "fetch",
        "--version",
        API,
        "--base-url",
        url,
        "--ca-file",
        "ca.pem",
        "--retries",
        "0",
    ];
    folder.run(&fetch, variables, b"")
}

#[test]
fn what_is_encrypted_goes_through_a_tunnel() {
    let runtime = Runtime::new().unwrap();
    let (front, url) = encrypted_site(&runtime);
    let proxy = runtime.block_on(Proxy::start());
    let folder = Folder::new();
    folder.write("ca.pem", &front.pem);
    let at = format!("http://user:pass@{}", proxy.address);
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let before = proxy.asked().len();
        fetch(&folder, &url, &[(variable, &at)]).well();
        let asked = proxy.asked().split_off(before);
        assert!(!asked.is_empty(), "{variable}");
        for asked in asked {
            let connect = format!("CONNECT {} HTTP/1.1\r\n", front.address);
            assert!(asked.starts_with(&connect), "{asked}");
            // `user:pass`.
            assert!(asked.contains("Basic dXNlcjpwYXNz\r\n"), "{asked}");
        }
    }
}

#[test]
fn some_hosts_are_asked_without_a_proxy() {
    let runtime = Runtime::new().unwrap();
    let (front, url) = encrypted_site(&runtime);
    let proxy = runtime.block_on(Proxy::start());
    let folder = Folder::new();
    folder.write("ca.pem", &front.pem);
    let at = format!("http://{}", proxy.address);
    let except = [("HTTPS_PROXY", at.as_str()), ("NO_PROXY", "127.0.0.1")];
    fetch(&folder, &url, &except).well();
    assert!(proxy.asked().is_empty());
}

#[test]
fn a_system_is_asked_without_a_proxy() {
    let system = System::of("v25.10.5");
    let proxy = Server::start(|_| Answer::status("502 Bad Gateway"));
    let (host, fingerprint) = (system.host(), system.simulator.fingerprint());
    let fetch = [
        "fetch",
        "--incomplete",
        "--host",
        &host,
        "--user",
        system.simulator.user(),
        "--fingerprint",
        &fingerprint,
    ];
    let url = proxy.url();
    let proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, url.as_str()));
    let password = ("TRUENAS_PASSWORD", system.simulator.password());
    let variables = [&proxies[..], &[password]].concat();
    Folder::new().run(&fetch, &variables, b"").well();
    assert!(proxy.seen().is_empty());
}

/// Neither by what went wrong on the way to it, nor by what it says.
#[test]
fn the_password_of_a_proxy_is_not_shown() {
    let runtime = Runtime::new().unwrap();
    let (front, url) = encrypted_site(&runtime);
    let folder = Folder::new();
    folder.write("ca.pem", &front.pem);
    let refusing = Server::start(|_| Answer::status("407 Proxy Authentication Required"));
    let refusing = refusing.url().replace("http://", "http://user:hunter2@");
    for at in [
        refusing.as_str(),
        "http://user:hunter2@127.0.0.1:1/",
        "https://user:hunter2@127.0.0.1:1/",
        "socks5://user:hunter2@127.0.0.1:1/",
    ] {
        let done = fetch(&folder, &url, &[("HTTPS_PROXY", at)]).badly("tunnel");
        assert!(!done.stderr.contains("hunter2"), "{}", done.stderr);
    }
}
