//! `--fix` and `--diff`: correct files if the correction is certain.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use olm_catalog::changes::Change;
use olm_catalog::diagnostic::Finding;
use olm_catalog::files;
use olm_catalog::limits::FILE_BYTES;
use olm_catalog::terminal::{self, Ink};
use olm_catalog::validate::fix::{self, Fixed, Kept};
use olm_catalog::words::plural;
use olm_catalog::{errln, text};

/// The corrections of the findings.
#[derive(Default)]
pub(super) struct Fixes {
    changes: Vec<Change>,
    /// A line for each correction.
    lines: Vec<terminal::Text>,
}

impl Fixes {
    /// The corrections of the findings in files below some roots. Prints why others are not made.
    pub(super) fn find(findings: &[Finding], roots: &[PathBuf]) -> anyhow::Result<Self> {
        let mut by_file: BTreeMap<&Path, Vec<&Finding>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| fix::Fix::of(finding.rule).is_some()) {
            by_file.entry(&finding.place.file).or_default().push(finding);
        }
        let mut fixes = Self::default();
        for (file, findings) in by_file {
            let Some(root) = roots.iter().find(|root| file.starts_with(root)) else { continue };
            match fix::may_change(file) {
                Err(Kept::NoFile) => {}
                kept => fixes.add(root, file, &findings, kept)?,
            }
        }
        Ok(fixes)
    }

    fn add(&mut self, root: &Path, file: &Path, findings: &[&Finding], kept: Result<(), Kept>) -> anyhow::Result<()> {
        let text = files::read_text(file, &FILE_BYTES).with_context(|| format!("cannot read {}", file.display()))?;
        let Some(Fixed { text: new, corrections }) = fix::file(&text, findings) else { return Ok(()) };
        if let Err(Kept::Generated { from, verb }) = kept {
            let (file, from, verb) = (file.display(), from.display(), format!("`catalog {verb}`"));
            errln!("{} is generated from {} and was not corrected: correct that file, and run {}", file, from, verb);
            return Ok(());
        }
        for correction in corrections {
            let rule = findings[correction.finding].rule;
            let place = format!("{}:{}:{}", file.display(), correction.line, correction.column);
            let done = Ink::Good.on(text!("fixed[{}]:", rule));
            self.lines.push(match correction.old.as_str() {
                "" => text!("{} {}: {} is added", done, place, correction.new),
                old => text!("{} {}: {} is now {}", done, place, old, correction.new),
            });
        }
        // A named file is below its folder.
        let root = if file == root { file.parent().unwrap_or(Path::new("")) } else { root };
        let (old, new) = (Some(text.into_bytes()), Some(new.into_bytes()));
        self.changes.push(Change { root: root.to_owned(), file: file.to_owned(), old, new });
        Ok(())
    }

    /// Whether there is nothing to correct.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Corrects the files, and prints the corrections.
    pub(super) fn make(&self) -> anyhow::Result<()> {
        self.changes.iter().try_for_each(Change::make)?;
        self.lines.iter().for_each(|line| errln!("{}", line.clone()));
        Ok(())
    }

    /// Shows the corrections without making them.
    pub(super) fn show(&self) -> anyhow::Result<()> {
        terminal::out(&self.changes.iter().map(Change::diff).collect())?;
        let (number, files) = (plural(self.lines.len(), "finding"), plural(self.changes.len(), "file"));
        errln!("`--fix` would correct {} in {}", number, files);
        Ok(())
    }
}
