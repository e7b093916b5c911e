//! The characters that are not allowed in YAML.

use super::{Place, error};
use crate::yaml::Error;

/// The number of bytes that go-yaml's reader reads at a time, and its look-ahead.
const READ: usize = 512;
const AHEAD: usize = 4;

/// The first character that is not allowed in YAML, as an error, and the position from which go-yaml's reader has seen
/// it.
pub(super) fn first_that_is_not(text: &str) -> Option<(Error, usize)> {
    let at = find_unprintable(text)?;
    let before = &text[..at];
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let place = Place { line: before.matches('\n').count(), column, index: 0 };
    Some((error(place, "", "control characters are not allowed"), (at / READ * READ).saturating_sub(AHEAD)))
}

/// The position of the first character that is not allowed in YAML. Text is long and nearly all of it is plain, so
/// eight bytes are checked at once.
fn find_unprintable(text: &str) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xff;
    let is_plain = |chunk: [u8; 8]| {
        let word = u64::from_le_bytes(chunk);
        // No byte is below a space, DEL, or above ASCII.
        (word.wrapping_sub(ONES * 0x20) | word | word.wrapping_add(ONES)) & (ONES * 0x80) == 0
    };
    let is_fine = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(chunk) = bytes.get(at..at + 8).and_then(|chunk| chunk.try_into().ok())
            && is_plain(chunk)
        {
            at += 8;
            continue;
        }
        let end = (at + 8).min(bytes.len());
        while at < end {
            if matches!(bytes[at], b' '..=b'~' | b'\t' | b'\n' | b'\r') {
                at += 1;
                continue;
            }
            let character = text.get(at..)?.chars().next()?;
            if !is_fine(character) {
                return Some(at);
            }
            at += character.len_utf8();
        }
    }
    None
}
