//! The program that a catalog's image runs: it must need nothing but a kernel.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{Error, Platform};
use crate::files;

/// A static Linux program.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    platform: Platform,
}

impl Program {
    /// Checks a program's ELF header: whether it runs without an interpreter, and on which architecture.
    ///
    /// # Errors
    /// A file that cannot be read, is not a 64-bit Linux program, requires an interpreter (it is dynamically linked),
    /// or is for an architecture that OLM has no images for.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let read = |source| Error::Read { path: path.to_owned(), source };
        let mut file = files::open(path).map_err(read)?;
        match platform(&mut file).map_err(read)? {
            Ok(platform) => Ok(Self { path: path.to_owned(), platform }),
            Err(why) => Err(Error::Program { path: path.to_owned(), why }),
        }
    }

    /// The same for a platform.
    ///
    /// # Errors
    /// Those of [`Self::open`], and a program for another platform.
    pub fn open_for(path: &Path, platform: Platform) -> Result<Self, Error> {
        let program = Self::open(path)?;
        if program.platform == platform {
            return Ok(program);
        }
        Err(Error::OtherPlatform { what: path.display().to_string(), found: program.platform, wanted: platform })
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its platform, from its header.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// Its architecture, by Go's name, such as `amd64`.
    #[must_use]
    pub fn architecture(&self) -> &'static str {
        self.platform.architecture()
    }
}

/// Reads integers of either byte order from a header.
struct Fields<'b> {
    bytes: &'b [u8],
    big: bool,
}

impl Fields<'_> {
    /// An integer of `size` bytes at an offset that the caller knows to be within the header.
    fn get(&self, offset: usize, size: usize) -> u64 {
        let bytes = &self.bytes[offset..offset + size];
        let join = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        if self.big { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    }
}

/// The size of a 64-bit ELF header.
const HEADER: usize = 64;
/// The size of a program header, and a maximum above that of any real program.
const SEGMENT: u64 = 56;
const MAX_SEGMENTS: u64 = 1024;
/// The segment that names the interpreter, which is the dynamic linker.
const PT_INTERP: u64 = 3;
/// Programs at a fixed address, and position-independent ones (like shared libraries, which have no entry point).
const ET_EXEC: u64 = 2;
const ET_DYN: u64 = 3;

/// The platform of a static program, or why it is not one.
pub(super) fn platform(file: &mut (impl Read + Seek)) -> io::Result<Result<Platform, String>> {
    match checked(file) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Err("it is not a complete ELF file".into())),
        result => result,
    }
}

/// The offsets are from the ELF-64 object file format.
fn checked(file: &mut (impl Read + Seek)) -> io::Result<Result<Platform, String>> {
    let mut header = [0; HEADER];
    file.read_exact(&mut header)?;
    if !header.starts_with(b"\x7fELF") {
        return Ok(Err("it is not a Linux program (not an ELF file)".into()));
    }
    let [_, _, _, _, class, data, ..] = header;
    if class != 2 || !matches!(data, 1 | 2) {
        return Ok(Err("it is not a 64-bit program".into()));
    }
    let fields = Fields { bytes: &header, big: data == 2 };
    let (kind, machine, entry) = (fields.get(16, 2), fields.get(18, 2), fields.get(24, 8));
    if !matches!(kind, ET_EXEC | ET_DYN) || entry == 0 {
        return Ok(Err("it is an object file or a library, not a program".into()));
    }
    let platform = match (machine, data) {
        (62, 1) => Platform::Amd64,
        (183, 1) => Platform::Arm64,
        (21, 1) => Platform::Ppc64le,
        (22, 2) => Platform::S390x,
        _ => return Ok(Err(format!("OLM has no images for its architecture (ELF machine {machine})"))),
    };
    let (offset, size, count) = (fields.get(32, 8), fields.get(54, 2), fields.get(56, 2));
    if size != SEGMENT || count == 0 || count > MAX_SEGMENTS {
        return Ok(Err("its ELF program headers are not valid".into()));
    }
    file.seek(SeekFrom::Start(offset))?;
    for _ in 0..count {
        let mut segment = [0; SEGMENT as usize];
        file.read_exact(&mut segment)?;
        if (Fields { bytes: &segment, big: data == 2 }).get(0, 4) == PT_INTERP {
            return Ok(Err("it is dynamically linked, but the image has no libraries".into()));
        }
    }
    Ok(Ok(platform))
}
