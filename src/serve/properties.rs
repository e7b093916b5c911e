//! The properties of a bundle whose types OLM defines, read as opm's `property.Parse` reads them.

use serde_json::{Value, json};

use super::api::{Dependency, Property};
use crate::bundle::Gvk;
use crate::catalog::{self, property};
use crate::go_json::fields::{Fields, Misfit};
use crate::go_json::shape;
use crate::yaml::{Route, to_property_json};

/// The parsed properties of one bundle.
#[derive(Debug, Default)]
pub(super) struct Properties<'c> {
    /// The package and the version of each `olm.package`. There must be exactly one.
    pub(super) packages: Vec<(String, String)>,
    pub(super) provided_apis: Vec<Gvk>,
    pub(super) required_apis: Vec<Gvk>,
    pub(super) dependencies: Vec<Dependency>,
    /// Every property except the manifests and their metadata: a client would store them with each object that it
    /// creates.
    pub(super) shown: Vec<Property>,
    /// The value of each `olm.bundle.object`, with its number among the properties.
    pub(super) objects: Vec<(usize, &'c Value)>,
    /// The value of each `olm.csv.metadata`, with its number. There must be at most one.
    pub(super) csv_metadata: Vec<(usize, &'c Value)>,
}

impl<'c> Properties<'c> {
    /// # Errors
    /// The number of the first property whose value does not match its type, and why.
    pub(super) fn parse(properties: &'c [catalog::Property]) -> Result<Self, (usize, Misfit)> {
        let mut parsed = Self::default();
        for (index, property) in properties.iter().enumerate() {
            parsed.add(index, property).map_err(|misfit| (index, misfit))?;
        }
        Ok(parsed)
    }

    fn add(&mut self, index: usize, property: &'c catalog::Property) -> Result<(), Misfit> {
        let value = &property.value;
        let misfits = catalog::shape_of_property(&property.kind).map(|shape| shape::misfits(value, shape, route()));
        if let Some(misfit) = misfits.into_iter().flatten().next() {
            return Err(misfit);
        }
        match property.kind.as_str() {
            property::BUNDLE_OBJECT => {
                self.objects.push((index, value));
                return Ok(());
            }
            property::CSV_METADATA => {
                self.csv_metadata.push((index, value));
                return Ok(());
            }
            _ => {}
        }
        let text = to_property_json(value);
        match property.kind.as_str() {
            property::PACKAGE => {
                let mut fields = Fields::new(value.clone(), route())?;
                self.packages.push((fields.string("packageName")?, fields.string("version")?));
            }
            property::PACKAGE_REQUIRED => {
                let mut fields = Fields::new(value.clone(), route())?;
                let (name, range) = (fields.string("packageName")?, fields.string("versionRange")?);
                // Dependencies use the field names of the format before file-based catalogs.
                let value = to_property_json(&json!({"packageName": name, "version": range}));
                self.dependencies.push(Dependency { r#type: property::PACKAGE.into(), value });
            }
            property::GVK => self.provided_apis.push(Gvk::read(value.clone(), route())?),
            property::GVK_REQUIRED => {
                self.required_apis.push(Gvk::read(value.clone(), route())?);
                self.dependencies.push(Dependency { r#type: property::GVK.into(), value: text.clone() });
            }
            _ => {}
        }
        self.shown.push(Property { r#type: property.kind.clone(), value: text });
        Ok(())
    }
}

/// The name of the value in misfits.
fn route() -> Route {
    Route::root().key("value")
}
