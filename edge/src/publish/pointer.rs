//! The pointer object: which version of a picture counts, and what it was made of.

use super::error::PublishError;
use super::keys;
use crate::kind::{Kind, Subject};
use crate::storage::{BucketName, Listed, ObjectStore};
use crate::variant::{Motion, ServedFormat, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The schema that this code writes, and the only one it reads.
const SCHEMA: u32 = 1;
/// Longest pointer object that is read, in bytes.
const MAX_POINTER_BYTES: u64 = 16 * 1024;

/// The upload that a picture was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    pub(crate) key: String,
    pub(crate) etag: String,
    pub(crate) last_modified: Timestamp,
}

impl Source {
    pub(crate) fn of(upload: &Listed) -> Self {
        let Listed { key, etag, last_modified, .. } = upload;
        Self { key: key.clone(), etag: etag.clone(), last_modified: *last_modified }
    }
}

/// `current.json`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer {
    pub(crate) version: Version,
    pub(crate) master_format: ServedFormat,
    /// Of the master, in pixels.
    pub(crate) width: u32,
    /// Of the master, in pixels.
    pub(crate) height: u32,
    /// Base64.
    pub(crate) thumbhash: String,
    /// Whether there is an animation beside the master.
    pub(crate) motion: Motion,
    pub(crate) source: Source,
    pub(crate) published_at: Timestamp,
}

/// As it is written.
#[derive(Serialize, Deserialize)]
struct Document {
    schema: u32,
    version: String,
    master: Master,
    /// Only where it moves. Who does not know this member serves the still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    animation: Option<Master>,
    width: u32,
    height: u32,
    thumbhash: String,
    source: Source,
    published_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Master {
    key: String,
    content_type: String,
}

impl Pointer {
    /// Whether the picture has transparency: its master is a PNG then, and only then.
    pub(crate) fn has_alpha(&self) -> bool {
        self.master_format == ServedFormat::Png
    }

    /// The bytes of the object. The keys of the masters are written for whoever reads the bucket without this code.
    pub(crate) fn to_json(&self, kind: Kind, subject: &Subject) -> Vec<u8> {
        let master_key = keys::master(kind, subject, &self.version, self.master_format);
        let animation = (self.motion == Motion::Moves).then(|| Master {
            key: keys::animation(kind, subject, &self.version),
            content_type: ServedFormat::Webp.content_type().to_owned(),
        });
        let document = Document {
            animation,
            schema: SCHEMA,
            version: self.version.as_str().to_owned(),
            master: Master { key: master_key, content_type: self.master_format.content_type().to_owned() },
            width: self.width,
            height: self.height,
            thumbhash: self.thumbhash.clone(),
            source: self.source.clone(),
            published_at: self.published_at,
        };
        // Strings, numbers and times only: this cannot fail, and an empty object would be refused when read.
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// Reads the object. `None`: not a pointer of this schema.
    pub(crate) fn parse(json: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(json).ok()?;
        let master_format = ServedFormat::OF_MASTERS
            .into_iter()
            .find(|format| format.content_type() == document.master.content_type)?;
        (document.schema == SCHEMA).then_some(())?;
        Some(Self {
            version: Version::parse(&document.version)?,
            master_format,
            width: document.width,
            height: document.height,
            thumbhash: document.thumbhash,
            motion: match document.animation {
                Some(animation) if animation.content_type == ServedFormat::Webp.content_type() => {
                    Motion::Moves
                }
                Some(_) => return None,
                None => Motion::Rests,
            },
            source: document.source,
            published_at: document.published_at,
        })
    }
}

/// A pointer as it was read, with what is needed to write over just this one.
pub(crate) struct HeldPointer {
    pub(crate) pointer: Pointer,
    pub(crate) etag: Option<String>,
}

/// `current.json` before there is a picture: whoever is about to publish a person's first one writes it, to have something that the
/// pointer is written over. Once it is deleted, no publish that read it can write any more.
#[derive(Serialize, Deserialize)]
pub(crate) struct Reservation {
    schema: u32,
    reserved_at: Timestamp,
    /// Makes it another object than every other reservation.
    nonce: u64,
}

impl Reservation {
    pub(crate) fn new(now: Timestamp, nonce: u64) -> Self {
        Self { schema: SCHEMA, reserved_at: now, nonce }
    }

    /// The bytes of the object.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        // Numbers and a time only: this cannot fail, and an empty object would be refused when read.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// What is at the place of the pointer.
pub(crate) enum Slot {
    Empty,
    /// A reservation, with its entity tag.
    Reserved(Option<String>),
    Held(HeldPointer),
}

/// Reads what is at the place of the pointer.
///
/// # Errors
///
/// A storage that fails, or an object that cannot be read.
pub(crate) async fn read_slot(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
) -> Result<Slot, PublishError> {
    let key = keys::pointer(kind, subject);
    let Some(object) = store.get(BucketName::Assets, &key, MAX_POINTER_BYTES).await? else {
        return Ok(Slot::Empty);
    };
    if let Some(pointer) = Pointer::parse(&object.bytes) {
        return Ok(Slot::Held(HeldPointer { pointer, etag: object.etag }));
    }
    match serde_json::from_slice::<Reservation>(&object.bytes) {
        Ok(reservation) if reservation.schema == SCHEMA => Ok(Slot::Reserved(object.etag)),
        _ => Err(PublishError::MalformedPointer),
    }
}

/// Reads what counts. `None`: nothing was published yet.
///
/// # Errors
///
/// A storage that fails, or a pointer that cannot be read.
pub(crate) async fn read_pointer(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
) -> Result<Option<HeldPointer>, PublishError> {
    match read_slot(store, kind, subject).await? {
        Slot::Held(held) => Ok(Some(held)),
        Slot::Empty | Slot::Reserved(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn pointer() -> Pointer {
        Pointer {
            version: Version::of(&[1; 32]),
            master_format: ServedFormat::Png,
            width: 480,
            height: 480,
            thumbhash: "AQID".to_owned(),
            motion: Motion::Rests,
            source: Source {
                key: "avatars/a.png".to_owned(),
                etag: "\"1\"".to_owned(),
                last_modified: "2026-03-01T12:00:00Z".parse().unwrap(),
            },
            published_at: "2026-03-01T12:00:01.5Z".parse().unwrap(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let subject = Subject::new("a").unwrap();
        let moving = Pointer { motion: Motion::Moves, ..pointer() };
        let json = moving.to_json(Kind::Avatar, &subject);
        assert_eq!(Pointer::parse(&json), Some(moving));
        let value: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(value["animation"]["key"], "avatars/a/0101010101010101/animation.webp");
        let json = pointer().to_json(Kind::Avatar, &subject);
        assert_eq!(Pointer::parse(&json), Some(pointer()));
        let value: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(value["master"]["key"], "avatars/a/0101010101010101/master.png");
        assert!(value.get("animation").is_none(), "as it was written before there were animations");
        assert_eq!(
            (&value["schema"], &value["width"], &value["height"]),
            (&json!(1), &json!(480), &json!(480))
        );
        assert_eq!(value["master"]["content_type"], "image/png");
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        let good: Value =
            serde_json::from_slice(&pointer().to_json(Kind::Avatar, &Subject::new("a").unwrap())).unwrap();
        let with = |name: &str, value: Value| {
            let mut changed = good.clone();
            changed[name] = value;
            changed.to_string()
        };
        for text in [
            String::new(),
            "{}".to_owned(),
            with("schema", json!(2)),
            with("version", json!("../../x")),
            with("master", json!({"key": "", "content_type": "text/html"})),
            with("master", json!({"key": "", "content_type": "image/webp"})),
            with("published_at", json!("yesterday")),
            with("animation", json!({"key": "", "content_type": "image/gif"})),
        ] {
            assert_eq!(Pointer::parse(text.as_bytes()), None, "{text}");
        }
    }
}
