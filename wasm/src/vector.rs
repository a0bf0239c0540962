//! Loads and stores of the vector unit of WebAssembly (simd128). All its other instructions take no pointer and are safe to call.

#![allow(unsafe_code, reason = "loads and stores of the vector unit take pointers")]

use core::arch::wasm32::{v128, v128_load, v128_store};

/// Arrays of 16 bytes without padding, of which any bytes are a value.
pub(crate) trait Lanes: Copy + Default {}
impl Lanes for [i32; 4] {}
impl Lanes for [u32; 4] {}
impl Lanes for [i16; 8] {}
impl Lanes for [u16; 8] {}
impl Lanes for [u8; 16] {}

#[inline(always)]
pub(crate) fn load<T: Lanes>(lanes: &T) -> v128 {
    const { assert!(size_of::<T>() == 16) };
    // SAFETY: the reference is to 16 bytes that may be read; the instruction takes any alignment.
    unsafe { v128_load(std::ptr::from_ref(lanes).cast()) }
}

#[inline(always)]
pub(crate) fn stored<T: Lanes>(value: v128) -> T {
    const { assert!(size_of::<T>() == 16) };
    let mut lanes = T::default();
    // SAFETY: the reference is to 16 bytes that may be written, and any bytes are a value of it; the instruction takes any alignment.
    unsafe { v128_store(std::ptr::from_mut(&mut lanes).cast(), value) };
    lanes
}
