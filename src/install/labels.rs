//! The labels of a catalog image, and the packages in it, read from its registry.
//!
//! The registry may not be reachable from where the installer runs. An installation therefore needs it only for what no
//! option sets.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::options::Options;
use super::trouble::seconds;
use crate::catalog::Catalog;
use crate::diagnostic::chain;
use crate::image::{OPERATORS_LABEL, TITLE_LABEL, VENDOR_LABEL};
use crate::registry::{self, Client};

/// A catalog's facts from its image's labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// The catalog's name in user interfaces.
    pub display_name: Option<String>,
    /// The catalog's publisher.
    pub publisher: Option<String>,
    /// The operators that are installed if none are named.
    pub operators: Vec<String>,
}

impl Labels {
    fn new(mut labels: BTreeMap<String, String>) -> Self {
        // Consoles show them, and the publisher chooses them: texts that are too long or have several lines are left
        // out.
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

    /// Fills in the names that the options lack.
    pub fn fill(&self, options: &mut Options) {
        options.display_name = options.display_name.take().or_else(|| self.display_name.clone());
        options.publisher = options.publisher.take().or_else(|| self.publisher.clone());
    }
}

/// Reads the labels of an image, with a time limit.
///
/// # Errors
/// The reason why they cannot be read, in one line.
pub async fn read(image: &str, limit: Duration) -> Result<Labels, String> {
    apart(image, limit, |client, reference| client.labels(reference).map(Labels::new)).await
}

/// Reads the packages of an image, with a time limit: the file-based catalog in it.
///
/// # Errors
/// The reason why they cannot be read, in one line: an image that cannot be pulled or is not a catalog, a catalog that
/// cannot be read.
pub async fn packages(image: &str, limit: Duration) -> Result<Catalog, String> {
    let pulled = apart(image, limit, |client, reference| client.pull_catalog(reference)).await?;
    Catalog::read(&pulled.path()).map_err(|error| chain(&error))
}

/// Reads the ClusterServiceVersion of a bundle image, with a time limit.
///
/// # Errors
/// The reason why it cannot be read, in one line: an image that cannot be pulled or is not a bundle, a bundle that
/// cannot be read.
pub async fn bundle(image: &str, limit: Duration) -> Result<serde_json::Value, String> {
    let pulled = apart(image, limit, |client, reference| client.pull_bundle(reference)).await?;
    let contents = pulled.bundle.contents().map_err(|error| chain(&error))?;
    Ok(contents.csv().object.clone())
}

/// The registry client blocks, and resolving a name may take long. It therefore runs on a separate thread, which is
/// abandoned when the time is over.
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
        // The receiver may have given up.
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
