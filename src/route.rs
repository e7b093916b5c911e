//! The way to a value in a document, in YAML, JSON or a schema.

use std::fmt;

/// The way from a document's root to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route(pub Vec<Step>);

/// One step of a [`Route`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a mapping, by key. If no key matches exactly, case is ignored.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
    /// To a key itself, instead of its value. Always the last step.
    Name(String),
}

impl Route {
    /// The document itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// This route, extended by a key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }

    /// This route, to a key of the mapping at its end: for problems of the key, not of its value.
    #[must_use]
    pub fn name(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Name(key.into()));
        self
    }

    /// This route, extended by a list item.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    /// This route, followed by another one.
    #[must_use]
    pub fn join(mut self, rest: &Self) -> Self {
        self.0.extend_from_slice(&rest.0);
        self
    }
}

/// `spec.versions[0].name`, or `.` for the root.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(".");
        }
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) | Step::Name(key) if key.contains(['.', '/', '[']) => write!(f, "[{key:?}]")?,
                Step::Key(key) | Step::Name(key) if i == 0 => f.write_str(key)?,
                Step::Key(key) | Step::Name(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
