//! Written lines: a line with only indentation is left empty.

use std::fmt::{self, Write};

/// Receives YAML from the serializer, piece by piece. A line's first piece is its indentation, if it has one. On a
/// blank line of a block scalar it has no meaning, and editors and linters complain about it.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    /// The spaces of a line that may turn out to be blank.
    indentation: Option<String>,
}

impl Lines {
    pub(super) fn into_text(mut self) -> String {
        self.text.push_str(&self.indentation.take().unwrap_or_default());
        self.text
    }
}

impl Write for Lines {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if piece.is_empty() {
            return Ok(());
        }
        match self.indentation.take() {
            Some(_) if piece.starts_with('\n') => {}
            Some(spaces) => self.text.push_str(&spaces),
            None if piece.bytes().all(|byte| byte == b' ') && self.text.ends_with('\n') => {
                self.indentation = Some(piece.to_owned());
                return Ok(());
            }
            None => {}
        }
        self.text.push_str(piece);
        Ok(())
    }
}
