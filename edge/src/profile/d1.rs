//! Profiles in D1: the rim of the database. Every write is one statement, which compares and writes in one step.

use super::fields::Fields;
use super::store::{Operation, Profile, ProfileStore, ProfileStoreError, Replaces, Revision};
use crate::config::ConfigError;
use crate::kind::Subject;
use crate::trace::{Phase, Trace};
use futures_util::future::{Either, select};
use jiff::Timestamp;
use serde::Deserialize;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use worker::{D1Database, D1PreparedStatement, D1Type, Delay, Env};

/// The name of the binding.
const BINDING: &str = "PROFILES";
/// How long the database has for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

const READ: &str = "SELECT display_name, bio, revision, updated_at FROM profiles WHERE subject = ?1";

const CREATE: &str = "INSERT INTO profiles (subject, display_name, bio, revision, created_at, updated_at) \
    VALUES (?1, ?2, ?3, 1, ?4, ?4) \
    ON CONFLICT (subject) DO NOTHING \
    RETURNING display_name, bio, revision, updated_at";

const CREATE_OR_REPLACE: &str = "INSERT INTO profiles (subject, display_name, bio, revision, created_at, updated_at) \
    VALUES (?1, ?2, ?3, 1, ?4, ?4) \
    ON CONFLICT (subject) DO UPDATE SET display_name = excluded.display_name, bio = excluded.bio, \
    revision = profiles.revision + 1, updated_at = excluded.updated_at \
    RETURNING display_name, bio, revision, updated_at";

const REPLACE: &str = "UPDATE profiles SET display_name = ?2, bio = ?3, revision = revision + 1, updated_at = ?4 \
    WHERE subject = ?1 AND revision = ?5 \
    RETURNING display_name, bio, revision, updated_at";

/// The database that is bound as `PROFILES`.
pub(crate) struct D1Profiles {
    database: D1Database,
    trace: Rc<Trace>,
}

impl D1Profiles {
    /// # Errors
    ///
    /// Nothing of that name is bound, or something else than a database.
    pub(crate) fn bind(env: &Env, trace: Rc<Trace>) -> Result<Self, ConfigError> {
        env.d1(BINDING)
            .map(|database| Self { database, trace })
            .map_err(|_| ConfigError { variable: BINDING, reason: "is not bound to a D1 database" })
    }

    /// The one row that a statement gives, if it gives any.
    async fn row(
        &self,
        operation: Operation,
        sql: &str,
        values: &[D1Type<'_>],
    ) -> Result<Option<Profile>, ProfileStoreError> {
        let statement =
            self.database.prepare(sql).bind_refs(values).map_err(|error| failure(operation, &error))?;
        let row = self.trace.measure(Phase::Database, first(operation, &statement)).await?;
        row.map(|row| row.into_profile().ok_or(ProfileStoreError::Malformed(operation))).transpose()
    }
}

async fn first(
    operation: Operation,
    statement: &D1PreparedStatement,
) -> Result<Option<Row>, ProfileStoreError> {
    match select(pin!(statement.first::<Row>(None)), pin!(Delay::from(TIMEOUT))).await {
        Either::Left((row, _)) => row.map_err(|error| failure(operation, &error)),
        Either::Right(_) => Err(ProfileStoreError::Timeout(operation)),
    }
}

/// Of the runtime's words only what they are about is kept: they may hold values.
fn failure(operation: Operation, error: &worker::Error) -> ProfileStoreError {
    let words = error.to_string();
    if ["no such table", "no such column", "has no column"].iter().any(|phrase| words.contains(phrase)) {
        ProfileStoreError::NoSchema(operation)
    } else {
        ProfileStoreError::Failed(operation)
    }
}

/// As the database gives it.
#[derive(Deserialize)]
struct Row {
    display_name: String,
    bio: String,
    revision: u32,
    updated_at: String,
}

impl Row {
    fn into_profile(self) -> Option<Profile> {
        let Self { display_name, bio, revision, updated_at } = self;
        let updated_at = updated_at.parse().ok()?;
        // Whoever puts rows in by hand has to begin with 1.
        (revision > 0).then_some(())?;
        Some(Profile { display_name, bio, revision: Revision::of(revision), updated_at })
    }
}

impl ProfileStore for D1Profiles {
    async fn read(&self, subject: &Subject) -> Result<Option<Profile>, ProfileStoreError> {
        self.row(Operation::Read, READ, &[D1Type::Text(subject.as_str())]).await
    }

    async fn write(
        &self,
        subject: &Subject,
        fields: &Fields,
        replaces: Replaces,
        now: Timestamp,
    ) -> Result<Option<Profile>, ProfileStoreError> {
        let now = now.to_string();
        let mut values = vec![
            D1Type::Text(subject.as_str()),
            D1Type::Text(fields.display_name.as_str()),
            D1Type::Text(fields.bio.as_str()),
            D1Type::Text(&now),
        ];
        let sql = match replaces {
            Replaces::Anything => CREATE_OR_REPLACE,
            Replaces::Revision(Revision::NONE) => CREATE,
            Replaces::Revision(revision) => {
                // Numbers are floating point on the way; every revision is exact in it.
                values.push(D1Type::Real(revision.number().into()));
                REPLACE
            }
        };
        self.row(Operation::Write, sql, &values).await
    }
}
