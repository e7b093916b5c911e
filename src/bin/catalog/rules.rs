//! `catalog rules`: the rules of `catalog validate`.

use clap::ValueEnum;
use clap::builder::TypedValueParser;
use olm_catalog::terminal::{self, Text};
use olm_catalog::validate::RuleFacts;
use olm_catalog::validate::select;
use olm_catalog::{text, yaml};

use crate::Outcome;
use crate::select::RuleName;

/// List the rules of `catalog validate`, or explain one.
///
/// Errors are defects that opm, OLM or the API server reject. Warnings are defects that they accept, but that hurt
/// users: `--ignore` hides them, and `--deny` makes them errors. A star marks rules whose findings `catalog validate
/// --fix` can correct.
///
/// Exit status: 0 done, 2 the rule does not exist.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  List the rules:
    catalog rules

  Explain a rule:
    catalog rules channel-behind

  Print all rules for a program:
    catalog rules -o json")]
pub(crate) struct Args {
    /// The rule to explain: its findings, why they matter, and how to fix them.
    #[arg(value_parser = a_rule(), hide_possible_values = true)]
    rule: Option<RuleFacts>,
    /// The output format.
    #[arg(short, long, value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object for a rule, or an array of all rules.
    Json,
}

/// A rule, given by id.
pub(crate) fn a_rule() -> impl TypedValueParser<Value = RuleFacts> {
    RuleName::of(|_| true, |name| select::rule(name).map(drop)).try_map(|name| select::rule(&name))
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match (self.output, self.rule) {
            (Format::Text, None) => terminal::out(&list())?,
            (Format::Text, Some(rule)) => terminal::out(&Text::laid_out(&rule.explain()))?,
            (Format::Json, Some(rule)) => terminal::json(&yaml::to_json(&rule.entry())?)?,
            (Format::Json, None) => {
                let all: Vec<_> = RuleFacts::all().map(|rule| rule.entry()).collect();
                terminal::json(&yaml::to_json(&all)?)?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// A line for each rule: its id, its kind of input, its severity, whether its findings can be corrected, and what it
/// finds.
pub(crate) fn list() -> Text {
    let width = |text: fn(&RuleFacts) -> usize| RuleFacts::all().map(|rule| text(&rule)).max().unwrap_or_default();
    let (ids, kinds) = (width(|rule| rule.id.len()), width(|rule| rule.about.name().len()));
    let line = |rule: RuleFacts| {
        let (id, kind) = (format!("{:ids$}", rule.id), format!("{:kinds$}", rule.about.name()));
        let fixable = if rule.fixable() { '*' } else { ' ' };
        text!("{}  {}  {:16} {} {}\n", id, kind, rule.level.as_str(), fixable, rule.summary)
    };
    RuleFacts::all().map(line).collect()
}
