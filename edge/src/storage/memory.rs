//! A storage in memory for tests: conditional writes as S3 has them, a clock that ticks with each write, and
//! failures at the operation of one's choice.

use super::{BucketName, Condition, File, Listed, Object, ObjectStore, Operation, StorageError};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Bytes, entity tag, last modified.
type Held = (Vec<u8>, String, Timestamp);
type Hook = Box<dyn FnOnce(&Memory)>;

pub(crate) struct Memory {
    objects: RefCell<BTreeMap<(u8, String), Held>>,
    now: Cell<Timestamp>,
    /// Operations until one fails; `None`: none does.
    fails_after: Cell<Option<usize>>,
    /// Every operation so far, for assertions.
    pub(crate) operations: RefCell<Vec<(Operation, String)>>,
    /// The key that arrives short when it is read, and how often.
    short: RefCell<Option<(String, usize)>>,
    /// Runs once, before the next write of a key that ends so.
    before_put: RefCell<Option<(String, Hook)>>,
}

fn slot(bucket: BucketName) -> u8 {
    matches!(bucket, BucketName::Assets).into()
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            objects: RefCell::default(),
            now: Cell::new(Timestamp::from_second(1_800_000_000).unwrap()),
            fails_after: Cell::new(None),
            operations: RefCell::default(),
            short: RefCell::default(),
            before_put: RefCell::default(),
        }
    }

    /// Lets the operation after so many others fail, and all later ones.
    pub(crate) fn fail_after(&self, operations: Option<usize>) {
        self.fails_after.set(operations);
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.now.set(self.now.get() + SignedDuration::from_secs(seconds));
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// Lets an object arrive without its second half, so many times.
    pub(crate) fn shorten(&self, key: &str, times: usize) {
        *self.short.borrow_mut() = Some((key.to_owned(), times));
    }

    fn read(&self, key: &str, bytes: &[u8]) -> Vec<u8> {
        match self.short.borrow_mut().as_mut() {
            Some((short, times)) if short == key && *times > 0 => {
                *times -= 1;
                bytes[..bytes.len() / 2].to_vec()
            }
            _ => bytes.to_vec(),
        }
    }

    pub(crate) fn before_put(&self, key_suffix: &str, hook: impl FnOnce(&Memory) + 'static) {
        *self.before_put.borrow_mut() = Some((key_suffix.to_owned(), Box::new(hook)));
    }

    /// Writes without being counted or failing.
    pub(crate) fn place(&self, bucket: BucketName, key: &str, bytes: &[u8]) {
        self.pass_seconds(1);
        let etag = format!("\"{}\"", hex::encode(&Sha256::digest(bytes)[..8]));
        let object = (bytes.to_vec(), etag, self.now.get());
        self.objects.borrow_mut().insert((slot(bucket), key.to_owned()), object);
    }

    pub(crate) fn keys(&self, bucket: BucketName) -> Vec<String> {
        let objects = self.objects.borrow();
        objects.keys().filter(|(held, _)| *held == slot(bucket)).map(|(_, key)| key.clone()).collect()
    }

    pub(crate) fn bytes(&self, bucket: BucketName, key: &str) -> Option<Vec<u8>> {
        self.objects.borrow().get(&(slot(bucket), key.to_owned())).map(|object| object.0.clone())
    }

    fn begin(&self, operation: Operation, key: &str) -> Result<(), StorageError> {
        self.operations.borrow_mut().push((operation, key.to_owned()));
        match self.fails_after.get() {
            Some(0) => Err(StorageError::Status(operation, 503)),
            Some(left) => {
                self.fails_after.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl ObjectStore for Memory {
    async fn list(&self, bucket: BucketName, prefix: &str) -> Result<Vec<Listed>, StorageError> {
        self.begin(Operation::List, prefix)?;
        let objects = self.objects.borrow();
        let wanted =
            objects.iter().filter(|((held, key), _)| *held == slot(bucket) && key.starts_with(prefix));
        Ok(wanted
            .map(|((_, key), (bytes, etag, last_modified))| Listed {
                key: key.clone(),
                etag: etag.clone(),
                size_bytes: bytes.len() as u64,
                last_modified: *last_modified,
            })
            .collect())
    }

    async fn get(
        &self,
        bucket: BucketName,
        key: &str,
        max_bytes: u64,
    ) -> Result<Option<Object>, StorageError> {
        self.begin(Operation::Get, key)?;
        match self.objects.borrow().get(&(slot(bucket), key.to_owned())) {
            Some((bytes, _, _)) if bytes.len() as u64 > max_bytes => {
                Err(StorageError::TooLarge(Operation::Get))
            }
            Some((bytes, etag, _)) => {
                let bytes = self.read(key, bytes);
                Ok(Some(Object { bytes, etag: Some(etag.clone()), is_unpacked: false }))
            }
            None => Ok(None),
        }
    }

    async fn put(&self, bucket: BucketName, key: &str, file: File<'_>) -> Result<(), StorageError> {
        let hook = self.before_put.borrow_mut().take_if(|(suffix, _)| key.ends_with(suffix.as_str()));
        if let Some((_, hook)) = hook {
            hook(self);
        }
        self.begin(Operation::Put, key)?;
        let held = self.objects.borrow().get(&(slot(bucket), key.to_owned())).map(|object| object.1.clone());
        let holds = match (&file.condition, &held) {
            (Condition::None, _) | (Condition::Absent, None) => true,
            (Condition::Unchanged(etag), Some(held)) => etag == held,
            _ => false,
        };
        if !holds {
            return Err(StorageError::Changed);
        }
        self.place(bucket, key, file.bytes);
        Ok(())
    }

    async fn delete(&self, bucket: BucketName, key: &str) -> Result<(), StorageError> {
        self.begin(Operation::Delete, key)?;
        self.objects.borrow_mut().remove(&(slot(bucket), key.to_owned()));
        Ok(())
    }
}
