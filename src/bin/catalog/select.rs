//! The selection of rules: options that all verbs with findings share.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};
use olm_catalog::validate::RuleFacts;
use olm_catalog::validate::select::{self, Levels, SelectError, Selection, WARNINGS};

/// The options.
#[derive(clap::Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct Select {
    /// Report warnings only of these rules. Errors are always reported. `catalog rules` lists the rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = any(), hide_possible_values = true)]
    select: Vec<String>,
    /// Do not report warnings of these rules. Errors of these rules are still reported.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = warning(), hide_possible_values = true)]
    ignore: Vec<String>,
    /// Report warnings of these rules as errors. `warnings` means all rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = denied(), hide_possible_values = true)]
    deny: Vec<String>,
    /// The file whose `validate` table sets these options for every run [default: the catalog.toml in the root of
    /// the repository, if it exists]. Options on the command line take precedence.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

fn any() -> RuleName {
    RuleName::of(|_| true, |name| select::rule(name).map(drop))
}

fn warning() -> RuleName {
    RuleName::of(|rule| rule.level.warns(), |name| select::warning(name).map(drop))
}

fn denied() -> RuleName {
    RuleName { more: Some((WARNINGS, "all rules")), ..RuleName::of(|_| true, select::denied) }
}

/// The name of a rule. For a wrong name, the error suggests a similar one instead of listing all; shells still complete
/// all names.
#[derive(Clone)]
pub(crate) struct RuleName {
    offered: fn(&RuleFacts) -> bool,
    check: fn(&str) -> Result<(), SelectError>,
    /// The names of rules that are accepted.
    more: Option<(&'static str, &'static str)>,
}

impl RuleName {
    /// The names that `check` accepts, some of which shells offer.
    pub(crate) fn of(offered: fn(&RuleFacts) -> bool, check: fn(&str) -> Result<(), SelectError>) -> Self {
        Self { offered, check, more: None }
    }
}

impl TypedValueParser for RuleName {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        let check = self.check;
        StringValueParser::new().try_map(move |name| check(&name).map(|()| name)).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let rules = RuleFacts::all().filter(self.offered).map(|rule| PossibleValue::new(rule.id).help(rule.summary));
        let more = self.more.map(|(name, help)| PossibleValue::new(name).help(help));
        Some(Box::new(rules.chain(more)))
    }
}

impl Select {
    /// The selection, from the options and the file.
    pub(crate) fn read(&self) -> anyhow::Result<Selection> {
        let levels = Levels::new(&self.select, &self.ignore, &self.deny)?;
        Ok(Selection::read(levels, self.config.as_deref())?)
    }
}
