//! Changes of several files: all are checked before the first is written, or they are shown only.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use olm_catalog::changes::Change;
use olm_catalog::maintain::{Channels, Error, Outcome as Done};
use olm_catalog::{errln, files, limits::TEXT_BYTES, outln, terminal};

use crate::{Outcome, folders};

/// The files to write.
#[derive(Default)]
pub(crate) struct Edits {
    changes: Vec<Change>,
    /// Whether a change is shown by its size, not by its text.
    large: Vec<bool>,
}

impl Edits {
    /// A file that must not exist with other contents: a copy, of which only the size is shown.
    pub(crate) fn copy(&mut self, root: &Path, file: &Path, bytes: Vec<u8>) -> anyhow::Result<()> {
        let Some(change) = Change::find(root, file, Some(bytes))? else { return Ok(()) };
        if change.old.is_some() {
            bail!("{} already exists with other contents; remove it first", file.display());
        }
        self.add(change, true);
        Ok(())
    }

    /// A file that is written by hand.
    pub(crate) fn text(&mut self, root: &Path, file: &Path, text: String) -> anyhow::Result<()> {
        if let Some(change) = Change::find(root, file, Some(text.into_bytes()))? {
            self.add(change, false);
        }
        Ok(())
    }

    fn add(&mut self, change: Change, large: bool) {
        self.changes.push(change);
        self.large.push(large);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Writes the files, or shows the changes.
    pub(crate) fn finish(self, dry_run: bool) -> anyhow::Result<()> {
        for (change, large) in self.changes.iter().zip(self.large) {
            let file = change.file.display();
            match dry_run {
                true if large => {
                    let size = change.new.as_ref().map_or(0, Vec::len);
                    outln!("{}: would be written ({} bytes)", file, size)?;
                }
                true => terminal::out(&change.diff())?,
                false => {
                    change.make()?;
                    outln!("{}: {}", file, if change.old.is_some() { "changed" } else { "written" })?;
                }
            }
        }
        Ok(())
    }
}

/// The template of a package, and its file.
pub(crate) fn template(folder: &Path, package: &str) -> anyhow::Result<Option<(PathBuf, Channels)>> {
    let named = |ending: &&str| folder.join(format!("{package}.{ending}"));
    let Some(file) = ["yaml", "yml", "json"].iter().map(named).find(|file| file.symlink_metadata().is_ok()) else {
        return Ok(None);
    };
    files::check(folder, &file)?;
    let unread = || format!("cannot read {}", file.display());
    let text = files::read_text(&file, &TEXT_BYTES).with_context(unread)?;
    let channels = Channels::read(package, &text).map_err(|error| in_file(&file, error))?;
    Ok(Some((file, channels)))
}

/// An error about a file, which it names.
pub(crate) fn in_file(file: &Path, error: Error) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("cannot change {}", file.display()))
}

/// What else was done, on standard error.
pub(crate) fn tell(notes: &[String]) {
    for note in notes {
        errln!("note: {}", note);
    }
}

/// The options of a verb that edits the template of a package.
#[derive(clap::Args)]
pub(crate) struct Template {
    /// Write nothing. Show how the template would change.
    #[arg(long)]
    dry_run: bool,
    /// The folder of channel templates, one per package [default: channels in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::channels(), hide_default_value = true)]
    channels: PathBuf,
}

impl Template {
    /// Edits the template of a package, which must have one, or shows the change. An unchanged one is reported.
    pub(crate) fn edit(
        &self,
        package: &str,
        edit: impl FnOnce(&mut Channels) -> Result<Done, Error>,
    ) -> anyhow::Result<Outcome> {
        folders::check()?;
        let Some((file, mut channels)) = template(&self.channels, package)? else {
            let file = self.channels.join(format!("{package}.yaml"));
            bail!("there are no channels of {package}: {} is missing", file.display());
        };
        edit(&mut channels).map_err(|error| in_file(&file, error))?;
        let mut edits = Edits::default();
        edits.text(&self.channels, &file, channels.text().to_owned())?;
        if edits.is_empty() {
            outln!("{}: unchanged", file.display())?;
        }
        edits.finish(self.dry_run)?;
        tell(&channels.notes);
        Ok(Outcome::Done)
    }
}
