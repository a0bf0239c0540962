//! Roundel turns a person's photo into a profile picture.
//!
//! Data flows one way: bytes -> [`inspect()`] -> plan -> decode -> transform -> encode -> bytes. The crate knows no clock,
//! network, JavaScript or file; the same bytes and [`Recipe`] give the same output bytes on every target.
//!
//! ```
//! # fn photo() -> Vec<u8> { include_bytes!("../tests/fixtures/portrait.jpg").to_vec() }
//! # fn main() -> Result<(), roundel::Error> {
//! let photo: Vec<u8> = photo();
//! let info = roundel::inspect(&photo)?;
//! let avatar = roundel::render(&photo, &roundel::Recipe::default())?;
//! assert_eq!((avatar.width, avatar.height), (256, 256));
//! # let _ = info;
//! # Ok(())
//! # }
//! ```

mod animate;
mod clean;
mod color;
mod decode;
#[cfg(feature = "default-pictures")]
mod default_picture;
mod encode;
mod error;
pub mod inspect;
#[cfg(feature = "js")]
mod js;
mod limits;
mod orientation;
mod pixels;
mod plan;
mod raster;
mod recipe;
mod render;
mod render_pixels;
mod thumbhash;
mod transform;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector;

pub use clean::{Foreign, check_clean, is_clean};
#[cfg(feature = "default-pictures")]
pub use default_picture::{DefaultPicture, DefaultPictureKind, default_picture};
pub use error::Error;
pub use inspect::{ColorSpace, Format, ImageInfo, inspect};
pub use limits::Limits;
pub use orientation::Orientation;
pub use plan::MemoryNeeded;
pub use recipe::{Color, Crop, Effort, Fit, MAX_OUTPUT_SIDE, OutputFormat, Recipe};
pub use render::{Rendered, memory_needed, render, render_within};
pub use render_pixels::{RgbaPixels, render_pixels};
