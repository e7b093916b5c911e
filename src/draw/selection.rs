//! Which channels are drawn or listed.

use std::collections::BTreeSet;

use crate::limits::Exceeded;
use crate::validate::names;
use crate::validate::{ChannelView, Context, PackageView};

/// Which channels are meant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'s> {
    /// Those of this package. None: of every package.
    pub package: Option<&'s str>,
    /// Those of this name. None: of every name.
    pub channel: Option<&'s str>,
}

/// Why nothing is drawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The catalog lacks the package.
    #[error("the catalog has no package {name:?}; {known}")]
    Package {
        /// Which one.
        name: String,
        /// What was perhaps meant, or some of those that it has.
        known: String,
    },
    /// No package that is meant has the channel.
    #[error("the catalog has no channel {name:?}; {known}")]
    Channel {
        /// Which one.
        name: String,
        /// What was perhaps meant, or some of those that are there.
        known: String,
    },
    /// It is too large.
    #[error("the graph is too large: {0}, and --package and --channel draw less")]
    Large(Exceeded),
}

impl From<Exceeded> for Error {
    fn from(exceeded: Exceeded) -> Self {
        Self::Large(exceeded)
    }
}

impl Selection<'_> {
    /// The packages and channels that are meant: packages by name, the channels of each by name too.
    ///
    /// # Errors
    /// A package or a channel that the catalog lacks.
    pub fn of<'v, 'c>(
        &self,
        context: &'v Context<'c>,
    ) -> Result<Vec<(&'v PackageView<'c>, Vec<&'v ChannelView<'c>>)>, Error> {
        let is_meant = |package: &&PackageView<'_>| self.package.is_none_or(|name| name == package.name);
        let mut found: Vec<_> = context
            .packages
            .values()
            .filter(is_meant)
            .map(|package| {
                let mut channels: Vec<_> = package.channels.iter().collect();
                channels.sort_by_key(|view| &view.channel.name);
                (package, channels)
            })
            .collect();
        if let Some(name) = self.package.filter(|_| found.is_empty()) {
            let known = known(context, name, context.packages.keys().copied());
            return Err(Error::Package { name: name.to_owned(), known });
        }
        if let Some(name) = self.channel {
            let names: BTreeSet<&str> =
                found.iter().flat_map(|(_, channels)| channels).map(|view| view.channel.name.as_str()).collect();
            found.iter_mut().for_each(|(_, channels)| channels.retain(|view| view.channel.name == name));
            found.retain(|(_, channels)| !channels.is_empty());
            if found.is_empty() {
                let known = known(context, name, names.iter().copied());
                return Err(Error::Channel { name: name.to_owned(), known });
            }
        }
        Ok(found)
    }
}

/// `did you mean "a"?`, or `it has "a", "b" and 3 more`.
fn known<'n>(context: &Context<'_>, wrong: &str, names: impl Iterator<Item = &'n str> + Clone) -> String {
    let list = names::list(names.clone());
    let none = || "it has none".to_owned();
    context
        .did_you_mean(wrong, names)
        .unwrap_or_else(|| if list.is_empty() { none() } else { format!("it has {list}") })
}
