use super::rendered;
use super::script::Script;
use png::{BitDepth, ColorType};
use roundel::{OutputFormat, Recipe, Rendered};

/// From this alpha on a pixel is there, in GIF.
const OPAQUE_FROM: u8 = 128;

/// An animation of any kind, as an APNG file, through all that writes animations; held against the APNG that is made of it, which is exact.
pub fn animated(data: &[u8]) {
    let mut script = Script::new(data);
    let (width, height) = (1 + u32::from(script.byte() % 40), 1 + u32::from(script.byte() % 40));
    let frames = 2 + u32::from(script.byte() % 5);
    let source = as_apng(&mut script, width, height, frames);
    let quality = script.choose(&[100, 95, 80, 30, 1]);
    let exact = Recipe { width, height, format: OutputFormat::Png, animate: true, ..Recipe::default() };
    let wanted = frames_of(&rendered(&source, &exact).expect("a good APNG file was refused"));
    for format in [OutputFormat::Webp, OutputFormat::Gif] {
        let made = rendered(&source, &Recipe { format, quality, ..exact.clone() }).expect("it was refused");
        assert!(made.frames <= wanted.len() as u32);
        let again = rendered(&made.bytes, &exact).expect("our own output can be rendered");
        let got = frames_of(&again);
        let total = |frames: &[Frame]| frames.iter().map(|frame| u64::from(frame.duration_ms)).sum::<u64>();
        let rounding = if format == OutputFormat::Gif { 30 * u64::from(made.frames) } else { 0 };
        // A still has no duration.
        let is_off = made.frames > 1 && total(&got).abs_diff(total(&wanted)) > rounding;
        assert!(!is_off, "{} {}", total(&got), total(&wanted));
        for (got, wanted) in side_by_side(&got, &wanted) {
            for (got, wanted) in got.pixels.chunks_exact(4).zip(wanted.pixels.chunks_exact(4)) {
                match format {
                    OutputFormat::Gif => {
                        assert_eq!(got[3] == 255, wanted[3] >= OPAQUE_FROM, "{got:?} {wanted:?}")
                    }
                    _ => assert_eq!(got[3], wanted[3], "{got:?} {wanted:?}"),
                }
                let is_exact = format == OutputFormat::Webp && quality == 100;
                assert!(!is_exact || wanted[3] == 0 || got == wanted, "{got:?} {wanted:?}");
            }
        }
    }
}

struct Frame {
    pixels: Vec<u8>,
    duration_ms: u32,
}

/// The frames that were made of each other: all where none was left out for being like the one before, else the first.
fn side_by_side<'a>(got: &'a [Frame], wanted: &'a [Frame]) -> impl Iterator<Item = (&'a Frame, &'a Frame)> {
    let count = if got.len() == wanted.len() { got.len() } else { 1 };
    got.iter().zip(wanted).take(count)
}

/// Of an APNG of ours, composed here.
fn frames_of(made: &Rendered) -> Vec<Frame> {
    let (width, height) = (made.width as usize, made.height as usize);
    let mut decoder = png::Decoder::new(std::io::Cursor::new(&made.bytes));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().expect("our PNG can be read");
    let mut canvas = vec![0; width * height * 4];
    let mut frames = Vec::new();
    for _ in 0..made.frames {
        let mut part = vec![0; reader.output_buffer_size().expect("it is small")];
        let info = reader.next_frame(&mut part).expect("our frame can be read");
        let control = reader.info().frame_control().copied();
        let (left, top) =
            control.map_or((0, 0), |control| (control.x_offset as usize, control.y_offset as usize));
        let channels = info.color_type.samples();
        let is_over = control.is_some_and(|control| control.blend_op == png::BlendOp::Over);
        for (y, row) in
            part.chunks_exact(info.width as usize * channels).take(info.height as usize).enumerate()
        {
            for (x, pixel) in row.chunks_exact(channels).enumerate() {
                let pixel = match *pixel {
                    [gray, alpha] => [gray, gray, gray, alpha],
                    [r, g, b, alpha] => [r, g, b, alpha],
                    _ => panic!("{} channels", channels),
                };
                let at = ((top + y) * width + left + x) * 4;
                // Ours lays over others only what is opaque or nothing.
                if !is_over || pixel[3] != 0 {
                    canvas[at..at + 4].copy_from_slice(&pixel);
                }
            }
        }
        let duration_ms = control
            .map_or(0, |control| u32::from(control.delay_num) * 1000 / u32::from(control.delay_den.max(1)));
        frames.push(Frame { pixels: canvas.clone(), duration_ms });
    }
    frames
}

fn as_apng(script: &mut Script, width: u32, height: u32, frames: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_animated(frames, u32::from(script.byte() % 3)).expect("there are frames");
    let mut writer = encoder.write_header().expect("a header can be written");
    let mut pixels: Vec<u8> = vec![0; (width * height * 4) as usize];
    for frame in 0..frames {
        // Most frames change a part of the one before.
        let (style, alpha, step) =
            (script.byte() % 5, script.choose(&[255, 255, 0, 128, 127, 60]), script.byte());
        let (from, to) = (script.byte() % 40, script.byte() % 40);
        for (at, pixel) in pixels.chunks_exact_mut(4).enumerate() {
            let x = at as u32 % width;
            let is_part = frame == 0 || (u32::from(from.min(to))..=u32::from(from.max(to))).contains(&x);
            let noise = if style == 1 { script.random(256) as u8 } else { 0 };
            match style {
                _ if !is_part => {}
                0 => pixel.copy_from_slice(&[step, 255 - step, step / 2, alpha]),
                1 => pixel.copy_from_slice(&[noise, noise ^ step, step, alpha]),
                2 => pixel[..3].iter_mut().for_each(|sample| *sample = sample.wrapping_add(step % 6)),
                3 => pixel.copy_from_slice(&[
                    at as u8,
                    (at / 3) as u8,
                    step,
                    if at % 5 == 0 { 0 } else { alpha },
                ]),
                _ => pixel[3] = alpha,
            }
        }
        writer.set_frame_delay(1 + u16::from(script.byte()), 50).expect("a delay can be set");
        writer.write_image_data(&pixels).expect("pixels can be written");
    }
    writer.finish().expect("a file can be written");
    file
}
