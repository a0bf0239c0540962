//! What one picture may cost, and what is accepted as one.

use serde::Deserialize;

/// Bounds that are checked from the header, before anything is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Most pixels (width times height, as stored) of a source. Default 50,000,000.
    pub max_pixels: u64,
    /// Most bytes that decoding and resampling may take at their peak, beyond the input and the result, whose size the recipe chose:
    /// [`MemoryNeeded::working_bytes`](crate::MemoryNeeded). Default 50,331,648 (48 MiB).
    pub memory_budget_bytes: u64,
    /// Most frames of an animation that is kept. Default 500.
    pub max_frames: u32,
    /// Most pixels of all frames of an animation that is kept, taken together, as they are decoded. Default 400,000,000.
    pub max_animation_pixels: u64,
    /// Whether a file that ends before its picture does is made into a picture all the same. Default false: it is refused as
    /// [`Error::Truncated`](crate::Error::Truncated).
    ///
    /// What is there comes out as it would of the whole file. Of JPEG the rest is grey, or as coarse as the scans that are there. Of PNG
    /// it is transparent, or grey where there is no alpha. A file without a single row is refused, and so are an interlaced PNG and
    /// an animation that is to be kept, which cannot be shown in part.
    pub allow_truncated: bool,
}

impl Limits {
    /// The names of all members, as JavaScript spells them.
    pub const MEMBERS: [&str; 5] =
        ["maxPixels", "memoryBudgetBytes", "maxFrames", "maxAnimationPixels", "allowTruncated"];
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 50_000_000,
            memory_budget_bytes: 48 << 20,
            max_frames: 500,
            max_animation_pixels: 400_000_000,
            allow_truncated: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_members_is_the_struct_s_own() {
        let error = serde_json::from_str::<Limits>(r#"{"?":0}"#).unwrap_err().to_string();
        let listed = Limits::MEMBERS.map(|name| format!("`{name}`")).join(", ");
        assert!(error.contains(&listed), "{error}");
    }
}
