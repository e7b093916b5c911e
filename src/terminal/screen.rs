//! Text that changes.
#![allow(clippy::disallowed_methods, reason = "here is where it is printed")]

use std::collections::BTreeSet;
use std::io::{self, Write as _};

use super::{Text, guarded, out, out_is_terminal};

/// Shows a changing text: on a terminal it replaces the last one, elsewhere only new lines are printed.
#[derive(Debug, Default)]
pub struct Screen {
    last: String,
}

impl Screen {
    /// Shows the current text.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn show(&mut self, text: &Text) -> io::Result<()> {
        if out_is_terminal() {
            // Clears the whole screen: a line that is wider than the terminal occupies several.
            let mut out = anstream::stdout();
            out.write_all(b"\x1b[H\x1b[2J")?;
            out.write_all(guarded(text.as_str()).as_bytes())?;
            return out.flush();
        }
        let lines = changed(&self.last, &text.plain());
        self.last = text.plain();
        out(&Text::laid_out(&lines))
    }
}

/// The new lines, each with its line end.
fn changed(last: &str, now: &str) -> String {
    let before: BTreeSet<&str> = last.lines().collect();
    let new = now.lines().filter(|line| last.is_empty() || !before.contains(line));
    new.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_lines_are_printed() {
        assert_eq!(changed("", "a\n\nb\n"), "a\n\nb\n");
        assert_eq!(changed("a\n\nb\n", "a\n\nc\n"), "c\n");
        assert_eq!(changed("a\n", "a\n"), "");
    }
}
