//! `catalog schema`: the JSON Schemas of files and outputs.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use olm_catalog::schemas::{SCHEMAS, Schema};
use olm_catalog::{terminal, yaml};

use crate::Outcome;

/// Print the JSON Schema of a file that people write, or of an output for programs.
///
/// An editor with a YAML language server checks a file whose first line is
/// `# yaml-language-server: $schema=operator.schema.json`.
///
/// Exit status: 0 done, 2 the schema does not exist.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The schema.
    #[arg(value_name = "SCHEMA", value_parser = a_schema())]
    schema: &'static Schema,
}

const EXAMPLES: &str = "\
Examples:
  Write the schema of operator.yaml for an editor:
    catalog schema operator > operator.schema.json

  Print the schema of `catalog validate -o json`:
    catalog schema findings";

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
