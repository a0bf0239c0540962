//! The keys of objects: the only place that puts them together or takes them apart.

use crate::kind::{Kind, Subject};
use crate::variant::{ServedFormat, Variant, Version};
use roundel::Format;

/// The extensions that an upload may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extension {
    Jpg,
    Jpeg,
    Png,
    Webp,
    Gif,
}

impl Extension {
    const ALL: [Self; 5] = [Self::Jpg, Self::Jpeg, Self::Png, Self::Webp, Self::Gif];

    /// The extension written in lower case without its dot.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|extension| extension.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Jpg => "jpg",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }

    /// What a file with this extension holds.
    pub(crate) fn format(self) -> Format {
        match self {
            Self::Jpg | Self::Jpeg => Format::Jpeg,
            Self::Png => Format::Png,
            Self::Webp => Format::Webp,
            Self::Gif => Format::Gif,
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Jpg | Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

/// `<kind>/<sub>.`: what the keys of a person's uploads begin with.
pub(crate) fn uploads_prefix(kind: Kind, subject: &Subject) -> String {
    format!("{}/{}.", kind.folder(), subject.as_str())
}

/// `<kind>/<sub>.<extension>`
pub(crate) fn upload(kind: Kind, subject: &Subject, extension: Extension) -> String {
    format!("{}{}", uploads_prefix(kind, subject), extension.as_str())
}

/// Takes the key of an upload apart. `None`: not the key of an upload.
pub(crate) fn parse_upload(key: &str) -> Option<(Kind, Subject, Extension)> {
    let (folder, file) = key.split_once('/')?;
    let (subject, extension) = file.split_once('.')?;
    Some((Kind::from_folder(folder)?, Subject::new(subject)?, Extension::parse(extension)?))
}

const REJECTED: &str = "rejected/";
const NOTE: &str = ".json";

/// Where an upload goes that is refused.
pub(crate) fn rejected(upload_key: &str) -> String {
    format!("{REJECTED}{upload_key}")
}

/// The note that says why.
pub(crate) fn rejection_note(upload_key: &str) -> String {
    format!("{REJECTED}{upload_key}{NOTE}")
}

/// What the keys of a person's refused uploads and of their notes begin with.
pub(crate) fn rejected_prefix(kind: Kind, subject: &Subject) -> String {
    rejected(&uploads_prefix(kind, subject))
}

/// Whether this is the key of a refused upload of this person, or of its note.
pub(crate) fn is_rejected(key: &str, kind: Kind, subject: &Subject) -> bool {
    let upload = key.strip_prefix(REJECTED).map(|key| key.strip_suffix(NOTE).unwrap_or(key));
    upload
        .and_then(parse_upload)
        .is_some_and(|(its_kind, its_subject, _)| its_kind == kind && its_subject == *subject)
}

/// Whether this is the key of a note on a refused upload of this person.
pub(crate) fn is_rejection_note(key: &str, kind: Kind, subject: &Subject) -> bool {
    key.ends_with(NOTE) && is_rejected(key, kind, subject)
}

/// `<kind>/<sub>/`: what the keys of a person's finished pictures begin with.
pub(crate) fn assets_prefix(kind: Kind, subject: &Subject) -> String {
    format!("{}/{}/", kind.folder(), subject.as_str())
}

/// `<kind>/<sub>/current.json`
pub(crate) fn pointer(kind: Kind, subject: &Subject) -> String {
    format!("{}current.json", assets_prefix(kind, subject))
}

/// `<kind>/<sub>/<version>/master.<format>`
pub(crate) fn master(kind: Kind, subject: &Subject, version: &Version, format: ServedFormat) -> String {
    format!("{}{}/master.{}", assets_prefix(kind, subject), version.as_str(), format.extension())
}

/// `<kind>/<sub>/<version>/animation.webp`: what moving pictures are made of.
pub(crate) fn animation(kind: Kind, subject: &Subject, version: &Version) -> String {
    format!("{}{}/animation.webp", assets_prefix(kind, subject), version.as_str())
}

/// `<kind>/<sub>/<version>/<size>.<format>`; also the path of the picture's URL. The still of what moves is `<size>.still.<format>`, which is the
/// path of none.
pub(crate) fn variant(kind: Kind, subject: &Subject, variant: &Variant) -> String {
    let Variant { version, size, format, is_still } = variant;
    let still = if *is_still { ".still" } else { "" };
    format!("{}{}/{size}{still}.{}", assets_prefix(kind, subject), version.as_str(), format.extension())
}

/// The version that an object below `prefix` belongs to. `None`: the pointer, or not ours.
pub(crate) fn version_of(key: &str, prefix: &str) -> Option<Version> {
    Version::parse(key.strip_prefix(prefix)?.split_once('/')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_key_and_its_parts_are_two_ways_to_say_the_same() {
        let subject = Subject::new("user-1").unwrap();
        for extension in Extension::ALL {
            let key = upload(Kind::Avatar, &subject, extension);
            assert_eq!(parse_upload(&key), Some((Kind::Avatar, subject.clone(), extension)), "{key}");
        }
    }

    #[test]
    fn other_keys_are_no_uploads() {
        for key in [
            "",
            "avatars",
            "avatars/",
            "avatars/a",
            "avatars/a.",
            "avatars/.jpg",
            "avatars/a.JPG",
            "avatars/a.b.jpg",
            "avatars/a/b.jpg",
            "avatars/../a.jpg",
            "avatar/a.jpg",
            "/avatars/a.jpg",
            "avatars/a.svg",
            "avatars/a.jpg/",
        ] {
            assert_eq!(parse_upload(key), None, "{key}");
        }
    }

    #[test]
    fn a_refused_upload_is_no_upload() {
        let subject = Subject::new("a").unwrap();
        let (aside, note) = (rejected("avatars/a.jpg"), rejection_note("avatars/a.jpg"));
        assert_eq!(
            (aside.as_str(), note.as_str()),
            ("rejected/avatars/a.jpg", "rejected/avatars/a.jpg.json")
        );
        for key in [&aside, &note] {
            assert_eq!(parse_upload(key), None);
            assert!(key.starts_with(&rejected_prefix(Kind::Avatar, &subject)));
            assert!(is_rejected(key, Kind::Avatar, &subject) && !is_rejected(key, Kind::Banner, &subject));
        }
        assert!(is_rejection_note(&note, Kind::Avatar, &subject));
        assert!(!is_rejection_note(&aside, Kind::Avatar, &subject));
        for key in
            ["avatars/a.jpg", "rejected/avatars/a.b.jpg", "rejected/avatars/b.jpg", "rejected/avatars/a.json"]
        {
            assert!(!is_rejected(key, Kind::Avatar, &subject), "{key}");
        }
    }

    #[test]
    fn only_versioned_keys_have_a_version() {
        let of = |key| version_of(key, "avatars/a/").map(|version| version.as_str().to_owned());
        assert_eq!(of("avatars/a/0123456789abcdef/master.jpg").as_deref(), Some("0123456789abcdef"));
        for key in ["avatars/a/current.json", "avatars/a/0123456789abcdef", "avatars/b/0123456789abcdef/x"] {
            assert_eq!(of(key), None, "{key}");
        }
    }
}
