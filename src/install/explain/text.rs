//! Troubles for people, and what was looked at.

use anstyle::{AnsiColor, Style};

use super::Trouble;
use super::found::list;
use crate::install::evidence::Evidence;

const RED: Style = AnsiColor::Red.on_default().bold();
const BLUE: Style = AnsiColor::Cyan.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// The troubles, each with what to do about it; without any, that nothing is wrong, and what was looked at. With the
/// escape sequences of colours: print it through `anstream`, which takes them out where they do not belong.
///
/// ```text
/// Pod olm/dbaas-catalog-x7k2p: the registry has no image registry.example.com/catalog:v9
///   help: check the name and tag, push the image, or run `install-catalog install` with another --image
/// ```
#[must_use]
pub fn render(troubles: &[Trouble], evidence: &Evidence) -> String {
    let mut text = String::new();
    for Trouble { object, message, help } in troubles {
        text += &format!("{RED}{object}:{RED:#} {message}\n  {BLUE}help:{BLUE:#} {help}\n\n");
    }
    let looked = looked_at(evidence);
    text + &match troubles.len() {
        0 => format!("{GREEN}nothing is wrong{GREEN:#}: {looked}\n"),
        1 => format!("1 trouble: {looked}\n"),
        number => format!("{number} troubles, the first causes first: {looked}\n"),
    }
}

/// `looked at namespaces olm and dbaas: 1 catalog, 4 subscriptions, …`
fn looked_at(evidence: &Evidence) -> String {
    let count = |number: usize, noun: &str| match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    };
    let counts = [
        count(evidence.catalogs.len(), "CatalogSource"),
        count(evidence.subscriptions.len(), "Subscription"),
        count(evidence.plans.len(), "InstallPlan"),
        count(evidence.csvs.len(), "ClusterServiceVersion"),
        count(evidence.deployments.len(), "Deployment"),
        count(evidence.pods.len(), "pod"),
    ];
    let mut names: Vec<&str> = evidence.scope.all();
    if !names.contains(&evidence.olm.as_str()) {
        names.push(&evidence.olm);
    }
    let names = format!("namespace{} {}", if names.len() == 1 { "" } else { "s" }, list(&names));
    format!("looked at {} in {names}", list(counts))
}
