//! Workspace tasks, run as `cargo xtask <task>` from anywhere inside the workspace.
//!
//! A task is one call of `cargo`, one line in [`TASKS`] and one function that builds the command line;
//! `ci` is a list of such calls. Three rules hold for all of them:
//!
//! - The caller's working directory is kept, and the workspace is named by `--manifest-path`. Relative
//!   paths among the arguments therefore mean what they mean in the caller's shell.
//! - Arguments are forwarded verbatim, whatever their encoding.
//! - On unix a task *becomes* its command by `exec`, and so does `cargo run`: `cargo xtask bench` ends up as
//!   one process, `regpath`, which gets Ctrl-C itself, takes the time it needs to finish what it is at, and
//!   hands its own exit status or signal to the caller. Elsewhere the task waits and passes the code on.
//!
//! Everything is built in the release profile: benches, tests and lints share what they can of one
//! expensive build of the dependencies.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Exit code of a command line that could not be understood.
const USAGE_ERROR: i32 = 2;

/// Exit code when a child could not be started at all.
const CANNOT_START: i32 = 1;

/// Builds the command line of a task from the arguments that follow its name.
type Build = fn(&[OsString]) -> Command;

/// What a task does.
enum Action {
    /// Becomes one command.
    Exec(Build),
    /// Runs the [`CI`] steps in turn; takes no arguments.
    Ci,
    /// Prints the usage.
    Help,
}

/// One line of `cargo xtask help`.
struct Task {
    name: &'static str,
    args: &'static str,
    summary: &'static str,
    action: Action,
}

/// Every task, in the order of the help text. Dispatch, help and error messages read this table.
static TASKS: &[Task] = &[
    Task {
        name: "bench",
        args: "[ARGS…]",
        summary: "build the harness and run `regpath bench ARGS…` in this directory",
        action: Action::Exec(bench),
    },
    Task {
        name: "figures",
        args: "[ARGS…]",
        summary: "build the harness and run `regpath figures ARGS…`: published figures and numbers, reproduced",
        action: Action::Exec(figures),
    },
    Task {
        name: "peers",
        args: "[ARGS…]",
        summary: "build the harness and run `regpath peers ARGS…`: install, list",
        action: Action::Exec(peers),
    },
    Task {
        name: "check",
        args: "[ARGS…]",
        summary: "build the harness and run `regpath check ARGS…`: answers, work, instructions, memory, time",
        action: Action::Exec(check),
    },
    Task {
        name: "baseline",
        args: "[ARGS…]",
        summary: "build the harness and run `regpath baseline ARGS…`: show, diff, update",
        action: Action::Exec(baseline),
    },
    Task {
        name: "noise",
        args: "[ARGS…]",
        summary: "build the harness and run `regpath noise ARGS…`: what this machine can tell from nothing",
        action: Action::Exec(noise),
    },
    Task {
        name: "compare",
        args: "[ARGS…]",
        summary: "build the harness and run `regpath compare ARGS…`: two runs, trial by trial",
        action: Action::Exec(compare),
    },
    Task {
        name: "test",
        args: "[ARGS…]",
        summary: "run all tests, doctests included; `-p CRATE` narrows the selection",
        action: Action::Exec(test),
    },
    Task {
        name: "fmt",
        args: "[ARGS…]",
        summary: "check the formatting",
        action: Action::Exec(fmt),
    },
    Task {
        name: "clippy",
        args: "[ARGS…]",
        summary: "lint every target; a warning is an error",
        action: Action::Exec(clippy),
    },
    Task {
        name: "doc",
        args: "[ARGS…]",
        summary: "build the documentation; a warning is an error",
        action: Action::Exec(doc),
    },
    Task {
        name: "ci",
        args: "",
        summary: "fmt, clippy, doc, test; stop at the first that fails",
        action: Action::Ci,
    },
    Task {
        name: "help",
        args: "",
        summary: "print this text",
        action: Action::Help,
    },
];

/// The steps of `cargo xtask ci`, cheapest first.
const CI: &[(&str, Build)] = &[
    ("fmt", fmt),
    ("clippy", clippy),
    ("doc", doc),
    ("test", test),
];

fn main() {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    std::process::exit(dispatch(&args));
}

/// Runs the task named by the first argument and returns the exit code.
fn dispatch(args: &[OsString]) -> i32 {
    let Some((name, rest)) = args.split_first() else {
        eprint!("{}", usage());
        return USAGE_ERROR;
    };
    let Some(task) = find(name) else {
        eprintln!(
            "error: unknown task `{}`, expected one of: {}",
            name.display(),
            names()
        );
        return USAGE_ERROR;
    };
    match task.action {
        Action::Exec(build) => become_command(announced(task.name, build(rest))),
        Action::Ci if rest.is_empty() => ci(),
        Action::Ci => {
            eprintln!("error: `ci` takes no arguments; run the step alone to pass it some");
            USAGE_ERROR
        }
        Action::Help => {
            print!("{}", usage());
            0
        }
    }
}

/// The task called `name`; the usual flags for help count as `help`.
fn find(name: &OsStr) -> Option<&'static Task> {
    let name = match name.to_str()? {
        "-h" | "--help" => "help",
        name => name,
    };
    TASKS.iter().find(|task| task.name == name)
}

/// The names of all tasks, separated by commas.
fn names() -> String {
    let names: Vec<&str> = TASKS.iter().map(|task| task.name).collect();
    names.join(", ")
}

/// The help text.
fn usage() -> String {
    let mut text = String::from("Usage: cargo xtask <TASK>\n\nTasks:\n");
    for task in TASKS {
        let call = format!("{} {}", task.name, task.args);
        text += &format!("  {call:<18}{}\n", task.summary);
    }
    text += "\nARGS are forwarded verbatim; relative paths are resolved against the current directory.\n";
    text
}

/// `regpath bench ARGS…`, built first. Cargo shows the progress of the build on stderr and leaves stdout
/// to `regpath`.
fn bench(args: &[OsString]) -> Command {
    regpath("bench", args)
}

/// `regpath peers ARGS…`, built first: the packages that the suite is compared with.
fn peers(args: &[OsString]) -> Command {
    regpath("peers", args)
}

/// `regpath check ARGS…`, built first: the gate.
fn check(args: &[OsString]) -> Command {
    regpath("check", args)
}

/// `regpath baseline ARGS…`, built first: what the gate expects.
fn baseline(args: &[OsString]) -> Command {
    regpath("baseline", args)
}

/// `regpath figures ARGS…`, built first: the literature's figures, with a verdict on every number.
fn figures(args: &[OsString]) -> Command {
    regpath("figures", args)
}

/// `regpath noise ARGS…`, built first: how well times can be told apart.
fn noise(args: &[OsString]) -> Command {
    regpath("noise", args)
}

/// `regpath compare ARGS…`, built first: what two recorded runs say about a change.
fn compare(args: &[OsString]) -> Command {
    regpath("compare", args)
}

fn regpath(subcommand: &str, args: &[OsString]) -> Command {
    let mut command = cargo("run");
    command
        .args(["--release", "--package", "regpath-harness"])
        .args(["--bin", "regpath", "--", subcommand])
        .args(args);
    command
}

/// All tests of the workspace, or of the packages selected among `args`.
fn test(args: &[OsString]) -> Command {
    let mut command = cargo("test");
    command.arg("--release");
    if !selects_packages(args) {
        command.arg("--workspace");
    }
    command.args(args);
    command
}

/// The formatting check; `args` go to rustfmt.
fn fmt(args: &[OsString]) -> Command {
    let mut command = cargo("fmt");
    command.args(["--all", "--", "--check"]).args(args);
    command
}

/// Clippy over libraries, binaries, tests and benches; `args` go to cargo.
fn clippy(args: &[OsString]) -> Command {
    let mut command = cargo("clippy");
    command
        .args(["--release", "--workspace", "--all-targets"])
        .args(args)
        .args(["--", "--deny", "warnings"]);
    command
}

/// The documentation of the workspace alone. The whole workspace rather than the library only, because
/// that resolves the same features as clippy does and so reuses the dependencies it has checked.
fn doc(args: &[OsString]) -> Command {
    let mut flags = std::env::var_os("RUSTDOCFLAGS").unwrap_or_default();
    flags.push(" --deny warnings");
    let mut command = cargo("doc");
    command
        .args(["--release", "--workspace", "--no-deps"])
        .args(args)
        .env("RUSTDOCFLAGS", flags);
    command
}

/// Runs the [`CI`] steps until one fails, and returns the exit code of that one.
fn ci() -> i32 {
    for &(name, build) in CI {
        let code = run(announced(name, build(&[])));
        if code != 0 {
            eprintln!("==> ci failed in step `{name}` (exit code {code})");
            return code;
        }
    }
    let steps: Vec<&str> = CI.iter().map(|&(name, _)| name).collect();
    eprintln!("==> ci passed: {}", steps.join(", "));
    0
}

/// `cargo SUBCOMMAND` for this workspace, by the cargo that runs this program.
fn cargo(subcommand: &str) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command
        .arg(subcommand)
        .arg("--manifest-path")
        .arg(workspace_root().join("Cargo.toml"));
    for (name, _) in std::env::vars_os() {
        if describes_this_package(&name) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether `cargo run` set the variable to describe this package. Build scripts among the dependencies ask to be run
/// again when such a variable changes: inherited, they would rebuild Polars at every change between `cargo xtask` and `cargo`.
fn describes_this_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || [
            "CARGO_BIN_NAME",
            "CARGO_CRATE_NAME",
            "CARGO_PRIMARY_PACKAGE",
        ]
        .contains(&&*name)
}

/// The directory of the workspace. Cargo says at run time where this package is; the path known at compile
/// time serves a binary that was started by hand.
fn workspace_root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.parent().map(Path::to_path_buf).unwrap_or(package)
}

/// Whether `args` choose packages themselves: cargo would silently ignore that choice beside `--workspace`.
/// What follows `--` belongs to the test binaries.
fn selects_packages(args: &[OsString]) -> bool {
    args.iter()
        .take_while(|arg| *arg != "--")
        .filter_map(|arg| arg.to_str())
        .any(|arg| {
            arg == "--package"
                || arg.starts_with("--package=")
                || (arg.starts_with("-p") && !arg.starts_with("--"))
        })
}

/// Prints on stderr which command a task stands for, and hands the command back.
fn announced(name: &str, command: Command) -> Command {
    let args: Vec<_> = command
        .get_args()
        .map(|arg| arg.to_string_lossy())
        .collect();
    eprintln!("==> {name}: cargo {}", args.join(" "));
    command
}

/// Replaces this process by `command`; returns an exit code only if that was impossible.
#[cfg(unix)]
fn become_command(mut command: Command) -> i32 {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    cannot_start(&command, &error)
}

/// Runs `command` and returns its exit code.
#[cfg(not(unix))]
fn become_command(command: Command) -> i32 {
    run(command)
}

/// Runs `command`, waits for it and returns its exit code.
fn run(mut command: Command) -> i32 {
    match command.status() {
        Ok(status) => exit_code(status),
        Err(error) => cannot_start(&command, &error),
    }
}

/// Says that `command` could not be started, and why.
fn cannot_start(command: &Command, error: &std::io::Error) -> i32 {
    let program = command.get_program().display();
    eprintln!("error: cannot start {program}: {error}");
    CANNOT_START
}

/// The exit code as a shell would report it: 128 + signal for a child that was killed.
fn exit_code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(CANNOT_START)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(args: &[&str]) -> Vec<OsString> {
        args.iter().map(OsString::from).collect()
    }

    /// The arguments of a built command without `--manifest-path PATH`, joined by blanks.
    fn line(command: &Command) -> String {
        let args: Vec<String> = command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned())
            .collect();
        assert_eq!(args[1], "--manifest-path");
        assert!(Path::new(&args[2]).is_file(), "{} is no file", args[2]);
        [&args[..1], &args[3..]].concat().join(" ")
    }

    #[test]
    fn every_task_is_found_by_its_name_and_listed() {
        let usage = usage();
        for (k, task) in TASKS.iter().enumerate() {
            let found = find(OsStr::new(task.name)).expect(task.name);
            assert!(std::ptr::eq(found, task), "{} is listed twice", task.name);
            assert!(usage.contains(task.summary), "{}", task.name);
            assert_eq!(names().split(", ").nth(k), Some(task.name));
        }
        assert!(find(OsStr::new("--help")).is_some_and(|task| task.name == "help"));
    }

    #[test]
    fn every_step_of_ci_is_a_task_of_its_own() {
        for &(name, build) in CI {
            let task = find(OsStr::new(name)).expect(name);
            let Action::Exec(own) = task.action else {
                panic!("`{name}` is not one command");
            };
            assert_eq!(line(&own(&[])), line(&build(&[])));
        }
    }

    #[test]
    fn bad_command_lines_are_usage_errors() {
        for args in [&[][..], &["bnech"], &[""], &["ci", "--verbose"]] {
            assert_eq!(dispatch(&os(args)), USAGE_ERROR, "{args:?}");
        }
        assert_eq!(dispatch(&os(&["help"])), 0);
    }

    #[test]
    fn bench_forwards_every_argument_verbatim() {
        let args = os(&["--out", "a b", "--", "--release", "-p", "", "*"]);
        let command = bench(&args);
        assert_eq!(
            line(&bench(&[])),
            "run --release --package regpath-harness --bin regpath -- bench"
        );
        let all: Vec<&OsStr> = command.get_args().collect();
        assert_eq!(all[all.len() - args.len()..], args);
        assert_eq!(command.get_current_dir(), None);
    }

    #[cfg(unix)]
    #[test]
    fn arguments_need_not_be_unicode() {
        use std::os::unix::ffi::OsStringExt;
        let odd = OsString::from_vec(vec![b'/', 0xff]);
        assert!(find(&odd).is_none());
        let command = bench(std::slice::from_ref(&odd));
        assert_eq!(command.get_args().last(), Some(odd.as_os_str()));
    }

    #[test]
    fn test_covers_the_workspace_unless_packages_are_chosen() {
        for (args, expected) in [
            (&[][..], "test --release --workspace"),
            (&["grid"], "test --release --workspace grid"),
            (&["--", "-p"], "test --release --workspace -- -p"),
            (&["-p", "xtask"], "test --release -p xtask"),
            (&["-pxtask"], "test --release -pxtask"),
            (
                &["--package=xtask", "--", "x"],
                "test --release --package=xtask -- x",
            ),
        ] {
            assert_eq!(line(&test(&os(args))), expected);
        }
    }

    #[test]
    fn doc_denies_warnings_in_the_child_alone() {
        let command = doc(&[]);
        let (_, flags) = command
            .get_envs()
            .find(|(key, _)| *key == "RUSTDOCFLAGS")
            .expect("set for the child");
        let flags = flags.expect("a value").to_string_lossy().into_owned();
        assert!(flags.ends_with("--deny warnings"), "{flags}");
    }

    #[cfg(unix)]
    #[test]
    fn exit_codes_and_signals_are_passed_on() {
        for (script, expected) in [("exit 0", 0), ("exit 4", 4), ("kill -9 $$", 137)] {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]);
            assert_eq!(run(shell), expected, "{script}");
        }
        assert_eq!(run(Command::new("/nonexistent/program")), CANNOT_START);
    }

    #[test]
    fn children_do_not_inherit_what_describes_this_package() {
        let removed = |command: &Command, name: &str| {
            command
                .get_envs()
                .any(|(key, value)| key == name && value.is_none())
        };
        let child = cargo("build");
        // The test itself was started by cargo, with these variables set.
        assert!(removed(&child, "CARGO_PKG_NAME") && removed(&child, "CARGO_MANIFEST_DIR"));
        assert!(!removed(&child, "CARGO") && !removed(&child, "CARGO_TARGET_DIR"));
    }
}
