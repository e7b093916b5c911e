//! `catalog cache`: the cache of pulled images.

use anyhow::Context as _;
use olm_catalog::outln;
use olm_catalog::registry::Cache;
use olm_catalog::words::plural;

use crate::Outcome;

/// Show or clean the cache of pulled images.
///
/// Manifests, configurations and layers of pulled images are kept by their digests, so each is pulled once. They are
/// checked whenever they are read. The least recently used ones are removed above --limit cache-bytes. It is safe to
/// delete the folder at any time. docs/cache.md describes it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Print the folder of the cache. It may not exist yet.
    #[command(after_help = "\
Examples:
  catalog cache dir")]
    Dir,
    /// Remove everything from the cache, and print how much it was.
    #[command(after_help = "\
Examples:
  catalog cache clean")]
    Clean,
}

const EXAMPLES: &str = "\
Examples:
  Show how large the cache is:
    du -sh $(catalog cache dir)

  Remove everything:
    catalog cache clean

  Keep the cache in another folder:
    XDG_CACHE_HOME=/var/cache/ci catalog render quay.io/example/catalog:v1";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let folder =
            Cache::user_folder().context("there is no cache: set XDG_CACHE_HOME, or HOME to a folder that exists")?;
        match self.verb {
            Verb::Dir => outln!("{}", folder.display())?,
            Verb::Clean => {
                let removed = Cache::new(&folder).clean();
                let removed = removed.with_context(|| format!("cannot clean {}", folder.display()))?;
                let (files, megabytes) = (plural(removed.files, "file"), removed.bytes as f64 / 1e6);
                outln!("{}: removed {}, {:.1} MB", folder.display(), files, megabytes)?;
            }
        }
        Ok(Outcome::Done)
    }
}
