//! pygif's test suite (`../shared/corpora/gif` beside the checkout, where that folder is): one test a file.

use crate::decode::collect::whole;
use crate::decode::frames;
use crate::inspect::{Depth, inspect, survey};
use crate::pixels::Layout;
use crate::raster::Frame;
use crate::{Error, ImageInfo};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/gif")
}

/// Sections of a `.conf` file: name -> key -> value.
fn conf(name: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let text = std::fs::read_to_string(suite().join(format!("{name}.conf"))).unwrap();
    let (mut sections, mut section) = (BTreeMap::new(), String::new());
    for line in text.lines() {
        if let Some(title) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = title.to_owned();
        } else if let Some((key, value)) = line.split_once(" = ") {
            let entries: &mut BTreeMap<String, String> = sections.entry(section.clone()).or_default();
            entries.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    sections
}

/// All frames, and how often they are played.
fn all_frames(bytes: &[u8], info: &ImageInfo) -> Result<(Vec<Frame>, u32), Error> {
    let mut source = frames(bytes, info)?;
    let mut all = Vec::new();
    while let Some(frame) = source.next_frame()? {
        all.push(frame);
    }
    Ok((all, source.plays()))
}

fn visible(rgba: &[u8]) -> Vec<[u8; 4]> {
    rgba.as_chunks::<4>().0.iter().map(|pixel| if pixel[3] == 0 { [0; 4] } else { *pixel }).collect()
}

fn holds(name: &str) {
    if !suite().exists() {
        return;
    }
    let bytes = std::fs::read(suite().join(format!("{name}.gif"))).unwrap();
    let conf = conf(name);
    let setting = |key: &str| conf["config"].get(key).map_or("", String::as_str);
    let size = (setting("width").parse::<u32>().unwrap(), setting("height").parse::<u32>().unwrap());
    let names: Vec<&str> = setting("frames").split(',').filter(|name| !name.is_empty()).collect();
    let answer = inspect(&bytes);
    if name == "plain-text" {
        // Nobody renders the text; what else there is makes a picture.
        assert_eq!(all_frames(&bytes, &answer.unwrap()).unwrap().0.len(), 1);
        return;
    }
    if names.is_empty() || name == "no-data" {
        // Broken, or nothing to be seen: no picture is made of it. `no-data` has no image at all, which browsers do not show either.
        if name == "invalid-colors" {
            // An index without a colour is transparent in browsers.
            let (frames, _) = all_frames(&bytes, &answer.unwrap()).unwrap();
            assert!(
                frames.iter().all(|frame| visible(&frame.pixels.data).iter().all(|pixel| *pixel == [0; 4]))
            );
            return;
        }
        let rendered = crate::render(&bytes, &crate::Recipe::default());
        assert!(rendered.is_err(), "{name}: it has no frame and was rendered");
        return;
    }
    let info = answer.unwrap();
    assert!(survey(&bytes, Depth::Everything).unwrap().complete);
    assert_eq!((info.width, info.height), size);
    let (frames, plays) = all_frames(&bytes, &info).unwrap();
    assert_eq!(u32::try_from(frames.len()).unwrap(), info.frames);
    // No loop is stated there: the suite wishes for one.
    let again = if name == "gif87a-animation" { "0" } else { setting("loop-count") };
    assert_eq!(plays, if again == "infinite" { 0 } else { again.parse::<u32>().unwrap() + 1 });

    // Images without a delay make one frame there and several here, as in browsers: those of the suite come in their order, the last one last.
    let mut ours = frames.iter();
    for frame_name in &names {
        let wanted = &conf[*frame_name];
        let expected = visible(&std::fs::read(suite().join(&wanted["pixels"])).unwrap());
        let delay: Option<u32> = wanted.get("delay").and_then(|delay| delay.parse().ok());
        let found = ours
            .find(|frame| {
                let is_timed = delay.is_none_or(|delay| frame.duration_ms == delay * 10);
                is_timed && visible(&frame.pixels.data) == expected
            })
            .is_some();
        assert!(found, "{name}: {frame_name} is not among the {} frames", frames.len());
    }
    assert!(ours.next().is_none(), "{name}: frames too many");
    if frames.len() == names.len() && setting("force-animation") == "yes" {
        assert!(frames.iter().all(|frame| frame.duration_ms == 100));
    }

    // The still is the first frame.
    let still = whole(&bytes, &info).unwrap();
    let first = visible(&frames[0].pixels.data);
    match still.layout {
        Layout::Rgba => assert_eq!(visible(&still.data), first),
        Layout::Rgb => assert!(
            still
                .data
                .as_chunks::<3>()
                .0
                .iter()
                .zip(&first)
                .all(|(rgb, rgba)| rgba[3] == 0 || *rgb == rgba[..3])
        ),
    }
}

macro_rules! suite {
    ($($test:ident $name:literal)*) => {
        $(#[test] fn $test() { holds($name); })*

        #[test]
        fn the_suite_is_all_there_or_not_at_all() {
            let Ok(listed) = std::fs::read_to_string(suite().join("TESTS")) else { return };
            let listed: Vec<&str> = listed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            assert_eq!(listed, [$($name),*]);
        }
    };
}

suite! {
    depth1 "depth1"
    depth2 "depth2"
    depth3 "depth3"
    depth4 "depth4"
    depth5 "depth5"
    depth6 "depth6"
    depth7 "depth7"
    depth8 "depth8"
    four_colors "four-colors"
    local_color_table "local-color-table"
    no_global_color_table "no-global-color-table"
    no_data "no-data"
    zero_width "zero-width"
    zero_height "zero-height"
    zero_size "zero-size"
    image_zero_width "image-zero-width"
    image_zero_height "image-zero-height"
    image_zero_size "image-zero-size"
    invalid_background "invalid-background"
    all_reds "all-reds"
    all_greens "all-greens"
    all_blues "all-blues"
    interlace "interlace"
    image_inside_bg "image-inside-bg"
    image_overlap_bg "image-overlap-bg"
    image_outside_bg "image-outside-bg"
    images_combine "images-combine"
    images_overlap "images-overlap"
    high_color "high-color"
    missing_pixels "missing-pixels"
    extra_pixels "extra-pixels"
    extra_data "extra-data"
    no_clear "no-clear"
    no_eoi "no-eoi"
    no_clear_and_eoi "no-clear-and-eoi"
    many_clears "many-clears"
    double_clears "double-clears"
    invalid_code "invalid-code"
    invalid_colors "invalid-colors"
    max_width "max-width"
    max_height "max-height"
    max_size "max-size"
    codes_4095_codes_clear "4095-codes-clear"
    codes_4095_codes "4095-codes"
    codes_255_codes "255-codes"
    large_codes "large-codes"
    max_codes "max-codes"
    overflow_codes "overflow-codes"
    overflow_codes_max "overflow-codes-max"
    transparent "transparent"
    invalid_transparent "invalid-transparent"
    disabled_transparent "disabled-transparent"
    unset_transparent "unset-transparent"
    loop_infinite "loop-infinite"
    loop_once "loop-once"
    loop_max "loop-max"
    loop_buffer "loop-buffer"
    loop_buffer_max "loop-buffer_max"
    loop_animexts "loop-animexts"
    animation "animation"
    animation_speed "animation-speed"
    animation_no_delays "animation-no-delays"
    animation_zero_delays "animation-zero-delays"
    dispose_none "dispose-none"
    dispose_keep "dispose-keep"
    dispose_restore_background "dispose-restore-background"
    dispose_restore_previous "dispose-restore-previous"
    animation_multi_image "animation-multi-image"
    animation_multi_image_explicit_zero_delay "animation-multi-image-explicit-zero-delay"
    comment "comment"
    large_comment "large-comment"
    nul_comment "nul-comment"
    invalid_ascii_comment "invalid-ascii-comment"
    invalid_utf8_comment "invalid-utf8-comment"
    plain_text "plain-text"
    xmp_data "xmp-data"
    xmp_data_empty "xmp-data-empty"
    icc_color_profile "icc-color-profile"
    icc_color_profile_empty "icc-color-profile-empty"
    unknown_extension "unknown-extension"
    unknown_application_extension "unknown-application-extension"
    nul_application_extension "nul-application-extension"
    gif87a "gif87a"
    gif87a_animation "gif87a-animation"
}
