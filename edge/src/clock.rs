//! The runtime's clock: the rim that hands the time to the rest.

use jiff::Timestamp;

/// Now. In workerd the clock stands still between two awaits on the outside.
pub(crate) fn now() -> Timestamp {
    // Whole milliseconds, far from where a double ends to count them; what is too large ends at the largest.
    Timestamp::from_millisecond(js_sys::Date::now() as i64).unwrap_or(Timestamp::MAX)
}
