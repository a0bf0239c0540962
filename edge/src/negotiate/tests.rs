use super::*;
use ServedFormat::{Jpg, Png, Webp};

/// The formats of a picture without and of one with transparency.
fn chosen(header: &str) -> (ServedFormat, ServedFormat) {
    let accepted = Accepted::parse(Some(header));
    (accepted.choose(false), accepted.choose(true))
}

fn check(cases: &[(&str, ServedFormat, ServedFormat)]) {
    for (header, opaque, transparent) in cases {
        assert_eq!(chosen(header), (*opaque, *transparent), "{header:?}");
    }
}

#[test]
fn what_clients_send() {
    check(&[
        // Chromium, for `<img>` and for a page.
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", Webp, Webp),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
            Webp,
            Webp,
        ),
        // Firefox.
        ("image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", Webp, Webp),
        ("image/webp,*/*", Webp, Webp),
        ("image/png,image/*;q=0.8,*/*;q=0.5", Jpg, Png),
        // Safari, of today and from before it knew WebP.
        (
            "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
            Webp,
            Webp,
        ),
        ("image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5", Jpg, Png),
        // curl, fetch, and programs that want JSON.
        ("*/*", Jpg, Png),
        ("application/json, text/plain, */*", Jpg, Png),
        ("application/json", Jpg, Jpg),
        ("text/html", Jpg, Jpg),
    ]);
}

#[test]
fn no_header_is_the_same_as_everything() {
    for header in [None, Some(""), Some(" \t "), Some(","), Some("nonsense"), Some("image/webp;q=2")] {
        let accepted = Accepted::parse(header);
        assert_eq!((accepted.choose(false), accepted.choose(true)), (Jpg, Png), "{header:?}");
    }
}

#[test]
fn webp_has_to_be_named() {
    check(&[
        ("image/webp", Webp, Webp),
        ("IMAGE/WebP", Webp, Webp),
        ("image/webp;q=0.001", Webp, Webp),
        ("image/*", Jpg, Png),
        ("image/*, */*", Jpg, Png),
        ("image/*;q=1, image/webp;q=0", Jpg, Png),
        ("image/webp;q=0", Jpg, Jpg),
        ("image/webp;q=0.0, image/png;q=0", Jpg, Jpg),
        ("image/webp+xml", Jpg, Jpg),
        ("image/webp;level=1", Jpg, Jpg),
        ("image/webp2, */*", Jpg, Png),
    ]);
}

#[test]
fn weights_rank_what_is_named() {
    check(&[
        ("image/webp;q=0.5, image/jpeg", Jpg, Jpg),
        ("image/webp;q=0.5, image/jpeg;q=0.5", Webp, Webp),
        ("image/webp;q=0.9, image/jpeg;q=0.8, image/png;q=0.95", Png, Png),
        ("image/webp;q=0.1, image/png;q=0.9", Png, Png),
        ("image/webp;q=0.5, */*", Jpg, Png),
        ("image/webp;q=0.5, */*;q=0.4", Webp, Webp),
        ("image/jpeg;q=0.5, image/png;q=0.9", Png, Png),
        ("image/jpeg;q=0.9, image/png;q=0.5", Jpg, Jpg),
        ("image/jpeg, image/png", Jpg, Png),
        ("image/png", Png, Png),
        ("image/jpeg", Jpg, Jpg),
        ("image/png;q=0.2", Png, Png),
        // A wildcard ranks neither.
        ("image/png;q=0.5, image/*", Jpg, Png),
        ("image/jpeg, */*;q=0.1", Jpg, Png),
    ]);
}

#[test]
fn the_most_specific_range_counts_and_zero_forbids() {
    check(&[
        ("*/*, image/*;q=0", Jpg, Jpg),
        ("*/*, image/*;q=0, image/png", Png, Png),
        ("*/*;q=0, image/png;q=0.1", Png, Png),
        ("image/jpeg;q=0, */*", Png, Png),
        ("image/jpeg;q=0, image/webp, */*", Webp, Webp),
        ("image/png;q=0, */*", Jpg, Jpg),
        ("*/*;q=0", Jpg, Jpg),
        ("image/*;q=0.000", Jpg, Jpg),
        // Of a contradiction, what accepts less.
        ("image/webp, image/webp;q=0", Jpg, Jpg),
        ("image/webp;q=0, image/webp, */*", Jpg, Png),
    ]);
}

#[test]
fn malformed_members_are_ignored() {
    check(&[
        ("nonsense, image/webp", Webp, Webp),
        (",, ,image/webp,", Webp, Webp),
        ("image/webp;q=1.001, image/png", Png, Png),
        ("image/webp;q=0.0001, image/png", Png, Png),
        ("image/webp;q=, image/png", Png, Png),
        ("image/webp;q=-1, image/png", Png, Png),
        ("image/webp;q=.5, image/png", Png, Png),
        ("image/webp;q=1e0, image/png", Png, Png),
        ("image/webp;q=\"1\", image/png", Png, Png),
        ("image/webp;q=1;q=1, image/png", Png, Png),
        ("image/webp;q=٣, image/png", Png, Png),
        ("*/webp, image/png", Png, Png),
        ("image/, /webp, image, image/png", Png, Png),
        ("image/webp q=1, image/png", Png, Png),
        // A comma within a quoted string ends nothing; a quotation mark that nothing closes takes the rest with it.
        ("text/x;a=\"1, image/webp, \\\" 2\", image/png", Png, Png),
        ("image/png, text/x;a=\", image/webp", Png, Png),
    ]);
}

#[test]
fn white_space_and_the_case_of_q_do_not_matter() {
    check(&[
        (" image/webp ; q=0.8 , image/png ; Q=0.9 ", Png, Png),
        ("\timage/webp;\tq=1.\t,\timage/png;q=0.", Webp, Webp),
        ("image/webp;q=1.000, */*;q=0.999", Webp, Webp),
    ]);
}

#[test]
fn a_header_that_is_too_long_is_none() {
    let padding = "x/y,".repeat(MAX_HEADER_BYTES / 4 - 3);
    let fits = format!("{padding}image/webp");
    assert!(fits.len() <= MAX_HEADER_BYTES);
    assert_eq!(chosen(&fits), (Webp, Webp));
    assert_eq!(chosen(&format!("{padding}image/webp,image/webp")), (Jpg, Png));
}

/// Whatever is cut out of a header, it is read to an end.
#[test]
fn no_part_of_a_header_stops_the_worker() {
    let header = "image/webp;q=0.5;a=\"b\\\"c, ä\";q=1 , */*;q=0., image/svg+xml;;,text/*;level=1;=;q";
    for from in 0..header.len() {
        for to in from..=header.len() {
            if let Some(part) = header.get(from..to) {
                let _ = chosen(part);
            }
        }
    }
}
