//! How the verbs that push and pull images talk to registries.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use olm_catalog::registry::{self, Cache, Client, Error, Options, Pulled, PulledBundle};
use olm_catalog::terminal::Progress;

/// How to talk to registries.
#[derive(clap::Args)]
pub(crate) struct Registry {
    /// Use HTTP without TLS. For registries on this machine, HTTP is the fallback if they do not speak TLS.
    #[arg(long, visible_alias = "use-http", help_heading = "Registry")]
    plain_http: bool,
    /// Accept any certificate.
    #[arg(long, visible_alias = "skip-tls-verify", conflicts_with = "plain_http", help_heading = "Registry")]
    insecure: bool,
    /// A file with certificates (PEM) of authorities or registries to trust too. May be given several times.
    #[arg(long = "ca", value_name = "FILE", help_heading = "Registry")]
    authorities: Vec<PathBuf>,
    /// How long a registry may be silent, in seconds.
    #[arg(help_heading = "Registry")]
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Pull everything again. Otherwise, what has a digest is pulled once and kept; `catalog cache dir` prints where.
    #[arg(long, env = "OLM_CATALOG_NO_CACHE", hide_env = true, value_parser = FalseyValueParser::new())]
    no_cache: bool,
    #[arg(skip)]
    client: OnceLock<Client>,
}

impl Registry {
    /// Pulls an image, and shows the progress.
    pub(crate) fn pull(&self, reference: &str) -> Result<Pulled, Error> {
        let _progress = self.progress(reference)?;
        self.client()?.pull(&registry::reference(reference)?)
    }

    /// The same for a bundle.
    pub(crate) fn pull_bundle(&self, reference: &str) -> Result<PulledBundle, Error> {
        let _progress = self.progress(reference)?;
        self.client()?.pull_bundle(&registry::reference(reference)?)
    }

    /// The progress of a pull, until it is dropped.
    pub(crate) fn progress(&self, reference: &str) -> Result<Progress, Error> {
        Ok(Progress::transfer(&format!("pulling {reference}"), self.client()?.received()))
    }

    /// The client, made on first use: most runs need none.
    pub(crate) fn client(&self) -> Result<&Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let made = Client::new(Options {
            plain_http: self.plain_http,
            insecure: self.insecure,
            authorities: self.authorities.clone(),
            timeout: Duration::from_secs(self.timeout),
            cache: Cache::user_folder().filter(|_| !self.no_cache),
            ..Options::default()
        })?;
        Ok(self.client.get_or_init(|| made))
    }
}
