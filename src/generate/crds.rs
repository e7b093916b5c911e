//! The CRDs of a release, from all sources.

use std::error::Error;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion,
};
use serde_json::Value;

use super::{Misfits, misfit};
use crate::apis::{self, Api};
use crate::operator::{Defined, Object, rule};
use crate::yaml::Route;

/// A CRD of the release.
pub(super) struct Crd {
    pub(super) crd: CustomResourceDefinition,
    /// The index among the definition's objects; `None` if it is generated from types.
    pub(super) object: Option<usize>,
}

impl Crd {
    /// The storage version.
    pub(super) fn stored(&self) -> Option<&CustomResourceDefinitionVersion> {
        self.crd.spec.versions.iter().find(|version| version.storage)
    }
}

pub(super) fn is_crd(object: &Object) -> bool {
    object.kind() == "CustomResourceDefinition" && object.group_version().0 == "apiextensions.k8s.io"
}

/// The CRDs, sorted by name.
pub(super) fn of(defined: &Defined, misfits: &mut Misfits) -> Result<Vec<Crd>, super::Error> {
    let mut crds = Vec::new();
    if let Some((item, api)) = defined.definition.crds.as_ref().and_then(|crds| crds.api()) {
        let made = of_api(api, item, defined, misfits)?;
        crds.extend(made.into_iter().map(|crd| Crd { crd, object: None }));
    }
    for (i, object) in defined.definition.objects.iter().enumerate().filter(|(_, object)| is_crd(object)) {
        match serde_json::from_value(Value::Object(object.0.clone())) {
            Ok(crd) => {
                check_name(&crd, i, misfits);
                crds.push(Crd { crd, object: Some(i) });
            }
            Err(error) => {
                let route = Route::root().key("objects").index(i);
                misfits.push((
                    rule::CRDS,
                    misfit(route, format!("this is not a CRD of apiextensions.k8s.io/v1: {error}")),
                ));
            }
        }
    }
    crds.sort_by(|a, b| a.crd.metadata.name.cmp(&b.crd.metadata.name));
    for (i, text) in defined.definition.custom_resources.iter().enumerate() {
        if !crds.iter().any(|crd| crd.crd.spec.names.kind == text.kind) {
            let route = Route::root().key("customResources").index(i).key("kind");
            misfits.push((rule::CRDS, misfit(route, format!("no CRD has the kind {}", text.kind))));
        }
    }
    Ok(crds)
}

/// The API server accepts a CRD only with this name.
fn check_name(crd: &CustomResourceDefinition, object: usize, misfits: &mut Misfits) {
    let wanted = format!("{}.{}", crd.spec.names.plural, crd.spec.group);
    let name = crd.metadata.name.as_deref().unwrap_or_default();
    if name != wanted {
        let route = Route::root().key("objects").index(object);
        let message = format!("the CRD {name} must be named {wanted}: its plural and its group");
        misfits.push((rule::CRDS, misfit(route, message)));
    }
}

fn of_api(
    name: &str,
    item: Option<usize>,
    defined: &Defined,
    misfits: &mut Misfits,
) -> Result<Vec<CustomResourceDefinition>, super::Error> {
    let release = &defined.release;
    let Some(api) = Api::named(name) else {
        let known: Vec<&str> = apis::APIS.iter().map(|api| api.name).collect();
        let message = format!("unknown API {name}; known APIs are {}", known.join(", "));
        let at = Route::root().key("crds");
        let at = item.map_or(at.clone(), |i| at.index(i));
        misfits.push((rule::CRDS, misfit(at.key("api"), message)));
        return Ok(Vec::new());
    };
    let (Some(kubernetes), Some(controller_gen)) = (release.kubernetes, &release.controller_gen) else {
        let message = "kubernetes and controllerGen are required, because crds.api generates the CRDs";
        misfits.push((rule::CRDS, misfit(Route::root().key("releases").index(0), message)));
        return Ok(Vec::new());
    };
    let made_with =
        apis::Release { version: release.version.clone(), kubernetes, controller_gen: controller_gen.clone() };
    match api.crds(&made_with) {
        Ok(crds) => Ok(crds),
        Err(error) if error.is_unknown_toolchain() => {
            let message = error.source().and_then(Error::source).map_or_else(|| error.to_string(), ToString::to_string);
            misfits.push((rule::CRDS, misfit(Route::root().key("releases").index(0), message)));
            Ok(Vec::new())
        }
        Err(source) => Err(super::Error::Api { bundle: defined.name(), source: Box::new(source) }),
    }
}
