//! A definition in a few bytes, to compare many of them quickly.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Crd;

/// The SHA-256 digest of a whole definition, in a canonical order.
pub(crate) type Digest = [u8; 32];

impl Crd {
    pub(crate) fn digest(&self) -> Digest {
        let mut hasher = Hasher(Sha256::new());
        // JSON is written in very small pieces. A hasher accepts everything, and values are JSON.
        let mut buffer = BufWriter::new(&mut hasher);
        let _ = serde_json::to_writer(&mut buffer, &(&self.name, &self.spec, Versions(&self.versions)));
        let _ = buffer.flush();
        drop(buffer);
        hasher.0.finalize().into()
    }
}

struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Versions<'v>(&'v [super::Version]);

impl Serialize for Versions<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|version| (&version.name, &version.schema, &version.rest)))
    }
}
