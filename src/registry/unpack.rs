//! Layers to a folder. Only some folders of the image are kept, nothing is written outside the target, and links are
//! never made, so that none can lead out of it.
//!
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md>

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use tar::{Archive, EntryType};

use super::Error;
use crate::image::Digest;
use crate::limits::IMAGE_ENTRIES;

/// The archive in a layer. Its first bytes say how it is compressed, whatever its media type says, as with containers/image.
fn archive(file: File) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::new(file);
    let start = file.fill_buf()?;
    Ok(match start {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(file)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(Zstandard { frames: file, frame: None }),
        // A frame to be skipped, as eStargz and others put them first.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Box::new(Zstandard { frames: file, frame: None }),
        _ => Box::new(file),
    })
}

/// Zstandard frames, one after another (RFC 8878).
struct Zstandard {
    frames: BufReader<File>,
    frame: Option<FrameDecoder>,
}

impl Read for Zstandard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(frame) = &mut self.frame else {
                if self.frames.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                let mut frame = FrameDecoder::new();
                match frame.init(&mut self.frames) {
                    Ok(()) => self.frame = Some(frame),
                    Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                        length, ..
                    })) => {
                        io::copy(&mut (&mut self.frames).take(length.into()), &mut io::sink())?;
                    }
                    Err(error) => return Err(io::Error::other(error.to_string())),
                }
                continue;
            };
            while frame.can_collect() < buffer.len() && !frame.is_finished() {
                let some = BlockDecodingStrategy::UptoBytes(buffer.len());
                frame.decode_blocks(&mut self.frames, some).map_err(|error| io::Error::other(error.to_string()))?;
            }
            let read = frame.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.frame = None;
        }
    }
}

/// The most that stands between two files of an archive: headers and long names.
const MAX_HEADERS: u64 = 1 << 20;

/// What a file is called that says that another one is gone, and that a folder's older files are.
const GONE: &str = ".wh.";
const ALL_GONE: &str = ".wh..wh..opq";

/// The unpacking of an image's layers, one after another.
pub(super) struct Unpack<'i> {
    reference: &'i str,
    target: &'i Path,
    folders: &'i [&'i str],
    limit: u64,
    left: u64,
    entries: Cell<usize>,
}

/// Why an entry cannot be unpacked: by the layer's fault, or by this machine's.
enum Fault {
    Layer(String),
    Here(PathBuf, io::Error),
}

impl<'i> Unpack<'i> {
    /// Keeps only what is in some folders of the image. `limit` is the most bytes that all layers may unpack to.
    pub(super) fn new(reference: &'i str, target: &'i Path, folders: &'i [&'i str], limit: u64) -> Self {
        Self { reference, target, folders, limit, left: limit, entries: Cell::new(0) }
    }

    /// Unpacks the next layer.
    pub(super) fn layer(&mut self, digest: &Digest, file: File) -> Result<(), Error> {
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
                Err(Error::TooLarge { reference, what: "what its layers unpack to", limit })
            }
            Err(Fault::Layer(why)) => {
                Err(Error::Layer { reference: self.reference.to_owned(), layer: digest.to_string(), why })
            }
        }
    }

    fn entries(&self, archive: &mut Archive<Bounded>, end: &Cell<u64>) -> Result<(), Fault> {
        let unread = |error: io::Error| Fault::Layer(format!("cannot be read: {error}"));
        // What this layer has brought is not what its own marks say is gone.
        let mut brought = BTreeSet::new();
        for entry in archive.entries().map_err(unread)? {
            let mut entry = entry.map_err(unread)?;
            self.entries.set(self.entries.get() + 1);
            if self.entries.get() > IMAGE_ENTRIES {
                return Err(Fault::Layer(format!("brings the image to more than {IMAGE_ENTRIES} files and folders")));
            }
            let size = entry.size().saturating_add(511) / 512 * 512;
            let next = entry.raw_file_position().saturating_add(size).saturating_add(MAX_HEADERS);
            end.set(next.min(self.left));
            let path = inner_path(&entry.path_bytes())?;
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if name == ALL_GONE {
                self.remove(folder, false, &brought)?;
            } else if let Some(name) = name.strip_prefix(GONE) {
                if name.is_empty() {
                    return Err(Fault::Layer(format!("holds {path:?}, which names nothing that is gone")));
                }
                let gone = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                self.remove(&inner_path(gone.as_bytes())?, true, &brought)?;
            } else if self.keeps(&path) {
                match entry.header().entry_type() {
                    EntryType::Directory => self.make_folder(&path, &mut brought)?,
                    EntryType::Regular | EntryType::Continuous => {
                        self.write(&path, &mut entry, &mut brought)?;
                    }
                    EntryType::Link => {
                        let target = inner_path(&entry.link_name_bytes().unwrap_or_default())?;
                        self.link(&path, &target, &mut brought)?;
                    }
                    _ => return Err(Fault::Layer(format!("holds {path:?}, which is neither a file nor a folder"))),
                }
            }
        }
        Ok(())
    }

    /// Whether a path is in one of the wanted folders, or is one.
    fn keeps(&self, path: &str) -> bool {
        self.folders.iter().any(|folder| {
            path.strip_prefix(folder).is_some_and(|rest| matches!(rest.bytes().next(), None | Some(b'/')))
        })
    }

    fn here(&self, path: &str) -> impl Fn(io::Error) -> Fault {
        let path = self.target.join(path);
        move |error| Fault::Here(path.clone(), error)
    }

    /// Makes a folder, and in place of files where older layers had those.
    fn make_folder(&self, path: &str, brought: &mut BTreeSet<String>) -> Result<(), Fault> {
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

    /// Makes room for a file, where older layers may have had something else.
    fn make_room(&self, path: &str, brought: &mut BTreeSet<String>) -> Result<PathBuf, Fault> {
        if let Some((folder, _)) = path.rsplit_once('/') {
            self.make_folder(folder, brought)?;
        }
        let at = self.target.join(path);
        if at.is_dir() {
            fs::remove_dir_all(&at).map_err(self.here(path))?;
        } else if at.exists() {
            // Not written over: it may have other names.
            fs::remove_file(&at).map_err(self.here(path))?;
        }
        brought.insert(path.to_owned());
        Ok(at)
    }

    fn write(&self, path: &str, bytes: &mut impl Read, brought: &mut BTreeSet<String>) -> Result<(), Fault> {
        let at = self.make_room(path, brought)?;
        let mut file = File::create(&at).map_err(self.here(path))?;
        io::copy(bytes, &mut file).map(drop).map_err(|error| match error.raw_os_error() {
            // Of the two ends of the copy, only the file is the system's.
            Some(_) => self.here(path)(error),
            None => Fault::Layer(format!("cannot be read: {error}")),
        })
    }

    /// Gives a file that is unpacked a second name.
    fn link(&self, path: &str, target: &str, brought: &mut BTreeSet<String>) -> Result<(), Fault> {
        let from = self.target.join(target);
        if !self.keeps(target) || !from.is_file() || path == target {
            let why = format!("holds {path:?}, a link to {target:?}, which is not among what is unpacked");
            return Err(Fault::Layer(why));
        }
        let at = self.make_room(path, brought)?;
        fs::hard_link(&from, &at).map_err(self.here(path))
    }

    /// Removes what older layers brought: a path and all below it, or only what is below it.
    fn remove(&self, path: &str, itself: bool, brought: &BTreeSet<String>) -> Result<(), Fault> {
        let at = self.target.join(path);
        if at.is_dir() {
            for entry in fs::read_dir(&at).map_err(self.here(path))? {
                let entry = entry.map_err(self.here(path))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if path.is_empty() { name } else { format!("{path}/{name}") };
                self.remove(&path, true, brought)?;
            }
        }
        if !itself || brought.contains(path) {
            return Ok(());
        }
        let removed = if at.is_dir() { fs::remove_dir(&at) } else { fs::remove_file(&at) };
        match removed {
            Ok(()) => Ok(()),
            // Gone already, or within what is a file by now.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
            Err(error) => Err(self.here(path)(error)),
        }
    }
}

/// The path of an entry within the image, without a leading `/` or `./`. Empty: the root.
fn inner_path(bytes: &[u8]) -> Result<String, Fault> {
    let shown = || String::from_utf8_lossy(bytes).into_owned();
    let path = std::str::from_utf8(bytes)
        .map_err(|_| Fault::Layer(format!("holds {:?}, which is not valid UTF-8", shown())))?;
    let names: Vec<&str> = path.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    let leaves = names.contains(&"..");
    // What means something in a path on some system.
    let strange = path.contains(['\0', '\\']) || names.iter().any(|name| cfg!(windows) && name.contains(':'));
    if leaves || strange {
        return Err(Fault::Layer(format!("holds {:?}, a path that leads out of the image", shown())));
    }
    Ok(names.join("/"))
}

/// A reader with an end that moves: nobody can make the archive's reader hold more than a file's headers in memory.
struct Bounded {
    inner: Box<dyn Read>,
    read: Rc<Cell<u64>>,
    end: Rc<Cell<u64>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.end.get().saturating_sub(self.read.get());
        if left == 0 {
            return Err(io::Error::other("it is too large, or its headers are"));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..most])?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}
