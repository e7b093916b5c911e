//! The settings of an operator's containers that OLM has to know: images of operands, and namespaces to watch.

use k8s_openapi::api::core::v1::{Container, EnvVar, PodSpec};

use crate::bundle::csv::WATCHED;
use crate::reference::Reference;
use crate::yaml::Route;

/// An image in a container's settings.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::generate) struct Operand {
    /// A name for it: after the variable or the option.
    pub(in crate::generate) name: String,
    /// The image.
    pub(in crate::generate) image: String,
    /// The field of the deployment's spec that names it.
    pub(super) at: Route,
}

/// The containers of a pod, with the routes to them in a deployment's spec.
fn containers(pod: &PodSpec) -> impl Iterator<Item = (Route, &Container)> {
    let within = |list: &'static str| {
        move |(i, container)| (Route::root().key("template").key("spec").key(list).index(i), container)
    };
    let first = pod.init_containers.iter().flatten().enumerate().map(within("initContainers"));
    first.chain(pod.containers.iter().enumerate().map(within("containers")))
}

/// The values of a container's variables and arguments, with their names.
fn texts(container: &Container) -> impl Iterator<Item = (Route, &str, &str)> {
    let variables = container.env.iter().flatten().enumerate().filter_map(|(i, EnvVar { name, value, .. })| {
        let value = value.as_deref().filter(|value| !value.is_empty())?;
        Some((Route::root().key("env").index(i).key("value"), name.as_str(), value))
    });
    let arguments =
        [("command", &container.command), ("args", &container.args)].into_iter().flat_map(|(field, list)| {
            list.iter().flatten().enumerate().map(move |(i, text)| {
                let name = text.split_once('=').map_or("", |(name, _)| name);
                (Route::root().key(field).index(i), name, text.as_str())
            })
        });
    variables.chain(arguments)
}

/// The images in the variables and arguments of a pod's containers.
pub(in crate::generate) fn images(pod: &PodSpec) -> Vec<Operand> {
    let mut found = Vec::new();
    for (route, container) in containers(pod) {
        for (field, name, text) in texts(container) {
            // Includes lists and mappings of images: `3.9.0=quay.io/example/kafka:3.9.0`.
            let pieces = text.split(|c: char| c.is_whitespace() || c == ',');
            let images = pieces.map(|piece| piece.rsplit('=').next().unwrap_or(piece)).filter(|piece| is_image(piece));
            for image in images {
                let at = route.clone().join(&field);
                found.push(Operand { name: short(name), image: image.to_owned(), at });
            }
        }
    }
    found
}

/// Whether a text is most likely an image: it has the host of a registry, and a tag or digest.
fn is_image(text: &str) -> bool {
    let Some((host, path)) = text.split_once('/') else { return false };
    let is_host = host.contains('.') && host.starts_with(|c: char| c.is_ascii_alphanumeric());
    let last = path.rsplit('/').next().unwrap_or(path);
    let has_version = last.contains(':') || last.contains('@');
    is_host && has_version && text.parse::<Reference>().is_ok()
}

/// `RELATED_IMAGE_PROXY` and `--proxy-image` as `proxy`.
fn short(name: &str) -> String {
    let name = name.trim_start_matches('-').to_lowercase().replace(['_', '.'], "-");
    let name = name.strip_prefix("related-image-").unwrap_or(&name);
    let name = name.strip_suffix("-image").or_else(|| name.strip_suffix("-images")).unwrap_or(name);
    name.trim_matches('-').to_owned()
}

/// The variables and arguments that look like the namespaces to watch, except the one that always has this meaning.
pub(super) fn watched(pod: &PodSpec) -> Vec<Route> {
    let mut found = Vec::new();
    for (route, container) in containers(pod) {
        let is_namespace = |variable: &EnvVar| {
            let field = variable.value_from.as_ref().and_then(|from| from.field_ref.as_ref());
            field.is_some_and(|field| field.field_path == "metadata.namespace")
        };
        let variables: Vec<&EnvVar> = container.env.iter().flatten().collect();
        for (i, variable) in variables.iter().enumerate() {
            let name = variable.name.as_str();
            // `DEMO_NAMESPACE` next to `DEMO_OPERATOR_NAMESPACE`, both from the pod: one of them is the namespace to
            // watch.
            let beside = name.strip_suffix("_NAMESPACE").map(|start| format!("{start}_OPERATOR_NAMESPACE"));
            let is_one_of_two = is_namespace(variable)
                && variables.iter().any(|other| beside.as_ref() == Some(&other.name) && is_namespace(other));
            let says_so = name != WATCHED && name.contains("WATCH") && name.contains("NAMESPACE");
            if says_so || is_one_of_two {
                found.push(route.clone().key("env").index(i));
            }
        }
        for (field, name, _) in texts(container).filter(|(_, name, _)| name.starts_with('-')) {
            if name.contains("watch") && name.contains("namespace") {
                found.push(route.clone().join(&field));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_told_from_other_texts() {
        let images =
            ["quay.io/a/b:1", "quay.io/b@sha256:1111111111111111111111111111111111111111111111111111111111111111"];
        assert!(images.into_iter().all(is_image));
        let others = [
            "quay.io/a/b",
            "a/b:1",
            "https://a.example.com/b:1",
            "/etc/a.b/c:1",
            "a.example.com:80",
            "10.0.0.0/8",
            "example.com/finalizer",
            "./a/b:1",
        ];
        assert_eq!(others.into_iter().find(|text| is_image(text)), None);
    }

    #[test]
    fn names_are_short() {
        assert_eq!(["RELATED_IMAGE_PROXY", "--proxy-image", "KAFKA_IMAGES"].map(short), ["proxy", "proxy", "kafka"]);
    }
}
