//! The outputs of verbs that write files: for people, for programs and for GitHub Actions.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use olm_catalog::diagnostic::json::Collected;
use olm_catalog::diagnostic::{Finding, Place, Sources, github};
use olm_catalog::report::{File, State};
use olm_catalog::terminal;
use olm_catalog::yaml;
use serde::Serialize;

use crate::output;

/// The output format.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// For people, with the findings as annotations of GitHub Actions.
    Github,
}

/// The rule of annotations about files that are not up to date.
const NOT_UP_TO_DATE: &str = "not-up-to-date";

/// Where findings go: to standard error as text, to standard output as annotations, or into the JSON document.
pub(crate) struct Found {
    output: Output,
    collected: Mutex<Collected>,
}

impl Found {
    pub(crate) fn new(output: Output) -> Self {
        Self { output, collected: Mutex::default() }
    }

    /// Prints findings, or keeps them for the document.
    pub(crate) fn add(&self, findings: &[Finding], sources: &Sources) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        match self.output {
            Output::Text => output::print_findings(findings, sources),
            Output::Json => self.collected.lock().unwrap_or_else(PoisonError::into_inner).add(findings, sources),
            Output::Github => terminal::data(&github::render(findings, sources))?,
        }
        Ok(())
    }

    /// Annotates a file that `verb` would change. The other formats show the difference itself.
    pub(crate) fn out_of_date(&self, path: &Path, verb: &str) -> io::Result<()> {
        if self.output != Output::Github {
            return Ok(());
        }
        let message = format!("{} differs from what `catalog {verb}` writes", path.display());
        let help = format!("run `catalog {verb}` and commit the result");
        self.add(&[Finding::error(NOT_UP_TO_DATE, Place::file(path), message).help(help)], &Sources::disk())
    }

    /// The findings that were kept.
    pub(crate) fn collected(&self) -> Collected {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A file of a report.
pub(crate) fn file(path: &Path, state: State) -> File {
    File { path: path.to_string_lossy().into_owned(), state }
}

/// Prints a report as JSON.
pub(crate) fn print(report: &impl Serialize) -> anyhow::Result<()> {
    Ok(terminal::json(&yaml::to_json(report)?)?)
}
