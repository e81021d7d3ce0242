//! Clocks, memory and the flag that ends work early: the only place that reads the time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::command::note;

/// Wall and processor time since a start.
pub struct Stopwatch {
    wall: Instant,
    cpu: f64,
}

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self {
            cpu: process_cpu_seconds(),
            wall: Instant::now(),
        }
    }

    /// Seconds by the wall.
    pub fn wall(&self) -> f64 {
        self.wall.elapsed().as_secs_f64()
    }

    /// Processor seconds of all threads of the process.
    pub fn cpu(&self) -> f64 {
        process_cpu_seconds() - self.cpu
    }
}

fn process_cpu_seconds() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

/// Forgets the largest resident set so far of this process (None) or another; on Linux only.
pub fn forget_peak_rss(process: Option<u32>) {
    let process = process.map_or("self".into(), |id| id.to_string());
    // Where this is not allowed, the peak is that of the whole life of the process.
    let _ = std::fs::write(format!("/proc/{process}/clear_refs"), "5");
}

/// Largest resident set of this process (None) or another, bytes, since it was last forgotten; None where the system does not tell.
pub fn peak_rss_bytes(process: Option<u32>) -> Option<u64> {
    let process = process.map_or("self".into(), |id| id.to_string());
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Set once by Ctrl-C; read between two λ.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether Ctrl-C was pressed.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Installs the handler: the first Ctrl-C asks for an orderly end, the second ends at once with code 130.
pub fn catch_interrupts() {
    let installed = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            crate::contestant::peer::kill_all();
            std::process::exit(130);
        }
        note("\ninterrupted: finishing the current lambda; press Ctrl-C again to quit at once");
    });
    if let Err(error) = installed {
        note(&format!("warning: Ctrl-C will not be orderly: {error}"));
    }
}

/// A flag that a helper thread raises after a number of seconds, unless the work is done before.
pub struct Deadline {
    expired: Arc<AtomicBool>,
    done: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Deadline {
    /// Starts the countdown; None never expires.
    pub fn after(seconds: Option<f64>) -> Self {
        let expired = Arc::new(AtomicBool::new(false));
        let done = Arc::new((Mutex::new(false), Condvar::new()));
        let thread = seconds.map(|seconds| {
            let (expired, done) = (expired.clone(), done.clone());
            let limit = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
            std::thread::spawn(move || {
                let (lock, signal) = &*done;
                let Ok(guard) = lock.lock() else { return };
                if let Ok((done, _)) = signal.wait_timeout_while(guard, limit, |done| !*done)
                    && !*done
                {
                    expired.store(true, Ordering::Relaxed);
                }
            })
        });
        Self {
            expired,
            done,
            thread,
        }
    }

    /// The flag, for solvers to poll.
    pub fn flag(&self) -> &AtomicBool {
        &self.expired
    }

    /// Whether time is up.
    pub fn expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let Ok(mut done) = self.done.0.lock() {
            *done = true;
        }
        self.done.1.notify_all();
        if let Some(thread) = self.thread.take() {
            // The thread only waits; if it panicked there is nothing left to clean up.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_expires_and_an_abandoned_one_does_not_block() {
        let short = Deadline::after(Some(0.01));
        std::thread::sleep(Duration::from_millis(200));
        assert!(short.expired());
        let started = Instant::now();
        drop(Deadline::after(Some(60.0)));
        assert!(started.elapsed() < Duration::from_secs(5));
        assert!(!Deadline::after(None).expired());
    }
}
