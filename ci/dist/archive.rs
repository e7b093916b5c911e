//! An archive whose bytes depend on nothing but its files.

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::Context as _;
use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};

/// The shells that have completions, with what is before and after a program's name in the names of their scripts.
pub(crate) const SHELLS: [(&str, &str, &str); 5] = [
    ("bash", "", ".bash"),
    ("elvish", "", ".elv"),
    ("fish", "", ".fish"),
    ("powershell", "_", ".ps1"),
    ("zsh", "_", ""),
];

/// 1980-01-01: the time of all files if `SOURCE_DATE_EPOCH` does not name another one. `tar` warns of older ones.
const TIME: u64 = 315_532_800;

/// A folder that becomes an archive.
pub(crate) struct Archive {
    folder: String,
    files: BTreeMap<String, (u32, Vec<u8>)>,
}

impl Archive {
    /// An archive with one folder in it, of this name.
    pub(crate) fn new(folder: &str) -> Self {
        Self { folder: folder.to_owned(), files: BTreeMap::new() }
    }

    /// Adds a file.
    pub(crate) fn file(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), (0o644, bytes.into()));
    }

    /// Adds a program.
    pub(crate) fn program(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), (0o755, bytes));
    }

    /// The archive: its files sorted by path, each after its folder, owned by root, with one time.
    pub(crate) fn bytes(&self) -> anyhow::Result<Vec<u8>> {
        let time = match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) => text.parse().with_context(|| format!("SOURCE_DATE_EPOCH={text} is not a number of seconds"))?,
            Err(_) => TIME,
        };
        let zip = GzBuilder::new().write(Vec::new(), Compression::best());
        let mut tar = tar::Builder::new(zip);
        let mut add = |path: String, mode: u32, kind: EntryType, bytes: &[u8]| {
            let mut header = Header::new_ustar();
            header.set_entry_type(kind);
            header.set_mode(mode);
            header.set_mtime(time);
            header.set_uid(0);
            header.set_gid(0);
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, path, bytes)
        };
        let mut last = String::new();
        for (path, (mode, bytes)) in &self.files {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let mut made = String::new();
            for part in folder.split('/').filter(|part| !part.is_empty()) {
                made = format!("{made}{part}/");
                if !last.starts_with(&made) {
                    add(format!("{}/{made}", self.folder), 0o755, EntryType::Directory, &[])?;
                }
            }
            add(format!("{}/{path}", self.folder), *mode, EntryType::Regular, bytes)?;
            last.clone_from(path);
        }
        let mut zip = tar.into_inner()?;
        zip.flush()?;
        Ok(zip.finish()?)
    }
}
