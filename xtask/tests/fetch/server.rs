//! An HTTP server that answers whatever a test wants, down to single bytes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) target: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// Reads all lines up to the first empty one.
    pub(crate) fn read(lines: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut lines = lines.into_iter();
        let target = lines.next()?.split(' ').nth(1)?.to_owned();
        let headers = lines
            .take_while(|line| !line.is_empty())
            .filter_map(|line| {
                let (name, value) = line.split_once(": ")?;
                Some((name.to_owned(), value.to_owned()))
            });
        Some(Self {
            target,
            headers: headers.collect(),
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The bytes of an answer, and what comes after them.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    then: Then,
}

#[derive(Debug, Clone)]
enum Then {
    Close,
    /// Nothing more, and no end either.
    Stall,
    /// The same again, for ever.
    Repeat,
}

impl Answer {
    pub(crate) fn raw(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            then: Then::Close,
        }
    }

    pub(crate) fn with(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut answer = Self::raw(&format!(
            "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        ));
        for (name, value) in headers {
            let line = format!("{name}: {value}\r\n");
            answer.bytes.extend(line.as_bytes());
        }
        answer.bytes.extend(b"\r\n");
        answer.bytes.extend(body);
        answer
    }

    pub(crate) fn ok(content_type: &str, body: &[u8]) -> Self {
        Self::with("200 OK", &[("Content-Type", content_type)], body)
    }

    pub(crate) fn status(status: &str) -> Self {
        Self::with(status, &[], b"")
    }

    /// Only so many bytes of the body that it announces.
    pub(crate) fn cut(mut self, body: usize) -> Self {
        let head = self.bytes.windows(4).position(|end| end == b"\r\n\r\n");
        self.bytes.truncate(head.unwrap() + 4 + body);
        self
    }

    /// Says no more after its bytes.
    pub(crate) fn then_stall(mut self) -> Self {
        self.then = Then::Stall;
        self
    }

    /// Says its last bytes again and again.
    pub(crate) fn then_repeat(mut self) -> Self {
        self.then = Then::Repeat;
        self
    }
}

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    is_over: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), handler)
    }

    pub(crate) fn on(
        listener: TcpListener,
        handler: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let server = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            is_over: Arc::default(),
        };
        let (seen, is_over) = (server.seen.clone(), server.is_over.clone());
        let handler: Arc<Handler> = Arc::new(handler);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, is_over, handler) = (seen.clone(), is_over.clone(), handler.clone());
                thread::spawn(move || serve(stream.unwrap(), &seen, &is_over, &*handler));
            }
        });
        server
    }

    /// `http://127.0.0.1:…/`
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn targets(&self) -> Vec<String> {
        let seen = self.seen().into_iter();
        seen.map(|request| request.target).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Answers one request. Whatever the client does about it is its own affair.
fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    is_over: &AtomicBool,
    handler: &Handler,
) {
    let lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let Some(request) = Request::read(lines) else {
        return;
    };
    seen.lock().unwrap().push(request.clone());
    let answer = handler(&request);
    if stream.write_all(&answer.bytes).is_err() {
        return;
    }
    let pause = Duration::from_millis(20);
    while !is_over.load(Ordering::Relaxed) {
        match answer.then {
            Then::Close => return,
            Then::Stall => thread::sleep(pause),
            Then::Repeat => {
                let some = [b'x'; 1 << 16];
                if stream.write_all(&some).is_err() {
                    return;
                }
            }
        }
    }
}
