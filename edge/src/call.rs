//! One request, as the routes see it.

use crate::cache::EdgeCache;
use crate::conditional::Preconditions;
use crate::config::{Config, ConfigError};
use crate::kind::Kind;
use crate::profile::d1::D1Profiles;
use crate::publish::Rules;
use crate::storage::fetch::WorkerFetch;
use crate::storage::s3::S3;
use crate::variant::Size;
use jiff::Timestamp;
use std::rc::Rc;

/// What the routes are handed: configuration, storage, cache, the time, and the few headers that count.
pub(crate) struct Call {
    pub(crate) config: Rc<Config>,
    pub(crate) store: S3<WorkerFetch>,
    pub(crate) cache: EdgeCache,
    pub(crate) env: worker::Env,
    pub(crate) context: worker::Context,
    /// Scheme, host and port that the client used.
    pub(crate) origin: String,
    pub(crate) now: Timestamp,
    pub(crate) authorization: Option<String>,
    pub(crate) preconditions: Preconditions,
    /// `Range`, for a GET only.
    pub(crate) range: Option<String>,
    pub(crate) if_range: Option<String>,
    pub(crate) accept: Option<String>,
}

impl Call {
    /// The database. Who does not need it does not notice where it is missing: pictures are served without.
    pub(crate) fn profiles(&self) -> Result<D1Profiles, ConfigError> {
        D1Profiles::bind(&self.env)
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
