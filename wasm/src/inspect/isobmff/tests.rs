//! Boxes put together by hand.

use crate::inspect::ColorSpace;
use crate::{Error, Format, ImageInfo, Recipe, inspect, render};

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap().to_be_bytes();
    [size.as_slice(), kind, content].concat()
}

fn full(kind: &[u8; 4], version: u8, content: &[u8]) -> Vec<u8> {
    boxed(kind, &[[version, 0, 0, 0].as_slice(), content].concat())
}

fn ftyp(major: &[u8; 4], compatible: &[&[u8; 4]]) -> Vec<u8> {
    boxed(
        b"ftyp",
        &[
            major.as_slice(),
            &[0; 4],
            compatible.iter().copied().flatten().copied().collect::<Vec<u8>>().as_slice(),
        ]
        .concat(),
    )
}

fn numbers(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn ispe(width: u32, height: u32) -> Vec<u8> {
    full(b"ispe", 0, &numbers(&[width, height]))
}

fn nclx(primaries: u8, transfer: u8) -> Vec<u8> {
    boxed(b"colr", &[b"nclx".as_slice(), &[0, primaries, 0, transfer, 0, 6, 0x80]].concat())
}

fn alpha() -> Vec<u8> {
    full(b"auxC", 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
}

/// `meta` with an item a list of properties, numbered from 1; the first is the primary one.
struct Items {
    properties: Vec<Vec<Vec<u8>>>,
    /// Kind, from, to.
    references: Vec<(&'static [u8; 4], u16, u16)>,
    kinds: Vec<&'static [u8; 4]>,
}

impl Items {
    fn one(properties: Vec<Vec<u8>>) -> Self {
        Self { properties: vec![properties], references: Vec::new(), kinds: vec![b"av01"] }
    }

    fn meta(&self) -> Vec<u8> {
        let hdlr = full(b"hdlr", 0, &[&[0; 4], b"pict".as_slice(), &[0; 13]].concat());
        let pitm = full(b"pitm", 0, &[0, 1]);
        let entries =
            self.kinds.iter().zip(1_u8..).map(|(kind, id)| {
                full(b"infe", 2, &[[0, id, 0, 0].as_slice(), kind.as_slice(), &[0]].concat())
            });
        let count = u8::try_from(self.kinds.len()).unwrap();
        let iinf = full(b"iinf", 0, &[vec![0, count], entries.collect::<Vec<_>>().concat()].concat());
        let references = self.references.iter().map(|(kind, from, to)| {
            boxed(kind, &[from.to_be_bytes(), 1_u16.to_be_bytes(), to.to_be_bytes()].concat())
        });
        let iref = full(b"iref", 0, &references.collect::<Vec<_>>().concat());
        let mut number = 0;
        let mut associations = numbers(&[u32::try_from(self.properties.len()).unwrap()]);
        for (properties, id) in self.properties.iter().zip(1_u8..) {
            associations.extend([0, id, u8::try_from(properties.len()).unwrap()]);
            associations.extend(properties.iter().map(|_| {
                number += 1;
                number | 0x80
            }));
        }
        let ipco = boxed(b"ipco", &self.properties.concat().concat());
        let iprp = boxed(b"iprp", &[ipco, full(b"ipma", 0, &associations)].concat());
        full(b"meta", 0, &[hdlr, pitm, iinf, iref, iprp].concat())
    }

    fn file(&self) -> Vec<u8> {
        [ftyp(b"avif", &[b"mif1", b"miaf"]), self.meta(), boxed(b"mdat", &[0; 40])].concat()
    }
}

fn info(properties: Vec<Vec<u8>>) -> ImageInfo {
    inspect(&Items::one(properties).file()).unwrap()
}

/// Handler, size, turned or not, samples.
type Track<'a> = (&'a [u8; 4], (u32, u32), bool, u32);

/// `moov` with tracks, and what is in their sample entries.
fn movie(tracks: &[Track<'_>], entry: &[u8]) -> Vec<u8> {
    let track = |(handler, (width, height), is_turned, count): &Track<'_>| {
        let (a, b) = if *is_turned { (0, 1) } else { (1, 0) };
        let matrix = [a, b, 0, b, a, 0, 0, 0, 1].map(|value| value << 16);
        let fields = [numbers(&[0; 9]), numbers(&matrix), numbers(&[width << 16, height << 16])];
        let tkhd = full(b"tkhd", 0, &fields.concat());
        let hdlr = full(b"hdlr", 0, &[&[0; 4], handler.as_slice(), &[0; 13]].concat());
        let sample = boxed(b"av01", &[[0; 78].as_slice(), entry].concat());
        let stsd = full(b"stsd", 0, &[numbers(&[1]), sample].concat());
        let stsz = full(b"stsz", 0, &numbers(&[&[0, *count], vec![9; *count as usize].as_slice()].concat()));
        let stbl = boxed(b"stbl", &[stsd, stsz].concat());
        boxed(b"trak", &[tkhd, boxed(b"mdia", &[hdlr, boxed(b"minf", &stbl)].concat())].concat())
    };
    boxed(b"moov", &tracks.iter().map(track).collect::<Vec<_>>().concat())
}

#[test]
fn brands_tell_the_format() {
    let brands = |major: &[u8; 4], compatible: &[&[u8; 4]]| Format::sniff(&ftyp(major, compatible));
    assert_eq!(brands(b"avif", &[b"mif1"]), Some(Format::Avif));
    assert_eq!(brands(b"avis", &[]), Some(Format::Avif));
    assert_eq!(brands(b"mif1", &[b"mif1", b"avif"]), Some(Format::Avif));
    assert_eq!(brands(b"mif1", &[b"mif1", b"heic"]), Some(Format::Heic));
    assert_eq!(brands(b"msf1", &[b"msf1", b"hevc"]), Some(Format::Heic));
    assert_eq!(brands(b"heix", &[b"mif1"]), Some(Format::Heic));
    assert_eq!(brands(b"mif1", &[]), Some(Format::Heic));
    assert_eq!(brands(b"isom", &[b"iso6", b"mp42"]), None);
    assert_eq!(brands(b"crx ", &[b"isom"]), None);
}

#[test]
fn size_is_that_which_a_person_sees() {
    let irot = |turns: u8| boxed(b"irot", &[turns]);
    let clap = |w: u32, h: u32| boxed(b"clap", &numbers(&[w, 1, h, 1, 0, 1, 0, 1]));
    let size = |properties| {
        let info = info(properties);
        (info.width, info.height, info.orientation.exif())
    };
    assert_eq!(size(vec![ispe(40, 30)]), (40, 30, 1));
    assert_eq!(size(vec![ispe(40, 30), irot(1)]), (30, 40, 1));
    assert_eq!(size(vec![ispe(40, 30), irot(2), boxed(b"imir", &[1])]), (40, 30, 1));
    assert_eq!(size(vec![irot(3), ispe(40, 30)]), (30, 40, 1));
    assert_eq!(size(vec![ispe(40, 30), clap(20, 10), irot(1)]), (10, 20, 1));
    // A part larger than the whole is none.
    assert_eq!(size(vec![ispe(40, 30), clap(41, 10)]), (40, 30, 1));
}

#[test]
fn colours_are_named() {
    let name = |properties: Vec<Vec<u8>>| info([vec![ispe(4, 3)], properties].concat()).color_space;
    assert_eq!(name(vec![]), ColorSpace::Srgb);
    assert_eq!(name(vec![nclx(1, 13)]), ColorSpace::Srgb);
    assert_eq!(name(vec![nclx(2, 2)]), ColorSpace::Srgb);
    assert_eq!(name(vec![nclx(12, 13)]), ColorSpace::DisplayP3);
    assert_eq!(name(vec![nclx(9, 16)]), ColorSpace::Other);
    assert_eq!(name(vec![nclx(1, 13), full(b"pixi", 0, &[1, 8])]), ColorSpace::Gray);
    assert_eq!(name(vec![boxed(b"av1C", &[0x81, 0, 0x1c, 0])]), ColorSpace::Gray);
    assert_eq!(name(vec![boxed(b"av1C", &[0x81, 0, 0x0c, 0])]), ColorSpace::Srgb);
    // A broken profile says nothing.
    assert_eq!(name(vec![boxed(b"colr", b"prof\0\0\0\x20"), nclx(12, 13)]), ColorSpace::DisplayP3);
}

#[test]
fn alpha_is_an_auxiliary_item_of_the_picture() {
    let items = |properties: Vec<Vec<u8>>, references| Items {
        properties: vec![vec![ispe(4, 3)], properties],
        references,
        kinds: vec![b"av01", b"av01"],
    };
    let has_alpha = |items: Items| inspect(&items.file()).unwrap().has_alpha;
    assert!(has_alpha(items(vec![ispe(4, 3), alpha()], vec![(b"auxl", 2, 1)])));
    assert!(!has_alpha(items(vec![ispe(4, 3), alpha()], vec![(b"thmb", 2, 1)])));
    assert!(!has_alpha(items(vec![ispe(4, 3), alpha()], vec![(b"auxl", 1, 2)])));
    let depth = full(b"auxC", 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth\0");
    assert!(!has_alpha(items(vec![ispe(4, 3), depth], vec![(b"auxl", 2, 1)])));
}

#[test]
fn a_grid_takes_from_its_tiles_what_it_does_not_say() {
    let items = Items {
        properties: vec![vec![ispe(4000, 3000)], vec![ispe(512, 512), nclx(12, 13)]],
        references: vec![(b"dimg", 1, 2)],
        kinds: vec![b"grid", b"hvc1"],
    };
    let info = inspect(&items.file()).unwrap();
    assert_eq!((info.width, info.height, info.color_space), (4000, 3000, ColorSpace::DisplayP3));
}

#[test]
fn items_of_metadata_are_seen() {
    let with = |kind: &'static [u8; 4]| {
        let items = Items { kinds: vec![b"av01", kind], ..Items::one(vec![ispe(4, 3)]) };
        inspect(&items.file()).unwrap().has_metadata
    };
    assert_eq!([with(b"Exif"), with(b"mime"), with(b"av01")], [true, true, false]);
    let file = Items::one(vec![ispe(4, 3)]).file();
    assert!(inspect(&[file, vec![0, 0, 0, 1, 2, 3, 4, 5, 6]].concat()).is_ok());
    let file = Items::one(vec![ispe(4, 3)]).file();
    assert!(inspect(&[file, b"\0\0\0\x04left".to_vec()].concat()).unwrap().has_metadata);
}

#[test]
fn a_sequence_is_its_track() {
    let entry = nclx(12, 13);
    let pictures: Track<'_> = (b"pict", (64, 48), false, 5);
    let file = [ftyp(b"avis", &[b"msf1"]), movie(&[pictures], &entry)].concat();
    let info = inspect(&file).unwrap();
    assert_eq!((info.format, info.width, info.height, info.frames), (Format::Avif, 64, 48, 5));
    assert_eq!((info.has_alpha, info.color_space), (false, ColorSpace::DisplayP3));

    let auxi = full(b"auxi", 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0");
    let tracks = [(b"pict", (64, 48), true, 2), (b"auxv", (64, 48), true, 2)];
    let file = [ftyp(b"msf1", &[b"hevc"]), movie(&tracks, &auxi)].concat();
    let info = inspect(&file).unwrap();
    assert_eq!((info.width, info.height, info.frames, info.has_alpha), (48, 64, 2, true));

    // A still picture that a movie comes along with.
    let still = [Items::one(vec![ispe(40, 30)]).file(), movie(&[pictures], &entry)].concat();
    assert_eq!(inspect(&still).unwrap().frames, 1);
}

#[test]
fn rendering_says_who_can() {
    let error = render(&Items::one(vec![ispe(40, 30)]).file(), &Recipe::default()).unwrap_err();
    assert!(matches!(error, Error::UnsupportedFormat { format: Some(Format::Avif), .. }));
    let text = error.to_string();
    assert!(text.contains("roundel/studio") && text.contains("save it as JPEG"), "{text}");
}

#[test]
fn a_file_cut_before_its_pixels_is_truncated_and_one_cut_after_is_not() {
    let file = Items::one(vec![ispe(40, 30), nclx(12, 13)]).file();
    let headers = file.len() - 48;
    for length in 12..file.len() {
        match inspect(&file[..length]) {
            Err(Error::Truncated { .. }) if length < headers => {}
            Ok(info) if length >= headers => assert_eq!((info.width, info.height), (40, 30)),
            other => panic!("cut to {length} of {}: {other:?}", file.len()),
        }
    }
}

#[test]
fn what_does_not_say_its_size_is_malformed() {
    let detail = |file: &[u8]| match inspect(file) {
        Err(Error::Malformed { detail, .. }) => detail,
        other => panic!("{other:?}"),
    };
    assert!(detail(&Items::one(vec![]).file()).contains("ispe"));
    assert!(detail(&Items::one(vec![ispe(0, 30)]).file()).contains("ispe"));
    assert!(detail(&[ftyp(b"avif", &[]), full(b"meta", 0, &[])].concat()).contains("pitm"));
    assert!(
        detail(&[ftyp(b"avif", &[]), full(b"meta", 0, b"\0\0\xff\0pitm\0\0")].concat()).contains("beyond")
    );
    assert!(detail(&[ftyp(b"avif", &[]), b"\0\0\0\x07meta".to_vec()].concat()).contains("impossible"));
    assert!(detail(&[ftyp(b"avis", &[]), boxed(b"moov", &[])].concat()).contains("track"));
    let endless = movie(&[(b"pict", (64, 48), false, 5)], &[]);
    let count = endless.windows(4).position(|four| four == b"stsz").unwrap() + 12;
    let mut endless = [ftyp(b"avis", &[]), endless].concat();
    endless[24 - 8 + count..][..4].copy_from_slice(&[0xff; 4]);
    assert!(detail(&endless).contains("stsz"));
}

#[test]
fn flipped_bits_never_panic() {
    let items = Items {
        properties: vec![
            vec![ispe(40, 30), nclx(12, 13), boxed(b"irot", &[1])],
            vec![ispe(4, 3), alpha()],
            vec![ispe(20, 15)],
        ],
        references: vec![(b"auxl", 2, 1), (b"dimg", 1, 3)],
        kinds: vec![b"grid", b"av01", b"av01"],
    };
    let tracks = [(b"pict", (64, 48), true, 2), (b"auxv", (64, 48), true, 2)];
    let sequence = [ftyp(b"avis", &[b"msf1"]), movie(&tracks, &nclx(1, 1))].concat();
    for file in [items.file(), sequence] {
        for bit in 0..file.len() * 8 {
            let mut broken = file.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            match inspect(&broken) {
                Ok(info) => assert!(info.width > 0 && info.height > 0 && info.frames > 0),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

#[test]
fn a_mountain_of_boxes_is_walked_in_no_time() {
    // Associations and references without end, each of another item: 2 MB of them.
    let mut items = Items::one(vec![ispe(40, 30)]);
    items.references = vec![(b"auxl", 7, 1); 60_000];
    let mut associations = numbers(&[300_000]);
    associations.extend([0, 9, 1, 0x81].repeat(300_000));
    let meta = items.meta();
    let more = full(b"ipma", 0, &associations);
    let at = meta.windows(4).position(|four| four == b"iprp").unwrap() - 4;
    let iprp = boxed(b"iprp", &[&meta[at + 8..], &more].concat());
    let meta = boxed(b"meta", &[&meta[8..at], &iprp].concat());
    let file = [ftyp(b"avif", &[]), meta].concat();
    assert!(file.len() > 2_000_000);
    assert_eq!(inspect(&file).unwrap().width, 40);
}
