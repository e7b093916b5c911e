//! What the verbs print in common.

use olm_catalog::terminal::{self, Text, escape};
use olm_catalog::{text, yaml};
use serde::Serialize;

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
    pub(crate) fn print<T: Serialize>(self, value: &T, text: impl FnOnce(&T) -> Text) -> anyhow::Result<()> {
        match self {
            Self::Text => terminal::out(&text(value))?,
            Self::Json => terminal::json(&yaml::to_json(value)?)?,
            Self::Yaml => terminal::yaml(&yaml::to_yaml(value)?)?,
        }
        Ok(())
    }
}

/// Rows under their headings, as wide as their widest cell. Without rows, nothing.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> Text {
    if rows.is_empty() {
        return Text::new();
    }
    let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
    // Escaped before they are measured.
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
    let all = || std::iter::once(&headings).chain(&rows);
    let widths: Vec<usize> = (0..headings.len())
        .map(|column| all().map(|row| row[column].chars().count()).max().unwrap_or_default())
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        text!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    all().map(line).collect()
}
