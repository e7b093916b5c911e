//! The baseline: known findings do not count.

use std::path::{Path, PathBuf};

use olm_catalog::changes::Change;
use olm_catalog::errln;
use olm_catalog::validate::RuleFacts;
use olm_catalog::validate::baseline::{self, Baseline, Looked};
use olm_catalog::words::plural;

use super::check::{Checked, How};

/// The baseline of a run.
pub(super) struct Known<'k> {
    baseline: Baseline,
    path: PathBuf,
    /// The checked paths.
    roots: &'k [PathBuf],
    /// Whether it is written first.
    write: bool,
}

impl<'k> Known<'k> {
    /// Reads the baseline from the option or the `catalog.toml`, if one of them names it.
    pub(super) fn read(
        named: Option<&Path>,
        configured: Option<&Path>,
        write: bool,
        roots: &'k [PathBuf],
    ) -> anyhow::Result<Option<Self>> {
        let Some(path) = named.or(configured) else {
            anyhow::ensure!(!write, "no baseline file\nhelp: name the file with --baseline FILE, or in catalog.toml");
            return Ok(None);
        };
        let missing = write && path.symlink_metadata().is_err();
        let baseline = if missing { Baseline::new(path) } else { Baseline::read(path)? };
        Ok(Some(Self { baseline, path: path.to_owned(), roots, write }))
    }

    /// Removes the known findings. If something could not be read, it is unknown which findings no longer exist.
    pub(super) fn apply(&mut self, checked: &mut Checked, how: &How<'_>) -> anyhow::Result<()> {
        let ran = |rule: &RuleFacts| {
            baseline::runs(rule, how.options, how.published.is_named()) && how.selection.may_count(rule)
        };
        let looked = Looked { roots: self.roots, ran: &ran };
        let complete = checked.unread.is_empty();
        if self.write && complete {
            self.baseline = self.baseline.with(&checked.findings, &checked.sources, &looked);
            self.write()?;
        }
        let split = self.baseline.split(std::mem::take(&mut checked.findings), &checked.sources);
        let stale = if complete { self.baseline.stale(&split, &looked) } else { Vec::new() };
        checked.findings = split.new;
        checked.known = split.known;
        checked.findings.extend(how.selection.apply_to(stale, None));
        Ok(())
    }

    fn write(&self) -> anyhow::Result<()> {
        let root = self.path.parent().unwrap_or(Path::new(""));
        let change = Change::find(root, &self.path, Some(self.baseline.text()?.into_bytes()))?;
        change.iter().try_for_each(Change::make)?;
        let state = if change.is_some() { "written" } else { "unchanged" };
        errln!("{}: {}, {}", self.path.display(), state, plural(self.baseline.len(), "finding"));
        Ok(())
    }
}
