//! Lines on stdout and stderr that never fail: a reader that went away must not end the server.

use std::io::Write as _;

/// Writes one line to stderr.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes one line to stdout, at once: the parent process waits for it.
pub(crate) fn announce(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{text}");
    let _ = stdout.flush();
}
