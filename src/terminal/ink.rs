//! The colours that the programs use.

use std::fmt;

use anstyle::{AnsiColor, Style};

use super::text::{Mode, Part};

/// A colour, by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Something failed: bold red.
    Error,
    /// A warning: bold yellow.
    Warning,
    /// A remedy: bold cyan.
    Help,
    /// Everything is fine: bold green.
    Well,
    /// Something happened or was added: green.
    Good,
    /// Something was removed: red.
    Bad,
    /// Something changed: yellow.
    Changed,
    /// No colour.
    Plain,
}

impl Ink {
    /// This part in this colour.
    pub fn on<P: Part>(self, part: P) -> Painted<P> {
        Painted { ink: self, part }
    }

    fn style(self) -> Style {
        match self {
            Self::Error => AnsiColor::Red.on_default().bold(),
            Self::Warning => AnsiColor::Yellow.on_default().bold(),
            Self::Help => AnsiColor::Cyan.on_default().bold(),
            Self::Well => AnsiColor::Green.on_default().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Changed => AnsiColor::Yellow.on_default(),
            Self::Plain => Style::new(),
        }
    }
}

/// A part in a colour, made by [`Ink::on`].
#[derive(Clone, Copy, Debug)]
pub struct Painted<P> {
    ink: Ink,
    part: P,
}

impl<P: Part> Part for Painted<P> {
    fn write(&self, mode: &Mode, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = self.ink.style();
        mode.own(|| f.write_fmt(format_args!("{style}")))?;
        self.part.write(mode, f)?;
        mode.own(|| f.write_fmt(format_args!("{style:#}")))
    }
}
