//! Other programs, as the tests compare decoders with them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// What a program makes of `input`.
pub(crate) fn run(program: &mut Command, input: &[u8]) -> Output {
    let mut child =
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // A program that has seen enough closes its end.
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    })
}
