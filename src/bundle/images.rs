//! The images of a bundle.

use serde_json::Value;

use super::{Contents, Error};
use crate::catalog::RelatedImage;
use crate::go_json::fields::{Fields, Misfit, misfit};
use crate::yaml::Route;

impl Contents {
    /// The images that the bundle needs, in the order of their references: those that its ClusterServiceVersion lists
    /// as `relatedImages`, the bundle's own (`image`, if it is not empty), and those of the containers of its
    /// deployments.
    ///
    /// # Errors
    /// Values of a wrong type.
    pub fn related_images(&self, image: &str) -> Result<Vec<RelatedImage>, Error> {
        let file = Error::value(&self.csv().file);
        let mut images = self.listed_images().map_err(&file)?;
        let operator = self.operator_images().map_err(&file)?;
        let own = (!image.is_empty()).then(|| image.to_owned());
        for image in own.into_iter().chain(operator) {
            if !images.iter().any(|listed| listed.image == image) {
                images.push(RelatedImage { name: String::new(), image });
            }
        }
        images.sort_by(|a, b| a.image.cmp(&b.image));
        Ok(images)
    }

    fn listed_images(&self) -> Result<Vec<RelatedImage>, Misfit> {
        list(self.spec()["relatedImages"].clone(), Route::root().key("spec").key("relatedImages"), |value, route| {
            let mut fields = Fields::new(value, route)?;
            Ok(RelatedImage { name: fields.string("name")?, image: fields.string("image")? })
        })
    }

    /// The images of the deployments' containers. OLM has no other way to run an operator.
    fn operator_images(&self) -> Result<Vec<String>, Misfit> {
        let mut install = Fields::new(self.spec()["install"].clone(), Route::root().key("spec").key("install"))?;
        if install.string("strategy")? != "deployment" {
            return Ok(Vec::new());
        }
        let mut strategy = Fields::new(install.value("spec"), install.route("spec"))?;
        let deployments = strategy.list("deployments", |deployment, route| {
            let (mut value, mut route) = (deployment, route);
            for name in ["spec", "template", "spec"] {
                let mut fields = Fields::new(value, route)?;
                (value, route) = (fields.value(name), fields.route(name));
            }
            let mut pod = Fields::new(value, route)?;
            let image = |container, route| Fields::new(container, route)?.string("image");
            let mut images = pod.list("containers", image)?;
            images.extend(pod.list("initContainers", image)?);
            Ok(images)
        })?;
        Ok(deployments.into_iter().flatten().collect())
    }
}

fn list<T>(value: Value, route: Route, make: impl Fn(Value, Route) -> Result<T, Misfit>) -> Result<Vec<T>, Misfit> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            items.into_iter().enumerate().map(|(i, item)| make(item, route.clone().index(i))).collect()
        }
        other => Err(misfit(route, "a list", &other)),
    }
}
