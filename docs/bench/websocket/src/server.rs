//! The smallest server that will do: one thread a connection, text frames of
//! the client unmasked and answered.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

use crate::REPLY;

const FRAGMENT: usize = 64 << 10;

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
    let mut key = String::new();
    let mut path = String::new();
    loop {
        let mut line = String::new();
        read.read_line(&mut line).ok()?;
        if path.is_empty() {
            path = line.split(' ').nth(1)?.to_owned();
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("sec-websocket-key")
        {
            key = value.trim().to_owned();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    if path != "/api/current" {
        return write
            .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")
            .ok();
    }
    let accept = STANDARD.encode(Sha1::digest(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    write!(write, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n").ok()?;

    let big = vec![b'x'; REPLY];
    let mut out = Vec::new();
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
        let mut text = vec![0; length];
        read.read_exact(&mut text).ok()?;
        for (i, byte) in text.iter_mut().enumerate() {
            *byte ^= mask[i % 4];
        }
        match &text[..] {
            b"whole" => frame(&mut out, 0x81, &big),
            b"fragments" => {
                let last = REPLY / FRAGMENT;
                for (i, part) in big.chunks(FRAGMENT).enumerate() {
                    let opcode = if i == 0 { 1 } else { 0 } | if i == last { 0x80 } else { 0 };
                    frame(&mut out, opcode, part);
                }
            }
            b"close" => {
                frame(
                    &mut out,
                    0x88,
                    &[&1009u16.to_be_bytes()[..], b"too big"].concat(),
                );
            }
            b"trickle" => {
                let mut all = Vec::new();
                frame(&mut all, 0x01, &[b'x'; 200]);
                frame(&mut all, 0x80, &[b'y'; 70_000]);
                for part in all[..300].chunks(1).chain(all[300..].chunks(10_000)) {
                    write.write_all(part).ok()?;
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
            _ => frame(&mut out, 0x81, &text),
        }
        if read.buffer().is_empty() {
            write.write_all(&out).ok()?;
            out.clear();
        }
    }
}

fn frame(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.push(opcode);
    match payload.len() {
        length @ 0..126 => out.push(length as u8),
        length @ 126..65_536 => {
            out.push(126);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend(payload);
}
