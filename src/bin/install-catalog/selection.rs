//! What to install: arguments that several verbs share.

use std::time::Duration;

use anyhow::bail;
use olm_catalog::errln;
use olm_catalog::install::api::Toleration;
use olm_catalog::install::error::Error;
use olm_catalog::install::labels::{self, Labels};
use olm_catalog::install::options::{self, Amount, Approval, Env, For, Label, Options, Settings, Watch};
use olm_catalog::reference::Reference;

use crate::target::{Target, duration, label, name, subdomain};

/// The operators, and how to install them.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// The packages of the operators [default: those that the image's labels name as default operators].
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', help_heading = "Operators")]
    operators: Vec<String>,
    /// The catalog's name in user interfaces [default: the image's label org.opencontainers.image.title].
    #[arg(long, value_name = "TEXT", help_heading = "Catalog")]
    display_name: Option<String>,
    /// The catalog's publisher [default: the image's label org.opencontainers.image.vendor].
    #[arg(long, value_name = "TEXT", help_heading = "Catalog")]
    publisher: Option<String>,
    /// Do not read the image's labels from its registry, for example if the registry is not reachable from here.
    #[arg(long, help_heading = "Catalog")]
    no_image_labels: bool,
    /// A Secret in OLM's namespace for pulling the images of the catalog and its bundles. May be given several times.
    #[arg(long = "pull-secret", value_name = "NAME", value_parser = name, help_heading = "Catalog")]
    pull_secrets: Vec<String>,
    /// A label that the nodes must have. WHO is an operator, `all` for every operator, or `catalog` for the catalog's
    /// pod.
    #[arg(long = "node-selector", value_name = "WHO:KEY=VALUE", help_heading = "Pods")]
    node_selectors: Vec<For<Label>>,
    /// A node taint that the pods tolerate, in kubectl's syntax. WHO is as for --node-selector.
    #[arg(long = "toleration", value_name = "WHO:KEY[=VALUE][:EFFECT]", help_heading = "Pods")]
    tolerations: Vec<For<Toleration>>,
    /// A resource request of each container, such as all:cpu=100m. For `catalog`, OLM sets only memory.
    #[arg(long = "request", value_name = "WHO:RESOURCE=QUANTITY", help_heading = "Pods")]
    requests: Vec<For<Amount>>,
    /// A resource limit of each container of an operator, such as all:memory=512Mi.
    #[arg(long = "limit", value_name = "WHO:RESOURCE=QUANTITY", help_heading = "Pods")]
    limits: Vec<For<Amount>>,
    /// The PriorityClass of the catalog's pod.
    #[arg(long = "catalog-priority-class", value_name = "NAME", value_parser = name, help_heading = "Catalog")]
    priority_class: Option<String>,
    /// An operator's channel [default: the package's default channel].
    #[arg(long = "channel", value_name = "OPERATOR=CHANNEL", help_heading = "Operators")]
    channels: Vec<For<String>>,
    /// The version of an operator to install first [default: the channel's newest].
    #[arg(long = "version", value_name = "OPERATOR=VERSION", help_heading = "Operators")]
    versions: Vec<For<String>>,
    /// An environment variable of an operator's pods. Use `all` for every operator.
    #[arg(long = "env", value_name = "OPERATOR:NAME=VALUE", help_heading = "Operators")]
    env: Vec<For<Env>>,
    /// Who approves upgrades: a user, or OLM automatically.
    #[arg(long, value_enum, default_value = "manual", help_heading = "Operators")]
    approval: Approvals,
    /// Let the operators watch all namespaces, not only their own.
    #[arg(long, conflicts_with = "isolate", help_heading = "Operators")]
    all_namespaces: bool,
    /// Install each operator in its own namespace, so that each can be upgraded separately. OLM upgrades the operators
    /// of one namespace together.
    #[arg(long, help_heading = "Operators")]
    isolate: bool,
    /// How often OLM asks the registry for a newer catalog under the same tag. Use 0s for never.
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration, help_heading = "Catalog")]
    poll: Duration,
}

/// The time limit for the registry if its answer is required.
const PULLED: Duration = Duration::from_secs(60);
/// The time limit if only names for user interfaces are needed.
const OPTIONAL: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, clap::ValueEnum)]
enum Approvals {
    /// Upgrades wait for `install-catalog approve`.
    Manual,
    /// OLM upgrades at once.
    Automatic,
}

fn image_option(text: &str) -> anyhow::Result<Reference> {
    text.parse().map_err(|why| anyhow::anyhow!("--image: {text:?} is not a valid image reference: {why}"))
}

impl Selection {
    /// Builds the options. The image's labels fill in what the arguments leave out.
    pub(crate) async fn complete(&self, image: &str, target: &Target) -> anyhow::Result<Options> {
        // Invalid options are reported before any request.
        let options = self.options(image, target, &self.operators).map(drop);
        if !self.operators.is_empty() {
            options?;
        }
        let reference = image_option(image)?;
        let lacking = self.operators.is_empty() || self.display_name.is_none() || self.publisher.is_none();
        if !lacking || self.no_image_labels {
            if self.operators.is_empty() {
                bail!(choose("the image's labels are not read".to_owned(), None));
            }
            return self.options(image, target, &self.operators);
        }
        let limit = if self.operators.is_empty() { PULLED } else { OPTIONAL };
        let (labels, operators) = match (labels::read(&reference.to_string(), limit).await, self.operators.is_empty()) {
            (Ok(labels), true) => {
                let operators = self.defaults(&reference, &labels).await?;
                (labels, operators)
            }
            (Ok(labels), false) => (labels, self.operators.clone()),
            (Err(why), true) => bail!(choose(format!("cannot read the labels of {reference}: {why}"), None)),
            (Err(why), false) => {
                errln!(
                    "{:<10} cannot read the image's labels; --display-name and --publisher replace them: {}",
                    "note",
                    why
                );
                (Labels::default(), self.operators.clone())
            }
        };
        let mut options = self.options(image, target, &operators)?;
        labels.fill(&mut options);
        Ok(options)
    }

    /// The default operators of the image. If it names none, the error lists its packages.
    async fn defaults(&self, image: &Reference, labels: &Labels) -> anyhow::Result<Vec<String>> {
        if !labels.operators.is_empty() {
            return Ok(labels.operators.clone());
        }
        let message = format!("the labels of {image} name no default operators");
        match labels::packages(&image.to_string(), PULLED).await {
            Ok(catalog) => {
                let mut names: Vec<String> = catalog.packages.into_iter().map(|package| package.name).collect();
                names.sort();
                bail!(choose(message, Some(names)))
            }
            Err(why) => bail!(choose(format!("{message}, and its packages cannot be read: {why}"), None)),
        }
    }

    /// Builds the options without any request. Only the namespaces of isolated operators depend on the operators'
    /// names.
    pub(crate) fn named(&self, image: &str, target: &Target) -> anyhow::Result<Options> {
        if self.isolate && self.operators.is_empty() {
            bail!("--isolate needs --operators: each operator gets its own namespace");
        }
        self.options(image, target, &self.operators)
    }

    /// Builds the options for these operators.
    fn options(&self, image: &str, target: &Target, packages: &[String]) -> anyhow::Result<Options> {
        let image = image_option(image)?;
        for name in packages {
            subdomain(name).map_err(|why| anyhow::anyhow!("--operators: {why}"))?;
            let own = format!("{}-{name}", target.namespace());
            if self.isolate && label(&own).is_err() {
                bail!("--isolate: {own} is not a valid namespace name; choose a shorter --namespace");
            }
        }
        let settings = Settings {
            channels: &self.channels,
            versions: &self.versions,
            env: &self.env,
            node_selectors: &self.node_selectors,
            tolerations: &self.tolerations,
            requests: &self.requests,
            limits: &self.limits,
        };
        let (operators, catalog_pod) = options::together(packages, &settings).map_err(anyhow::Error::msg)?;
        Ok(Options {
            display_name: self.display_name.clone(),
            publisher: self.publisher.clone(),
            pull_secrets: self.pull_secrets.clone(),
            catalog_pod,
            priority_class: self.priority_class.clone(),
            image: image.to_string(),
            catalog: target.catalog.clone(),
            namespace: target.namespace().to_owned(),
            olm_namespace: target.olm_namespace.clone(),
            operators,
            approval: match self.approval {
                Approvals::Manual => Approval::Manual,
                Approvals::Automatic => Approval::Automatic,
            },
            watch: if self.all_namespaces { Watch::All } else { Watch::Own },
            isolate: self.isolate,
            poll: self.poll,
        })
    }

    /// The same selection as arguments of `install`.
    pub(crate) fn arguments(&self, options: &Options) -> Vec<String> {
        let mut arguments = vec![
            "install".to_owned(),
            format!("--image={}", options.image),
            format!("--namespace={}", options.namespace),
            format!("--olm-namespace={}", options.olm_namespace),
            format!("--catalog={}", options.catalog),
            format!("--poll={}s", options.poll.as_secs()),
        ];
        if !self.operators.is_empty() {
            arguments.push(format!("--operators={}", self.operators.join(",")));
        }
        arguments.extend(all("channel", &self.channels));
        arguments.extend(all("version", &self.versions));
        arguments.extend(all("env", &self.env));
        arguments.extend(all("display-name", &self.display_name));
        arguments.extend(all("publisher", &self.publisher));
        arguments.extend(all("pull-secret", &self.pull_secrets));
        arguments.extend(all("node-selector", &self.node_selectors));
        arguments.extend(all("toleration", &self.tolerations));
        arguments.extend(all("request", &self.requests));
        arguments.extend(all("limit", &self.limits));
        arguments.extend(all("catalog-priority-class", &self.priority_class));
        let flags = [
            (self.no_image_labels, "--no-image-labels"),
            (options.approval == Approval::Automatic, "--approval=automatic"),
            (self.all_namespaces, "--all-namespaces"),
            (self.isolate, "--isolate"),
        ];
        arguments.extend(flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag.to_owned()));
        arguments
    }
}

/// Each value of an option as an argument.
fn all<'v, T: ToString + 'v>(option: &str, values: impl IntoIterator<Item = &'v T>) -> Vec<String> {
    values.into_iter().map(|value| format!("--{option}={}", value.to_string())).collect()
}

/// The error for missing operators.
fn choose(why: String, packages: Option<Vec<String>>) -> Error {
    let help = match packages {
        Some(packages) => format!("the catalog has {}: choose with --operators", packages.join(", ")),
        None => "name the operators with --operators".to_owned(),
    };
    Error::InTheWay { message: format!("no operators are named, and {why}"), help }
}
