//! Findings: what is wrong, where, and what to do about it. They are data; printing is apart.

use std::path::PathBuf;

use crate::yaml::Route;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// OLM or opm refuses it, or users lose something.
    Error,
    /// It works, and hurts somebody.
    Warning,
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
