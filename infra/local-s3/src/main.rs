//! `roundel-local-s3`: the S3 server of this machine, used by `npm start` and by the tests.
//!
//! Objects live in a folder. Signatures, expiry, signed headers and checksums are checked as S3 checks them, CORS is
//! answered, and a webhook is told about new objects in the shape of Amazon EventBridge. See README.md for the limits.

mod arguments;
mod broken_body;
mod clock;
mod conditions;
mod control;
mod copy;
mod cors;
mod credentials;
mod event;
mod faults;
mod folder;
mod gateway;
mod keys;
mod listing;
mod log;
mod notify;
mod payload;
mod policy;
mod request_body;
mod server;
mod store;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::credentials::Credentials;
use crate::server::StartError;

/// Reads the command line and the environment, and serves until a signal arrives.
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match serve(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::line(&format!("roundel-local-s3: {error}"));
            ExitCode::from(2)
        }
    }
}

fn serve(arguments: &Arguments) -> Result<(), StartError> {
    arguments.check()?;
    let credentials = Credentials::from_environment(arguments.notify_url.is_some())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| StartError::Runtime { source })?;
    let result = runtime.block_on(server::run(arguments, credentials));
    // A file operation that is still under way has had its time in `run`.
    runtime.shutdown_background();
    result
}
