//! The cluster and the namespaces: arguments that several verbs share.

use std::path::PathBuf;
use std::time::Duration;

use olm_catalog::install::cluster::{Cluster, Connection};
use olm_catalog::install::error::Error;
use olm_catalog::install::options::CATALOG;
use olm_catalog::install::places::Places;
use olm_catalog::terminal::Ink;
use olm_catalog::{duration, errln};

/// The cluster.
#[derive(clap::Args)]
#[command(next_help_heading = "Cluster")]
pub(crate) struct Target {
    /// The kubeconfig file [default: $KUBECONFIG or ~/.kube/config, and in a pod the pod's own cluster].
    ///
    /// Proxies work as in kubectl: `proxy-url` of the kubeconfig's cluster, or HTTPS_PROXY (HTTP_PROXY for a server
    /// without TLS), except for servers in NO_PROXY. A proxy URL may be http://, https:// or socks5://.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig file.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// The user to act as.
    #[arg(long = "as", value_name = "USER")]
    as_user: Option<String>,
    /// A group to act as. May be given several times.
    #[arg(long = "as-group", value_name = "GROUP", requires = "as_user")]
    as_groups: Vec<String>,
    /// How long to retry a request if the API server does not answer.
    ///
    /// Without it, a server that has never answered is tried for 1.5 s, and one that has answered before for 90 s.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    request_timeout: Option<Duration>,
    /// The namespace of the operators, and of the databases that they run.
    ///
    /// Without it, `install` uses dbaas, `status` and `upgrades` show every installation of the catalog, and
    /// `uninstall` and `approve` require it if there are several installations.
    #[arg(short, long, value_name = "NAME", value_parser = label)]
    namespace: Option<String>,
    /// The namespace of OLM, where the catalog is installed (on OpenShift: openshift-marketplace).
    #[arg(long, value_name = "NAME", default_value = "olm", value_parser = label)]
    pub(crate) olm_namespace: String,
    /// The name of the CatalogSource.
    #[arg(long, value_name = "NAME", default_value = CATALOG, value_parser = label)]
    pub(crate) catalog: String,
}

impl Target {
    /// Reads the configuration. Sends no request yet.
    pub(crate) async fn connect(&self) -> Result<Cluster, Error> {
        let connection = Connection {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            user: self.as_user.clone(),
            groups: self.as_groups.clone(),
            request_timeout: self.request_timeout,
        };
        let cluster = Cluster::connect(&connection).await?;
        Ok(cluster.noticed(|seen| errln!("{} {}", Ink::Bad.on("waiting   "), seen)))
    }

    /// The namespace of the operators.
    pub(crate) fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or(NAMESPACE)
    }

    /// The place of the installation, or of all installations if no namespace was given.
    pub(crate) fn places(&self) -> Places {
        Places {
            catalog: self.catalog.clone(),
            olm_namespace: self.olm_namespace.clone(),
            namespace: self.namespace().to_owned(),
            only: self.namespace.is_some(),
        }
    }

    /// The place of the one installation that is meant. With `all`, of those in all namespaces.
    pub(crate) async fn one(&self, cluster: &Cluster, all: bool) -> Result<Places, Error> {
        let mut places = self.places();
        if places.only || all {
            return Ok(places);
        }
        match &*places.installations(cluster).await? {
            [] => {}
            [one] => one.clone_into(&mut places.namespace),
            many => {
                return Err(Error::InTheWay {
                    message: format!(
                        "{} is installed for several namespaces: {}; nothing was changed",
                        self.catalog,
                        many.join(", ")
                    ),
                    help: "name one with --namespace, or pass --all-installations".into(),
                });
            }
        }
        places.only = true;
        Ok(places)
    }
}

/// The default namespace of the operators.
const NAMESPACE: &str = "dbaas";

/// A name as Kubernetes accepts it for namespaces, and in labels: RFC 1123.
pub(crate) fn label(text: &str) -> Result<String, String> {
    let is_end = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let is_label = text.len() <= 63
        && text.chars().all(|character| is_end(character) || character == '-')
        && text.starts_with(is_end)
        && text.ends_with(is_end);
    match is_label {
        true => Ok(text.to_owned()),
        false if text.is_empty() => Err("the name is empty".to_owned()),
        false => {
            Err("not a valid name: use up to 63 lower-case letters, digits and `-`, with a letter or digit at both \
                      ends"
                .to_owned())
        }
    }
}

/// A name as Kubernetes accepts it for most objects: RFC 1123, labels with dots between them.
pub(crate) fn name(text: &str) -> Result<String, String> {
    subdomain(text).map(|()| text.to_owned())
}

pub(crate) fn subdomain(text: &str) -> Result<(), String> {
    match text {
        "" => Err("the name is empty".to_owned()),
        _ if text.len() <= 253 && text.split('.').all(|part| label(part).is_ok()) => Ok(()),
        _ => Err(format!("{text:?} is not a valid name: use lower-case letters, digits, `-` and `.`")),
    }
}

/// The longest duration that an option accepts.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// `90s`, `10m`, `1h30m`: whole seconds, at most a week.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let whole = |duration: &Duration| *duration <= LONGEST && duration.subsec_nanos() == 0;
    let duration = duration::parse(text).filter(whole);
    duration.ok_or_else(|| {
        format!("{text:?} is not a duration in whole seconds of at most a week (examples: 90s, 10m, 1h30m)")
    })
}
