//! A conversation with one driver: requests out, answers in, and an end to it whatever the other side does.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;

use super::exchange::Exchange;
use super::locked;
use crate::prepared::Prepared;
use crate::stopwatch::{Stopwatch, forget_peak_rss, interrupted, peak_rss_bytes};
use crate::sweep::Sweep;

/// Version of the protocol, see `peers/README.md`.
const PROTOCOL: u64 = 1;
/// Seconds in which a driver must have started its language and imported its package.
const START_SECONDS: f64 = 120.0;
/// Longest line that an answer may have.
const LINE_BYTES: u64 = 1 << 16;
/// How often a waiting conversation looks at the clock and at Ctrl-C.
const POLL: Duration = Duration::from_millis(20);
/// Characters of a stranger's output that are quoted in a reason.
const QUOTED: usize = 160;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The package cannot do this at all; the process goes on.
    Unsupported(String),
    /// The peer says that something went wrong; it goes on.
    Refused(String),
    /// Time was up, or Ctrl-C was pressed.
    Ended,
    /// It is not installed or does not start.
    Unavailable(String),
    /// It died, or said something that is no answer.
    Broken(String),
}

/// The answer to a path request.
pub struct Answer {
    /// Seconds that the path took by the driver's clock.
    pub seconds: f64,
    /// Processor seconds of the same.
    pub cpu_seconds: f64,
    /// The package's own figure of how well it ended.
    pub stopping: Option<f64>,
    /// Largest resident set of the process so far, bytes.
    pub peak_rss_bytes: Option<u64>,
    /// (column, coefficient) of the non-zero coefficients at each λ that was reached.
    pub coefficients: Vec<Vec<(u32, f64)>>,
}

/// A line from a driver: which fields it has says what it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    ready: Option<u64>,
    version: Option<String>,
    loaded: Option<bool>,
    seconds: Option<f64>,
    cpu_seconds: Option<f64>,
    stopping: Option<f64>,
    reached: Option<usize>,
    pub(super) min: Option<usize>,
    pub(super) one_se: Option<usize>,
    unsupported: Option<String>,
    error: Option<String>,
}

/// What every timed answer says.
pub(super) struct Timed {
    /// Seconds by the driver's clock.
    pub(super) seconds: f64,
    /// Processor seconds of the same.
    pub(super) cpu_seconds: f64,
    /// λ that were reached.
    pub(super) reached: usize,
    /// The rest of it.
    pub(super) line: Line,
}

/// Process groups that are alive, for [`kill_all`].
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Kills every process group that a session started.
pub fn kill_all() {
    for &group in locked(&GROUPS).iter() {
        kill_group(group);
    }
}

fn kill_group(group: i32) {
    if let Some(pid) = Pid::from_raw(group) {
        // Already gone is as good as killed.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// A driver that runs.
pub struct Session {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<Result<String, String>>,
    errors: PathBuf,
    version: String,
    loaded: Option<u64>,
}

impl Session {
    /// Starts the driver and waits until it is ready.
    pub fn start(id: &str, mut command: Command) -> Result<Self, Failure> {
        let unavailable = |reason: String| Failure::Unavailable(reason);
        let errors =
            Exchange::file(&format!("{id}.stderr")).map_err(|e| unavailable(format!("{e:#}")))?;
        let stderr = std::fs::File::create(&errors)
            .map_err(|e| unavailable(format!("{}: {e}", errors.display())))?;
        let temporary = Exchange::folder().map_err(|e| unavailable(format!("{e:#}")))?;
        command
            .env("TMPDIR", temporary)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            // A group of its own, so that whatever it starts can be ended with it, and Ctrl-C reaches this process alone.
            .process_group(0);
        let program = command.get_program().display().to_string();
        let mut child = command
            .spawn()
            .map_err(|e| unavailable(format!("{program} does not start: {e}")))?;
        locked(&GROUPS).insert(child.id() as i32);
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(unavailable(format!("{program} has no pipes")));
        };
        let mut session = Self {
            child,
            stdin,
            lines: listen(stdout),
            errors,
            version: String::new(),
            loaded: None,
        };
        let started = Stopwatch::start();
        let first = session.answer(&|| interrupted() || started.wall() > START_SECONDS);
        let line = match first {
            // What it says before it is ready is why it never will be.
            Err(Failure::Refused(reason)) => return Err(unavailable(reason)),
            Err(Failure::Ended) if !interrupted() => {
                return Err(unavailable(format!(
                    "it was not ready after {START_SECONDS} seconds"
                )));
            }
            other => other?,
        };
        match (line.ready, line.version) {
            (Some(PROTOCOL), Some(version)) => {
                session.version = version;
                Ok(session)
            }
            (Some(other), _) if other != PROTOCOL => Err(Failure::Broken(format!(
                "its driver speaks version {other} of the protocol, this program {PROTOCOL}"
            ))),
            _ => Err(Failure::Broken(
                "its first line is not the one that says ready and a version".into(),
            )),
        }
    }

    /// Version of the package.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Hands the data over, unless it has it.
    pub fn load(&mut self, data: &Prepared, ended: &dyn Fn() -> bool) -> Result<(), Failure> {
        if self.loaded == Some(data.serial) {
            return Ok(());
        }
        self.loaded = None;
        data.columns().map_err(Failure::Unsupported)?;
        let request = Exchange::hand_over(data).map_err(|e| Failure::Refused(format!("{e:#}")))?;
        let line = self.ask(&request, ended)?;
        if line.loaded != Some(true) {
            return Err(Failure::Broken(
                "its answer to `load` is not the one that says loaded".into(),
            ));
        }
        self.loaded = Some(data.serial);
        Ok(())
    }

    /// Has the path computed.
    pub fn path(&mut self, data: &Prepared, alpha: f64, sweep: &Sweep) -> Result<Answer, Failure> {
        let lambdas = sweep.grid.as_slice();
        let files = Exchange::path_files(self.child.id(), lambdas)
            .map_err(|e| Failure::Refused(format!("{e:#}")))?;
        let request = format!(
            "path\t{alpha}\t{:e}\t{}\t{}\t{}",
            sweep.tol,
            files.lambda.display(),
            lambdas.len(),
            files.coefficients.display()
        );
        forget_peak_rss(Some(self.child.id()));
        let ended = || sweep.deadline.expired() || interrupted();
        let Timed {
            seconds,
            cpu_seconds,
            reached,
            line,
        } = self.ask_timed(&request, 1, lambdas.len(), &ended)?;
        let coefficients = files
            .read(reached, data.ncols())
            .map_err(|e| Failure::Broken(format!("{e:#}")))?;
        Ok(Answer {
            seconds,
            cpu_seconds,
            stopping: line.stopping.filter(|s| s.is_finite()),
            peak_rss_bytes: peak_rss_bytes(Some(self.child.id())),
            coefficients,
        })
    }

    /// Has something computed that is timed, with `threads` threads and at `count` λ at most.
    pub(super) fn ask_timed(
        &mut self,
        request: &str,
        threads: usize,
        count: usize,
        ended: &dyn Fn() -> bool,
    ) -> Result<Timed, Failure> {
        let watch = Stopwatch::start();
        let line = self.ask(request, ended)?;
        let waited = watch.wall();
        let (Some(seconds), Some(cpu_seconds), Some(reached)) =
            (line.seconds, line.cpu_seconds, line.reached)
        else {
            let verb = request.split('\t').next().unwrap_or_default();
            return Err(Failure::Broken(format!(
                "its answer to `{verb}` lacks seconds, cpu_seconds or reached"
            )));
        };
        if !(seconds > 0.0 && seconds <= waited && cpu_seconds >= 0.0) {
            return Err(Failure::Broken(format!(
                "it claims {seconds} seconds ({cpu_seconds} of the processor) for what took {waited:.6} from outside"
            )));
        }
        if cpu_seconds > 1.5 * threads as f64 * seconds + 0.1 {
            let allowed = match threads {
                1 => "one thread".into(),
                _ => format!("{threads} threads"),
            };
            return Err(Failure::Broken(format!(
                "it used {cpu_seconds:.2} seconds of the processor in {seconds:.2} seconds: more than {allowed}"
            )));
        }
        if reached > count {
            return Err(Failure::Broken(format!(
                "it claims {reached} lambdas where {count} were asked"
            )));
        }
        Ok(Timed {
            seconds,
            cpu_seconds,
            reached,
            line,
        })
    }

    /// The process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    fn ask(&mut self, request: &str, ended: &dyn Fn() -> bool) -> Result<Line, Failure> {
        match self.lines.try_recv() {
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return Err(self.died()),
            Ok(Ok(line)) => return Err(garbage(&line)),
            Ok(Err(reason)) => return Err(Failure::Broken(reason)),
        }
        let sent = self
            .stdin
            .write_all(request.as_bytes())
            .and_then(|()| self.stdin.write_all(b"\n"));
        if sent.and_then(|()| self.stdin.flush()).is_err() {
            return Err(self.died());
        }
        self.answer(ended)
    }

    /// The next line, unless `ended` says that nobody waits for it any more.
    fn answer(&mut self, ended: &dyn Fn() -> bool) -> Result<Line, Failure> {
        loop {
            match self.lines.recv_timeout(POLL) {
                Ok(Ok(text)) => {
                    let line: Line = serde_json::from_str(&text).map_err(|_| garbage(&text))?;
                    return match (line.unsupported, line.error) {
                        (Some(reason), _) => Err(Failure::Unsupported(reason)),
                        (None, Some(reason)) => Err(Failure::Refused(reason)),
                        (unsupported, error) => Ok(Line {
                            unsupported,
                            error,
                            ..line
                        }),
                    };
                }
                Ok(Err(reason)) => return Err(Failure::Broken(reason)),
                Err(RecvTimeoutError::Disconnected) => return Err(self.died()),
                Err(RecvTimeoutError::Timeout) if ended() => return Err(Failure::Ended),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// How it died, with the last thing it said.
    fn died(&mut self) -> Failure {
        if interrupted() {
            return Failure::Ended;
        }
        // It closed its output; if it still lives it is of no use.
        let grace = Stopwatch::start();
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break status.to_string(),
                Ok(None) if grace.wall() < 1.0 => std::thread::sleep(POLL),
                _ => break "it closed its output without ending".into(),
            }
        };
        let said = std::fs::read(&self.errors).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let last = said
            .lines()
            .rev()
            .find(|l| !l.trim().is_empty())
            .unwrap_or("nothing");
        Failure::Broken(format!(
            "its process died ({status}); it last said: {}",
            quoted(last)
        ))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let group = self.child.id() as i32;
        kill_group(group);
        // Reaps it; a killed process ends.
        let _ = self.child.wait();
        locked(&GROUPS).remove(&group);
    }
}

/// Lines of a driver, read by a thread of their own so that waiting for them can end.
fn listen(stdout: ChildStdout) -> Receiver<Result<String, String>> {
    let (sender, receiver) = sync_channel(4);
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        loop {
            let mut line = Vec::new();
            let item = match reader
                .by_ref()
                .take(LINE_BYTES)
                .read_until(b'\n', &mut line)
            {
                Ok(0) => return,
                Ok(_) if line.last() != Some(&b'\n') && line.len() as u64 == LINE_BYTES => Err(
                    format!("it printed more than {LINE_BYTES} bytes without the end of a line"),
                ),
                Ok(_) => Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
                Err(error) => Err(format!("its output cannot be read: {error}")),
            };
            let last = item.is_err();
            if sender.send(item).is_err() || last {
                return;
            }
        }
    });
    receiver
}

fn garbage(text: &str) -> Failure {
    Failure::Broken(format!("it printed what is no answer: {}", quoted(text)))
}

fn quoted(text: &str) -> String {
    let short: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(QUOTED)
        .collect();
    format!("'{short}'")
}
