//! Findings: what is wrong, where, and how to correct it. They are data; separate modules print them: [`text`] for
//! people, [`json`] for programs, [`sarif`] for code hosts, [`github`] for the logs and reviews of GitHub Actions.

mod resolve;

pub mod github;
pub mod json;
pub mod sarif;
pub mod text;

pub use resolve::Sources;

use std::path::PathBuf;

use crate::yaml::Route;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// OLM or opm rejects it, or users lose something.
    Error,
    /// It works, but hurts somebody.
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

/// A defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// The defect, in one sentence without a full stop.
    pub message: String,
    /// Its place.
    pub place: Place,
    /// How to correct it.
    pub help: Option<String>,
    /// Other places that help to understand it, each with a label.
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
    /// The place.
    pub place: Place,
    /// Its label, such as "first defined here".
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

    /// This finding, with a help text.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// This finding, with another related place.
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
    /// The position in it.
    pub spot: Spot,
}

/// A position in a file.
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
    /// A value, whose position is resolved when it is printed.
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
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
