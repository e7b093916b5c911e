//! `install-catalog status`.

use olm_catalog::install::status::{OperatorStatus, Status};

use olm_catalog::terminal::Text;
use olm_catalog::text;

use crate::Outcome;
use crate::output::{Output, table};
use crate::target::Target;

/// Shows how OLM, the catalog and the operators are.
///
/// Exit status: 0 all of it runs, 1 something does not, 2 could not ask.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  install-catalog status -o json | jq '.operators[].installed'")]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let cluster = self.target.connect().await?;
        let status = Status::read(&cluster, &self.target.places()).await?;
        self.output.format.print(&status, text)?;
        Ok(if status.is_well() { Outcome::Done } else { Outcome::Unfinished })
    }
}

fn text(status: &Status) -> Text {
    let olm = &status.olm;
    let version = olm.version.as_deref().unwrap_or("of unknown version");
    let mut text = match &olm.namespace {
        Some(namespace) => text!("OLM      {} in namespace {}: {}\n", version, namespace, olm.state),
        None => "OLM      is not there\n".into(),
    };
    text += match &status.catalog {
        Some(catalog) => text!("catalog  {} ({}): {}\n", catalog.name, catalog.image, catalog.state),
        None => "catalog  is not there\n".into(),
    };
    let row = |operator: &OperatorStatus| {
        let or = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.to_owned());
        let phase = if operator.phase.is_empty() { "-" } else { &operator.phase };
        vec![
            operator.operator.clone(),
            operator.namespace.clone(),
            or(&operator.channel, "(default)"),
            or(&operator.installed, "-"),
            phase.to_owned(),
            or(&operator.pending, "-"),
        ]
    };
    let rows: Vec<_> = status.operators.iter().map(row).collect();
    if rows.is_empty() {
        return text + "no operators are installed from it\n".into();
    }
    text + "\n".into() + table(&["OPERATOR", "NAMESPACE", "CHANNEL", "INSTALLED", "PHASE", "WAITS"], &rows)
}
