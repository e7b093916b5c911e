//! Writes YAML byte for byte as `sigs.k8s.io/yaml` does, and so opm: keys sorted, long lines folded. The styles and breaks
//! follow its emitter, `go.yaml.in/yaml/v2`.

mod fold;
mod keys;
mod scalar;

use serde::Serialize;
use serde_json::Value;

use super::WriteError;
use scalar::Scalar;

/// One document, ending in a newline, without a `---`.
///
/// # Errors
/// A value that JSON cannot represent.
pub fn to_go_yaml(value: &impl Serialize) -> Result<String, WriteError> {
    let value = serde_json::to_value(value).map_err(|error| WriteError(error.to_string()))?;
    let mut writer = Writer::default();
    writer.node(&value, Context::Root);
    writer.indent = -1;
    writer.write_indent();
    Ok(writer.text)
}

/// What a node is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Root,
    Item,
    Value,
}

/// The state of the emitter.
struct Writer {
    text: String,
    /// The characters in the current line.
    column: i32,
    /// The spaces before the current collection. -1 outside of any.
    indent: i32,
    /// The last character was whitespace, or an indicator that counts as such.
    whitespace: bool,
    /// Only whitespace and indicators are in the current line.
    indention: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self { text: String::new(), column: 0, indent: -1, whitespace: true, indention: true }
    }
}

impl Writer {
    fn node(&mut self, value: &Value, context: Context) {
        match value {
            Value::Array(items) if items.is_empty() => self.empty("[]"),
            Value::Object(map) if map.is_empty() => self.empty("{}"),
            Value::Array(items) => {
                // A list in a mapping is as deep as its key.
                let deeper = context != Context::Value || self.indention;
                self.within(deeper, |writer| {
                    for item in items {
                        writer.write_indent();
                        writer.indicator("-", true, true);
                        writer.node(item, Context::Item);
                    }
                });
            }
            Value::Object(map) => {
                let mut entries: Vec<(&String, &Value)> = map.iter().collect();
                entries.sort_by(|(a, _), (b, _)| keys::compare(a, b));
                self.within(true, |writer| {
                    for (key, value) in entries {
                        writer.write_indent();
                        writer.key(key);
                        writer.node(value, Context::Value);
                    }
                });
            }
            other => self.scalar(&Scalar::of(other), false),
        }
    }

    fn within(&mut self, deeper: bool, write: impl FnOnce(&mut Self)) {
        let outer = self.indent;
        if outer < 0 {
            self.indent = 0;
        } else if deeper {
            self.indent += 2;
        }
        write(self);
        self.indent = outer;
    }

    fn key(&mut self, key: &str) {
        let scalar = Scalar::string(key);
        if scalar.is_simple_key() {
            self.scalar(&scalar, true);
            self.indicator(":", false, false);
        } else {
            self.indicator("?", true, true);
            self.scalar(&scalar, false);
            self.write_indent();
            self.indicator(":", true, true);
        }
    }

    /// An empty collection is in flow style, whose brackets are two indicators.
    fn empty(&mut self, brackets: &str) {
        self.indicator(brackets, true, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn put(&mut self, character: char) {
        self.text.push(character);
        self.column += 1;
    }

    /// Writes a break. Those of the text itself stay what they are.
    fn put_break(&mut self, character: char) {
        self.text.push(character);
        self.column = 0;
    }

    fn write_indent(&mut self) {
        let indent = self.indent.max(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    /// Writes an indicator. `is_indention`: the line still counts as indentation.
    fn indicator(&mut self, text: &str, needs_space: bool, is_indention: bool) {
        if needs_space && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|character| self.put(character));
        self.whitespace = false;
        self.indention &= is_indention;
    }
}
