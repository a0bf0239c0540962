//! The runtime's clock: the rim that hands the time to the rest.

use jiff::Timestamp;

/// Now. In workerd the clock stands still between two awaits on the outside.
pub(crate) fn now() -> Timestamp {
    let milliseconds = i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
}
