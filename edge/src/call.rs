//! One request, as the routes see it.

use crate::cache::EdgeCache;
use crate::conditional::Preconditions;
use crate::config::{Config, ConfigError};
use crate::kind::{Kind, Subject};
use crate::profile::d1::D1Profiles;
use crate::publish::Rules;
use crate::storage::fetch::WorkerFetch;
use crate::storage::s3::S3;
use crate::storage::timed::Timed;
use crate::trace::{Phase, Trace};
use crate::variant::Size;
use crate::{auth, clock, log, problem::Problem};
use jiff::Timestamp;
use std::rc::Rc;
use worker::console_log;

/// The object storage, its time counted.
pub(crate) type Store = S3<Timed<WorkerFetch>>;

/// What the routes are handed: configuration, storage, cache, the time, and the few headers that count.
pub(crate) struct Call {
    pub(crate) config: Rc<Config>,
    pub(crate) store: Store,
    pub(crate) cache: EdgeCache,
    pub(crate) context: worker::Context,
    /// For what is not a variable: bindings.
    pub(crate) env: worker::Env,
    pub(crate) trace: Rc<Trace>,
    /// Scheme, host and port that the client used.
    pub(crate) origin: String,
    pub(crate) now: Timestamp,
    pub(crate) authorization: Option<String>,
    pub(crate) preconditions: Preconditions,
    /// `Range`, for a GET only.
    pub(crate) range: Option<String>,
    pub(crate) if_range: Option<String>,
    pub(crate) accept: Option<String>,
    /// `Sec-CH-Prefers-Reduced-Motion: reduce`
    pub(crate) prefers_reduced_motion: bool,
}

impl Call {
    /// The database. Who does not need it does not notice where it is missing: pictures are served without.
    pub(crate) fn profiles(&self) -> Result<D1Profiles, ConfigError> {
        D1Profiles::bind(&self.env, Rc::clone(&self.trace))
    }

    /// Who is calling, by the token.
    ///
    /// # Errors
    ///
    /// 401, or 503 where the issuer's keys cannot be had.
    pub(crate) async fn authenticate(&self) -> Result<Subject, Problem> {
        let authorization = self.authorization.as_deref();
        let subject = self
            .trace
            .measure(Phase::Auth, auth::authenticate(authorization, &self.config, self.now))
            .await?;
        self.about(&subject);
        Ok(subject)
    }

    /// The length of the longest header that is looked at, but for `Authorization`, in bytes.
    pub(crate) fn longest_header(&self) -> usize {
        let [a, b, c, d] = self.preconditions.all();
        let headers = [a, b, c, d, &self.range, &self.if_range, &self.accept];
        headers.into_iter().flatten().map(String::len).max().unwrap_or_default()
    }

    /// Notes whom the request is about, for the log.
    pub(crate) fn about(&self, subject: &Subject) {
        self.trace.about(self.config.pseudonyms.of("log", subject));
    }

    /// Does something after the answer, with a storage and a cache whose time is counted apart. What fails is a line of the log.
    pub(crate) fn in_background<W>(&self, task: &'static str, work: impl FnOnce(Store, EdgeCache) -> W)
    where
        W: Future<Output = Result<(), String>> + 'static,
    {
        let trace = Rc::new(Trace::new(clock::now));
        if let Some(subject) = self.trace.subject() {
            trace.about(subject);
        }
        let store = store(&self.config, &trace);
        let work = work(store, EdgeCache::new(self.origin.clone(), Rc::clone(&trace)));
        self.context.wait_until(async move {
            if let Err(reason) = work.await {
                console_log!("{}", log::background(task, &reason, &trace));
            }
        });
    }

    /// The size that is served where none is asked for.
    pub(crate) fn default_size(&self, kind: Kind) -> Size {
        match kind {
            Kind::Avatar => self.config.avatar_size,
            Kind::Banner => Size::default_of(kind),
        }
    }

    pub(crate) fn publish_rules(&self, kind: Kind) -> Rules {
        Rules {
            max_upload_bytes: self.config.max_upload_bytes,
            limits: self.config.limits,
            eager_size: self.default_size(kind),
            // 53 random bits; between two publishes of one person in the same millisecond that is enough.
            nonce: (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64,
        }
    }
}

/// The storage, for one request.
pub(crate) fn store(config: &Rc<Config>, trace: &Rc<Trace>) -> Store {
    S3::new(Rc::clone(config), Timed::new(WorkerFetch, Rc::clone(trace)))
}
