//! Which rules count: the options that verbs with findings have in common.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use olm_catalog::diagnostic::Severity;
use olm_catalog::validate::RuleFacts;
use olm_catalog::validate::select::{Levels, Selection, WARNINGS};

/// The options.
#[derive(clap::Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct Select {
    /// Only the warnings of these rules count. Errors count always. `catalog rules` lists the rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rules(true), hide_possible_values = true)]
    select: Vec<String>,
    /// The warnings of these rules do not count.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rules(false), hide_possible_values = true)]
    ignore: Vec<String>,
    /// The warnings of these rules are errors. `warnings` stands for all of them.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = denied(), hide_possible_values = true)]
    deny: Vec<String>,
    /// The file whose `validate` table says the same for every run [default: catalog.toml, if there is one]. Options come
    /// before it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The names of the rules; those of errors only where they are wanted.
fn rules(errors: bool) -> PossibleValuesParser {
    let wanted = RuleFacts::all().filter(|rule| errors || rule.severity == Severity::Warning);
    PossibleValuesParser::new(wanted.map(|rule| PossibleValue::new(rule.id).help(rule.summary)))
}

fn denied() -> PossibleValuesParser {
    let warnings = PossibleValue::new(WARNINGS).help("all rules");
    let rules = RuleFacts::all().map(|rule| PossibleValue::new(rule.id).help(rule.summary));
    PossibleValuesParser::new(rules.chain([warnings]))
}

impl Select {
    /// What counts, by the options and the file.
    pub(crate) fn read(&self) -> anyhow::Result<Selection> {
        let levels = Levels::new(&self.select, &self.ignore, &self.deny)?;
        Ok(Selection::read(levels, self.config.as_deref())?)
    }
}
