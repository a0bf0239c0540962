//! Decoded pixels, in memory.

/// How many bytes a pixel has and what they mean. Samples are 8 bits, sRGB, alpha not premultiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
}

impl Layout {
    /// Bytes a pixel.
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// A picture, row-major, rows packed without padding: `data.len() == width * height * layout.channels()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) layout: Layout,
    pub(crate) data: Vec<u8>,
}

impl Pixels {
    /// Rows from top to bottom, each `width * channels` bytes.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.data.chunks_exact((self.width * self.layout.channels()).max(1))
    }

    /// The same picture on an opaque background; unchanged where there is no alpha.
    pub(crate) fn flattened(self, [r, g, b]: [u8; 3]) -> Self {
        if self.layout == Layout::Rgb {
            return self;
        }
        let over = |sample: u8, alpha: u8, below: u8| {
            let sum = u32::from(sample) * u32::from(alpha) + u32::from(below) * u32::from(255 - alpha);
            // Rounded division by 255, exact for sums up to 65,535.
            ((sum + 128 + ((sum + 128) >> 8)) >> 8) as u8
        };
        let (pixels, _) = self.data.as_chunks::<4>();
        let mut data = Vec::with_capacity(pixels.len() * 3);
        for &[pr, pg, pb, a] in pixels {
            data.extend([over(pr, a, r), over(pg, a, g), over(pb, a, b)]);
        }
        Self { layout: Layout::Rgb, data, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flattening_blends_exactly() {
        let data = vec![10, 20, 30, 255, 10, 20, 30, 0, 0, 255, 100, 128];
        let flat = Pixels { width: 3, height: 1, layout: Layout::Rgba, data }.flattened([255, 0, 200]);
        assert_eq!(flat.layout, Layout::Rgb);
        // 127/255 of the background and 128/255 of the pixel, rounded.
        assert_eq!(flat.data, [10, 20, 30, 255, 0, 200, 127, 128, 150]);
    }
}
