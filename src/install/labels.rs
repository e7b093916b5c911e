//! What a catalog's image says of itself: its labels, and the packages in it, read from its registry.
//!
//! Where the installer runs, the registry may not be reachable. So an installation needs it only for what no option says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::explain::seconds;
use super::options::Options;
use crate::catalog::Catalog;
use crate::diagnostic::chain;
use crate::image::{OPERATORS_LABEL, TITLE_LABEL, VENDOR_LABEL};
use crate::registry::{self, Client};

/// What an image's labels say of its catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// What user interfaces call the catalog.
    pub display_name: Option<String>,
    /// Who publishes it.
    pub publisher: Option<String>,
    /// The operators that are installed where none are named.
    pub operators: Vec<String>,
}

impl Labels {
    fn new(mut labels: BTreeMap<String, String>) -> Self {
        // They are shown by consoles, and are the publisher's: what is too long or not one line is left out.
        let fits = |text: &String| !text.trim().is_empty() && text.len() <= 256 && !text.chars().any(char::is_control);
        let mut take = |name: &str| labels.remove(name).filter(fits);
        let operators = take(OPERATORS_LABEL).unwrap_or_default();
        let operators: BTreeSet<&str> = operators.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        Self {
            display_name: take(TITLE_LABEL),
            publisher: take(VENDOR_LABEL),
            operators: operators.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Gives the options the names that they lack.
    pub fn fill(&self, options: &mut Options) {
        options.display_name = options.display_name.take().or_else(|| self.display_name.clone());
        options.publisher = options.publisher.take().or_else(|| self.publisher.clone());
    }
}

/// Reads the labels of an image within a time.
///
/// # Errors
/// Why they cannot be read, in one line.
pub async fn read(image: &str, limit: Duration) -> Result<Labels, String> {
    apart(image, limit, |client, reference| client.labels(reference).map(Labels::new)).await
}

/// Reads the packages of an image within a time: the file-based catalog in it.
///
/// # Errors
/// Why they cannot be read, in one line: an image that cannot be pulled or is no catalog, a catalog that cannot be read.
pub async fn packages(image: &str, limit: Duration) -> Result<Catalog, String> {
    let pulled = apart(image, limit, |client, reference| client.pull_catalog(reference)).await?;
    Catalog::read(&pulled.path()).map_err(|error| chain(&error))
}

/// Reads the ClusterServiceVersion of a bundle's image within a time.
///
/// # Errors
/// Why it cannot be read, in one line: an image that cannot be pulled or is not a bundle, a bundle that cannot be read.
pub async fn bundle(image: &str, limit: Duration) -> Result<serde_json::Value, String> {
    let pulled = apart(image, limit, |client, reference| client.pull_bundle(reference)).await?;
    let contents = pulled.bundle.contents().map_err(|error| chain(&error))?;
    Ok(contents.csv().object.clone())
}

/// The registry's client blocks, and a name that does not resolve may take long: it works on a thread of its own, which
/// nobody waits for when the time is over.
async fn apart<T: Send + 'static>(
    image: &str,
    limit: Duration,
    ask: impl FnOnce(&Client, &registry::Reference) -> Result<T, registry::Error> + Send + 'static,
) -> Result<T, String> {
    let reference = registry::reference(image).map_err(|error| chain(&error))?;
    let (send, receive) = oneshot::channel();
    std::thread::spawn(move || {
        let timeout = limit;
        let client = Client::new(registry::Options { timeout, ..registry::Options::default() });
        // Whoever waited may have gone.
        drop(send.send(client.and_then(|client| ask(&client, &reference))));
    });
    match timeout(limit, receive).await {
        Ok(Ok(result)) => result.map_err(|error| chain(&error)),
        Ok(Err(_)) => Err("the registry client stopped".to_owned()),
        Err(_) => Err(format!("the registry did not answer within {}", seconds(limit))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_the_catalog_and_its_operators() {
        let labels = |pairs: &[(&str, &str)]| {
            Labels::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        let found = labels(&[(TITLE_LABEL, "A catalog"), (OPERATORS_LABEL, "b, a,,b"), ("other", "x")]);
        assert_eq!((found.display_name.as_deref(), found.publisher), (Some("A catalog"), None));
        assert_eq!(found.operators, ["a", "b"]);
        assert_eq!(labels(&[(TITLE_LABEL, "two\nlines"), (VENDOR_LABEL, " ")]), Labels::default());
    }
}
