//! What the API server says of a value that a schema is for.
//!
//! Source: `pkg/validation/validate` of kube-openapi, by which the API server validates resources and defaults.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Number, Value};

use super::{Schema, formats, is_true, matching};
use crate::yaml::Step;

/// How much work the judgement of a bundle's values may take: each look at a value in a schema counts.
const STEPS: usize = 1 << 23;
/// What the compilation of a pattern counts.
const PATTERN: usize = 1 << 14;
/// What matching a character counts.
const CHARACTER: usize = 16;
/// The most problems of one value that are reported.
pub(super) const PROBLEMS: usize = 10;

/// Judges values until its work is done: a bundle cannot keep it busy for long.
#[derive(Debug)]
pub(in crate::validate::bundle) struct Judge {
    left: usize,
    patterns: BTreeMap<String, Option<Regex>>,
}

/// Something in a value that its schema does not accept.
#[derive(Debug)]
pub(super) struct Problem {
    /// The way to it in the value.
    pub(super) steps: Vec<Step>,
    /// What is wrong, after the value's name: `is less than 1`.
    pub(super) message: String,
}

/// Where in a value the judge is, and what it found.
#[derive(Default)]
struct Walk {
    steps: Vec<Step>,
    problems: Vec<Problem>,
}

impl Walk {
    fn report(&mut self, message: impl Into<String>) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(Problem { steps: self.steps.clone(), message: message.into() });
        }
    }
}

/// There is no work left.
struct Exhausted;

type Done = Result<(), Exhausted>;

impl Default for Judge {
    fn default() -> Self {
        Self { left: STEPS, patterns: BTreeMap::new() }
    }
}

impl Judge {
    /// What a schema does not accept of a value. None where this cannot be said with the work that is left.
    pub(super) fn problems(&mut self, value: &Value, schema: &Schema) -> Option<Vec<Problem>> {
        let mut walk = Walk::default();
        self.value(value, schema, &mut walk).ok()?;
        Some(walk.problems)
    }

    /// Takes an amount of the work. Whether there was enough.
    pub(super) fn spend(&mut self, work: usize) -> bool {
        let left = self.left.checked_sub(work);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    fn work(&mut self, work: usize) -> Done {
        if self.spend(work) { Ok(()) } else { Err(Exhausted) }
    }

    fn value(&mut self, value: &Value, schema: &Schema, walk: &mut Walk) -> Done {
        self.work(1)?;
        if let Some(message) = kind(value, schema) {
            walk.report(message);
        }
        self.one_of(value, schema, walk)?;
        if value.is_null() {
            return Ok(());
        }
        self.junctors(value, schema, walk)?;
        match value {
            Value::String(text) => self.text(text, schema, walk),
            Value::Number(number) => {
                number_problems(number, schema).into_iter().for_each(|message| walk.report(message));
                Ok(())
            }
            Value::Array(items) => self.items(items, schema, walk),
            Value::Object(fields) => self.fields(fields, schema, walk),
            Value::Null | Value::Bool(_) => Ok(()),
        }
    }

    fn one_of(&mut self, value: &Value, schema: &Schema, walk: &mut Walk) -> Done {
        let Some(values) = schema.get("enum").and_then(Value::as_array).filter(|values| !values.is_empty()) else {
            return Ok(());
        };
        self.work(values.len())?;
        if !values.iter().any(|one| is_same(value, one)) {
            walk.report(format!("is not one of {}", shown_list(values)));
        }
        Ok(())
    }

    fn junctors(&mut self, value: &Value, schema: &Schema, walk: &mut Walk) -> Done {
        let nested = |keyword: &str| schema.get(keyword).and_then(Value::as_array).filter(|nested| !nested.is_empty());
        for keyword in ["anyOf", "oneOf", "allOf"] {
            let Some(schemas) = nested(keyword) else { continue };
            let mut fitting = 0;
            for schema in schemas.iter().filter_map(Value::as_object) {
                fitting += usize::from(self.fits(value, schema)?);
            }
            match keyword {
                "anyOf" if fitting == 0 => walk.report("fits none of the schemas of anyOf"),
                "oneOf" if fitting == 0 => walk.report("fits none of the schemas of oneOf"),
                "oneOf" if fitting > 1 => walk.report(format!("fits {fitting} schemas of oneOf, and must fit one")),
                "allOf" if fitting < schemas.len() => walk.report("does not fit all schemas of allOf"),
                _ => {}
            }
        }
        if let Some(Value::Object(not)) = schema.get("not")
            && self.fits(value, not)?
        {
            walk.report("fits the schema of not");
        }
        Ok(())
    }

    fn fits(&mut self, value: &Value, schema: &Schema) -> Result<bool, Exhausted> {
        let mut walk = Walk::default();
        self.value(value, schema, &mut walk)?;
        Ok(walk.problems.is_empty())
    }

    fn text(&mut self, text: &str, schema: &Schema, walk: &mut Walk) -> Done {
        let length = || u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        let pattern = schema.get("pattern").and_then(Value::as_str).filter(|pattern| !pattern.is_empty());
        if let Some(most) = count(schema, "maxLength").filter(|most| length() > *most) {
            walk.report(format!("is longer than {most} characters"));
        } else if let Some(least) = count(schema, "minLength").filter(|least| length() < *least) {
            walk.report(format!("is shorter than {least} characters"));
        } else if let Some(pattern) = pattern
            && !self.matches(text, pattern)?
        {
            walk.report(format!("does not match the pattern {pattern}"));
        }
        if let Some(format) = schema.get("format").and_then(Value::as_str) {
            self.work(text.len().saturating_mul(CHARACTER))?;
            if !formats::fits(format, text) {
                walk.report(format!("is not of the format {format}"));
            }
        }
        Ok(())
    }

    /// Whether a text matches a pattern. One that cannot be compiled accepts all.
    fn matches(&mut self, text: &str, pattern: &str) -> Result<bool, Exhausted> {
        if !self.patterns.contains_key(pattern) {
            self.work(PATTERN)?;
            self.patterns.insert(pattern.to_owned(), matching::compile(pattern));
        }
        self.work(text.len().saturating_mul(CHARACTER))?;
        Ok(self.patterns.get(pattern).and_then(Option::as_ref).is_none_or(|regex| regex.is_match(text)))
    }

    fn items(&mut self, items: &[Value], schema: &Schema, walk: &mut Walk) -> Done {
        if let Some(Value::Object(schema)) = schema.get("items") {
            for (i, item) in items.iter().enumerate() {
                self.deeper(Step::Index(i), item, schema, walk)?;
            }
        }
        let length = u64::try_from(items.len()).unwrap_or(u64::MAX);
        if let Some(least) = count(schema, "minItems").filter(|least| length < *least) {
            walk.report(format!("has fewer than {least} items"));
        }
        if let Some(most) = count(schema, "maxItems").filter(|most| length > *most) {
            walk.report(format!("has more than {most} items"));
        }
        Ok(())
    }

    fn fields(&mut self, fields: &Schema, schema: &Schema, walk: &mut Walk) -> Done {
        let length = u64::try_from(fields.len()).unwrap_or(u64::MAX);
        if let Some(least) = count(schema, "minProperties").filter(|least| length < *least) {
            walk.report(format!("has fewer than {least} fields"));
        }
        if let Some(most) = count(schema, "maxProperties").filter(|most| length > *most) {
            walk.report(format!("has more than {most} fields"));
        }
        let known = schema.get("properties").and_then(Value::as_object);
        let rest = schema.get("additionalProperties");
        for (name, value) in fields {
            match (known.and_then(|known| known.get(name)), rest) {
                (Some(Value::Object(schema)), _) | (None, Some(Value::Object(schema))) => {
                    self.deeper(Step::Key(name.clone()), value, schema, walk)?;
                }
                (None, Some(Value::Bool(false))) => walk.report(format!("has the field {name}, which is not allowed")),
                _ => {}
            }
        }
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            self.work(1)?;
            if !fields.contains_key(name) {
                walk.report(format!("lacks the field {name}, which is required"));
            }
        }
        Ok(())
    }

    fn deeper(&mut self, step: Step, value: &Value, schema: &Schema, walk: &mut Walk) -> Done {
        walk.steps.push(step);
        let done = self.value(value, schema, walk);
        walk.steps.pop();
        done
    }
}

/// What is wrong with the type of a value.
fn kind(value: &Value, schema: &Schema) -> Option<String> {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let wrong = || Some(format!("is not of the type {kind}"));
    let (own, is_whole) = match value {
        Value::Null if kind.is_empty() || kind == "null" || is_true(schema, "nullable") => return None,
        Value::Null => return wrong(),
        Value::Bool(_) => ("boolean", false),
        Value::String(_) => ("string", false),
        Value::Array(_) => ("array", false),
        Value::Object(_) => ("object", false),
        Value::Number(number) if is_int(number) => ("integer", false),
        Value::Number(number) => ("number", number.as_f64().is_some_and(is_whole)),
    };
    let number_fits = is_whole && kind == "integer" || own == "integer" && kind == "number";
    if kind.is_empty() && format.is_empty() || kind == own || number_fits {
        return None;
    }
    match own {
        // Where there is a format, the API server leaves the type of texts and lists to it.
        "string" | "array" if !format.is_empty() && !matches!(kind, "integer" | "number") => None,
        _ if kind.is_empty() => {
            let own_format = if own == "integer" { "int64" } else { "float64" };
            let numbers = matches!(own, "integer" | "number") && format == own_format;
            (!numbers).then(|| format!("is not of the format {format}"))
        }
        _ => wrong(),
    }
}

/// Whether Go reads a number as a whole one.
fn is_int(number: &Number) -> bool {
    number.is_i64()
}

/// Whether a number with a point is a whole one of JavaScript.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_991.0
}

/// Whether Go finds two values equal, after it has made the first one of the second one's type.
fn is_same(value: &Value, one: &Value) -> bool {
    match (value, one) {
        (_, Value::Null) => false,
        (Value::Number(value), Value::Number(one)) => match (value.as_i64(), one.as_i64()) {
            (Some(value), Some(one)) => value == one,
            (None, Some(one)) => value.as_f64().is_some_and(|value| truncated(value) == one),
            _ => value.as_f64() == one.as_f64(),
        },
        (Value::Number(value), Value::String(one)) => {
            let code = value.as_i64().map(|code| u32::try_from(code).ok().and_then(char::from_u32));
            code.is_some_and(|c| one.chars().eq([c.unwrap_or('\u{fffd}')]))
        }
        _ => value == one,
    }
}

/// What is wrong with a number.
fn number_problems(number: &Number, schema: &Schema) -> Vec<String> {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let mut problems = Vec::new();
    let Some(value) = number.as_f64() else { return problems };
    let int = number.as_i64();
    if !in_range(value, int, kind, format) {
        problems.push(match format {
            "" => format!("is out of the range of the type {kind}"),
            _ => format!("is out of the range of the format {format}"),
        });
    }
    let limit = |keyword: &str| {
        let limit = schema.get(keyword)?;
        Some((limit, limit.as_f64()?))
    };
    let excludes = |keyword: &str| is_true(schema, keyword);
    // A limit that is not of the type itself is an error in each value, and a whole number is compared with a whole
    // limit.
    let misfit = |keyword: &str, shown: &Value, limit: f64| {
        (!in_range(limit, None, kind, format)).then(|| format!("has a {keyword} ({shown}) that is not of its type"))
    };
    let compared = |limit: f64| int.map_or(value.total_cmp(&limit), |int| int.cmp(&truncated(limit)));
    if let Some((shown, factor)) = limit("multipleOf") {
        let fits = match int {
            Some(int) => truncated(factor) > 0 && int % truncated(factor) == 0,
            None if factor < 1.0 => factor > 0.0 && is_whole(1.0 / factor * value),
            None => is_whole(value / factor),
        };
        let wrong = || (!fits).then(|| format!("is not a multiple of {shown}"));
        problems.extend(misfit("multipleOf", shown, factor).or_else(wrong));
    }
    if let Some((shown, most)) = limit("maximum") {
        let order = compared(most);
        let wrong = || match excludes("exclusiveMaximum") {
            true => order.is_ge().then(|| format!("is not less than {shown}")),
            false => order.is_gt().then(|| format!("is more than {shown}")),
        };
        problems.extend(misfit("maximum", shown, most).or_else(wrong));
    }
    if let Some((shown, least)) = limit("minimum") {
        let order = compared(least);
        let wrong = || match excludes("exclusiveMinimum") {
            true => order.is_le().then(|| format!("is not more than {shown}")),
            false => order.is_lt().then(|| format!("is less than {shown}")),
        };
        problems.extend(misfit("minimum", shown, least).or_else(wrong));
    }
    problems
}

/// Whether a number is in the range of a type and its format.
fn in_range(value: f64, int: Option<i64>, kind: &str, format: &str) -> bool {
    match kind {
        "integer" => {
            let int = int.or_else(|| format!("{value}").parse().ok());
            int.is_some_and(|int| format != "int32" || i32::try_from(int).is_ok())
        }
        "number" if format == "float" => value.abs() <= f64::from(f32::MAX),
        _ => true,
    }
}

/// A number as Go makes a whole one of it.
fn truncated(number: f64) -> i64 {
    number as i64
}

/// A limit of a length; none where it is negative, as every length is above.
fn count(schema: &Schema, keyword: &str) -> Option<u64> {
    let limit = schema.get(keyword)?;
    limit.as_u64().or_else(|| limit.as_i64().filter(|_| keyword.starts_with("max")).map(|_| 0))
}

/// The first values of a list, as they are written in JSON.
fn shown_list(values: &[Value]) -> String {
    const MOST: usize = 10;
    let mut shown: Vec<String> = values.iter().take(MOST).map(shown).collect();
    if values.len() > MOST {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// A value in JSON, cut where it is long.
pub(super) fn shown(value: &Value) -> String {
    const MOST: usize = 60;
    // Of a large value no more than its kind is shown.
    match value {
        Value::Array(items) if items.len() > MOST => return format!("a list of {} items", items.len()),
        Value::Object(fields) if fields.len() > MOST => return format!("a mapping of {} fields", fields.len()),
        _ => {}
    }
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
