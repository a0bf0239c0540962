//! The clock of this program, read here and nowhere else.

use time::OffsetDateTime;

/// The current time, UTC.
#[expect(clippy::disallowed_methods, reason = "this binary is the rim that reads the clock")]
pub(crate) fn now() -> OffsetDateTime {
    std::time::SystemTime::now().into()
}
