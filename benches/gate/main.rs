//! What the gate measures without a harness around it: kernels and small paths on one thread, each with its answer checked.
//!
//! `cargo bench --bench gate` prints seconds and memory of each. The gate calls the program with a word and the name of a
//! benchmark: `list` prints the names, and which of them are worth timing; `simd` the instruction set of the kernels;
//! `instructions NAME` does the work once inside one function, for callgrind to collect in; `heap NAME` prints the bytes
//! that it holds at most; `seconds NAME SAMPLES` prints the seconds of a call, sample by sample.

mod kernels;
mod meter;
mod paths;

use std::process::ExitCode;

use meter::Meter;
use regpath_solvers::design::kernels::simd_level;

/// Something to measure.
pub struct Benchmark {
    name: &'static str,
    /// Whether it takes the time of enough different code to be worth timing, too.
    timed: bool,
    /// Makes the inputs, hands the work to the meter, and panics unless the answer is right.
    run: fn(&mut Meter),
}

impl Benchmark {
    const fn counted(name: &'static str, run: fn(&mut Meter)) -> Self {
        let timed = false;
        Self { name, timed, run }
    }

    const fn timed(name: &'static str, run: fn(&mut Meter)) -> Self {
        let timed = true;
        Self { name, timed, run }
    }

    fn heap(&self) -> usize {
        let mut meter = Meter::Heap(None);
        (self.run)(&mut meter);
        match meter {
            Meter::Heap(Some(peak)) => peak,
            _ => panic!("{} measures nothing", self.name),
        }
    }

    fn seconds(&self, samples: usize) -> Vec<f64> {
        let mut meter = Meter::Seconds(samples, Vec::new());
        (self.run)(&mut meter);
        match meter {
            Meter::Seconds(_, seconds) => seconds,
            _ => Vec::new(),
        }
    }
}

fn all() -> impl Iterator<Item = &'static Benchmark> {
    kernels::ALL.iter().chain(paths::ALL)
}

/// Samples of each benchmark that a person is shown the least of.
const SAMPLES: usize = 10;

fn main() -> ExitCode {
    // One thread, whatever the machine has.
    faer::set_global_parallelism(faer::Par::Seq);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["list"] => {
            for benchmark in all() {
                let kind = if benchmark.timed { "timed" } else { "counted" };
                println!("{}\t{kind}", benchmark.name);
            }
        }
        ["simd"] => println!("{}", simd_level()),
        ["instructions", name] => return on(name, |b| (b.run)(&mut Meter::Instructions)),
        ["heap", name] => return on(name, |b| println!("{}", b.heap())),
        ["seconds", name, samples] => {
            let Ok(samples) = samples.parse() else {
                eprintln!("error: '{samples}' is no number of samples");
                return ExitCode::from(2);
            };
            return on(name, |b| {
                for seconds in b.seconds(samples) {
                    println!("{seconds:e}");
                }
            });
        }
        [] => table(""),
        // As cargo calls it, with what is for criterion: flags, and part of the names to run.
        ref words if words.contains(&"--bench") => {
            let filter = words.iter().find(|w| !w.starts_with('-'));
            table(filter.unwrap_or(&""));
        }
        _ => {
            eprintln!("error: {words:?} is no call of this program");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Does something with the benchmark of that name.
fn on(name: &str, work: impl FnOnce(&Benchmark)) -> ExitCode {
    match all().find(|b| b.name == name) {
        Some(benchmark) => {
            work(benchmark);
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("error: no benchmark is called '{name}'; `list` prints their names");
            ExitCode::from(2)
        }
    }
}

/// A table of the benchmarks whose name contains `filter`.
fn table(filter: &str) {
    println!(
        "One thread, {} vectors; the least of {SAMPLES} samples.\n",
        simd_level()
    );
    println!("| benchmark | microseconds | peak heap, bytes |");
    println!("|---|---:|---:|");
    for benchmark in all().filter(|b| b.name.contains(filter)) {
        let least = benchmark
            .seconds(SAMPLES)
            .into_iter()
            .fold(f64::INFINITY, f64::min);
        let heap = benchmark.heap();
        println!("| {} | {:.2} | {heap} |", benchmark.name, 1e6 * least);
    }
}
