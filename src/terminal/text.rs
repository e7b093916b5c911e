//! Text that is safe to print.

use std::cell::Cell;
use std::fmt;
use std::ops::{Add, AddAssign};

use super::escape;

/// Text in which only the program's own layout has newlines and colours. [`text!`](crate::text!) builds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(String);

/// Builds a [`Text`] like `format!`: the format string is the program's own, and its arguments are escaped, except
/// arguments that are a [`Text`] or in an [`Ink`](crate::terminal::Ink). Arguments are positional: the inline `{name}`
/// does not compile.
///
/// ```
/// use olm_catalog::{terminal::Ink, text};
/// let text = text!("{} {:<4}|\n", Ink::Error.on("error:"), "a\nb");
/// assert_eq!(text.plain(), "error: a\\nb |\n");
/// ```
#[macro_export]
macro_rules! text {
    ($format:literal $(, $part:expr)* $(,)?) => {{
        let mode = $crate::terminal::Mode::default();
        // `concat!` keeps `{name}` from being captured past the escaping.
        $crate::terminal::Text::assemble(
            &mode,
            ::std::format_args!(::std::concat!($format) $(, $crate::terminal::Shown::new(&mode, &$part))*),
        )
    }};
}

/// Prints a line on standard output; arguments as of [`text!`](crate::text!). The result is that of [`out`](super::out).
#[macro_export]
macro_rules! outln {
    ($($text:tt)*) => { $crate::terminal::out(&($crate::text!($($text)*) + "\n".into())) };
}

/// Prints a line on standard error; arguments as of [`text!`](crate::text!).
#[macro_export]
macro_rules! errln {
    ($($text:tt)*) => { $crate::terminal::err(&($crate::text!($($text)*) + "\n".into())) };
}

impl Text {
    /// The empty text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Foreign text with several lines: each line is escaped, and all except the first are indented by two or more, so
    /// that none looks like the program's own message. It ends without a newline.
    #[must_use]
    pub fn lines(foreign: &str) -> Self {
        let mut text = String::new();
        for (number, line) in foreign.trim_end_matches(['\n', '\r']).split('\n').enumerate() {
            if number > 0 {
                text.push('\n');
                if !line.starts_with("  ") {
                    text.push_str("  ");
                }
            }
            escape::push(&mut text, line.trim_end_matches('\r'));
        }
        Self(text)
    }

    /// Text with the layout of a library, such as clap or annotate-snippets: newlines and colours stay, everything else
    /// is escaped. Foreign text in it must already be escaped.
    #[must_use]
    pub fn laid_out(text: &str) -> Self {
        let mut safe = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['\n', '\u{1b}']) {
            escape::push(&mut safe, &rest[..at]);
            let after = match after_sgr(&rest[at..]) {
                Some(after) => after,
                None if rest[at..].starts_with('\n') => &rest[at + 1..],
                None => {
                    safe.push_str("\\u{1b}");
                    rest = &rest[at + 1..];
                    continue;
                }
            };
            safe.push_str(&rest[at..rest.len() - after.len()]);
            rest = after;
        }
        escape::push(&mut safe, rest);
        Self(safe)
    }

    /// Only for [`text!`](crate::text!).
    #[doc(hidden)]
    #[must_use]
    pub fn assemble(mode: &Mode, arguments: fmt::Arguments<'_>) -> Self {
        let mut sink = Sink { mode, text: String::new() };
        // Nothing here fails. A `Display` that does keeps what it has written until then.
        let _ = fmt::Write::write_fmt(&mut sink, arguments);
        Self(sink.text)
    }

    /// The text with its colours, which are escape sequences.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text without its colours.
    #[must_use]
    pub fn plain(&self) -> String {
        anstream::adapter::strip_str(&self.0).to_string()
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts with this one between them.
    #[must_use]
    pub fn join(&self, texts: impl IntoIterator<Item = Text>) -> Self {
        let texts: Vec<String> = texts.into_iter().map(|text| text.0).collect();
        Self(texts.join(&self.0))
    }

    /// The text without blanks at its end.
    #[must_use]
    pub fn trim_end(mut self) -> Self {
        self.0.truncate(self.0.trim_end().len());
        self
    }
}

/// The program's own text, which may have newlines.
impl From<&'static str> for Text {
    fn from(own: &'static str) -> Self {
        Self(own.to_owned())
    }
}

impl Add for Text {
    type Output = Self;

    fn add(mut self, more: Self) -> Self {
        self += more;
        self
    }
}

impl AddAssign for Text {
    fn add_assign(&mut self, more: Self) {
        self.0 += &more.0;
    }
}

impl Extend<Text> for Text {
    fn extend<I: IntoIterator<Item = Text>>(&mut self, more: I) {
        more.into_iter().for_each(|text| *self += text);
    }
}

impl FromIterator<Text> for Text {
    fn from_iter<I: IntoIterator<Item = Text>>(texts: I) -> Self {
        let mut all = Self::new();
        all.extend(texts);
        all
    }
}

/// Whether the text that is being written is the program's own or foreign.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Mode {
    foreign: Cell<bool>,
}

impl Mode {
    pub(super) fn own<T>(&self, write: impl FnOnce() -> T) -> T {
        self.within(false, write)
    }

    fn within<T>(&self, foreign: bool, write: impl FnOnce() -> T) -> T {
        let before = self.foreign.replace(foreign);
        let written = write();
        self.foreign.set(before);
        written
    }
}

/// Arguments of a [`Text`]: anything that can be displayed, escaped; another [`Text`] or a part in an
/// [`Ink`](super::Ink), unchanged.
pub trait Part {
    /// Writes it, with the format's width and precision.
    ///
    /// # Errors
    /// None of its own.
    fn write(&self, mode: &Mode, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T: fmt::Display + ?Sized> Part for T {
    fn write(&self, mode: &Mode, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mode.within(true, || self.fmt(f))
    }
}

impl Part for Text {
    fn write(&self, mode: &Mode, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mode.own(|| f.write_str(&self.0))
    }
}

/// A part of a [`Text`] that is being built.
#[doc(hidden)]
pub struct Shown<'p, P: Part + ?Sized> {
    mode: &'p Mode,
    part: &'p P,
}

impl<'p, P: Part + ?Sized> Shown<'p, P> {
    #[must_use]
    pub fn new(mode: &'p Mode, part: &'p P) -> Self {
        Self { mode, part }
    }
}

impl<P: Part + ?Sized> fmt::Display for Shown<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.part.write(self.mode, f)
    }
}

struct Sink<'m> {
    mode: &'m Mode,
    text: String,
}

impl fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match self.mode.foreign.get() {
            true => escape::push(&mut self.text, text),
            false => self.text.push_str(text),
        }
        Ok(())
    }
}

/// The rest after the colour's escape sequence at the start of a text: `ESC [`, digits and semicolons, `m`.
pub(super) fn after_sgr(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("\u{1b}[")?;
    let end = rest.find(|character: char| !character.is_ascii_digit() && character != ';')?;
    rest[end..].strip_prefix('m')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Ink;

    #[test]
    fn only_own_words_have_layout() {
        let evil = "\u{1b}[31m\n::x\u{202e}";
        let inner = text!("[{}]\n", evil);
        assert_eq!(inner.as_str(), "[\\u{1b}[31m\\n::x\\u{202e}]\n");
        let outer = text!("a {} {} {:>3} {:.1}", inner, Ink::Good.on(evil), 7, 1.25);
        assert_eq!(
            outer.as_str(),
            format!("a {} \u{1b}[32m\\u{{1b}}[31m\\n::x\\u{{202e}}\u{1b}[0m   7 1.2", inner.as_str())
        );
        assert_eq!(outer.plain(), "a [\\u{1b}[31m\\n::x\\u{202e}]\n \\u{1b}[31m\\n::x\\u{202e}   7 1.2");
        assert_eq!(text!("{:#}|{:<4}|", serde_json::json!(["a"]), Ink::Bad.on("x")).plain(), "[\\n  \"a\"\\n]|x   |");
    }

    #[test]
    fn foreign_lines_are_indented() {
        assert_eq!(Text::lines("a\r\nb\x07\n   c\n\n").as_str(), "a\n  b\\u{7}\n   c");
        assert_eq!(Text::lines("").as_str(), "");
    }

    #[test]
    fn a_library_keeps_lines_and_colours() {
        let text = "a\n\u{1b}[1;31mb\u{1b}[0m\u{1b}[2Jc\u{1b}\u{9b}d\u{1b}[";
        assert_eq!(Text::laid_out(text).as_str(), "a\n\u{1b}[1;31mb\u{1b}[0m\\u{1b}[2Jc\\u{1b}\\u{9b}d\\u{1b}[");
    }

    #[test]
    fn texts_are_put_together() {
        let texts = ["a", "b"].map(Text::from);
        assert_eq!(Text::from(", ").join(texts.clone()).as_str(), "a, b");
        assert_eq!(texts.into_iter().collect::<Text>().as_str(), "ab");
        assert_eq!(Text::from("a \n").trim_end().as_str(), "a");
    }
}
