//! The output of the options that list or explain rules.

use olm_catalog::terminal::Text;
use olm_catalog::text;
use olm_catalog::validate::RuleFacts;
use olm_catalog::validate::bundle::Set;

use crate::rules;

/// The requested output about rules, if any.
pub(super) fn describe(explain: Option<RuleFacts>, rules: bool, sets: bool) -> Option<Text> {
    match (explain, rules, sets) {
        (Some(rule), ..) => Some(Text::laid_out(&rule.explain())),
        (None, true, _) => Some(rules::list()),
        (None, false, true) => Some(list_sets()),
        (None, false, false) => None,
    }
}

fn list_sets() -> Text {
    let width = Set::ALL.iter().map(|set| set.as_str().len()).max().unwrap_or_default();
    Set::ALL.iter().map(|set| text!("{}  {}\n", format!("{:width$}", set.as_str()), set.summary())).collect()
}
