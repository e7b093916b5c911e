//! The rules, told to users.

use olm_catalog::terminal::Text;
use olm_catalog::text;
use olm_catalog::validate::RuleFacts;
use olm_catalog::validate::bundle::Set;

use crate::rules;

/// What a user asked to know of the rules, if anything.
pub(super) fn tell(explain: Option<RuleFacts>, rules: bool, sets: bool) -> Option<Text> {
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
