//! How the verbs that push and pull images talk to registries.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use olm_catalog::registry::{Client, Error, Options};

/// How to talk to registries.
#[derive(clap::Args)]
pub(crate) struct Registry {
    /// Use HTTP without TLS. For registries on this machine, HTTP is the fallback if they do not speak TLS.
    #[arg(long, help_heading = "Registry")]
    plain_http: bool,
    /// Accept any certificate.
    #[arg(long, conflicts_with = "plain_http", help_heading = "Registry")]
    insecure: bool,
    /// A file with certificates (PEM) of authorities or registries to trust too. May be given several times.
    #[arg(long = "ca", value_name = "FILE", help_heading = "Registry")]
    authorities: Vec<PathBuf>,
    /// How long a registry may be silent, in seconds.
    #[arg(help_heading = "Registry")]
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    #[arg(skip)]
    client: OnceLock<Client>,
}

impl Registry {
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
            ..Options::default()
        })?;
        Ok(self.client.get_or_init(|| made))
    }
}
