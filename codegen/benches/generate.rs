//! From pages to formatted files in memory, on one core: `cargo bench -p wechatpay-codegen`.
//!
//! The bound is 1 s for the whole surface. Prints each stage's share of the best of five runs.

use std::path::Path;
use std::time::{Duration, Instant};

use wechatpay_codegen::{emit, load};

fn main() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut best: Option<(Duration, Duration)> = None;
    let (mut files, mut bytes) = (0, 0);
    for _ in 0..5 {
        let start = Instant::now();
        let loaded = load::load(&specs).expect("the pages can be read");
        let loading = start.elapsed();
        let start = Instant::now();
        let generated = emit::emit(&loaded.api);
        let emitting = start.elapsed();
        (files, bytes) = (generated.len(), generated.values().map(String::len).sum());
        if best.is_none_or(|(load, emit)| loading + emitting < load + emit) {
            best = Some((loading, emitting));
        }
    }
    let (loading, emitting) = best.unwrap_or_default();
    println!("{files} files, {bytes} bytes");
    println!("pages to IR:   {:>6.0} ms", loading.as_secs_f64() * 1e3);
    println!("IR to files:   {:>6.0} ms", emitting.as_secs_f64() * 1e3);
    println!(
        "together:      {:>6.0} ms of 1000",
        (loading + emitting).as_secs_f64() * 1e3
    );
}
