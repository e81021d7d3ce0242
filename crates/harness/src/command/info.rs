//! `regpath info`: the machine facts that a run records.

use crate::record::machine::Machine;

use super::say;

/// Arguments of `regpath info`.
#[derive(clap::Args, Debug)]
pub(super) struct Info {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Info {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let machine = Machine::detect();
        if self.json {
            say(&serde_json::to_string_pretty(&machine)?);
            return Ok(0);
        }
        let value = serde_json::to_value(&machine)?;
        for (key, value) in value.as_object().into_iter().flatten() {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            say(&format!("{key:<14} {text}"));
        }
        Ok(0)
    }
}
