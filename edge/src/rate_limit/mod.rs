//! How often a person may sign uploads and change things: the rim of [`buckets`].
//!
//! Two counts. The isolate's own is exact, free, and knows of this isolate only. The data centre's is Cloudflare's rate limit binding, where
//! wrangler.toml has one: it knows of all isolates there, and counts loosely. Either may refuse. A binding that fails refuses nobody and
//! is named in the log: the own count still holds, and an outage of a counter must not become one of the service.

mod buckets;

pub(crate) use buckets::Rate;

use crate::call::Call;
use crate::config::RateLimits;
use crate::kind::Subject;
use crate::problem::Problem;
use crate::pseudonym::Pseudonym;
use crate::trace::Phase;
use buckets::Buckets;
use futures_util::future::{Either, select};
use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;
use worker::{Delay, Env};

/// For the data centre's count.
const BINDING_TIMEOUT: Duration = Duration::from_millis(500);
/// The binding does not say when it will let somebody through again; its window is a minute.
const BINDING_RETRY_AFTER: Duration = Duration::from_secs(60);

thread_local! {
    /// Shared by the requests of an isolate: plain data.
    static BUCKETS: RefCell<Option<Buckets>> = const { RefCell::new(None) };
}

/// What is counted, each action and each person alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Signed upload URLs.
    Signing,
    /// What changes something: publishing, removing, writing.
    Changes,
}

impl Limit {
    fn rate(self, limits: &RateLimits) -> Option<Rate> {
        match self {
            Self::Signing => limits.signing,
            Self::Changes => limits.changes,
        }
    }

    /// The name of the binding in wrangler.toml.
    fn binding(self) -> &'static str {
        match self {
            Self::Signing => "SIGNING_LIMIT",
            Self::Changes => "CHANGES_LIMIT",
        }
    }
}

/// Counts an action of a person whose token was checked. `action`: a word of its own for what is counted alone.
///
/// # Errors
///
/// 429 `too_many_requests` with `Retry-After`.
pub(crate) async fn admit(
    call: &Call,
    limit: Limit,
    action: &'static str,
    subject: &Subject,
) -> Result<(), Problem> {
    let Some(rate) = limit.rate(&call.config.rate_limits) else { return Ok(()) };
    let person = call.config.pseudonyms.of(action, subject);
    let taken = BUCKETS.with_borrow_mut(|buckets| {
        buckets.get_or_insert_with(Buckets::new).take(person.number(), rate, call.now)
    });
    taken.map_err(|wait| Problem::too_many_requests(wait, "limit: this isolate's count"))?;
    match call.trace.measure(Phase::Limit, ask(&call.env, limit.binding(), action, &person)).await {
        Answer::Admitted | Answer::NoBinding => Ok(()),
        Answer::Refused => {
            Err(Problem::too_many_requests(BINDING_RETRY_AFTER, "limit: the data centre's count"))
        }
        Answer::Failed => {
            call.trace.remark("limit: the binding failed");
            Ok(())
        }
    }
}

enum Answer {
    Admitted,
    Refused,
    NoBinding,
    Failed,
}

async fn ask(env: &Env, binding: &str, action: &str, person: &Pseudonym) -> Answer {
    let Ok(value) = js_sys::Reflect::get(env, &binding.into()) else { return Answer::Failed };
    if value.is_undefined() {
        return Answer::NoBinding;
    }
    let Ok(limiter) = env.rate_limiter(binding) else { return Answer::Failed };
    // Nothing of the person leaves but this.
    let counted = pin!(limiter.limit(format!("{action}:{person}")));
    match select(counted, pin!(Delay::from(BINDING_TIMEOUT))).await {
        Either::Left((Ok(outcome), _)) if outcome.success => Answer::Admitted,
        Either::Left((Ok(_), _)) => Answer::Refused,
        Either::Left((Err(_), _)) | Either::Right(_) => Answer::Failed,
    }
}
