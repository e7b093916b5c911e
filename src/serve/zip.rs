//! Compression of rarely needed bytes. Manifests shrink to a quarter.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// Deflated bytes.
#[derive(Debug)]
pub(super) struct Zipped {
    bytes: Box<[u8]>,
    /// Their number before compression.
    len: usize,
}

impl Zipped {
    pub(super) fn new(bytes: &[u8]) -> Self {
        // Start-up time matters: the fastest level needs half the time of the default one, for a fifth more bytes.
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        let zipped = encoder.write_all(bytes).and_then(|()| encoder.finish());
        Self { bytes: zipped.expect("writing to memory does not fail").into(), len: bytes.len() }
    }

    pub(super) fn unzip(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len);
        DeflateDecoder::new(&*self.bytes).read_to_end(&mut bytes).expect("these bytes were deflated here");
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_zipped_comes_out() {
        for text in [String::new(), "manifest\n".repeat(10_000)] {
            let zipped = Zipped::new(text.as_bytes());
            assert!(zipped.bytes.len() < 1_000);
            assert_eq!(zipped.unzip(), text.as_bytes());
        }
    }
}
