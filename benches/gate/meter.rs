//! What is measured of a piece of work: its instructions, the memory it holds, or its time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

/// Seconds that a timed sample lasts at least, so that the clock does not matter.
const SAMPLE_SECONDS: f64 = 2e-3;

/// Takes one measurement of the work that a benchmark hands to it.
pub enum Meter {
    /// Does the work once inside a function that a profiler can be told to collect in.
    Instructions,
    /// Largest number of bytes held at a time, beyond what was held before; None until it is measured.
    Heap(Option<usize>),
    /// Seconds a call, of so many samples.
    Seconds(usize, Vec<f64>),
}

impl Meter {
    /// Measures. The work is done once before: what is set up at the first call is not part of it.
    pub fn measure(&mut self, mut work: impl FnMut()) {
        work();
        match self {
            Self::Instructions => collected(&mut work),
            Self::Heap(peak) => *peak = Some(peak_of(&mut work)),
            Self::Seconds(samples, seconds) => {
                let once = seconds_of(1, &mut work).max(1e-9);
                let calls = (SAMPLE_SECONDS / once).ceil().max(1.0) as usize;
                seconds.extend((0..*samples).map(|_| seconds_of(calls, &mut work) / calls as f64));
            }
        }
    }
}

/// The function that `valgrind --toggle-collect` is given: a call of its own, so that there is something to toggle at.
#[inline(never)]
fn collected(work: &mut dyn FnMut()) {
    work();
    // Something after the call, or it would become a jump.
    black_box(());
}

fn seconds_of(calls: usize, work: &mut impl FnMut()) -> f64 {
    let watch = Instant::now();
    (0..calls).for_each(|_| work());
    watch.elapsed().as_secs_f64()
}

fn peak_of(work: &mut impl FnMut()) -> usize {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    work();
    PEAK.load(Relaxed) - before
}

/// Bytes that are held.
static LIVE: AtomicUsize = AtomicUsize::new(0);
/// The largest they ever were.
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, with a count of the bytes that are held.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn grow(bytes: usize) {
    let live = LIVE.fetch_add(bytes, Relaxed) + bytes;
    PEAK.fetch_max(live, Relaxed);
}

// Every call is handed on as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // As if it always had to move: whether it does is not the program's to say.
        grow(size);
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}
