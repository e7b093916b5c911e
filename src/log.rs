//! What a program does while it works, on standard error: what it asks of whom, what comes from the cache, what it
//! reads. Nothing is printed without [`start`].
//!
//! The events are those of the `tracing` crate, so users of the library can send them elsewhere. Only events of this
//! crate are printed: those of HTTP libraries may contain credentials. URLs are written without user, password and
//! query, which may be a signature; headers and bodies are never written.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use url::Url;

use crate::errln;
use crate::terminal;

/// The format of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: the time since the start, the event, and its fields as `name=value`.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// Prints events from now on, if `verbose` is not zero: requests, the cache and retries; from 2, also the files that are
/// read.
pub fn start(verbose: u8, format: Format) {
    let most = match verbose {
        0 => return,
        1 => Level::DEBUG,
        _ => Level::TRACE,
    };
    // A second call in the same process changes nothing.
    let _ = tracing::subscriber::set_global_default(Printer {
        most,
        format,
        start: Instant::now(),
        spans: AtomicU64::new(1),
    });
}

/// A URL for a line: without user, password, query and fragment.
#[must_use]
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail for URLs that cannot have such parts.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// The milliseconds since a moment.
pub(crate) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

struct Printer {
    most: Level,
    format: Format,
    start: Instant,
    spans: AtomicU64,
}

impl Subscriber for Printer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        *metadata.level() <= self.most && (target == CRATE || target.starts_with(concat!("olm_catalog", "::")))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.most))
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let elapsed = milliseconds(self.start);
        match self.format {
            Format::Text => {
                let mut line = fields.message;
                for (name, value) in &fields.others {
                    let _ = match value {
                        Value::String(text) => write!(line, " {name}={text}"),
                        value => write!(line, " {name}={value}"),
                    };
                }
                errln!("{:>6} ms  {}", elapsed, line);
            }
            Format::Json => {
                let mut object = Map::new();
                object.insert("elapsedMs".to_owned(), elapsed.into());
                object.insert("event".to_owned(), fields.message.into());
                object.extend(fields.others.into_iter().map(|(name, value)| (name.to_owned(), value)));
                terminal::err_json(&Value::Object(object).to_string());
            }
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed).max(1))
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The target of events in the crate's root.
const CRATE: &str = "olm_catalog";

#[derive(Default)]
struct Fields {
    message: String,
    /// In the order of the event.
    others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => self.others.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_shown_without_secrets() {
        for (url, expected) in [
            ("https://user:pass@a.example:5000/v2/x?sig=1#f", "https://a.example:5000/v2/x"),
            ("http://a.example/v2/x/blobs/sha256:0", "http://a.example/v2/x/blobs/sha256:0"),
        ] {
            assert_eq!(shown(&Url::parse(url).unwrap()), expected);
        }
    }
}
