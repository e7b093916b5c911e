//! Withdrawing a version: it goes from every channel, the withdrawn list says why, and its users get a way on.

use semver::Version;

use super::Error;
use super::channels::{Channels, Kind, Outcome};
use crate::published::withdrawn::{NONE, SCHEMA};
use crate::yaml::edit::Item;

impl Channels {
    /// Takes a version out of every channel, and adds it to the withdrawn list. With `to`, users of the version come to that
    /// one in each of these channels: by `skips` in a basic template, and by a `skipRange` in a semver template.
    ///
    /// # Errors
    /// A version that no channel has, a `to` that is not newer or not in these channels, and text that cannot be edited.
    pub fn withdraw(&mut self, version: &Version, reason: &str, to: Option<&Version>) -> Result<Outcome, Error> {
        if reason.trim().is_empty() {
            return Err(Error::Cannot("the reason is empty".to_owned()));
        }
        let name = self.name(version);
        let listed = |blob: &serde_json::Value| {
            let items = blob["withdrawn"].as_array().map(Vec::as_slice).unwrap_or_default();
            items.iter().any(|item| item["bundle"] == *name)
        };
        if self.blobs_of(SCHEMA).into_iter().any(|(.., blob)| listed(blob)) && self.bundle(version).is_err() {
            return Ok(Outcome::Unchanged);
        }
        let bundle = self.bundle(version)?;
        if let Some(to) = to {
            self.bundle(to)?;
            if to.cmp_precedence(version).is_le() {
                let message = format!("{to} is not newer than {version}; OLM does not install older versions");
                return Err(Error::Cannot(message));
            }
        }
        self.forget_deprecation(&bundle)?;
        let left = match self.kind() {
            Kind::Basic => self.remove_basic(version, to)?,
            Kind::Semver => {
                let left = self.remove_semver(version)?;
                if let Some(to) = to {
                    for channel in &left {
                        self.lead_semver(channel, version, to)?;
                    }
                }
                left
            }
        };
        self.notes.push(format!("{bundle} is no longer in {}", left.join(", ")));
        let upgrade_to = match to {
            Some(to) => self.bundle(to)?,
            None => NONE.to_owned(),
        };
        let item = Item::map([
            ("bundle", Item::from(bundle)),
            ("version", version.to_string().into()),
            ("reason", reason.into()),
            ("upgradeTo", upgrade_to.into()),
        ]);
        let known = self.blobs_of(SCHEMA).into_iter().next();
        match known {
            Some((document, route, blob)) => {
                let index = blob["withdrawn"].as_array().map_or(0, Vec::len);
                self.insert(document, route.key("withdrawn"), index, item)?;
            }
            None => {
                let package = self.package.clone();
                self.add_blob(&Item::map([
                    ("schema", Item::from(SCHEMA)),
                    ("package", package.into()),
                    ("withdrawn", Item::List(vec![item])),
                ]))?;
            }
        }
        Ok(Outcome::Changed)
    }
}
