#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| roundel_edge::fuzzing::range(data));
