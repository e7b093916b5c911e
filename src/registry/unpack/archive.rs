//! A layer's archive: decompressed, and read only up to a limit.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The archive in a layer. Its first bytes determine the compression, regardless of its media type, as in
/// containers/image.
pub(super) fn archive(file: &File) -> io::Result<Box<dyn Read + '_>> {
    let mut file = BufReader::new(file);
    let start = file.fill_buf()?;
    Ok(match start {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(file)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(Zstandard { frames: file, frame: None }),
        // A skippable frame, which eStargz and others put first.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Box::new(Zstandard { frames: file, frame: None }),
        _ => Box::new(file),
    })
}

/// Zstandard frames, one after another (RFC 8878).
struct Zstandard<'f> {
    frames: BufReader<&'f File>,
    frame: Option<FrameDecoder>,
}

impl Read for Zstandard<'_> {
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

/// A reader with a moving limit, so that an archive cannot make its reader keep more than a file's headers in memory.
pub(super) struct Bounded<'f> {
    pub(super) inner: Box<dyn Read + 'f>,
    /// The number of bytes read.
    pub(super) read: Rc<Cell<u64>>,
    /// The current limit.
    pub(super) end: Rc<Cell<u64>>,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.end.get().saturating_sub(self.read.get());
        if left == 0 {
            return Err(io::Error::other("it or its headers are too large"));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..most])?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}
