//! Which channels are drawn or listed.

use std::collections::BTreeSet;

use crate::limits::Exceeded;
use crate::validate::names;
use crate::validate::{ChannelView, Context, PackageView};

/// The selected channels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'s> {
    /// Those of this package. `None`: of every package.
    pub package: Option<&'s str>,
    /// Those with this name. `None`: with any name.
    pub channel: Option<&'s str>,
}

/// Why nothing is drawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The package does not exist.
    #[error("the catalog has no package {name:?}; {known}")]
    Package {
        /// Its name.
        name: String,
        /// A suggestion, or some of the existing packages.
        known: String,
    },
    /// None of the selected packages has the channel.
    #[error("the catalog has no channel {name:?}; {known}")]
    Channel {
        /// Its name.
        name: String,
        /// A suggestion, or some of the existing channels.
        known: String,
    },
    /// It is too large.
    #[error("the graph is too large: {0}; use --package or --channel to draw less")]
    Large(Exceeded),
}

impl From<Exceeded> for Error {
    fn from(exceeded: Exceeded) -> Self {
        Self::Large(exceeded)
    }
}

impl Selection<'_> {
    /// The selected packages and channels, both sorted by name.
    ///
    /// # Errors
    /// A package or a channel that does not exist.
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
