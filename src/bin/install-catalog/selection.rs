//! What is to be installed: arguments that the verbs share.

use std::time::Duration;

use olm_catalog::install::options::{self, Approval, Env, For, OPERATORS, Options, Watch};
use olm_catalog::reference::Reference;

use crate::target::{Target, duration, label, subdomain};

/// The operators and how they are installed.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// The operators, by their packages.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', default_values = OPERATORS)]
    operators: Vec<String>,
    /// An operator's channel. Without it the package's default channel.
    #[arg(long = "channel", value_name = "OPERATOR=CHANNEL")]
    channels: Vec<For<String>>,
    /// The version of an operator to begin with. Without it the channel's newest.
    #[arg(long = "version", value_name = "OPERATOR=VERSION")]
    versions: Vec<For<String>>,
    /// An environment variable of an operator's pods.
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

#[derive(Clone, Copy, clap::ValueEnum)]
enum Approvals {
    Manual,
    Automatic,
}

impl Selection {
    /// Puts them together.
    pub(crate) fn options(&self, image: &str, target: &Target) -> anyhow::Result<Options> {
        let image: Reference = image.parse()?;
        for name in &self.operators {
            subdomain(name).map_err(|why| anyhow::anyhow!("--operators: {why}"))?;
            let own = format!("{}-{name}", target.namespace());
            if self.isolate && label(&own).is_err() {
                anyhow::bail!("--isolate: {own} is not a valid name for a namespace; choose a shorter --namespace");
            }
        }
        let operators = options::operators(&self.operators, &self.channels, &self.versions, &self.env);
        let operators = operators.map_err(anyhow::Error::msg)?;
        Ok(Options {
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
            format!("--operators={}", self.operators.join(",")),
            format!("--poll={}s", options.poll.as_secs()),
        ];
        let pairs = |name: &str, list: &[For<String>]| -> Vec<String> {
            list.iter().map(|pair| format!("--{name}={}={}", pair.operator, pair.value)).collect()
        };
        arguments.extend(pairs("channel", &self.channels));
        arguments.extend(pairs("version", &self.versions));
        let env = self.env.iter();
        arguments.extend(env.map(|it| format!("--env={}:{}={}", it.operator, it.value.name, it.value.value)));
        let flags = [
            (options.approval == Approval::Automatic, "--approval=automatic"),
            (self.all_namespaces, "--all-namespaces"),
            (self.isolate, "--isolate"),
        ];
        arguments.extend(flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag.to_owned()));
        arguments
    }
}
