//! What several verbs print.

use olm_catalog::terminal::{self, Text};
use olm_catalog::yaml;
use serde::Serialize;

/// How to print the result.
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
    /// Prints a result on standard output; `text` formats it for people.
    pub(crate) fn print<T: Serialize>(self, value: &T, text: impl FnOnce(&T) -> Text) -> anyhow::Result<()> {
        match self {
            Self::Text => terminal::out(&text(value))?,
            Self::Json => terminal::json(&yaml::to_json(value)?)?,
            Self::Yaml => terminal::yaml(&yaml::to_yaml(value)?)?,
        }
        Ok(())
    }
}
