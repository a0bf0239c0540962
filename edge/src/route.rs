//! Method, path and query -> [`Route`]. Knows nothing of tokens, storage or pictures.

use crate::default_picture::Fallback;
use crate::kind::{Kind, Subject};
use crate::problem::Problem;
use crate::variant::{ServedFormat, Size, Variant, Version};
use std::borrow::Cow;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `OPTIONS *`
    Preflight,
    /// `POST /<kind>/key_upload`
    KeyUpload(Kind),
    /// `POST /<kind>/publish`
    Publish(Kind),
    /// `DELETE /<kind>`
    Remove(Kind),
    /// `POST /hooks/object-created`
    ObjectCreated,
    /// `GET /<kind>/<sub>.<format>?size=&d=&still=`, or without its format.
    CurrentImage(CurrentImage),
    /// `GET /<kind>/<sub>/<version>/<size>.<format>?still=`
    VersionImage { kind: Kind, subject: Subject, variant: Variant },
    /// `GET /profiles/<sub>`
    Profile(Subject),
    /// `PUT /profile`
    PutProfile,
    /// `GET /config.json`
    PageConfig,
    /// `GET /healthz`
    Health,
}

/// The picture that counts for a person, as the client wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CurrentImage {
    pub(crate) kind: Kind,
    pub(crate) subject: Subject,
    /// `None`: the configured one.
    pub(crate) size: Option<Size>,
    /// `None`: by `Accept`.
    pub(crate) format: Option<ServedFormat>,
    /// What is wanted where there is no picture.
    pub(crate) fallback: Fallback,
    /// `?still=1`: of an animation its first frame.
    pub(crate) is_still: bool,
}

impl Route {
    /// The name for the log: never the path, which names a person.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Preflight => "preflight",
            Self::KeyUpload(_) => "key_upload",
            Self::Publish(_) => "publish",
            Self::Remove(_) => "remove",
            Self::ObjectCreated => "object_created",
            Self::CurrentImage(_) => "current_image",
            Self::VersionImage { .. } => "version_image",
            Self::Profile(_) => "profile",
            Self::PutProfile => "put_profile",
            Self::PageConfig => "page_config",
            Self::Health => "health",
        }
    }

    /// Whether the answer is a picture.
    pub(crate) fn serves_image(&self) -> bool {
        matches!(self, Self::CurrentImage(_) | Self::VersionImage { .. })
    }

    /// Whether `Accept` has a say in the answer.
    pub(crate) fn negotiates(&self) -> bool {
        matches!(self, Self::CurrentImage(CurrentImage { format: None, .. }))
    }
}

/// Finds the route. `path` is as it stands in the URL, `query` without its question mark.
///
/// # Errors
///
/// 404 `not_found`, 405 `method_not_allowed` with `Allow`, 400 `bad_size`, 400 `bad_default`.
pub(crate) fn route(method: &str, path: &str, query: &str) -> Result<Route, Problem> {
    if method == "OPTIONS" {
        return Ok(Route::Preflight);
    }
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    match segments.as_slice() {
        ["healthz"] => reading(method).map(|()| Route::Health),
        ["config.json"] => reading(method).map(|()| Route::PageConfig),
        ["hooks", "object-created"] => posting(method).map(|()| Route::ObjectCreated),
        ["profile"] => putting(method).map(|()| Route::PutProfile),
        ["profiles", subject] => {
            let subject = Subject::new(subject).ok_or_else(Problem::no_such_path)?;
            reading(method).map(|()| Route::Profile(subject))
        }
        [folder, rest @ ..] => {
            let kind = Kind::from_folder(folder).ok_or_else(Problem::no_such_path)?;
            picture_route(kind, rest, method, query)
        }
        [] => Err(Problem::no_such_path()),
    }
}

fn picture_route(kind: Kind, segments: &[&str], method: &str, query: &str) -> Result<Route, Problem> {
    match segments {
        [] => deleting(method).map(|()| Route::Remove(kind)),
        ["key_upload"] => posting(method).map(|()| Route::KeyUpload(kind)),
        ["publish"] => posting(method).map(|()| Route::Publish(kind)),
        [file] => {
            let (subject, format) = match Subject::new(file) {
                Some(subject) => (subject, None),
                None => {
                    let (subject, format) = file_name(file).ok_or_else(Problem::no_such_path)?;
                    (Subject::new(subject).ok_or_else(Problem::no_such_path)?, Some(format))
                }
            };
            reading(method)?;
            let size = size_of(kind, query)?;
            let fallback = fallback_of(kind, query)?;
            Ok(Route::CurrentImage(CurrentImage {
                kind,
                subject,
                size,
                format,
                fallback,
                is_still: is_still(query),
            }))
        }
        [subject, version, file] => {
            let (size, format) = file_name(file).ok_or_else(Problem::no_such_path)?;
            let subject = Subject::new(subject).ok_or_else(Problem::no_such_path)?;
            let version = Version::parse(version).ok_or_else(Problem::no_such_path)?;
            reading(method)?;
            let size = Size::parse(kind, size).ok_or_else(|| Problem::bad_size(kind))?;
            let variant = Variant { version, size, format, is_still: false };
            let variant = if is_still(query) { variant.still() } else { variant };
            Ok(Route::VersionImage { kind, subject, variant })
        }
        _ => Err(Problem::no_such_path()),
    }
}

fn file_name(file: &str) -> Option<(&str, ServedFormat)> {
    let (stem, extension) = file.rsplit_once('.')?;
    Some((stem, ServedFormat::from_extension(extension)?))
}

/// A member of the query; the first one of its name counts, other names are ignored.
fn member<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    url::form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name).map(|(_, value)| value)
}

fn size_of(kind: Kind, query: &str) -> Result<Option<Size>, Problem> {
    member(query, kind.width_parameter())
        .map(|value| Size::parse(kind, &value).ok_or_else(|| Problem::bad_size(kind)))
        .transpose()
}

fn fallback_of(kind: Kind, query: &str) -> Result<Fallback, Problem> {
    member(query, "d")
        .map_or(Ok(kind.fallback()), |value| Fallback::parse(&value).ok_or_else(Problem::bad_default))
}

/// Only as plainly written: other values mean nothing, like other members.
fn is_still(query: &str) -> bool {
    member(query, "still").is_some_and(|value| value == "1")
}

fn reading(method: &str) -> Result<(), Problem> {
    if matches!(method, "GET" | "HEAD") {
        Ok(())
    } else {
        Err(Problem::method_not_allowed("GET, HEAD, OPTIONS"))
    }
}

fn posting(method: &str) -> Result<(), Problem> {
    if method == "POST" { Ok(()) } else { Err(Problem::method_not_allowed("POST, OPTIONS")) }
}

fn putting(method: &str) -> Result<(), Problem> {
    if method == "PUT" { Ok(()) } else { Err(Problem::method_not_allowed("PUT, OPTIONS")) }
}

fn deleting(method: &str) -> Result<(), Problem> {
    if method == "DELETE" { Ok(()) } else { Err(Problem::method_not_allowed("DELETE, OPTIONS")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(method: &str, path: &str, query: &str) -> (u16, &'static str) {
        let problem = route(method, path, query).unwrap_err();
        (problem.status, problem.code)
    }

    fn name(method: &str, path: &str) -> &'static str {
        route(method, path, "").unwrap().name()
    }

    #[test]
    fn each_path_of_the_contract_has_its_route() {
        assert_eq!(name("OPTIONS", "/anything/at/all"), "preflight");
        assert_eq!(name("POST", "/avatars/key_upload"), "key_upload");
        assert_eq!(name("POST", "/avatars/publish"), "publish");
        assert_eq!(name("DELETE", "/avatars"), "remove");
        assert_eq!(route("DELETE", "/banners", ""), Ok(Route::Remove(Kind::Banner)));
        assert_eq!(name("POST", "/hooks/object-created"), "object_created");
        assert_eq!(name("GET", "/avatars/abc.jpg"), "current_image");
        assert_eq!(name("HEAD", "/avatars/abc.png"), "current_image");
        assert_eq!(name("GET", "/avatars/abc.webp"), "current_image");
        assert_eq!(name("GET", "/avatars/abc"), "current_image");
        assert_eq!(name("GET", "/avatars/publish.jpg"), "current_image");
        assert_eq!(name("GET", "/avatars/abc/0123456789abcdef/64.jpg"), "version_image");
        assert_eq!(name("GET", "/avatars/abc/0123456789abcdef/64.webp"), "version_image");
        assert_eq!(name("GET", "/profiles/abc"), "profile");
        assert_eq!(name("HEAD", "/profiles/abc"), "profile");
        assert_eq!(name("PUT", "/profile"), "put_profile");
        assert_eq!(name("GET", "/config.json"), "page_config");
        assert_eq!(name("HEAD", "/healthz"), "health");
    }

    #[test]
    fn accept_has_a_say_only_where_the_path_names_no_format() {
        for (path, format) in [
            ("/avatars/abc", None),
            ("/avatars/jpg", None),
            ("/avatars/abc.jpg", Some(ServedFormat::Jpg)),
            ("/avatars/abc.png", Some(ServedFormat::Png)),
            ("/avatars/abc.webp", Some(ServedFormat::Webp)),
        ] {
            let route = route("GET", path, "size=64").unwrap();
            assert_eq!(route.negotiates(), format.is_none(), "{path}");
            assert!(
                matches!(route, Route::CurrentImage(CurrentImage { format: found, .. }) if found == format),
                "{path}"
            );
        }
        let version = route("GET", "/avatars/abc/0123456789abcdef/64.webp", "").unwrap();
        assert!(version.serves_image() && !version.negotiates());
    }

    #[test]
    fn the_size_is_the_first_of_the_query_or_the_default() {
        let size = |query: &str| match route("GET", "/avatars/abc.jpg", query).unwrap() {
            Route::CurrentImage(image) => image.size.map(Size::width),
            other => panic!("{other:?}"),
        };
        assert_eq!(size(""), None);
        assert_eq!(size("v=1&x"), None);
        assert_eq!(size("v=1&size=64&size=7"), Some(64));
        for query in ["size=", "size=65", "size=1e2", "size=-64", "size=%00", "size"] {
            assert_eq!(code("GET", "/avatars/abc.jpg", query), (400, "bad_size"), "{query}");
        }
    }

    #[test]
    fn banners_have_the_same_routes_and_widths_of_their_own() {
        assert_eq!(route("POST", "/banners/key_upload", ""), Ok(Route::KeyUpload(Kind::Banner)));
        assert_eq!(route("POST", "/banners/publish", ""), Ok(Route::Publish(Kind::Banner)));
        assert_eq!(name("GET", "/banners/abc/0123456789abcdef/1500.webp"), "version_image");
        let image = |query: &str| match route("GET", "/banners/abc.jpg", query).unwrap() {
            Route::CurrentImage(image) => (image.kind, image.size.map(Size::width), image.fallback),
            other => panic!("{other:?}"),
        };
        assert_eq!(image("size=64"), (Kind::Banner, None, Fallback::NotFound));
        assert_eq!(image("width=640&d=identicon"), (Kind::Banner, Some(640), Fallback::Identicon));
        for query in ["width=641", "width=256", "width="] {
            assert_eq!(code("GET", "/banners/abc.jpg", query), (400, "bad_size"), "{query}");
        }
        assert_eq!(code("GET", "/banners/abc/0123456789abcdef/256.jpg", ""), (400, "bad_size"));
    }

    #[test]
    fn where_there_is_no_picture_the_query_decides_or_the_kind() {
        let fallback = |query: &str| match route("GET", "/avatars/abc", query).unwrap() {
            Route::CurrentImage(image) => image.fallback,
            other => panic!("{other:?}"),
        };
        assert_eq!(fallback(""), Fallback::Initials);
        assert_eq!(fallback("size=64&d=identicon&d=x"), Fallback::Identicon);
        assert_eq!(fallback("d=404"), Fallback::NotFound);
        for query in ["d=", "d", "d=Initials", "d=mp", "d=https%3A%2F%2Fexample.com%2Fa.png"] {
            assert_eq!(code("GET", "/avatars/abc.jpg", query), (400, "bad_default"), "{query}");
        }
        let version = "/avatars/abc/0123456789abcdef/64.webp";
        assert_eq!(route("GET", version, "d=mp"), route("GET", version, ""), "a version has no alternative");
    }

    #[test]
    fn a_still_is_asked_for_in_the_query() {
        let is_still = |path: &str, query: &str| match route("GET", path, query).unwrap() {
            Route::CurrentImage(image) => image.is_still,
            Route::VersionImage { variant, .. } => variant.is_still,
            other => panic!("{other:?}"),
        };
        let version = "/avatars/abc/0123456789abcdef/64.webp";
        for path in ["/avatars/abc", "/avatars/abc.webp", version] {
            assert!(is_still(path, "still=1") && is_still(path, "size=64&still=1&still=0"), "{path}");
            for query in ["", "still", "still=", "still=0", "still=true", "still=01", "Still=1"] {
                assert!(!is_still(path, query), "{path} {query}");
            }
        }
        // Of what rests in any case there is one copy.
        assert!(!is_still("/avatars/abc/0123456789abcdef/64.jpg", "still=1"));
    }

    #[test]
    fn other_paths_are_not_found() {
        for path in [
            "/",
            "",
            "//",
            "/avatars/",
            "/avatars/abc.",
            "/avatars/abc.jpeg",
            "/avatars/abc.WEBP",
            "/avatars/abc.gif",
            "/avatars/.jpg",
            "/avatars/a%2fb.jpg",
            "/avatars/../x.jpg",
            "/avatars/a.b.jpg",
            "/avatars/abc/xyz/64.jpg",
            "/avatars/abc/0123456789ABCDEF/64.jpg",
            "/avatars/abc/0123456789abcdef/64",
            "/healthz/",
            "/avatars/abc/0123456789abcdef/64.jpg/",
            "/pictures/abc.jpg",
            "/hooks",
            "/avatars/abc/current.json",
            "/profiles",
            "/profiles/",
            "/profiles/a.b",
            "/profiles/a%2fb",
            "/profiles/..",
            "/profiles/abc/",
            "/profiles/abc/bio",
            "/profile/",
            "/profile/abc",
        ] {
            assert_eq!(code("GET", path, ""), (404, "not_found"), "{path}");
        }
        assert_eq!(code("GET", "/avatars/abc/0123456789abcdef/65.jpg", ""), (400, "bad_size"));
    }

    #[test]
    fn a_known_path_says_which_methods_it_takes() {
        for (method, path, allow) in [
            ("GET", "/avatars/key_upload", "POST, OPTIONS"),
            ("PUT", "/avatars/publish", "POST, OPTIONS"),
            ("GET", "/hooks/object-created", "POST, OPTIONS"),
            ("POST", "/avatars/abc.jpg", "GET, HEAD, OPTIONS"),
            ("PUT", "/avatars/abc", "GET, HEAD, OPTIONS"),
            ("DELETE", "/avatars/abc/0123456789abcdef/64.jpg", "GET, HEAD, OPTIONS"),
            ("GET", "/avatars", "DELETE, OPTIONS"),
            ("POST", "/banners", "DELETE, OPTIONS"),
            ("PUT", "/profiles/abc", "GET, HEAD, OPTIONS"),
            ("GET", "/profile", "PUT, OPTIONS"),
            ("DELETE", "/profile", "PUT, OPTIONS"),
            ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ] {
            let problem = route(method, path, "").unwrap_err();
            assert_eq!((problem.status, problem.code), (405, "method_not_allowed"));
            assert!(problem.headers.contains(&("allow", allow.to_owned())), "{method} {path}");
        }
    }
}
