//! Faults that tests inject: a request that matches is answered with an error, or later than it would be.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};
use s3s::{S3Error, S3ErrorCode};
use serde::{Deserialize, Serialize};

use crate::broken_body::BodyFault;

const MAX_DELAY_MS: u64 = 60_000;

/// One rule; the first rule that matches a request and is not used up applies.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// `GET`, `PUT`, ...; any method if `null`. Preflight requests are never affected.
    #[serde(default)]
    method: Option<String>,
    /// Beginning of `bucket/key`, percent-decoded; any path if `null`.
    #[serde(default)]
    key_prefix: Option<String>,
    /// Status of the answer, 400 to 599; served as usual if `null`.
    #[serde(default)]
    status: Option<u16>,
    /// How many more requests are affected; without end if `null`.
    #[serde(default)]
    times: Option<u32>,
    /// Wait before the answer, in milliseconds, at most 60000.
    #[serde(default)]
    delay_ms: u64,
    /// What is wrong with the body of the answer; nothing if `null`.
    #[serde(default)]
    body: Option<BodyFault>,
}

/// The body of `PUT /faults` and of the answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultList {
    faults: Vec<Fault>,
}

/// Why a list of faults is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FaultError {
    /// Not the JSON that is expected.
    #[error("not a list of faults: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A status that is not an error.
    #[error("faults[{index}].status is {status}: expected 400 to 599, or null")]
    Status {
        /// Position in the list.
        index: usize,
        /// As given.
        status: u16,
    },
    /// A delay that would outlast every client.
    #[error("faults[{index}].delay_ms is {delay_ms}: expected at most 60000")]
    Delay {
        /// Position in the list.
        index: usize,
        /// As given.
        delay_ms: u64,
    },
}

impl FaultList {
    /// Reads and checks the JSON of `PUT /faults`.
    ///
    /// # Errors
    /// [`FaultError`] says which field to change.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, FaultError> {
        let list: Self = serde_json::from_slice(json)?;
        for (index, fault) in list.faults.iter().enumerate() {
            if let Some(status) = fault.status.filter(|status| !(400..=599).contains(status)) {
                return Err(FaultError::Status { index, status });
            }
            if fault.delay_ms > MAX_DELAY_MS {
                return Err(FaultError::Delay { index, delay_ms: fault.delay_ms });
            }
        }
        Ok(list)
    }
}

/// What happens to one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Injected {
    /// Wait before anything else.
    pub(crate) delay: Duration,
    /// Answer instead of serving.
    pub(crate) status: Option<StatusCode>,
    /// What is wrong with the body of the answer.
    pub(crate) body: Option<BodyFault>,
}

impl Injected {
    /// The error that S3 would give with the injected status.
    pub(crate) fn error(&self) -> Option<S3Error> {
        let status = self.status?;
        let code = match status.as_u16() {
            403 => S3ErrorCode::AccessDenied,
            404 => S3ErrorCode::NoSuchKey,
            412 => S3ErrorCode::PreconditionFailed,
            429 | 503 => S3ErrorCode::SlowDown,
            400..=499 => S3ErrorCode::InvalidRequest,
            _ => S3ErrorCode::InternalError,
        };
        let mut error = S3Error::with_message(code, "A fault that was injected through the control listener");
        error.set_status_code(status);
        Some(error)
    }
}

/// The faults that are in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    list: Mutex<Vec<Fault>>,
}

impl Faults {
    /// Replaces the list.
    pub(crate) fn replace(&self, list: FaultList) {
        *self.lock() = list.faults;
    }

    /// Empties the list.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The list with the remaining times; a fault that is used up stays in it with `times` 0.
    pub(crate) fn list(&self) -> FaultList {
        FaultList { faults: self.lock().clone() }
    }

    /// The fault for a request, which counts as one use of it. `path` is `bucket/key`, percent-decoded.
    pub(crate) fn take(&self, method: &Method, path: &str) -> Option<Injected> {
        let mut list = self.lock();
        let fault = list.iter_mut().find(|fault| {
            fault.times != Some(0)
                && fault.method.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(method.as_str()))
                && fault.key_prefix.as_ref().is_none_or(|prefix| path.starts_with(prefix.as_str()))
        })?;
        if let Some(times) = &mut fault.times {
            *times = times.saturating_sub(1);
        }
        Some(Injected {
            delay: Duration::from_millis(fault.delay_ms),
            status: fault.status.and_then(|status| StatusCode::from_u16(status).ok()),
            body: fault.body,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
