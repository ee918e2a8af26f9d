//! Servers that cannot speak TLS for a moment: they are asked again.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use tokio::runtime::Runtime;

use crate::folder::Folder;
use crate::small_site::API;
use crate::trust::encrypted_site;

/// A fatal alert of TLS 1.2 and 1.3: internal_error.
const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];
const PLAIN: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

/// Says this to whoever comes first, and hands all others on to a server.
fn balancer(first: &'static [u8], behind: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut clients = listener.incoming().map(Result::unwrap);
        let mut unlucky = clients.next().unwrap();
        // Else the connection is reset before the answer is read.
        let hello = unlucky.read(&mut [0; 1 << 14]).unwrap();
        assert_ne!(hello, 0);
        unlucky.write_all(first).unwrap();
        drop(unlucky);
        for client in clients {
            let server = TcpStream::connect(behind).unwrap();
            for (from, to) in [(&client, &server), (&server, &client)] {
                let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut from, &mut to));
            }
        }
    });
    address
}

#[test]
fn a_server_that_has_no_tls_for_a_moment_is_asked_again() {
    let runtime = Runtime::new().unwrap();
    for first in [&ALERT[..], PLAIN] {
        let (front, url) = encrypted_site(&runtime);
        let address = balancer(first, front.address).to_string();
        let url = url.replace(&front.address.to_string(), &address);
        let folder = Folder::new();
        folder.write("ca.pem", &front.pem);
        let fetch = ["--version", API, "--base-url", &url, "--ca-file", "ca.pem"];
        let patient = [&fetch[..], &["--retries", "1"]].concat();
        folder.fetch(&patient).well();
    }
}
