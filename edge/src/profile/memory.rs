//! A database in memory for tests: compares and writes in one step as D1 does, and fails or is contended at will.

use super::fields::Fields;
use super::store::{Operation, Profile, ProfileStore, ProfileStoreError, Replaces, Revision};
use crate::kind::Subject;
use jiff::Timestamp;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::Poll;

pub(crate) struct Memory {
    rows: RefCell<BTreeMap<String, Profile>>,
    /// Operations until one fails; `None`: none does.
    fails_after: Cell<Option<usize>>,
    /// Whether somebody else writes just before every write.
    is_outrun: Cell<bool>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self { rows: RefCell::default(), fails_after: Cell::new(None), is_outrun: Cell::new(false) }
    }

    /// Lets the operation after so many others fail, and all later ones.
    pub(crate) fn fail_after(&self, operations: Option<usize>) {
        self.fails_after.set(operations);
    }

    /// From now on somebody else is faster than every write.
    pub(crate) fn outrun_writers(&self) {
        self.is_outrun.set(true);
    }

    /// Lets others go first, as a network does, and counts.
    async fn begin(&self, operation: Operation) -> Result<(), ProfileStoreError> {
        let mut has_waited = false;
        poll_fn(|context| {
            if has_waited {
                return Poll::Ready(());
            }
            has_waited = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        match self.fails_after.get() {
            Some(0) => Err(ProfileStoreError::Failed(operation)),
            Some(left) => {
                self.fails_after.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl ProfileStore for Memory {
    async fn read(&self, subject: &Subject) -> Result<Option<Profile>, ProfileStoreError> {
        self.begin(Operation::Read).await?;
        Ok(self.rows.borrow().get(subject.as_str()).cloned())
    }

    async fn write(
        &self,
        subject: &Subject,
        fields: &Fields,
        replaces: Replaces,
        now: Timestamp,
    ) -> Result<Option<Profile>, ProfileStoreError> {
        self.begin(Operation::Write).await?;
        let mut rows = self.rows.borrow_mut();
        if self.is_outrun.get()
            && let Some(row) = rows.get_mut(subject.as_str())
        {
            row.revision = Revision::of(row.revision.number() + 1);
        }
        let held = rows.get(subject.as_str()).map_or(Revision::NONE, |row| row.revision);
        if matches!(replaces, Replaces::Revision(wanted) if wanted != held) {
            return Ok(None);
        }
        let profile = Profile {
            display_name: fields.display_name.as_str().to_owned(),
            bio: fields.bio.as_str().to_owned(),
            revision: Revision::of(held.number() + 1),
            updated_at: now,
        };
        rows.insert(subject.as_str().to_owned(), profile.clone());
        Ok(Some(profile))
    }
}
