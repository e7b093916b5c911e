//! Prints the problems, and what was checked.

use super::Trouble;
use super::found::list;
use crate::install::evidence::Evidence;
use crate::terminal::{Ink, Text};
use crate::text;
use crate::words::plural;

/// The problems with their remedies, or that nothing is wrong; and what was checked.
///
/// ```text
/// Pod olm/dbaas-catalog-x7k2p: the registry has no image registry.example.com/catalog:v9
///   help: check the name and tag, push the image, or run `install-catalog install` with another --image
/// ```
#[must_use]
pub fn render(troubles: &[Trouble], evidence: &Evidence) -> Text {
    let mut text = Text::new();
    for Trouble { object, message, help } in troubles {
        let object = text!("{}:", object);
        text += text!(
            "{} {}\n  {} {}\n\n",
            Ink::Error.on(object),
            Text::lines(message),
            Ink::Help.on("help:"),
            Text::lines(help)
        );
    }
    let looked = looked_at(evidence);
    text + match troubles.len() {
        0 => text!("{}: {}\n", Ink::Well.on("nothing is wrong"), looked),
        1 => text!("1 problem: {}\n", looked),
        number => text!("{} problems, root causes first: {}\n", number, looked),
    }
}

/// `checked 1 CatalogSource, 4 Subscriptions, … in namespaces olm and dbaas`
fn looked_at(evidence: &Evidence) -> String {
    let counts = [
        plural(evidence.catalogs.len(), "CatalogSource"),
        plural(evidence.subscriptions.len(), "Subscription"),
        plural(evidence.plans.len(), "InstallPlan"),
        plural(evidence.csvs.len(), "ClusterServiceVersion"),
        plural(evidence.deployments.len(), "Deployment"),
        plural(evidence.pods.len(), "pod"),
    ];
    let mut names: Vec<&str> = evidence.scope.all();
    if !names.contains(&evidence.olm.as_str()) {
        names.push(&evidence.olm);
    }
    let names = format!("namespace{} {}", if names.len() == 1 { "" } else { "s" }, list(&names));
    format!("checked {} in {names}", list(counts))
}
