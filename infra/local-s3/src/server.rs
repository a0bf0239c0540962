//! Listeners, connections and signals.

use std::convert::Infallible;
use std::fs::{File, TryLockError};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::{ArgumentError, Arguments};
use crate::control;
use crate::cors::Cors;
use crate::credentials::{CredentialError, Credentials};
use crate::faults::Faults;
use crate::folder::{Folder, FolderError};
use crate::gateway::{self, Gateway};
use crate::log;
use crate::notify::Notifier;
use crate::store::Store;

/// Time for requests that are under way when a signal arrives.
const MAX_SHUTDOWN_TIME: Duration = Duration::from_secs(1);
/// Pause after a connection could not be accepted, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const LOCK_FILE: &str = ".roundel-local-s3.lock";

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// Options that do not fit together.
    #[error(transparent)]
    Arguments(#[from] ArgumentError),
    /// A variable is missing or malformed.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Another server works on the folder.
    #[error("{} is in use by another roundel-local-s3: stop that one or choose another --root", root.display())]
    RootInUse {
        /// The folder.
        root: PathBuf,
    },
    /// The folder or its lock file cannot be made.
    #[error("{} cannot be created and locked: {source}", root.display())]
    Lock {
        /// The folder.
        root: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The address is taken, or not of this machine.
    #[error("{option} {address}: {source}; port 0 takes a free one")]
    Listen {
        /// The option.
        option: &'static str,
        /// Its value.
        address: SocketAddr,
        /// The reason.
        source: io::Error,
    },
    /// `HOOK_SECRET` cannot travel in a header.
    #[error("HOOK_SECRET cannot be sent in an HTTP header: {0}")]
    HookSecret(#[from] http::header::InvalidHeaderValue),
    /// No signal handler.
    #[error("signals cannot be received: {source}")]
    Signals {
        /// The reason.
        source: io::Error,
    },
    /// No threads.
    #[error("the runtime cannot be started: {source}")]
    Runtime {
        /// The reason.
        source: io::Error,
    },
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// [`StartError`] says what to change.
pub(crate) async fn run(arguments: &Arguments, credentials: Credentials) -> Result<(), StartError> {
    let notifier = match (&arguments.notify_bucket, &arguments.notify_url, &credentials.hook_secret) {
        (Some(bucket), Some(url), Some(secret)) => Some(Notifier::new(bucket.clone(), url.clone(), secret)?),
        _ => None,
    };
    // Before the folder is opened: that removes unfinished files.
    let _lock = lock(&arguments.root)?;
    let store = Store::new(Folder::open(&arguments.root, &arguments.buckets)?, notifier);
    let changes = store.gate();
    let service = {
        let mut builder = S3ServiceBuilder::new(store);
        let secret = credentials.secret_access_key.reveal();
        builder.set_auth(SimpleAuth::from_single(credentials.access_key_id.clone(), secret));
        builder.build()
    };
    let faults = Arc::new(Faults::default());
    let cors = Cors::new(arguments.allowed_origins.clone());
    let gateway = Arc::new(Gateway::new(service, cors, Arc::clone(&faults)));

    // Signals count from here on, so that a parent may stop the server as soon as it has read the first line.
    let signals = |kind| signal(kind).map_err(|source| StartError::Signals { source });
    let (mut terminate, mut interrupt) =
        (signals(SignalKind::terminate())?, signals(SignalKind::interrupt())?);

    let listener = listen("--listen", arguments.listen, "listening").await?;
    let control = match arguments.control {
        Some(address) => Some(listen("--control", address, "control").await?),
        None => None,
    };

    let graceful = GracefulShutdown::new();
    let serve = accept(&listener, &graceful, move |request, client| {
        let gateway = Arc::clone(&gateway);
        // A task of its own: a client that goes away must not stop a change of files half-way.
        let answering = tokio::spawn(async move { gateway.answer(request, client).await });
        async move { answering.await.unwrap_or_else(|_| gateway::internal_error()) }
    });
    let serve_control = async {
        match &control {
            Some(listener) => {
                accept(listener, &graceful, move |request, _| {
                    let faults = Arc::clone(&faults);
                    async move { control::answer(&faults, request).await }
                })
                .await;
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = serve => {}
        () = serve_control => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // What is not done by then is cut off.
    let _ = tokio::time::timeout(MAX_SHUTDOWN_TIME, graceful.shutdown()).await;
    // Except a change of files that is under way, which takes milliseconds; none begins after it.
    let _none_begins = tokio::time::timeout(MAX_SHUTDOWN_TIME, changes.write()).await;
    Ok(())
}

async fn listen(option: &'static str, address: SocketAddr, name: &str) -> Result<TcpListener, StartError> {
    let failed = |source| StartError::Listen { option, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    log::announce(&format!("{name} http://{bound}"));
    Ok(listener)
}

/// Accepts connections without end.
async fn accept<Answer, Answering, ResponseBody>(
    listener: &TcpListener,
    graceful: &GracefulShutdown,
    answer: Answer,
) where
    Answer: Fn(Request<Incoming>, IpAddr) -> Answering + Clone + Send + 'static,
    Answering: Future<Output = Response<ResponseBody>> + Send,
    ResponseBody: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    ResponseBody::Error: Into<s3s::StdError>,
{
    loop {
        let (stream, client) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                log::line(&format!("a connection could not be accepted: {error}"));
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Small answers must not wait for the acknowledgement of earlier ones.
        let _ = stream.set_nodelay(true);
        let answer = answer.clone();
        let service = service_fn(move |request| {
            let answering = answer(request, client.ip());
            async move { Ok::<_, Infallible>(answering.await) }
        });
        let connection =
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        // A connection that breaks off concerns its client alone.
        tokio::spawn(async move {
            let _ = connection.await;
        });
    }
}

/// Two servers on one folder would overwrite each other's unfinished files.
fn lock(root: &Path) -> Result<File, StartError> {
    let failed = |source| StartError::Lock { root: root.to_owned(), source };
    std::fs::create_dir_all(root).map_err(failed)?;
    let file = File::create(root.join(LOCK_FILE)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::RootInUse { root: root.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
