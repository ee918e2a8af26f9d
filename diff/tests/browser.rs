//! The page in a real browser: needs `chromium`, so it is run on its own, as
//! `.ci/run browser` does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::between;
use serde_json::{Value, json};
use truenas_diff::render::{Format, render};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// A page in a browser, driven as its own developer tools do.
struct Browser {
    process: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    calls: u32,
}

impl Browser {
    fn open(profile: &Path, page: &Path) -> Self {
        let mut process = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                let line = line.unwrap();
                line.strip_prefix("DevTools listening on ")
                    .map(str::to_owned)
            })
            .unwrap();
        // What else it has to say must go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let (socket, _) = tungstenite::connect(address).unwrap();
        let mut browser = Self {
            process,
            socket,
            session: None,
            calls: 0,
        };
        let address = format!("file://{}", page.display());
        let target = browser.call("Target.createTarget", json!({"url": address}));
        let session = browser.call(
            "Target.attachToTarget",
            json!({"targetId": target["targetId"], "flatten": true}),
        );
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        browser.wait(
            "document.readyState === 'complete' && document.getElementById('count')?.textContent",
        );
        browser
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut call = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = &self.session {
            call["sessionId"] = session.as_str().into();
        }
        self.socket.send(Message::text(call.to_string())).unwrap();
        loop {
            let Message::Text(text) = self.socket.read().unwrap() else {
                continue;
            };
            let answer: Value = serde_json::from_str(&text).unwrap();
            if answer["id"] == self.calls {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// The value of a JavaScript expression.
    fn js(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", params);
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    fn wait(&mut self, condition: &str) {
        for _ in 0..300 {
            if self.js(&format!("Boolean({condition})")) == true {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        assert_eq!(condition, "", "never came true");
    }

    /// Clicks where the element is.
    fn click(&mut self, selector: &str) {
        let place = self.js(&format!(
            "(() => {{ const element = document.querySelector({selector:?});
               element.scrollIntoView({{block: 'center'}});
               const box = element.getBoundingClientRect();
               return {{x: box.x + Math.min(box.width, 20) / 2, y: box.y + box.height / 2}}; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let mut event = json!({"type": kind, "button": "left", "clickCount": 1});
            event["x"] = place["x"].clone();
            event["y"] = place["y"].clone();
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    fn key(&mut self, key: &str, code: u32) {
        for kind in ["keyDown", "keyUp"] {
            let event =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    fn count(&mut self) -> String {
        let text = self.js("document.getElementById('count').textContent");
        text.as_str().unwrap().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "needs chromium"]
fn the_page_is_searched_filtered_and_read() {
    let report = between("v25.10.5", "v26.0.0");
    let all = report.findings.len();
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("diff.html");
    fs::write(&page, render(&[report], Format::Html)).unwrap();
    let mut browser = Browser::open(&folder.path().join("profile"), &page);
    assert_eq!(browser.count(), format!("{all} of {all} findings"));

    // Search.
    browser.click("#search");
    browser.call(
        "Input.insertText",
        json!({"text": "vm.delete type-changed"}),
    );
    assert_eq!(browser.count(), format!("1 of {all} findings"));
    assert_eq!(
        browser.js("document.querySelector('details summary').innerText"),
        "error vm.delete result was boolean, is null"
    );

    // Both sides of the change.
    browser.click("details summary");
    browser.wait("document.querySelector('details[open] .sides')");
    assert_eq!(
        browser.js("[...document.querySelectorAll('.sides pre')].map((side) => side.innerText)"),
        json!([
            "{\n  \"type\": \"boolean\"\n}",
            "{\n  \"type\": \"null\"\n}"
        ])
    );

    // Severities.
    browser.click("input[value=error]");
    assert_eq!(browser.count(), format!("0 of {all} findings"));
    browser.click("input[value=error]");
    assert_eq!(browser.count(), format!("1 of {all} findings"));

    // Services, and by the keyboard alone.
    browser.js("document.getElementById('search').select()");
    browser.key("Backspace", 8);
    browser.js("document.getElementById('service').focus()");
    browser.call("Input.insertText", json!({"text": ""}));
    for letter in ["a", "u", "t", "h"] {
        browser.call(
            "Input.dispatchKeyEvent",
            json!({"type": "char", "text": letter}),
        );
    }
    browser.wait("document.getElementById('service').value === 'auth'");
    let places = browser.js(
        "[...document.querySelectorAll('details summary code')].map((code) => code.textContent)",
    );
    let places = places.as_array().unwrap();
    assert!(!places.is_empty());
    assert!(
        places
            .iter()
            .all(|place| place.as_str().unwrap().starts_with("auth."))
    );

    // What is chosen is in the address, so that it can be sent to somebody.
    assert_eq!(browser.js("location.hash"), "#service=auth");
    let shown = browser.count();
    browser.js("window.old = true");
    browser.call("Page.reload", json!({}));
    browser.wait("!window.old && document.getElementById('count')?.textContent");
    assert_eq!(browser.count(), shown);

    // Everything that can be used has a name.
    let unnamed = browser.js(
        "[...document.querySelectorAll('input, select, button, pre')].filter((element) =>
            !(element.labels?.length || element.textContent || element.ariaLabel)).length",
    );
    assert_eq!(unnamed, 0);
    // Light and dark.
    for scheme in ["light", "dark"] {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        browser.call("Emulation.setEmulatedMedia", json!({"features": [feature]}));
        let back = browser.js("getComputedStyle(document.body).backgroundColor");
        let expected = if scheme == "light" {
            "rgb(255, 255, 255)"
        } else {
            "rgb(22, 24, 27)"
        };
        assert_eq!(back, expected, "{scheme}");
    }
    // Nothing is loaded.
    assert_eq!(
        browser.js("performance.getEntriesByType('resource').length"),
        0
    );
}
