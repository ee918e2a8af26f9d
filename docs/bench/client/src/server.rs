//! The smallest server that will do: one thread a connection, and every call
//! is answered `"pong"` with its own id.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

use crate::EVENTS;

const VERSIONS: &str = r#"["v25.10.5"]"#;

pub fn run() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    for stream in listener.incoming() {
        let stream = stream.unwrap();
        std::thread::spawn(move || serve(stream));
    }
}

/// Ends with the connection, whichever way.
fn serve(stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut read = BufReader::with_capacity(64 << 10, stream.try_clone().ok()?);
    let mut write = stream;
    let mut key = None;
    loop {
        let mut line = String::new();
        read.read_line(&mut line).ok()?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("sec-websocket-key")
        {
            key = Some(value.trim().to_owned());
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let Some(key) = key else {
        let length = VERSIONS.len();
        return write!(
            write,
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{VERSIONS}"
        )
        .ok();
    };
    let accept = STANDARD.encode(Sha1::digest(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    write!(
        write,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .ok()?;

    let mut out = Vec::new();
    let mut text = Vec::new();
    let mut reply = Vec::new();
    loop {
        let mut head = [0; 2];
        read.read_exact(&mut head).ok()?;
        let length = match head[1] & 0x7f {
            126 => {
                let mut length = [0; 2];
                read.read_exact(&mut length).ok()?;
                usize::from(u16::from_be_bytes(length))
            }
            length => usize::from(length),
        };
        let mut mask = [0; 4];
        read.read_exact(&mut mask).ok()?;
        text.resize(length, 0);
        read.read_exact(&mut text).ok()?;
        for (i, byte) in text.iter_mut().enumerate() {
            *byte ^= mask[i % 4];
        }
        // Pings and the like are of no interest to anybody here.
        if head[0] & 0x0f == 1 {
            reply.clear();
            reply.extend(br#"{"jsonrpc": "2.0", "result": "pong", "id": "#);
            reply.extend(id(&text));
            reply.push(b'}');
            frame(&mut out, &reply);
            if text.windows(16).any(|part| part == b"\"core.subscribe\"") {
                write.write_all(&out).ok()?;
                out.clear();
                events(&mut write)?;
            }
        }
        if read.buffer().is_empty() {
            write.write_all(&out).ok()?;
            out.clear();
        }
    }
}

/// The id of a call as it stands there, number or string.
fn id(call: &[u8]) -> &[u8] {
    let start = call.windows(5).position(|part| part == b"\"id\":").unwrap() + 5;
    let rest = call[start..].trim_ascii_start();
    let end = rest.iter().position(|byte| matches!(byte, b',' | b'}'));
    &rest[..end.unwrap_or(rest.len())]
}

/// As many as there are, as fast as they are read.
fn events(write: &mut TcpStream) -> Option<()> {
    let mut out = Vec::new();
    for id in 0..EVENTS {
        let event = format!(
            r#"{{"jsonrpc": "2.0", "method": "collection_update", "params": {{"msg": "changed", "collection": "pool.query", "id": {id}, "fields": {{"id": {id}, "name": "tank", "guid": "11223344556677889900", "status": "ONLINE", "healthy": true, "size": 8000000000000, "free": {id}}}}}}}"#
        );
        frame(&mut out, event.as_bytes());
        if out.len() > 32 << 10 {
            write.write_all(&out).ok()?;
            out.clear();
        }
    }
    write.write_all(&out).ok()
}

fn frame(out: &mut Vec<u8>, payload: &[u8]) {
    out.push(0x81);
    match payload.len() {
        length @ 0..126 => out.push(length as u8),
        length => {
            out.push(126);
            out.extend((length as u16).to_be_bytes());
        }
    }
    out.extend(payload);
}
