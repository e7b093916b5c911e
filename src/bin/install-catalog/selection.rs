//! What is to be installed: arguments that the verbs share.

use std::time::Duration;

use anyhow::bail;
use olm_catalog::errln;
use olm_catalog::install::api::Toleration;
use olm_catalog::install::error::Error;
use olm_catalog::install::labels::{self, Labels};
use olm_catalog::install::options::{self, Amount, Approval, Env, For, Label, Options, Settings, Watch};
use olm_catalog::reference::Reference;

use crate::target::{Target, duration, label, name, subdomain};

/// The operators and how they are installed.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// The operators, by their packages. Without it those that the image's labels name as its default ones.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    operators: Vec<String>,
    /// What user interfaces call the catalog. Without it what the image's label org.opencontainers.image.title says.
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// Who publishes the catalog. Without it what the image's label org.opencontainers.image.vendor says.
    #[arg(long, value_name = "TEXT")]
    publisher: Option<String>,
    /// Do not ask the image's registry for its labels, such as where it cannot be reached from here.
    #[arg(long)]
    no_image_labels: bool,
    /// A Secret of OLM's namespace with which the images of the catalog and its bundles are pulled; may be given
    /// several times.
    #[arg(long = "pull-secret", value_name = "NAME", value_parser = name)]
    pull_secrets: Vec<String>,
    /// A label that the nodes must have. WHO is an operator, `all` for every operator, or `catalog` for the catalog's pod.
    #[arg(long = "node-selector", value_name = "WHO:KEY=VALUE")]
    node_selectors: Vec<For<Label>>,
    /// A taint of nodes that does not keep the pods off, as kubectl writes taints. WHO as for --node-selector.
    #[arg(long = "toleration", value_name = "WHO:KEY[=VALUE][:EFFECT]")]
    tolerations: Vec<For<Toleration>>,
    /// What each container asks for, such as all:cpu=100m. For `catalog` OLM sets memory alone.
    #[arg(long = "request", value_name = "WHO:RESOURCE=QUANTITY")]
    requests: Vec<For<Amount>>,
    /// What each container of an operator may use at most, such as all:memory=512Mi.
    #[arg(long = "limit", value_name = "WHO:RESOURCE=QUANTITY")]
    limits: Vec<For<Amount>>,
    /// The PriorityClass of the catalog's pod.
    #[arg(long = "catalog-priority-class", value_name = "NAME", value_parser = name)]
    priority_class: Option<String>,
    /// An operator's channel. Without it the package's default channel.
    #[arg(long = "channel", value_name = "OPERATOR=CHANNEL")]
    channels: Vec<For<String>>,
    /// The version of an operator to begin with. Without it the channel's newest.
    #[arg(long = "version", value_name = "OPERATOR=VERSION")]
    versions: Vec<For<String>>,
    /// An environment variable of an operator's pods; `all` for every operator.
    #[arg(long = "env", value_name = "OPERATOR:NAME=VALUE")]
    env: Vec<For<Env>>,
    /// Who approves upgrades: a user, or OLM by itself.
    #[arg(long, value_enum, default_value = "manual")]
    approval: Approvals,
    /// The operators watch all namespaces, not just their own.
    #[arg(long, conflicts_with = "isolate")]
    all_namespaces: bool,
    /// Each operator in a namespace of its own, so that each is upgraded by itself: all that OLM upgrades in one
    /// namespace it upgrades together.
    #[arg(long)]
    isolate: bool,
    /// How often OLM asks the registry for a newer catalog under the same tag; 0s for never.
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration)]
    poll: Duration,
}

/// How long the registry may take where nothing goes on without it.
const PULLED: Duration = Duration::from_secs(60);
/// How long it may take where only names for user interfaces are asked for.
const OPTIONAL: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, clap::ValueEnum)]
enum Approvals {
    Manual,
    Automatic,
}

fn image_option(text: &str) -> anyhow::Result<Reference> {
    text.parse().map_err(|why| anyhow::anyhow!("--image: {text:?} is not a valid image reference: {why}"))
}

impl Selection {
    /// Puts them together, with what the image's labels say where nothing else does.
    pub(crate) async fn complete(&self, image: &str, target: &Target) -> anyhow::Result<Options> {
        // What is wrong with the options is told before anything is asked.
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
            (Err(why), true) => bail!(choose(format!("the labels of {reference} cannot be read: {why}"), None)),
            (Err(why), false) => {
                errln!(
                    "{:<10} the image's labels cannot be read, --display-name and --publisher replace them: {}",
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

    /// The default operators of the image; without any, an error that lists what it has.
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

    /// Puts them together without asking anybody. Only the namespaces of isolated operators depend on which these are.
    pub(crate) fn named(&self, image: &str, target: &Target) -> anyhow::Result<Options> {
        if self.isolate && self.operators.is_empty() {
            bail!("--isolate needs --operators: each of them has a namespace of its own");
        }
        self.options(image, target, &self.operators)
    }

    /// Puts them together for these operators.
    fn options(&self, image: &str, target: &Target, packages: &[String]) -> anyhow::Result<Options> {
        let image = image_option(image)?;
        for name in packages {
            subdomain(name).map_err(|why| anyhow::anyhow!("--operators: {why}"))?;
            let own = format!("{}-{name}", target.namespace());
            if self.isolate && label(&own).is_err() {
                bail!("--isolate: {own} is not a valid name for a namespace; choose a shorter --namespace");
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

    /// The arguments of `install` that say the same.
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

/// That the operators must be named.
fn choose(why: String, packages: Option<Vec<String>>) -> Error {
    let help = match packages {
        Some(packages) => format!("the catalog has {}: choose with --operators", packages.join(", ")),
        None => "name the operators with --operators".to_owned(),
    };
    Error::InTheWay { message: format!("no operators are named, and {why}"), help }
}
