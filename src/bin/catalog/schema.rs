//! `catalog schema`: the JSON Schemas of files and outputs.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use olm_catalog::schemas::{SCHEMAS, Schema};
use olm_catalog::{terminal, yaml};

use crate::Outcome;

/// Print the JSON Schema of a file that is written by hand, or of what `catalog` prints for programs.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  catalog schema operator > operator.schema.json
  catalog schema findings                              what `catalog validate -o json` prints

An editor with a YAML language server checks a file whose first line is
  # yaml-language-server: $schema=operator.schema.json

Exit status: 0 done, 2 there is no such schema.")]
pub(crate) struct Args {
    /// Which one.
    #[arg(value_name = "SCHEMA", value_parser = a_schema())]
    schema: &'static Schema,
}

fn a_schema() -> impl TypedValueParser<Value = &'static Schema> {
    PossibleValuesParser::new(SCHEMAS.iter().map(|schema| PossibleValue::new(schema.name).help(schema.about)))
        .try_map(|name| SCHEMAS.iter().find(|schema| schema.name == name).ok_or("there is no such schema"))
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        terminal::json(&yaml::to_json(&self.schema.json())?)?;
        Ok(Outcome::Done)
    }
}
