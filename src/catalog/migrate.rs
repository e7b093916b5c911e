//! Migrations from older forms of a catalog's blobs to newer ones, as opm's `--migrate-level` names them.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;

use super::csv_metadata::csv_metadata;
use super::model::{Bundle, Catalog, Property, property};
use super::objects::BadObject;
use crate::go_json::fields::Misfit;

/// The last migration to run. All before it run too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MigrateLevel {
    /// Nothing is changed.
    #[default]
    None,
    /// A bundle that has an image has `olm.csv.metadata` in place of its `olm.bundle.object` properties.
    BundleObjectToCsvMetadata,
    /// Every migration there is.
    All,
}

/// Why a catalog could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A bundle's manifests could not be read.
    #[error(transparent)]
    Object(#[from] BadObject),
    /// A ClusterServiceVersion has a value of a type that its field does not accept.
    #[error("bundle {bundle:?}: ClusterServiceVersion: {message}")]
    Csv {
        /// The bundle's name.
        bundle: String,
        /// The field, and its problem.
        message: String,
    },
}

impl MigrateLevel {
    /// Every level, from none to all.
    pub const EVERY: [Self; 3] = [Self::None, Self::BundleObjectToCsvMetadata, Self::All];

    /// Its name in opm.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BundleObjectToCsvMetadata => "bundle-object-to-csv-metadata",
            Self::All => "all",
        }
    }
}

impl fmt::Display for MigrateLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is not a migrate level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a migrate level; use none, bundle-object-to-csv-metadata or all")]
pub struct UnknownLevel(String);

impl FromStr for MigrateLevel {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Self, UnknownLevel> {
        Self::EVERY.into_iter().find(|level| level.as_str() == name).ok_or_else(|| UnknownLevel(name.to_owned()))
    }
}

impl Catalog {
    /// Runs every migration up to a level.
    ///
    /// # Errors
    /// A bundle whose manifests or ClusterServiceVersion cannot be read.
    pub fn migrate(&mut self, level: MigrateLevel) -> Result<(), MigrateError> {
        let migrated: Vec<_> = self.bundles.par_iter_mut().map(|bundle| bundle.migrate(level)).collect();
        // Of several errors, always the same one is returned.
        migrated.into_iter().collect()
    }
}

impl Bundle {
    /// Runs every migration up to a level.
    ///
    /// # Errors
    /// Manifests or a ClusterServiceVersion that cannot be read.
    pub fn migrate(&mut self, level: MigrateLevel) -> Result<(), MigrateError> {
        if level >= MigrateLevel::BundleObjectToCsvMetadata { self.objects_to_csv_metadata() } else { Ok(()) }
    }

    /// Without an image, OLM can install only from the objects, so they stay.
    fn objects_to_csv_metadata(&mut self) -> Result<(), MigrateError> {
        let migrated = self.properties.iter().any(|property| property.kind == property::CSV_METADATA);
        if self.image.is_empty() || migrated {
            return Ok(());
        }
        let Some(csv) = self.csv()? else { return Ok(()) };
        let csv_error = |misfit: Misfit| MigrateError::Csv { bundle: self.name.clone(), message: misfit.message };
        let metadata = csv_metadata(csv).map_err(csv_error)?;
        self.properties.retain(|property| property.kind != property::BUNDLE_OBJECT);
        self.properties.push(Property::new(property::CSV_METADATA, metadata));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_opms_names() {
        for level in MigrateLevel::EVERY {
            assert_eq!(level.to_string().parse(), Ok(level));
        }
        assert!("bundle-objects".parse::<MigrateLevel>().is_err());
    }
}
