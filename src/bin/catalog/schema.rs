//! `catalog schema`: the JSON Schemas of files that are written by hand.

use olm_catalog::{operator, terminal, yaml};

use crate::Outcome;

/// Print the JSON Schema of a file that is written by hand.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Which file.
    #[arg(value_enum)]
    file: File,
}

const EXAMPLES: &str = "\
Examples:
  catalog schema operator > operator.schema.json

  An editor with a YAML language server checks a file whose first line is
    # yaml-language-server: $schema=operator.schema.json";

#[derive(Clone, Copy, clap::ValueEnum)]
enum File {
    /// bundles/PACKAGE/operator.yaml
    Operator,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let schema = match self.file {
            File::Operator => operator::json_schema(),
        };
        terminal::json(&yaml::to_json(&schema)?)?;
        Ok(Outcome::Done)
    }
}
