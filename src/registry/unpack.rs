//! Unpacks layers to a folder. Only some folders of the image are kept, and the targets of links in them. Nothing is
//! written outside the target folder. Links are never created, so none can lead out of it: a link is replaced with the
//! file or folder in the image that it leads to.
//!
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md>

mod archive;
mod links;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use tar::{Archive, EntryType};

use self::archive::{Bounded, archive};
use self::links::Links;
use super::Error;
use crate::image::Digest;
use crate::limits::{IMAGE_ENTRIES, IMAGE_LINKS};

/// The most bytes between two files of an archive: headers and long names.
const MAX_HEADERS: u64 = 1 << 20;

/// The names of whiteout files: for a deleted file, and for all older files of a folder.
const GONE: &str = ".wh.";
const ALL_GONE: &str = ".wh..wh..opq";

/// The unpacking of an image's layers, one after another.
pub(super) struct Unpack<'i> {
    reference: &'i str,
    target: &'i Path,
    folders: &'i [&'i str],
    beyond: &'i BTreeSet<String>,
    limit: u64,
    left: u64,
    entries: usize,
    links: Links,
    missing: BTreeSet<String>,
}

/// Why an entry cannot be unpacked: because of the layer, or because of this machine.
enum Fault {
    Layer(String),
    Here(PathBuf, io::Error),
}

impl<'i> Unpack<'i> {
    /// Keeps only the contents of some folders of the image, and `beyond` them the known targets of their links.
    /// `limit` is the most bytes of all layers when unpacked.
    pub(super) fn new(
        reference: &'i str,
        target: &'i Path,
        folders: &'i [&'i str],
        beyond: &'i BTreeSet<String>,
        limit: u64,
    ) -> Self {
        let (links, missing) = (Links::default(), BTreeSet::new());
        Self { reference, target, folders, beyond, limit, left: limit, entries: 0, links, missing }
    }

    /// Unpacks the next layer.
    pub(super) fn layer(&mut self, digest: &Digest, file: &File) -> Result<(), Error> {
        let bytes = archive(file).map_err(|source| Error::Write { path: std::env::temp_dir(), source })?;
        let end = Rc::new(Cell::new(MAX_HEADERS.min(self.left)));
        let read = Rc::new(Cell::new(0));
        let bounded = Bounded { inner: bytes, read: Rc::clone(&read), end: Rc::clone(&end) };
        let result = self.entries(&mut Archive::new(bounded), &end);
        self.left = self.left.saturating_sub(read.get());
        match result {
            Ok(()) => Ok(()),
            Err(Fault::Here(path, source)) => Err(Error::Write { path, source }),
            Err(Fault::Layer(_)) if self.left == 0 => {
                let (reference, limit) = (self.reference.to_owned(), self.limit);
                Err(Error::TooLarge { reference, what: "the unpacked size of its layers", limit })
            }
            Err(Fault::Layer(why)) => {
                Err(Error::Layer { reference: self.reference.to_owned(), layer: digest.to_string(), why })
            }
        }
    }

    /// Ends the unpacking after the last layer: links are replaced with their targets. If they lead out of what was
    /// kept, nothing is changed, and the result is what must be kept too: unpack once more.
    pub(super) fn finish(self) -> Result<BTreeSet<String>, Error> {
        if !self.missing.is_empty() {
            return Ok(self.missing);
        }
        match self.replace_links() {
            Ok(()) => Ok(BTreeSet::new()),
            Err(Fault::Here(path, source)) => Err(Error::Write { path, source }),
            Err(Fault::Layer(why)) => {
                Err(Error::Unsupported { reference: self.reference.to_owned(), why: format!("it {why}") })
            }
        }
    }

    /// First the links to files, then the wanted folders that are links or are reached through one.
    fn replace_links(&self) -> Result<(), Fault> {
        for (path, target) in self.links.iter().filter(|(path, _)| !self.leads_to_wanted(path)) {
            let from = self.target.join(self.links.target(path.to_owned())?);
            if !from.is_file() {
                let what = if from.is_dir() { "which is a folder" } else { "which is not in the image" };
                return Err(Fault::Layer(format!("contains {path:?}, a link to {target:?}, {what}")));
            }
            fs::hard_link(from, self.target.join(path)).map_err(self.here(path))?;
        }
        for folder in self.folders {
            let from = self.links.target((*folder).to_owned())?;
            if is_below(folder, &from) {
                return Err(Fault::Layer(format!("contains {folder:?}, a link to the folder that it is in")));
            }
            if from != *folder && self.target.join(&from).is_dir() {
                self.second_names(&from, folder)?;
            }
        }
        Ok(())
    }

    /// Gives all files of a folder a second name in another one.
    fn second_names(&self, from: &str, to: &str) -> Result<(), Fault> {
        fs::create_dir_all(self.target.join(to)).map_err(self.here(to))?;
        for entry in fs::read_dir(self.target.join(from)).map_err(self.here(from))? {
            let entry = entry.map_err(self.here(from))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let (from, to) = (format!("{from}/{name}"), format!("{to}/{name}"));
            if entry.path().is_dir() {
                self.second_names(&from, &to)?;
            } else {
                fs::hard_link(entry.path(), self.target.join(&to)).map_err(self.here(&to))?;
            }
        }
        Ok(())
    }

    fn entries(&mut self, archive: &mut Archive<Bounded<'_>>, end: &Cell<u64>) -> Result<(), Fault> {
        let unread = |error: io::Error| Fault::Layer(format!("cannot be read: {error}"));
        // A whiteout does not apply to files of its own layer.
        let mut brought = BTreeSet::new();
        for entry in archive.entries().map_err(unread)? {
            let mut entry = entry.map_err(unread)?;
            self.entries += 1;
            if self.entries > IMAGE_ENTRIES {
                return Err(Fault::Layer(format!(
                    "increases the image to more than {IMAGE_ENTRIES} files and folders"
                )));
            }
            let size = entry.size().saturating_add(511) / 512 * 512;
            let next = entry.raw_file_position().saturating_add(size).saturating_add(MAX_HEADERS);
            end.set(next.min(self.left));
            let path = self.links.on_the_way(inner_path(&entry.path_bytes())?)?;
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if name == ALL_GONE {
                self.remove(folder, false, &brought)?;
            } else if let Some(name) = name.strip_prefix(GONE) {
                if name.is_empty() {
                    return Err(Fault::Layer(format!("contains {path:?}, a whiteout without a name")));
                }
                let gone = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                self.remove(&inner_path(gone.as_bytes())?, true, &brought)?;
            } else if self.keeps(&path) || self.leads_to_wanted(&path) {
                let kind = entry.header().entry_type();
                match kind {
                    EntryType::Symlink => {
                        let target = entry.link_name_bytes().unwrap_or_default();
                        self.symbolic_link(&path, &target, &mut brought)?;
                    }
                    // Above the kept folders, only links matter.
                    _ if !self.keeps(&path) => self.links.remove(&path, true, |_| false),
                    EntryType::Directory => self.make_folder(&path, &mut brought)?,
                    EntryType::Regular | EntryType::Continuous => {
                        self.write(&path, &mut entry, &mut brought)?;
                    }
                    EntryType::Link => {
                        let target = inner_path(&entry.link_name_bytes().unwrap_or_default())?;
                        self.link(&path, target, &mut brought)?;
                    }
                    _ => {
                        let why = format!("contains {path:?}, which is not a file, folder or link");
                        return Err(Fault::Layer(why));
                    }
                }
            }
        }
        Ok(())
    }

    /// The wanted folders, and the targets of their links.
    fn wanted(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().copied().chain(self.beyond.iter().map(String::as_str))
    }

    /// Whether a path is in one of the wanted folders, or is one.
    fn keeps(&self, path: &str) -> bool {
        self.wanted().any(|folder| path == folder || is_below(path, folder))
    }

    /// Whether a path is a wanted folder, or has one below it: a link there leads to other folders.
    fn leads_to_wanted(&self, path: &str) -> bool {
        self.wanted().any(|folder| path == folder || is_below(folder, path))
    }

    /// Notes what else must be kept, for the next pass.
    fn want(&mut self, path: String) -> Result<(), Fault> {
        if self.keeps(&path) {
            return Ok(());
        }
        self.missing.insert(path);
        if self.missing.len() > IMAGE_LINKS {
            return Err(Fault::Layer(format!("contains more than {IMAGE_LINKS} links to other folders")));
        }
        Ok(())
    }

    fn here(&self, path: &str) -> impl Fn(io::Error) -> Fault {
        let path = self.target.join(path);
        move |error| Fault::Here(path.clone(), error)
    }

    /// Creates a folder, and replaces files of older layers in its way.
    fn make_folder(&mut self, path: &str, brought: &mut BTreeSet<String>) -> Result<(), Fault> {
        self.links.remove(path, true, |link| link != path);
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            let folder = &path[..end];
            let at = self.target.join(folder);
            if at.is_file() {
                fs::remove_file(&at).map_err(self.here(folder))?;
            }
            if !at.is_dir() {
                fs::create_dir(&at).map_err(self.here(folder))?;
            }
            brought.insert(folder.to_owned());
        }
        Ok(())
    }

    /// Removes what older layers may have had at the place of a file.
    fn make_room(&mut self, path: &str, brought: &mut BTreeSet<String>) -> Result<PathBuf, Fault> {
        self.links.remove(path, true, |_| false);
        if let Some((folder, _)) = path.rsplit_once('/') {
            self.make_folder(folder, brought)?;
        }
        let at = self.target.join(path);
        if at.is_dir() {
            fs::remove_dir_all(&at).map_err(self.here(path))?;
        } else if at.exists() {
            // It is not overwritten, because it may have other names.
            fs::remove_file(&at).map_err(self.here(path))?;
        }
        brought.insert(path.to_owned());
        Ok(at)
    }

    fn write(&mut self, path: &str, bytes: &mut impl Read, brought: &mut BTreeSet<String>) -> Result<(), Fault> {
        let at = self.make_room(path, brought)?;
        let mut file = File::create(&at).map_err(self.here(path))?;
        io::copy(bytes, &mut file).map(drop).map_err(|error| match error.raw_os_error() {
            // Of the two ends of the copy, only the file belongs to this machine.
            Some(_) => self.here(path)(error),
            None => Fault::Layer(format!("cannot be read: {error}")),
        })
    }

    /// Gives an unpacked file a second name.
    fn link(&mut self, path: &str, target: String, brought: &mut BTreeSet<String>) -> Result<(), Fault> {
        let target = self.links.on_the_way(target)?;
        if !self.keeps(&target) {
            return self.want(target);
        }
        let from = self.target.join(&target);
        if !from.is_file() || path == target {
            return Err(Fault::Layer(format!(
                "contains {path:?}, a link to {target:?}, which is not a file in the image"
            )));
        }
        let at = self.make_room(path, brought)?;
        fs::hard_link(&from, &at).map_err(self.here(path))
    }

    /// Remembers a symbolic link, and adds its target to what is wanted.
    fn symbolic_link(&mut self, path: &str, target: &[u8], brought: &mut BTreeSet<String>) -> Result<(), Fault> {
        self.make_room(path, brought)?;
        let target = self.links.insert(path, target)?.to_owned();
        let below: Vec<String> = self
            .wanted()
            .filter(|folder| is_below(folder, path))
            .map(|folder| format!("{target}{}", &folder[path.len()..]))
            .collect();
        if self.keeps(path) {
            self.want(target)?;
        }
        below.into_iter().try_for_each(|path| self.want(path))
    }

    /// Removes the files of older layers: a path and everything below it, or only what is below it.
    fn remove(&mut self, path: &str, itself: bool, brought: &BTreeSet<String>) -> Result<(), Fault> {
        self.links.remove(path, itself, |link| brought.contains(link));
        self.remove_files(path, itself, brought)
    }

    fn remove_files(&self, path: &str, itself: bool, brought: &BTreeSet<String>) -> Result<(), Fault> {
        let at = self.target.join(path);
        if at.is_dir() {
            for entry in fs::read_dir(&at).map_err(self.here(path))? {
                let entry = entry.map_err(self.here(path))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if path.is_empty() { name } else { format!("{path}/{name}") };
                self.remove_files(&path, true, brought)?;
            }
        }
        if !itself || brought.contains(path) {
            return Ok(());
        }
        let removed = if at.is_dir() { fs::remove_dir(&at) } else { fs::remove_file(&at) };
        match removed {
            Ok(()) => Ok(()),
            // Already removed, or inside what is a file by now.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
            Err(error) => Err(self.here(path)(error)),
        }
    }
}

/// Whether a path is in a folder, at any depth.
fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The path of an entry within the image, without a leading `/` or `./`. Empty: the root.
fn inner_path(bytes: &[u8]) -> Result<String, Fault> {
    let shown = || String::from_utf8_lossy(bytes).into_owned();
    let path = std::str::from_utf8(bytes)
        .map_err(|_| Fault::Layer(format!("contains {:?}, which is not valid UTF-8", shown())))?;
    let names: Vec<&str> = path.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    let leaves = names.contains(&"..");
    // Characters with a special meaning in paths on some system.
    let strange = path.contains(['\0', '\\']) || names.iter().any(|name| cfg!(windows) && name.contains(':'));
    if leaves || strange {
        return Err(Fault::Layer(format!("contains {:?}, a path that leads out of the image", shown())));
    }
    Ok(names.join("/"))
}
