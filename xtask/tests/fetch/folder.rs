//! A folder to work in, with schemas and a cache of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Folder(TempDir);

/// What a command has left behind.
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// It ended well.
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }

    /// It wrote a version that lacks what no site has, and said so in these
    /// words.
    pub(crate) fn lacking(self, words: &str) -> Self {
        assert_eq!(self.code, Some(3), "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(words), "{}", self.stderr);
        self
    }

    /// It failed, and said so in these words.
    pub(crate) fn badly(self, words: &str) -> Self {
        assert_eq!(self.code, Some(1), "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(words), "{}", self.stderr);
        assert!(self.stderr.contains("error: "), "{}", self.stderr);
        self
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), bytes).unwrap();
        name.to_owned()
    }

    /// `cargo xtask fetch`, patient for a second and without a second attempt
    /// unless told otherwise.
    pub(crate) fn fetch(&self, arguments: &[&str]) -> Done {
        let mut all = vec!["fetch"];
        for (option, value) in [("--timeout", "2"), ("--retries", "0")] {
            if !arguments.contains(&option) {
                all.extend([option, value]);
            }
        }
        all.extend(arguments);
        self.run(&all, &[], b"")
    }

    /// `cargo xtask` with this environment and standard input.
    pub(crate) fn run(&self, arguments: &[&str], variables: &[(&str, &str)], input: &[u8]) -> Done {
        let mut child = self.start(arguments, variables);
        child.stdin.take().unwrap().write_all(input).unwrap();
        end(child)
    }

    /// `cargo xtask`, whose standard input stays open.
    pub(crate) fn start(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments).current_dir(self.0.path());
        if !arguments.contains(&"--schemas") {
            command.args(["--schemas", "schemas"]);
        }
        command.args(["--cache", "cache"]);
        for (variable, _) in std::env::vars() {
            let name = variable.to_uppercase();
            if name.ends_with("_PROXY") || name.starts_with("TRUENAS_") {
                command.env_remove(variable);
            }
        }
        command
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// All files in the folder of schemas, but for the lock.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let Ok(entries) = fs::read_dir(self.path("schemas")) else {
            return BTreeMap::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| name(path) != ".lock")
            .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
            .collect()
    }

    /// The version that was written.
    pub(crate) fn version(&self, api: &str) -> Value {
        serde_json::from_str(&self.files()[&format!("{api}.json")]).unwrap()
    }
}

/// Waits for a command.
pub(crate) fn end(child: Child) -> Done {
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    Done {
        code: status.code(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}
