//! Tells what happens on standard error: on a terminal what is waited for in one line that changes, elsewhere (in CI)
//! plain lines.

use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use olm_catalog::install::cluster::Action;
use olm_catalog::install::report::{Event, Report};

use crate::output::{BLUE, GREEN};

/// Prints the events, and keeps them for the result.
pub(crate) struct Progress {
    quiet: bool,
    bar: Option<ProgressBar>,
    events: Mutex<Vec<Event>>,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = (!quiet && io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        Self { quiet, bar, events: Mutex::default() }
    }

    /// What happened, without the waiting.
    pub(crate) fn events(&self) -> Vec<Event> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().filter(|event| !matches!(event, Event::Waiting { .. })).cloned().collect()
    }

    /// Whether anything on the cluster was changed.
    pub(crate) fn has_changed(&self) -> bool {
        self.events().iter().any(|event| match event {
            Event::Applied { action, .. } => *action != Action::Unchanged,
            Event::Deleted { .. } | Event::Approved { .. } => true,
            _ => false,
        })
    }

    fn line(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| anstream::eprintln!("{line}")),
            None => anstream::eprintln!("{line}"),
        }
    }
}

impl Report for Progress {
    fn tell(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
        if self.quiet {
            return;
        }
        match event {
            Event::Applied { object, action } => {
                let (word, style) = match action {
                    Action::Created => ("created", GREEN),
                    Action::Changed => ("changed", GREEN),
                    Action::Unchanged => ("unchanged", anstyle::Style::new()),
                };
                self.line(&format!("{style}{word:<10}{style:#} {object}"));
            }
            Event::Deleted { object } => self.line(&format!("{GREEN}{:<10}{GREEN:#} {object}", "deleted")),
            Event::Waiting { condition, seen } => match &self.bar {
                Some(bar) => {
                    bar.enable_steady_tick(Duration::from_millis(120));
                    bar.set_message(format!("until {condition}: {seen}"));
                }
                None => self.line(&format!("{:<10} until {condition}: {seen}", "waiting")),
            },
            Event::Met { condition, seconds } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(String::new());
                }
                self.line(&format!("{GREEN}{:<10}{GREEN:#} {condition} ({:.1} s)", "ready", seconds.as_secs_f64()));
            }
            Event::Approved { plan, bundles } => {
                self.line(&format!("{BLUE}{:<10}{BLUE:#} InstallPlan {plan}: {}", "approved", bundles.join(", ")));
            }
            Event::Note { message } => self.line(&format!("{:<10} {message}", "note")),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
