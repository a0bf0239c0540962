#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| roundel_fuzz::webp_scales(data));
