//! What is expected, in files that a reviewer can read: one metric a line, sorted.

use std::path::{Path, PathBuf};

use anyhow::Context;
use regpath_solvers::design::kernels::simd_level;

use super::Layer;
use super::measure::{Key, Metrics};
use crate::dataset::read::InputError;
use crate::record::store::write_text;

/// Version of the files; raised when a line changes its meaning.
const SCHEMA: u32 = 1;
/// What begins the line of the toolchain, where there is one.
const TOOLCHAIN: &str = "# toolchain: ";

/// The numbers of a layer as of some commit.
#[derive(Debug, PartialEq)]
pub struct Baseline {
    /// Why they were last changed.
    pub reason: String,
    /// What the numbers can only be compared within; None where they can be compared anywhere.
    pub toolchain: Option<String>,
    /// The numbers.
    pub metrics: Metrics,
}

/// `<dir>/<layer>.tsv`; counters depend on the order of sums, and so on the width of a vector, which is in their file's name.
pub fn path(dir: &Path, layer: Layer) -> PathBuf {
    match layer {
        Layer::Answers | Layer::Instructions | Layer::Memory | Layer::Time => {
            dir.join(format!("{}.tsv", layer.name()))
        }
        Layer::Work => dir.join(format!("work-{}.tsv", simd_level())),
    }
}

/// Reads a file of [`Baseline::write`]; None if there is none. Errors: [`InputError`] that names the line.
pub fn read(path: &Path) -> anyhow::Result<Option<Baseline>> {
    if !path.exists() {
        return Ok(None);
    }
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let refuse =
        |line: usize, what: String| InputError(format!("{}, line {line}: {what}", path.display()));
    let mut lines = text.lines().zip(1..).peekable();
    let mut header = |name: &str| {
        let prefix = format!("# {name}: ");
        let (line, number) = lines.next().unwrap_or(("", 1));
        let value = line.strip_prefix(&prefix).map(str::to_owned);
        value.ok_or_else(|| refuse(number, format!("'{line}', expected '{prefix}…'")))
    };
    let schema = header("schema")?;
    if schema != SCHEMA.to_string() {
        return Err(refuse(
            1,
            format!("schema {schema}, expected {SCHEMA}; `baseline update` writes it"),
        )
        .into());
    }
    let reason = header("reason")?;
    let toolchain = lines
        .next_if(|(line, _)| line.starts_with(TOOLCHAIN))
        .map(|(line, _)| line[TOOLCHAIN.len()..].to_owned());
    let mut metrics = Metrics::new();
    for (line, number) in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let [cell, metric, value] = cells[..] else {
            let found = cells.len();
            return Err(refuse(
                number,
                format!("{found} columns, expected cell, metric, value"),
            )
            .into());
        };
        let key = Key {
            cell: cell.into(),
            metric: metric.into(),
        };
        if metrics.insert(key, value.into()).is_some() {
            return Err(refuse(number, format!("{cell} {metric} is there twice")).into());
        }
    }
    Ok(Some(Baseline {
        reason,
        toolchain,
        metrics,
    }))
}

impl Baseline {
    /// Writes the file, all of it or nothing. Errors: the folder cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut text = format!("# schema: {SCHEMA}\n# reason: {}\n", self.reason);
        if let Some(toolchain) = &self.toolchain {
            text += &format!("{TOOLCHAIN}{toolchain}\n");
        }
        for (key, value) in &self.metrics {
            text += &format!("{}\t{}\t{value}\n", key.cell, key.metric);
        }
        write_text(path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(cell: &str, metric: &str) -> Key {
        Key {
            cell: cell.into(),
            metric: metric.into(),
        }
    }

    #[test]
    fn what_is_written_is_read_and_what_is_broken_is_refused_by_line() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("work.tsv");
        assert_eq!(read(&path).expect("a missing file is no error"), None);
        let baseline = |toolchain: Option<String>| Baseline {
            reason: "first".into(),
            toolchain,
            metrics: Metrics::from([
                (key("a", "passes k=00-09"), "3".into()),
                (key("a", "epochs setup"), "0".into()),
            ]),
        };
        for toolchain in [Some("rustc 1".into()), None] {
            let baseline = baseline(toolchain);
            baseline.write(&path).expect("a writable folder");
            assert_eq!(read(&path).expect("it was just written"), Some(baseline));
        }
        let text = std::fs::read_to_string(&path).expect("it was just written");
        for (broken, part) in [
            (text.replace("schema: 1", "schema: 9"), "line 1"),
            (text.replace("# reason: ", "# because: "), "line 2"),
            (text.replace("\t3", " 3"), "2 columns"),
            (text.clone() + "a\tepochs setup\t1\n", "twice"),
            (String::new(), "line 1"),
        ] {
            std::fs::write(&path, broken).expect("a writable folder");
            let error = read(&path).expect_err(part);
            assert!(
                error.is::<InputError>() && error.to_string().contains(part),
                "{error}"
            );
        }
    }
}
