//! Writes a profile under the conditions of a request.

use super::fields::Fields;
use super::guard::Guard;
use super::store::{Profile, ProfileStore, ProfileStoreError, Replaces, Revision};
use crate::kind::Subject;
use jiff::Timestamp;

/// How often a write is tried that others are faster than. Only a condition that several revisions meet, such as `If-Match: *`, needs more than two.
const MAX_TRIES: u32 = 5;

/// Why a profile was not written. Nothing of it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SaveError {
    /// The conditions do not hold for what is there.
    Changed,
    /// They held every time, and others were faster every time.
    Contended,
    /// The database failed.
    Store(ProfileStoreError),
}

impl From<ProfileStoreError> for SaveError {
    fn from(error: ProfileStoreError) -> Self {
        Self::Store(error)
    }
}

/// Writes a profile. `seen`: the revision that was there a moment ago, which saves asking; looked at only where the guard is not open.
///
/// The write names the revision that it replaces, and the database compares and writes in one step: of several writers over one
/// revision one succeeds.
///
/// # Errors
///
/// See [`SaveError`].
pub(crate) async fn save(
    store: &impl ProfileStore,
    subject: &Subject,
    fields: &Fields,
    guard: &Guard,
    seen: Revision,
    now: Timestamp,
) -> Result<Profile, SaveError> {
    let mut held = seen;
    for _ in 0..MAX_TRIES {
        if !guard.admits(held) {
            return Err(SaveError::Changed);
        }
        let replaces = if guard.is_open() { Replaces::Anything } else { Replaces::Revision(held) };
        if let Some(profile) = store.write(subject, fields, replaces, now).await? {
            return Ok(profile);
        }
        held = store.read(subject).await?.map_or(Revision::NONE, |profile| profile.revision);
    }
    Err(SaveError::Contended)
}

#[cfg(test)]
mod tests {
    use super::super::memory::Memory;
    use super::super::store::Operation;
    use super::*;
    use futures_util::future::join_all;

    fn ada() -> Subject {
        Subject::new("ada").unwrap()
    }

    fn fields(name: &str) -> Fields {
        Fields::parse(serde_json::json!({"display_name": name}).to_string().as_bytes()).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn guard(if_match: Option<&str>, if_none_match: Option<&str>) -> Guard {
        Guard::read(if_match, if_none_match).unwrap()
    }

    fn saved(store: &Memory, name: &str, guard: &Guard, seen: u32) -> Result<(u32, String), SaveError> {
        let saved = pollster::block_on(save(store, &ada(), &fields(name), guard, Revision::of(seen), at(5)));
        saved.map(|profile| (profile.revision.number(), profile.display_name))
    }

    #[test]
    fn without_a_condition_the_last_write_wins() {
        let store = Memory::new();
        assert_eq!(saved(&store, "Ada", &Guard::default(), 0), Ok((1, "Ada".to_owned())));
        assert_eq!(saved(&store, "Eve", &Guard::default(), 0), Ok((2, "Eve".to_owned())));
        let held = pollster::block_on(store.read(&ada())).unwrap().unwrap();
        assert_eq!((held.display_name.as_str(), held.updated_at), ("Eve", at(5)));
    }

    #[test]
    fn of_two_who_saw_the_same_the_second_is_told() {
        let store = Memory::new();
        saved(&store, "Ada", &guard(None, Some("*")), 0).unwrap();
        let first = guard(Some("\"1-0123456789abcdef\""), None);
        assert_eq!(saved(&store, "Ada L.", &first, 1), Ok((2, "Ada L.".to_owned())));
        assert_eq!(saved(&store, "Countess", &first, 2), Err(SaveError::Changed));
        assert_eq!(saved(&store, "Countess", &first, 1), Err(SaveError::Changed), "what was seen is old");
        assert_eq!(saved(&store, "Again", &guard(None, Some("*")), 0), Err(SaveError::Changed));
        assert_eq!(pollster::block_on(store.read(&ada())).unwrap().unwrap().display_name, "Ada L.");
    }

    #[test]
    fn who_has_written_nothing_yet_can_be_matched() {
        let store = Memory::new();
        let star = guard(Some("*"), None);
        assert_eq!(saved(&store, "Ada", &star, 0), Err(SaveError::Changed));
        let none = guard(Some("\"0-0123456789abcdef\""), None);
        assert_eq!(saved(&store, "Ada", &none, 0), Ok((1, "Ada".to_owned())));
        assert_eq!(saved(&store, "Ada", &none, 0), Err(SaveError::Changed));
        assert_eq!(saved(&store, "Eve", &star, 1), Ok((2, "Eve".to_owned())));
        assert_eq!(saved(&store, "Ida", &star, 1), Ok((3, "Ida".to_owned())), "a star follows what is there");
    }

    #[test]
    fn of_twenty_at_once_one_wins() {
        let store = Memory::new();
        saved(&store, "Ada", &Guard::default(), 0).unwrap();
        let guard = guard(Some("\"1-0123456789abcdef\""), None);
        let names: Vec<_> = (0..20).map(|index| fields(&format!("writer {index}"))).collect();
        let subject = ada();
        let writes =
            names.iter().map(|fields| save(&store, &subject, fields, &guard, Revision::FIRST, at(9)));
        let outcomes = pollster::block_on(join_all(writes));
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 19));
        assert!(lost.iter().all(|outcome| *outcome == Err(SaveError::Changed)));
    }

    #[test]
    fn one_whom_others_outrun_every_time_gives_up() {
        let store = Memory::new();
        saved(&store, "Ada", &Guard::default(), 0).unwrap();
        store.outrun_writers();
        assert_eq!(saved(&store, "Eve", &guard(Some("*"), None), 1), Err(SaveError::Contended));
    }

    #[test]
    fn a_database_that_fails_is_no_conflict() {
        let store = Memory::new();
        store.fail_after(Some(0));
        let failed = |operation| Err(SaveError::Store(ProfileStoreError::Failed(operation)));
        assert_eq!(saved(&store, "Ada", &Guard::default(), 0), failed(Operation::Write));
        store.fail_after(None);
        saved(&store, "Ada", &Guard::default(), 0).unwrap();
        store.fail_after(Some(1));
        assert_eq!(saved(&store, "Ada", &guard(None, Some("*")), 0), failed(Operation::Read));
    }
}
