//! `cargo bench --manifest-path wasm/benches/native/Cargo.toml`, or `npm run bench -- --native`.

use cpu_time::ProcessTime;
use criterion::Criterion;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use roundel_benches::{contenders, photos};
use std::hint::black_box;
use std::time::Duration;

/// Processor time, of which other programs on the machine take nothing.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = ProcessTime;
    type Value = Duration;

    fn start(&self) -> ProcessTime {
        ProcessTime::now()
    }

    fn end(&self, start: ProcessTime) -> Duration {
        start.elapsed()
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn main() {
    // Short, for the sake of who waits; differences of interest are far above the noise of this.
    let mut criterion = Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
        .without_plots()
        .configure_from_args();
    for (name, photo) in photos() {
        let mut group = criterion.benchmark_group(&name);
        for (contender, make) in contenders(photo.starts_with(&[0xff, 0xd8])) {
            // Who cannot read the photo would be the fastest of all.
            if let Err(error) = make(&photo) {
                eprintln!("{contender} refuses {name}: {error}");
                continue;
            }
            group.bench_function(contender, |bencher| bencher.iter(|| make(black_box(&photo))));
        }
        group.finish();
    }
    criterion.final_summary();
}
