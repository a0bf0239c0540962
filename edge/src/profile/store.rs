//! What the rules need of a database.

use super::fields::Fields;
use crate::kind::Subject;
use jiff::Timestamp;
use std::fmt;

/// How often a profile was written. Grows by one with each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Revision(u32);

impl Revision {
    /// Of a profile that was never written.
    pub(crate) const NONE: Self = Self(0);
    /// Of one that was written once.
    pub(crate) const FIRST: Self = Self(1);

    pub(crate) const fn of(number: u32) -> Self {
        Self(number)
    }

    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// The revision written as plain decimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self).filter(|revision| revision.to_string() == text)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A profile as it is stored. It was checked when it was written.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) display_name: String,
    pub(crate) bio: String,
    pub(crate) revision: Revision,
    pub(crate) updated_at: Timestamp,
}

/// Says which revision, not what it says.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Profile(revision {}, redacted)", self.revision)
    }
}

/// What a write may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replaces {
    /// Whatever is there, or nothing.
    Anything,
    /// This revision only; [`Revision::NONE`]: nothing.
    Revision(Revision),
}

/// Why the database did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProfileStoreError {
    /// No answer in time. Of a write nobody knows whether it was done.
    Timeout(Operation),
    /// It says no.
    Failed(Operation),
    /// It has no such table or column: the migrations were not applied.
    NoSchema(Operation),
    /// A row that this code has not written.
    Malformed(Operation),
}

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Read,
    Write,
}

impl fmt::Display for ProfileStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(operation) => write!(f, "database: {operation:?}: no answer in time"),
            Self::Failed(operation) => write!(f, "database: {operation:?}: failed"),
            Self::NoSchema(operation) => {
                write!(f, "database: {operation:?}: no such table or column; apply the migrations")
            }
            Self::Malformed(operation) => write!(f, "database: {operation:?}: unreadable row"),
        }
    }
}

impl std::error::Error for ProfileStoreError {}

/// Where profiles are. D1 in production; in memory, failing at will, in tests.
pub(crate) trait ProfileStore {
    /// A person's profile, if it was ever written.
    async fn read(&self, subject: &Subject) -> Result<Option<Profile>, ProfileStoreError>;
    /// Writes it whole, in one step, as the next revision. `None`: something else is there than what may be replaced, and nothing was written.
    async fn write(
        &self,
        subject: &Subject,
        fields: &Fields,
        replaces: Replaces,
        now: Timestamp,
    ) -> Result<Option<Profile>, ProfileStoreError>;
}
