//! The layer of a catalog's image with the program that serves it.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read as _};

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::catalog::{PROBE, PROGRAM, program_layer};
use super::program::platform;
use super::spec::MediaType;
use super::{Blob, Digest, Error, Hashing, Layer, Platform, Program};
use crate::limits::BLOB_BYTES;

/// The first layer of a catalog's image: the program, its second name for probes, and `/tmp`.
#[derive(Clone, Debug)]
pub struct ProgramLayer {
    layer: Layer,
    platform: Platform,
}

impl ProgramLayer {
    /// Builds the layer of a program.
    ///
    /// # Errors
    /// A program that cannot be read.
    pub fn of(program: &Program) -> Result<Self, Error> {
        Ok(Self { layer: program_layer(program)?, platform: program.platform() })
    }

    /// Reads such a layer from a published image, for use in another one with the same digest. It must contain only
    /// what [`Self::of`] puts into it, because it becomes a part of the image that is built.
    ///
    /// # Errors
    /// A layer with other contents, and a program that is not static or for no supported platform.
    pub fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        let digest = Digest::of(&bytes);
        match read(&bytes) {
            Ok((diff_id, platform)) => Ok(Self {
                layer: Layer { blob: Blob::hashed(MediaType::LAYER_GZIP, digest, bytes), diff_id },
                platform,
            }),
            Err(why) => Err(Error::ProgramLayer { digest, why }),
        }
    }

    /// The layer.
    #[must_use]
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// The platform of its program.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.platform
    }
}

/// The digest of the archive in a layer, and the platform of its program, or why it is not such a layer.
fn read(bytes: &[u8]) -> Result<(Digest, Platform), String> {
    let unread = |error: io::Error| format!("it cannot be read: {error}");
    // One byte more than allowed shows that it is too large.
    let limit = BLOB_BYTES.get();
    let archive = Hashing::new(MultiGzDecoder::new(bytes).take(limit.saturating_add(1)));
    let mut archive = tar::Archive::new(archive);
    let (mut seen, mut found) = (BTreeSet::new(), None);
    for entry in archive.entries().map_err(unread)? {
        let mut entry = entry.map_err(unread)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        let mode = entry.header().mode().map_err(unread)?;
        let link = entry.link_name_bytes().map(|name| name.into_owned());
        let name = path.trim_end_matches('/');
        let is_known = match name {
            "bin" => kind.is_dir() && mode == 0o755,
            "tmp" => kind.is_dir() && mode == 0o1777,
            PROGRAM => kind == EntryType::Regular && mode == 0o755,
            PROBE => kind == EntryType::Symlink && link.as_deref() == Some(b"catalog"),
            _ => false,
        };
        if !is_known || !seen.insert(name.to_owned()) {
            return Err(format!("it contains {path:?}, which is not in a program's layer"));
        }
        if name == PROGRAM {
            let mut program = Vec::new();
            entry.read_to_end(&mut program).map_err(unread)?;
            found = Some(platform(&mut Cursor::new(program)).map_err(unread)?);
        }
    }
    let platform = match found {
        None => return Err(format!("it does not contain /{PROGRAM}")),
        Some(Err(why)) => return Err(format!("its /{PROGRAM} cannot run alone in an image: {why}")),
        Some(Ok(platform)) => platform,
    };
    if let Some(missing) = ["tmp", PROBE].into_iter().find(|name| !seen.contains(*name)) {
        return Err(format!("it does not contain /{missing}"));
    }
    // The digest is of the whole archive, with what comes after its last entry.
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(unread)?;
    let (_, diff_id, size) = rest.finish();
    if size > limit {
        return Err(BLOB_BYTES.exceeded().to_string());
    }
    Ok((diff_id, platform))
}
