//! Findings: what is wrong, where, and what to do about it. They are data; printing is apart: [`text`] for people,
//! [`json`] for programs, [`sarif`] for code hosts, [`github`] for the logs and reviews of GitHub Actions.

mod resolve;

pub mod github;
pub mod json;
pub mod sarif;
pub mod text;

pub use resolve::Sources;

use std::path::PathBuf;

use crate::yaml::Route;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// OLM or opm refuses it, or users lose something.
    Error,
    /// It works, and hurts somebody.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that one must see to understand it, each with what stands there.
    pub related: Vec<Related>,
    /// What is certainly missing in lists, which `--fix` adds.
    pub additions: Vec<Addition>,
}

/// Items that are missing at the end of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The mapping that has the list, or should have it.
    pub place: Place,
    /// The list's key.
    pub key: &'static str,
    /// The items.
    pub items: Vec<String>,
}

/// A further place of a [`Finding`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What stands there, such as "first defined here".
    pub label: String,
}

impl Finding {
    /// An error without help.
    #[must_use]
    pub fn error(rule: &'static str, place: Place, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { rule, severity: Severity::Error, message, place, help: None, related: Vec::new(), additions: Vec::new() }
    }

    /// A warning without help.
    #[must_use]
    pub fn warning(rule: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, place, message) }
    }

    /// This finding, with what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// This finding, with one more place to look at.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push(Related { place, label: label.into() });
        self
    }
}

/// A place in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Where in it.
    pub spot: Spot,
}

/// Where in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    /// The file as a whole.
    #[default]
    File,
    /// A position, in lines and characters from 1.
    Position {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A value, whose position is looked up when it is printed.
    Value {
        /// The document, from 0.
        document: usize,
        /// The value in the document.
        route: Route,
    },
}

impl Place {
    /// A file as a whole.
    #[must_use]
    pub fn file(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), spot: Spot::File }
    }

    /// A position in a file, in lines and characters from 1.
    #[must_use]
    pub fn position(file: impl Into<PathBuf>, line: usize, column: usize) -> Self {
        Self { file: file.into(), spot: Spot::Position { line, column } }
    }

    /// A value in a document of a file.
    #[must_use]
    pub fn value(file: impl Into<PathBuf>, document: usize, route: Route) -> Self {
        Self { file: file.into(), spot: Spot::Value { document, route } }
    }
}

/// An error with all its causes, in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(&format!(": {error}"));
        cause = error.source();
    }
    told
}
