//! Shows progress on standard error: on a terminal one line that changes, elsewhere (in CI) plain lines.

use std::sync::{Mutex, PoisonError};

use olm_catalog::install::cluster::Action;
use olm_catalog::install::report::{Event, Report};
use olm_catalog::terminal::{self, Ink, Text};
use olm_catalog::{errln, text};

/// Prints the events, and keeps them for the result.
pub(crate) struct Progress {
    quiet: bool,
    /// What is awaited, on a terminal.
    waiting: Option<Mutex<Option<terminal::Progress>>>,
    events: Mutex<Vec<Event>>,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        let waiting = (!quiet && terminal::err_is_terminal()).then(Mutex::default);
        Self { quiet, waiting, events: Mutex::default() }
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
        errln!("{}", *line);
    }

    /// Shows what is awaited, on a terminal.
    fn wait(&self, label: Option<&str>) {
        let Some(waiting) = &self.waiting else { return };
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match (label, &*waiting) {
            (None, _) => *waiting = None,
            (Some(label), Some(progress)) => progress.label(label),
            (Some(label), None) => *waiting = Some(terminal::Progress::spinner(label)),
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
            Event::Waiting { condition, seen } => match &self.waiting {
                Some(_) => self.wait(Some(&format!("until {condition}: {seen}"))),
                None => self.line(&text!("{:<10} until {}: {}", "waiting", condition, Text::lines(&seen))),
            },
            Event::Met { condition, seconds } => {
                self.wait(None);
                self.line(&text!("{:<10} {} ({:.1} s)", Ink::Good.on("ready"), condition, seconds.as_secs_f64()));
            }
            Event::Approved { plan, bundles } => {
                self.line(&text!("{:<10} InstallPlan {}: {}", Ink::Help.on("approved"), plan, bundles.join(", ")));
            }
            Event::Note { message } => self.line(&text!("{:<10} {}", "note", Text::lines(&message))),
        }
    }
}
