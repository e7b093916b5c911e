//! What the verbs print in common.

use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};
use olm_catalog::yaml;
use serde::Serialize;

pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const BLUE: Style = AnsiColor::Cyan.on_default().bold();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();

/// How a result is printed.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Output {
    /// The format of the result.
    #[arg(short = 'o', long = "output", value_enum, default_value = "text", value_name = "OUTPUT")]
    pub(crate) format: Format,
}

/// The format of a result.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// YAML.
    Yaml,
}

impl Format {
    /// Prints a result on standard output; `text` is how people read it.
    pub(crate) fn print<T: Serialize>(self, value: &T, text: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        let text = match self {
            Self::Text => text(value),
            Self::Json => yaml::to_json(value)?,
            Self::Yaml => yaml::to_yaml(value)?,
        };
        print(&text)
    }
}

/// Prints on standard output. Who closes that has seen enough.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// Rows under their headings, as wide as their widest cell. Without rows, nothing.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
    let all = || std::iter::once(&headings).chain(rows);
    let widths: Vec<usize> = (0..headings.len())
        .map(|column| all().map(|row| row[column].chars().count()).max().unwrap_or_default())
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    all().map(line).collect()
}
