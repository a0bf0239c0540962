//! Stores a variant that was made after its version was published.

use super::error::PublishError;
use super::keys;
use super::pointer::read_pointer;
use crate::kind::{Kind, Subject};
use crate::storage::{BucketName, Condition, File, ObjectStore};
use crate::variant::Variant;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is stored.
    Stored,
    /// Its version was removed or replaced meanwhile: nothing of it is left behind.
    NoLonger,
}

/// Stores a variant, unless its version does not count any more.
///
/// What counts is looked up once, after the variant is there: a removal before that look is seen by it, and one that begins after it finds
/// the variant.
///
/// # Errors
///
/// A storage that fails. The variant may be there then, or not; it can be made again.
pub(crate) async fn store_variant(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    variant: &Variant,
    bytes: &[u8],
) -> Result<Kept, PublishError> {
    let key = keys::variant(kind, subject, variant);
    let file = File { bytes, content_type: variant.format.content_type(), condition: Condition::None };
    store.put(BucketName::Assets, &key, file).await?;
    let counts = read_pointer(store, kind, subject).await?;
    if counts.is_some_and(|held| held.pointer.version == variant.version) {
        return Ok(Kept::Stored);
    }
    store.delete(BucketName::Assets, &key).await?;
    Ok(Kept::NoLonger)
}

#[cfg(test)]
mod tests {
    use super::super::run::tests::{JPEG, OTHER_JPEG, published, subject};
    use super::*;
    use crate::storage::memory::Memory;
    use crate::storage::{Operation, StorageError};
    use crate::variant::{ServedFormat, Size, Version};
    use BucketName::{Assets, Uploads};
    use pollster::block_on;

    fn variant(version: Version) -> Variant {
        Variant {
            version,
            size: Size::parse(Kind::Avatar, "64").unwrap(),
            format: ServedFormat::Webp,
            is_still: false,
        }
    }

    fn kept(store: &Memory, variant: &Variant) -> Result<Kept, PublishError> {
        block_on(store_variant(store, Kind::Avatar, &subject(), variant, b"bytes"))
    }

    fn key(variant: &Variant) -> String {
        keys::variant(Kind::Avatar, &subject(), variant)
    }

    #[test]
    fn a_variant_of_what_counts_is_stored_with_one_look() {
        let store = Memory::new();
        store.place(Uploads, "avatars/user-1.jpg", JPEG);
        let variant = variant(published(&store).version);
        store.operations.borrow_mut().clear();
        assert_eq!(kept(&store, &variant), Ok(Kept::Stored));
        assert_eq!(store.bytes(Assets, &key(&variant)).as_deref(), Some(b"bytes".as_slice()));
        let operations: Vec<_> = store.operations.borrow().iter().map(|(operation, _)| *operation).collect();
        assert_eq!(operations, [Operation::Put, Operation::Get]);
    }

    #[test]
    fn what_was_replaced_or_removed_meanwhile_is_not_left_behind() {
        let store = Memory::new();
        store.place(Uploads, "avatars/user-1.jpg", JPEG);
        let variant = variant(published(&store).version);
        store.place(Uploads, "avatars/user-1.jpg", OTHER_JPEG);
        published(&store);
        assert_eq!(kept(&store, &variant), Ok(Kept::NoLonger));
        assert_eq!(store.bytes(Assets, &key(&variant)), None);
        block_on(super::super::remove(&store, Kind::Avatar, &subject())).unwrap();
        assert_eq!(kept(&store, &variant), Ok(Kept::NoLonger));
        assert_eq!(store.keys(Assets), [""; 0]);
    }

    #[test]
    fn a_storage_that_fails_is_told() {
        let store = Memory::new();
        store.fail_after(Some(1));
        let variant = variant(Version::of(&[1; 32]));
        let failed = StorageError::Status(Operation::Get, 503);
        assert_eq!(kept(&store, &variant), Err(PublishError::Storage(failed)));
    }
}
