//! Lines as they are written: one that has nothing but its indentation is left empty.

use std::fmt::{self, Write};

/// Takes YAML as the serializer writes it, piece by piece. A line's first piece is its indentation where it has one,
/// which says nothing on a blank line of a block scalar, and editors and linters complain of it there.
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
