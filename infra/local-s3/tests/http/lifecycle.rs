//! Start, stop, restart, and what is written where.

use std::process::Stdio;

use crate::support::server::command;
use crate::support::{Client, HOOK_SECRET, ORIGIN, Options, SECRET_ACCESS_KEY, Server, UPLOADS, send};

const KEY: &str = "avatars/u-1.jpg";

#[test]
fn objects_survive_a_restart() {
    let root = tempfile::TempDir::new().unwrap();
    let mut server = Server::start_on(root.path(), &Options::default());
    let headers = [("content-type", "image/jpeg"), ("x-amz-meta-width", "4000")];
    let put = Client::new(&server, UPLOADS).put(KEY, &headers, b"hello world");
    let etag = put.assert_ok().header("etag").unwrap().to_owned();
    assert!(server.stop("TERM").success());

    let server = Server::start_on(root.path(), &Options::default());
    let answer = Client::new(&server, UPLOADS).get(KEY);
    assert_eq!(answer.assert_ok().body, b"hello world");
    assert_eq!(answer.header("content-type"), Some("image/jpeg"));
    assert_eq!(answer.header("x-amz-meta-width"), Some("4000"));
    assert_eq!(answer.header("etag"), Some(etag.as_str()));
}

#[test]
fn both_signals_stop_with_success() {
    for signal in ["TERM", "INT"] {
        let (mut server, _root) = Server::start_with(&Options { control: true, ..Default::default() });
        // An idle connection does not hold it up.
        let address = server.url.strip_prefix("http://").unwrap().to_owned();
        let _idle = std::net::TcpStream::connect(address).unwrap();
        assert_eq!(server.stop(signal).code(), Some(0), "{signal}");
    }
}

#[test]
fn the_log_has_no_query_and_no_secret() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], b"x").assert_ok();
    client.get(KEY).assert_ok();
    send("GET", &format!("{}?X-Amz-Signature=tampered", client.get_url(KEY)), &[], None);
    send("GET", &format!("{}/{UPLOADS}/{KEY}", server.url), &[], None).assert_error(403, "AccessDenied");
    let log = crate::support::eventually("four lines", || {
        Some(server.log()).filter(|log| log.lines().count() == 4)
    });
    assert!(log.starts_with(&format!("PUT /{UPLOADS}/{KEY} 200\nGET /{UPLOADS}/{KEY} 200\n")), "{log}");
    assert!(log.ends_with(&format!("GET /{UPLOADS}/{KEY} 403\n")), "{log}");
    for secret in ["X-Amz", "?", SECRET_ACCESS_KEY, HOOK_SECRET] {
        assert!(!log.contains(secret), "{log}");
    }
}

/// Runs the program with options that it must refuse, and returns its words.
fn refused(options: &[&str], change: impl FnOnce(&mut std::process::Command)) -> String {
    let root = tempfile::TempDir::new().unwrap();
    let mut command = command();
    command.arg("--root").arg(root.path()).args(options).stdout(Stdio::piped()).stderr(Stdio::piped());
    change(&mut command);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{options:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn other_addresses_than_loopback_are_refused() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        for option in ["--listen", "--control"] {
            let mut options = vec!["--bucket", UPLOADS, option, address];
            if option == "--control" {
                options.extend(["--listen", "127.0.0.1:0"]);
            }
            let words = refused(&options, |_| ());
            assert!(words.contains("loopback") && words.contains(option), "{words}");
        }
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let listen = ["--listen", "127.0.0.1:0", "--bucket", UPLOADS];
    for (options, names) in [
        (["--allowed-origin", "*"].as_slice(), "origin"),
        (&["--allowed-origin", "http://127.0.0.1:8787/"], "without a path"),
        (&["--bucket", "../up"], "not a bucket name"),
        (&["--notify-bucket", UPLOADS], "--notify-url"),
        (&["--notify-bucket", "unserved", "--notify-url", "http://127.0.0.1:1/"], "--notify-bucket unserved"),
        (&["--notify-bucket", UPLOADS, "--notify-url", "http://hooks.example/"], "on 127.0.0.1"),
        (&["--notify-bucket", UPLOADS, "--notify-url", "https://127.0.0.1/"], "http:"),
    ] {
        let words = refused(&[listen.as_slice(), options].concat(), |_| ());
        assert!(words.contains(names), "{options:?}: {words}");
    }
    let words = refused(&["--listen", "127.0.0.1:0"], |_| ());
    assert!(words.contains("--bucket"), "{words}");
}

#[test]
fn a_missing_variable_is_named() {
    let notify = [
        "--listen",
        "127.0.0.1:0",
        "--bucket",
        UPLOADS,
        "--notify-bucket",
        UPLOADS,
        "--notify-url",
        "http://127.0.0.1:1/",
    ];
    for variable in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "HOOK_SECRET"] {
        let words = refused(&notify, |command| {
            command.env_remove(variable);
        });
        assert!(words.contains(variable), "{words}");
        let words = refused(&notify, |command| {
            command.env(variable, "two words");
        });
        assert!(words.contains(variable) && !words.contains("two words"), "{words}");
    }
}

#[test]
fn a_folder_has_one_server() {
    let root = tempfile::TempDir::new().unwrap();
    let _server = Server::start_on(root.path(), &Options::default());
    let mut second = command();
    second.args(["--listen", "127.0.0.1:0", "--bucket", UPLOADS, "--allowed-origin", ORIGIN]);
    let output = second.arg("--root").arg(root.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("in use"));
}
