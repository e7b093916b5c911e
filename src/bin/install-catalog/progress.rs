//! Shows progress on standard error: on a terminal one line that changes, elsewhere (in CI) plain lines.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use olm_catalog::install::cluster::Action;
use olm_catalog::install::report::{Event, Report};
use olm_catalog::terminal::{self, Ink, Text, escape};
use olm_catalog::{errln, text};

/// Prints the events, and keeps them for the result.
pub(crate) struct Progress {
    quiet: bool,
    bar: Option<ProgressBar>,
    events: Mutex<Vec<Event>>,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = (!quiet && terminal::err_is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        Self { quiet, bar, events: Mutex::default() }
    }

    /// The events, without waiting.
    pub(crate) fn events(&self) -> Vec<Event> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().filter(|event| !matches!(event, Event::Waiting { .. })).cloned().collect()
    }

    /// Whether anything on the cluster changed.
    pub(crate) fn has_changed(&self) -> bool {
        self.events().iter().any(|event| match event {
            Event::Applied { action, .. } => *action != Action::Unchanged,
            Event::Deleted { .. } | Event::Approved { .. } => true,
            _ => false,
        })
    }

    fn line(&self, line: &Text) {
        let print = || errln!("{}", *line);
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
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
                let (word, ink) = match action {
                    Action::Created => ("created", Ink::Good),
                    Action::Changed => ("changed", Ink::Good),
                    Action::Unchanged => ("unchanged", Ink::Plain),
                };
                self.line(&text!("{:<10} {}", ink.on(word), object));
            }
            Event::Deleted { object } => self.line(&text!("{:<10} {}", Ink::Good.on("deleted"), object)),
            Event::Waiting { condition, seen } => match &self.bar {
                Some(bar) => {
                    bar.enable_steady_tick(Duration::from_millis(120));
                    bar.set_message(escape(&format!("until {condition}: {seen}")));
                }
                None => self.line(&text!("{:<10} until {}: {}", "waiting", condition, Text::lines(&seen))),
            },
            Event::Met { condition, seconds } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(String::new());
                }
                self.line(&text!("{:<10} {} ({:.1} s)", Ink::Good.on("ready"), condition, seconds.as_secs_f64()));
            }
            Event::Approved { plan, bundles } => {
                self.line(&text!("{:<10} InstallPlan {}: {}", Ink::Help.on("approved"), plan, bundles.join(", ")));
            }
            Event::Note { message } => self.line(&text!("{:<10} {}", "note", Text::lines(&message))),
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
