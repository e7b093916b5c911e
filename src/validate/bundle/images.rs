//! The images in a bundle.

use super::{Context, Node};
use crate::reference::Reference;

/// The images of a ClusterServiceVersion: those of its containers, of their variables named `RELATED_IMAGE…`, and its
/// `relatedImages`. Empty texts are omitted.
pub(super) fn all<'c>(context: &'c Context<'_>) -> Vec<Node<'c>> {
    let mut images = run(context);
    images.extend(context.spec("relatedImages").into_iter().map(|related| related.get("image")));
    images.retain(|image| !image.text().is_empty());
    images
}

/// The images that the operator runs, including those in its variables.
pub(super) fn run<'c>(context: &'c Context<'_>) -> Vec<Node<'c>> {
    let mut images = Vec::new();
    for container in context.containers(true) {
        images.push(container.get("image"));
        let variables =
            container.get("env").items().filter(|variable| variable.get("name").text().starts_with("RELATED_IMAGE"));
        images.extend(variables.map(|variable| variable.get("value")));
    }
    images.retain(|image| !image.text().is_empty());
    images
}

/// The reference, if the text is valid.
pub(super) fn reference(image: &Node<'_>) -> Option<Reference> {
    image.text().parse().ok()
}
