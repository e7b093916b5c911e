//! New values, and how they are written.

use serde_json::{Map, Value};

use super::super::{read_one, to_yaml};

/// A value with its keys in the order in which they are written.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A scalar.
    Scalar(Value),
    /// A list.
    List(Vec<Item>),
    /// A mapping.
    Map(Vec<(String, Item)>),
}

impl Item {
    /// A mapping.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A value as it is, with sorted keys.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(map) => Self::map(map.iter().map(|(key, value)| (key.clone(), Self::of(value)))),
            scalar => Self::Scalar(scalar.clone()),
        }
    }

    /// What it says.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Scalar(value) => value.clone(),
            Self::List(items) => items.iter().map(Self::value).collect(),
            Self::Map(entries) => {
                Value::Object(entries.iter().map(|(key, item)| (key.clone(), item.value())).collect::<Map<_, _>>())
            }
        }
    }
}

impl From<&str> for Item {
    fn from(text: &str) -> Self {
        Self::Scalar(text.into())
    }
}

impl From<String> for Item {
    fn from(text: String) -> Self {
        Self::Scalar(text.into())
    }
}

impl<T: Into<Item>> FromIterator<T> for Item {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

/// How a file is written, so that what is added looks like the rest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// How far a mapping is indented below its key.
    pub(super) step: usize,
    /// How far a list is indented below its key.
    pub(super) list: usize,
    /// The characters from a dash to what follows it.
    pub(super) dash: usize,
    /// Whether it is JSON.
    pub(super) json: bool,
}

impl Style {
    /// The lines of a value in block style, without indentation.
    pub(super) fn lines(self, item: &Item) -> Vec<String> {
        let mut lines = Vec::new();
        match item {
            Item::Map(entries) if !entries.is_empty() => {
                for (key, value) in entries {
                    lines.extend(self.entry(key, value));
                }
            }
            Item::List(items) if !items.is_empty() => {
                for item in items {
                    let (first, rest) = (format!("-{}", " ".repeat(self.dash - 1)), " ".repeat(self.dash));
                    for (i, line) in self.lines(item).into_iter().enumerate() {
                        lines.push(format!("{}{line}", if i == 0 { &first } else { &rest }));
                    }
                }
            }
            other => lines.push(self.flow(other)),
        }
        lines
    }

    /// The lines of a mapping's entry.
    pub(super) fn entry(self, key: &str, value: &Item) -> Vec<String> {
        let key = self.scalar(&key.into());
        let indent = match value {
            Item::Map(entries) if !entries.is_empty() => self.step,
            Item::List(items) if !items.is_empty() => self.list,
            other => return vec![format!("{key}: {}", self.flow(other))],
        };
        let below = self.lines(value).into_iter().map(|line| format!("{}{line}", " ".repeat(indent)));
        std::iter::once(format!("{key}:")).chain(below).collect()
    }

    /// A value in flow style.
    pub(super) fn flow(self, item: &Item) -> String {
        match item {
            Item::Scalar(value) => self.scalar(value),
            Item::List(items) => {
                format!("[{}]", items.iter().map(|item| self.flow(item)).collect::<Vec<_>>().join(", "))
            }
            Item::Map(entries) => {
                let entries = entries.iter().map(|(key, item)| self.flow_entry(key, item));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// An entry in flow style.
    pub(super) fn flow_entry(self, key: &str, item: &Item) -> String {
        format!("{}: {}", self.scalar(&key.into()), self.flow(item))
    }

    /// A scalar that every reader reads as what it is, in a block and in a flow collection, on one line.
    pub(super) fn scalar(self, value: &Value) -> String {
        let quoted = || value.to_string();
        if self.json || !value.is_string() {
            return quoted();
        }
        // A version with three numbers is read as text by everyone.
        let is_version = value.as_str().is_some_and(|text| semver::Version::parse(text).is_ok());
        let plain = match value.as_str().filter(|_| is_version) {
            Some(text) => text.to_owned(),
            None => to_yaml(value).unwrap_or_default(),
        };
        let plain = plain.trim_end_matches('\n');
        let reads = |yaml: String, expected: Value| read_one(&yaml).is_ok_and(|found| found == expected);
        let one_line = !plain.is_empty() && !plain.contains('\n');
        let fits = one_line
            && reads(format!("- {plain}\n"), serde_json::json!([value]))
            && reads(format!("[{plain}]\n"), serde_json::json!([value]))
            && reads(format!("{{k: {plain}}}\n"), serde_json::json!({ "k": value }));
        if fits { plain.to_owned() } else { quoted() }
    }
}
