//! The program under test.

use std::io::{BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

pub(crate) const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const HOOK_SECRET: &str = "a-hook-secret-for-tests";
pub(crate) const ORIGIN: &str = "http://127.0.0.1:8787";
pub(crate) const UPLOADS: &str = "test-uploads";
pub(crate) const ASSETS: &str = "test-assets";

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) notify_url: Option<String>,
    pub(crate) control: bool,
}

/// A running server, killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) control_url: Option<String>,
    log: Arc<Mutex<String>>,
}

/// The program with the environment that it needs, and nothing on its command line.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roundel-local-s3"));
    command
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .env("HOOK_SECRET", HOOK_SECRET);
    command
}

impl Server {
    /// Starts a server on a folder of its own, which outlives it.
    pub(crate) fn start() -> (Self, TempDir) {
        Self::start_with(&Options::default())
    }

    pub(crate) fn start_with(options: &Options) -> (Self, TempDir) {
        let root = TempDir::new().unwrap();
        (Self::start_on(root.path(), options), root)
    }

    pub(crate) fn start_on(root: &Path, options: &Options) -> Self {
        let mut command = command();
        command.args(["--listen", "127.0.0.1:0", "--allowed-origin", ORIGIN]);
        command.args(["--bucket", UPLOADS, "--bucket", ASSETS]).arg("--root").arg(root);
        if let Some(url) = &options.notify_url {
            command.args(["--notify-bucket", UPLOADS, "--notify-url", url]);
        }
        if options.control {
            command.args(["--control", "127.0.0.1:0"]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (mut stderr, collected) = (child.stderr.take().unwrap(), Arc::clone(&log));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut buffer) {
                collected.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let url = announced(&mut stdout, "listening", &log);
        let control_url = options.control.then(|| announced(&mut stdout, "control", &log));
        Self { child, url, control_url, log }
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Sends a signal by name and waits for the end.
    pub(crate) fn stop(&mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn announced(stdout: &mut impl std::io::BufRead, name: &str, log: &Mutex<String>) -> String {
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let url = line.trim_end().strip_prefix(name).and_then(|rest| rest.strip_prefix(' '));
    let url = url.unwrap_or_else(|| panic!("expected {name:?}, got {line:?}; log: {}", log.lock().unwrap()));
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    url.to_owned()
}
