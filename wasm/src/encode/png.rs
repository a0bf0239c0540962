//! PNG, in the form that holds the same pixels in the fewest bytes, or nearly so. W3C PNG, third edition.
//!
//! Of the ways to store a picture a photograph wants another one than a drawing. Which, is tried on a part of the rows, so that the long work
//! is done once: [`choice`].

mod choice;
mod deflate;
mod filter;

use super::palette::Palette;
use crate::Error;
use crate::inspect::Format;
use crate::inspect::png::SIGNATURE_BYTES;
use crate::pixels::{Layout, Pixels};
use choice::Chosen;
use std::borrow::Cow;

/// Section 5.2.
const SIGNATURE: [u8; SIGNATURE_BYTES] = *b"\x89PNG\r\n\x1a\n";

/// Bytes of a chunk beside its data: length, type, checksum.
pub(super) const CHUNK_BYTES: usize = 12;

/// Colour types: section 11.2.1 (IHDR).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Color {
    Gray = 0,
    Rgb = 2,
    Indexed = 3,
    GrayAlpha = 4,
    Rgba = 6,
}

/// Samples as they are stored, but for filters.
#[derive(Debug)]
struct Form<'a> {
    width: usize,
    height: usize,
    color: Color,
    /// Of a sample.
    bits: u8,
    data: Cow<'a, [u8]>,
    palette: Option<Palette>,
}

impl Form<'_> {
    /// Bytes from a sample to the same of the next pixel, 1 where several pixels share a byte.
    fn pixel_bytes(&self) -> usize {
        match self.color {
            Color::Gray | Color::Indexed => 1,
            Color::GrayAlpha => 2,
            Color::Rgb => 3,
            Color::Rgba => 4,
        }
    }

    fn row_bytes(&self) -> usize {
        self.data.len() / self.height.max(1)
    }

    /// PLTE and tRNS, where there is a palette.
    fn palette_chunks(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        if let Some(palette) = &self.palette {
            append_chunk(&mut bytes, b"PLTE", &[&palette.colors()])?;
            let alphas = palette.alphas();
            if !alphas.is_empty() {
                append_chunk(&mut bytes, b"tRNS", &[&alphas])?;
            }
        }
        Ok(bytes)
    }
}

/// Gray where all is gray, without alpha where all is opaque, with a palette where that is smaller.
pub(super) fn encode(pixels: &Pixels) -> Result<Vec<u8>, Error> {
    let mut forms = vec![reduced(pixels)];
    if let Some(palette) = Palette::of(pixels) {
        let bits = palette.bits();
        // A gray sample is as short as an index.
        if bits < 8 || forms.iter().all(|form| form.color != Color::Gray) {
            let data = Cow::Owned(palette.indices(pixels, bits));
            let (width, height) = (pixels.width, pixels.height);
            forms.push(Form { width, height, color: Color::Indexed, bits, data, palette: Some(palette) });
        }
    }
    let Chosen { form, stream, .. } = choice::smallest(&forms)?;
    let mut bytes = beginning(form)?;
    bytes.extend(form.palette_chunks()?);
    append_chunk(&mut bytes, b"IDAT", &[&stream])?;
    append_chunk(&mut bytes, b"IEND", &[])?;
    Ok(bytes)
}

/// A picture as a part of a file whose frames all have the same form.
pub(super) struct Part {
    /// The signature and IHDR, were it the whole file.
    pub(super) beginning: Vec<u8>,
    /// What IDAT chunks hold.
    pub(super) stream: Vec<u8>,
}

/// The pixels as they are.
pub(super) fn encode_as_laid_out(pixels: &Pixels) -> Result<Part, Error> {
    let color = match pixels.layout {
        Layout::Rgb => Color::Rgb,
        Layout::Rgba => Color::Rgba,
    };
    let forms = [direct(pixels, color, Cow::Borrowed(&pixels.data))];
    let Chosen { form, stream, .. } = choice::smallest(&forms)?;
    Ok(Part { beginning: beginning(form)?, stream })
}

fn beginning(form: &Form) -> Result<Vec<u8>, Error> {
    let mut bytes = SIGNATURE.to_vec();
    let [width, height] = [form.width as u32, form.height as u32].map(u32::to_be_bytes);
    // The only methods there are, and rows from top to bottom.
    let methods = [0, 0, 0];
    append_chunk(&mut bytes, b"IHDR", &[&width, &height, &[form.bits, form.color as u8], &methods])?;
    Ok(bytes)
}

/// Appends a chunk whose data are the parts, one after the other.
pub(super) fn append_chunk(bytes: &mut Vec<u8>, kind: &[u8; 4], parts: &[&[u8]]) -> Result<(), Error> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    reserve(bytes, length + CHUNK_BYTES)?;
    let too_long = |_| Error::malformed(Format::Png, "a frame is too large for its chunk");
    bytes.extend(u32::try_from(length).map_err(too_long)?.to_be_bytes());
    let mut checksum = crc32fast::Hasher::new();
    for part in [kind.as_slice()].iter().chain(parts) {
        checksum.update(part);
        bytes.extend_from_slice(part);
    }
    bytes.extend(checksum.finalize().to_be_bytes());
    Ok(())
}

fn reserve(bytes: &mut Vec<u8>, more: usize) -> Result<(), Error> {
    let needed_bytes = (bytes.len() + more) as u64;
    bytes.try_reserve(more).map_err(|_| Error::OutOfMemory { needed_bytes })
}

fn direct<'a>(pixels: &Pixels, color: Color, data: Cow<'a, [u8]>) -> Form<'a> {
    Form { width: pixels.width, height: pixels.height, color, bits: 8, data, palette: None }
}

/// The least colour type that holds these pixels.
fn reduced(pixels: &Pixels) -> Form<'_> {
    let gray = |[r, g, b]: [u8; 3]| r == g && g == b;
    let (color, data) = match pixels.layout {
        Layout::Rgb => {
            let (colors, _) = pixels.data.as_chunks::<3>();
            if colors.iter().all(|color| gray(*color)) {
                (Color::Gray, Cow::Owned(colors.iter().map(|&[value, ..]| value).collect()))
            } else {
                (Color::Rgb, Cow::Borrowed(&*pixels.data))
            }
        }
        Layout::Rgba => {
            let (colors, _) = pixels.data.as_chunks::<4>();
            let is_opaque = colors.iter().all(|&[.., alpha]| alpha == 255);
            let is_gray = colors.iter().all(|&[r, g, b, _]| gray([r, g, b]));
            match (is_gray, is_opaque) {
                (false, false) => (Color::Rgba, Cow::Borrowed(&*pixels.data)),
                (false, true) => {
                    let data = colors.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
                    (Color::Rgb, Cow::Owned(data))
                }
                (true, false) => {
                    let data = colors.iter().flat_map(|&[value, _, _, alpha]| [value, alpha]).collect();
                    (Color::GrayAlpha, Cow::Owned(data))
                }
                (true, true) => (Color::Gray, Cow::Owned(colors.iter().map(|&[value, ..]| value).collect())),
            }
        }
    };
    direct(pixels, color, data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Rows;
    use std::ops::ControlFlow;

    /// Bit depth and colour type of IHDR.
    fn stored(pixels: &Pixels) -> (u8, u8) {
        let bytes = encode(pixels).unwrap();
        assert_eq!(decoded(&bytes), rgba(pixels), "the pixels have changed");
        (bytes[24], bytes[25])
    }

    fn rgba(pixels: &Pixels) -> Vec<u8> {
        match pixels.layout {
            Layout::Rgb => {
                pixels.data.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect()
            }
            Layout::Rgba => pixels.data.clone(),
        }
    }

    fn decoded(bytes: &[u8]) -> Vec<u8> {
        image::load_from_memory(bytes).unwrap().to_rgba8().into_raw()
    }

    fn picture(layout: Layout, pixel: impl Fn(usize, usize) -> [u8; 4]) -> Pixels {
        let (width, height) = (37, 29);
        let data = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| pixel(x, y).into_iter().take(layout.channels()))
            .collect();
        Pixels { width, height, layout, data }
    }

    /// Hard to predict.
    fn noise(x: usize, y: usize) -> u8 {
        let mixed = ((x * 7919 + y * 104_729) as u32).wrapping_mul(0x9e37_79b1);
        ((mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b) >> 24) as u8
    }

    #[test]
    fn the_smallest_form_is_chosen_and_nothing_is_lost() {
        let (rgb, rgba) = (Layout::Rgb, Layout::Rgba);
        let many = |x: usize, y: usize| [noise(x, y), noise(y, x + 1), (x * y) as u8, 255];
        assert_eq!(stored(&picture(rgb, many)), (8, 2));
        assert_eq!(stored(&picture(rgba, many)), (8, 2));
        assert_eq!(
            stored(&picture(rgba, |x, y| [noise(x, y), noise(y, x), (x * y) as u8, noise(x + y, 3)])),
            (8, 6)
        );
        let gray = |alpha: fn(usize) -> u8| move |x, y| [noise(x, y), noise(x, y), noise(x, y), alpha(x)];
        assert_eq!(stored(&picture(rgb, gray(|_| 255))), (8, 0));
        assert_eq!(stored(&picture(rgba, gray(|_| 255))), (8, 0));
        assert_eq!(stored(&picture(rgba, gray(|x| x as u8))), (8, 4));
        for (colors, bits) in [(2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (200, 8)] {
            let few = |x: usize, y: usize| {
                let n = ((usize::from(noise(x, y)) * 256 + usize::from(noise(y, x))) % colors) as u8;
                [n, 255 - n, n / 2, if n == 1 { 40 } else { 255 }]
            };
            assert_eq!(stored(&picture(rgba, few)), (bits, 3), "{colors} colours");
        }
        // One pixel is less than a palette.
        assert_eq!(stored(&Pixels { width: 1, height: 1, layout: rgb, data: vec![9; 3] }).1, 0);
    }

    #[test]
    fn rows_of_any_width_keep_their_pixels_in_every_form() {
        for (width, height) in (1..=17).flat_map(|width| [1, 2, 5].map(|height| (width, height))) {
            for colors in [1, 2, 4, 16, 200, 100_000] {
                for (is_gray, has_alpha) in [(false, false), (false, true), (true, false), (true, true)] {
                    let layout = if has_alpha { Layout::Rgba } else { Layout::Rgb };
                    let pixel = |at: usize| {
                        let n =
                            (usize::from(noise(at, width)) * 256 + usize::from(noise(height, at))) % colors;
                        let color = [n as u8, if is_gray { n } else { n >> 3 } as u8, n as u8];
                        [color[0], color[1], color[2], (n * 7) as u8].into_iter().take(layout.channels())
                    };
                    stored(&Pixels {
                        width,
                        height,
                        layout,
                        data: (0..width * height).flat_map(pixel).collect(),
                    });
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        struct Seen(Vec<u8>);
        impl Rows for Seen {
            fn begin(&mut self, layout: Layout) -> Result<(), Error> {
                assert_eq!(layout, Layout::Rgba);
                Ok(())
            }
            fn row(&mut self, row: &[u8]) -> ControlFlow<()> {
                self.0.extend(row);
                if self.0.len() < 37 * 4 * 10 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            }
        }
        let pixels = picture(Layout::Rgba, |x, y| [x as u8, y as u8, noise(x, y), noise(y, x)]);
        let mut seen = Seen(Vec::new());
        let file = encode(&pixels).unwrap();
        crate::decode::stream(&file, &crate::inspect(&file).unwrap(), &mut seen).unwrap();
        assert_eq!(seen.0, pixels.data[..37 * 4 * 10], "ten rows and no more");
    }
}
