//! A bundle's metadata files.

use serde_json::Value;

use super::Error;
use super::properties::check;
use crate::catalog::Property;
use crate::go_json::fields::{Fields, Misfit};
use crate::yaml::Route;

/// The annotations of `metadata/annotations.yaml` that opm reads.
pub(crate) mod annotation {
    pub(crate) const PACKAGE: &str = "operators.operatorframework.io.bundle.package.v1";
    pub(crate) const CHANNELS: &str = "operators.operatorframework.io.bundle.channels.v1";
    pub(crate) const DEFAULT_CHANNEL: &str = "operators.operatorframework.io.bundle.channel.default.v1";
}

/// The contents of the metadata files. For each part, the first file that has it counts.
#[derive(Default)]
pub(super) struct Metadata {
    pub(super) annotations: Option<Annotations>,
    pub(super) properties: Vec<Property>,
    pub(super) dependencies: Vec<Property>,
}

pub(super) struct Annotations {
    pub(super) package: String,
    pub(super) channels: String,
    pub(super) default_channel: String,
}

impl Metadata {
    /// The contents of the readable files, and the errors of the others.
    pub(super) fn of(files: Vec<Result<(String, Value), Error>>) -> Result<(Self, Vec<Error>), Error> {
        let (mut metadata, mut unread) = (Self::default(), Vec::new());
        for file in files {
            match file {
                Ok((file, value)) => metadata.add(value).map_err(Error::value(&file))?,
                Err(error) => unread.push(error),
            }
        }
        Ok((metadata, unread))
    }

    fn add(&mut self, value: Value) -> Result<(), Misfit> {
        let mut file = Fields::new(value, Route::root())?;
        if self.annotations.is_none() {
            let mut annotations = Fields::new(file.value("annotations"), file.route("annotations"))?;
            let package = annotations.string(annotation::PACKAGE)?;
            let channels = annotations.string(annotation::CHANNELS)?;
            let default_channel = annotations.string(annotation::DEFAULT_CHANNEL)?;
            if !package.is_empty() {
                self.annotations = Some(Annotations { package, channels, default_channel });
            }
        }
        if self.properties.is_empty() {
            self.properties = file.list("properties", typed)?;
        }
        if self.dependencies.is_empty() {
            self.dependencies = file.list("dependencies", typed)?;
        }
        Ok(())
    }
}

/// A property or dependency: a type and a value that fits it.
pub(super) fn typed(value: Value, route: Route) -> Result<Property, Misfit> {
    let mut fields = Fields::new(value, route)?;
    let kind = fields.string("type")?;
    if kind.is_empty() {
        return Err(Misfit { message: format!("{} is missing", fields.route("type")), route: fields.route("type") });
    }
    let property = Property { kind, value: fields.value("value") };
    check(&property, &fields.route("value"))?;
    Ok(property)
}
