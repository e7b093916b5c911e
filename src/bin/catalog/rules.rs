//! `catalog rules`: what `catalog validate` looks for.

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use olm_catalog::diagnostic::Severity;
use olm_catalog::terminal::{self, Text};
use olm_catalog::validate::RuleFacts;
use olm_catalog::{text, yaml};
use serde::Serialize;

use crate::Outcome;

/// List the rules of `catalog validate`, or explain one.
///
/// Rules that are errors report what opm refuses. Those that are warnings report what it takes although it hurts users:
/// `--ignore` leaves them out, and `--deny` makes them errors.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  catalog rules
  catalog rules channel-behind
  catalog rules -o json

Exit status: 0 done, 2 there is no such rule.")]
pub(crate) struct Args {
    /// The rule to explain: what it finds, why that is bad, and what to do.
    #[arg(value_parser = a_rule(), hide_possible_values = true)]
    rule: Option<RuleFacts>,
    /// How to print them.
    #[arg(short, long, value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One object for a rule, in an array where no rule is named.
    Json,
}

/// A rule as JSON has it.
#[derive(Serialize)]
struct Json {
    /// Its id, by which options, comments and `catalog.toml` name it. Ids do not change.
    rule: &'static str,
    /// `error` or `warning`.
    severity: Severity,
    /// What it is for: `catalog`, `bundle`, sets of rules for bundles, or `build`.
    about: String,
    /// What it finds, in one line.
    summary: &'static str,
    /// What it does, why that is bad, an example and references, in Markdown.
    explanation: &'static str,
}

/// A rule by its id.
pub(crate) fn a_rule() -> impl TypedValueParser<Value = RuleFacts> {
    PossibleValuesParser::new(RuleFacts::all().map(|rule| PossibleValue::new(rule.id).help(rule.summary)))
        .try_map(|id| RuleFacts::find(&id).ok_or("there is no such rule"))
}

impl From<RuleFacts> for Json {
    fn from(rule: RuleFacts) -> Self {
        let explanation = rule.docs.trim();
        Self { rule: rule.id, severity: rule.severity, about: rule.about.name(), summary: rule.summary, explanation }
    }
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match (self.output, self.rule) {
            (Format::Text, None) => terminal::out(&list())?,
            (Format::Text, Some(rule)) => terminal::out(&Text::laid_out(&rule.explain()))?,
            (Format::Json, Some(rule)) => terminal::json(&yaml::to_json(&Json::from(rule))?)?,
            (Format::Json, None) => {
                let all: Vec<Json> = RuleFacts::all().map(Json::from).collect();
                terminal::json(&yaml::to_json(&all)?)?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// A line for each rule: its id, what it is for, whether it is an error, and what it finds.
pub(crate) fn list() -> Text {
    let width = |text: fn(&RuleFacts) -> usize| RuleFacts::all().map(|rule| text(&rule)).max().unwrap_or_default();
    let (ids, kinds) = (width(|rule| rule.id.len()), width(|rule| rule.about.name().len()));
    let line = |rule: RuleFacts| {
        let (id, kind) = (format!("{:ids$}", rule.id), format!("{:kinds$}", rule.about.name()));
        text!("{}  {}  {:7}  {}\n", id, kind, rule.severity.as_str(), rule.summary)
    };
    RuleFacts::all().map(line).collect()
}
