//! The rules of catalogs and bundles, told to users.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use olm_catalog::diagnostic::Severity;
use olm_catalog::terminal::Text;
use olm_catalog::text;
use olm_catalog::validate::bundle::{self, Set};
use olm_catalog::validate::{self, Rule};

/// A rule of either kind.
#[derive(Clone, Copy)]
pub(super) enum AnyRule {
    Catalog(&'static Rule),
    Bundle(&'static bundle::Rule),
}

impl AnyRule {
    /// All rules, those of catalogs first.
    fn all() -> impl Iterator<Item = Self> {
        let catalogs = validate::RULES.iter().copied().map(Self::Catalog);
        catalogs.chain(bundle::RULES.iter().copied().map(Self::Bundle))
    }

    fn id(self) -> &'static str {
        match self {
            Self::Catalog(rule) => rule.id,
            Self::Bundle(rule) => rule.id,
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::Catalog(rule) => rule.severity,
            Self::Bundle(rule) => rule.severity,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Catalog(rule) => rule.summary,
            Self::Bundle(rule) => rule.summary,
        }
    }

    /// What it is for: catalogs, bundles, or bundles with a set.
    fn kind(self) -> &'static str {
        match self {
            Self::Catalog(_) => "catalog",
            Self::Bundle(rule) => rule.sets.first().map_or("bundle", |set| set.as_str()),
        }
    }

    fn explain(self) -> String {
        match self {
            Self::Catalog(rule) => rule.explain(),
            Self::Bundle(rule) => rule.explain(),
        }
    }
}

/// Reads a rule's id.
pub(super) fn parser() -> impl TypedValueParser<Value = AnyRule> {
    PossibleValuesParser::new(AnyRule::all().map(|rule| PossibleValue::new(rule.id()).help(rule.summary())))
        .try_map(|id| AnyRule::all().find(|rule| rule.id() == id).ok_or("there is no such rule"))
}

/// What a user asked to know of the rules, if anything.
pub(super) fn tell(explain: Option<AnyRule>, rules: bool, sets: bool) -> Option<Text> {
    match (explain, rules, sets) {
        (Some(rule), ..) => Some(Text::laid_out(&rule.explain())),
        (None, true, _) => Some(list_rules()),
        (None, false, true) => Some(list_sets()),
        (None, false, false) => None,
    }
}

fn list_rules() -> Text {
    let width =
        |text: fn(AnyRule) -> &'static str| AnyRule::all().map(|rule| text(rule).len()).max().unwrap_or_default();
    let (ids, kinds) = (width(AnyRule::id), width(AnyRule::kind));
    let line = |rule: AnyRule| {
        let (id, kind) = (format!("{:ids$}", rule.id()), format!("{:kinds$}", rule.kind()));
        text!("{}  {}  {:7}  {}\n", id, kind, rule.severity().as_str(), rule.summary())
    };
    AnyRule::all().map(line).collect()
}

fn list_sets() -> Text {
    let width = Set::ALL.iter().map(|set| set.as_str().len()).max().unwrap_or_default();
    Set::ALL.iter().map(|set| text!("{}  {}\n", format!("{:width$}", set.as_str()), set.summary())).collect()
}
