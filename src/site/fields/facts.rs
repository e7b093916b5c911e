//! The facts in a schema other than the field's type: default, allowed values, bounds, rules.

use serde_json::Value;

use super::kind;

/// A fact about a field.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::site) struct Fact {
    /// Its label, such as `Default`.
    pub(in crate::site) label: &'static str,
    /// Its values.
    pub(in crate::site) values: Vec<String>,
    /// Whether the values belong to the API, and are not words.
    pub(in crate::site) is_code: bool,
}

/// The maximum length of a value.
const LONGEST: usize = 400;
/// The maximum number of values.
const MOST: usize = 200;

/// The keywords with one value each.
const SINGLE: [(&str, &str); 13] = [
    ("default", "Default"),
    ("pattern", "Pattern"),
    ("minimum", "Minimum"),
    ("maximum", "Maximum"),
    ("multipleOf", "Multiple of"),
    ("minLength", "Minimum length"),
    ("maxLength", "Maximum length"),
    ("minItems", "Minimum items"),
    ("maxItems", "Maximum items"),
    ("minProperties", "Minimum keys"),
    ("maxProperties", "Maximum keys"),
    ("x-kubernetes-list-type", "List type"),
    ("x-kubernetes-map-type", "Map type"),
];
/// The keywords that are true or false, in words.
const FLAGS: [(&str, &str); 6] = [
    ("exclusiveMinimum", "more than the minimum"),
    ("exclusiveMaximum", "less than the maximum"),
    ("uniqueItems", "every item once"),
    ("nullable", "can be null"),
    ("x-kubernetes-preserve-unknown-fields", "keeps fields that are not listed"),
    ("x-kubernetes-embedded-resource", "a whole Kubernetes object"),
];
/// The keywords that combine schemas, which are shown as they are.
const LOGIC: [(&str, &str); 4] = [("oneOf", "One of"), ("anyOf", "Any of"), ("allOf", "All of"), ("not", "Not")];

pub(super) fn of(schema: &Value) -> Vec<Fact> {
    let (inner, steps) = kind::inner(schema);
    let mut facts = of_one(schema);
    if !steps.is_empty() {
        let each = of_one(inner).into_iter().map(|fact| Fact { label: in_each(fact.label), ..fact });
        facts.extend(each);
    }
    facts
}

fn of_one(schema: &Value) -> Vec<Fact> {
    let mut facts = Vec::new();
    let code = |label, values| Fact { label, values, is_code: true };
    let list = |value: &Value| super::super::model::items(value).take(MOST).map(shown).collect::<Vec<_>>();
    if let Some(values) = schema["enum"].as_array() {
        let mut shown = list(&schema["enum"]);
        shown.extend((values.len() > MOST).then(|| format!("and {} more", values.len() - MOST)));
        facts.push(code("Allowed", shown));
    }
    for (keyword, label) in SINGLE {
        facts.extend(schema.get(keyword).map(|value| code(label, vec![shown(value)])));
    }
    let keys = list(&schema["x-kubernetes-list-map-keys"]);
    facts.extend((!keys.is_empty()).then(|| code("List keys", keys)));
    let flags = FLAGS.iter().filter(|(keyword, _)| schema[keyword] == true);
    let flags: Vec<String> = flags.map(|(_, words)| (*words).to_owned()).collect();
    facts.extend((!flags.is_empty()).then_some(Fact { label: "Also", values: flags, is_code: false }));
    for rule in super::super::model::items(&schema["x-kubernetes-validations"]).take(MOST) {
        let message = rule["message"].as_str().map(|message| cut(message.trim()));
        let text = cut(rule["rule"].as_str().unwrap_or_default().trim());
        facts.extend(message.map(|message| Fact { label: "Rule", values: vec![message], is_code: false }));
        facts.push(code("CEL", vec![text]));
    }
    let is_plain = schema["x-kubernetes-int-or-string"] == true;
    let logic = LOGIC.iter().filter(|(keyword, _)| !(is_plain && *keyword == "anyOf"));
    facts.extend(logic.filter_map(|(keyword, label)| Some(code(label, vec![shown(schema.get(keyword)?)]))));
    facts
}

/// The same for the items of a list or the values of a mapping.
fn in_each(label: &'static str) -> &'static str {
    match label {
        "Default" => "Default of each",
        "Pattern" => "Pattern of each",
        "Minimum" => "Minimum of each",
        "Maximum" => "Maximum of each",
        "Multiple of" => "Each a multiple of",
        "Minimum length" => "Minimum length of each",
        "Maximum length" => "Maximum length of each",
        "Minimum items" => "Minimum items of each",
        "Maximum items" => "Maximum items of each",
        "Minimum keys" => "Minimum keys of each",
        "Maximum keys" => "Maximum keys of each",
        "Allowed" => "Allowed in each",
        "Also" => "Each",
        "Rule" => "Rule for each",
        "CEL" => "CEL for each",
        "One of" => "Each one of",
        "Any of" => "Each any of",
        "All of" => "Each all of",
        "Not" => "Each not",
        other => other,
    }
}

/// A value as YAML on one line; a text without quotes if it cannot be confused with something else.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text)
            if !text.is_empty() && text.trim() == text && serde_json::from_str::<Value>(text).is_err() =>
        {
            cut(text)
        }
        other => cut(&other.to_string()),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts_of(schema: &Value) -> Vec<String> {
        of(schema).iter().map(|fact| format!("{}: {}", fact.label, fact.values.join(" "))).collect()
    }

    #[test]
    fn facts_about_a_field_are_found() {
        let schema = json!({
            "type": "integer", "enum": [1, "1", "a"], "default": 0, "minimum": 0, "exclusiveMinimum": true, "nullable": true,
            "x-kubernetes-validations": [{"rule": "self > 0", "message": "must be more"}],
        });
        let expected = [
            "Allowed: 1 \"1\" a",
            "Default: 0",
            "Minimum: 0",
            "Also: more than the minimum can be null",
            "Rule: must be more",
            "CEL: self > 0",
        ];
        assert_eq!(facts_of(&schema), expected);
        let list = json!({"type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 5}});
        assert_eq!(facts_of(&list), ["Maximum items: 3", "Maximum length of each: 5"]);
        let either = json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]});
        assert_eq!(facts_of(&either), [""; 0]);
    }

    #[test]
    fn long_values_are_cut() {
        let facts = of(&json!({"default": "x".repeat(1000)}));
        assert_eq!(facts[0].values[0].chars().count(), LONGEST + 1);
    }
}
