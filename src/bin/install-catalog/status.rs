//! `install-catalog status`.

use std::time::Duration;

use olm_catalog::errln;
use olm_catalog::install::cluster::Cluster;
use olm_catalog::install::status::{OperatorStatus, Status};

use olm_catalog::terminal::{Screen, Text, table};
use olm_catalog::text;
use tokio::signal::unix::{SignalKind, signal};

use crate::Outcome;
use crate::output::{Format, Output};
use crate::target::Target;

/// Show the state of OLM, the catalog and the operators.
///
/// Exit status: 0 everything runs, 1 something does not run, 2 could not ask the cluster.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  Show the state of every installation of the catalog:
    install-catalog status

  Watch one installation:
    install-catalog status --namespace team-a --watch

  Print the installed versions in a script:
    install-catalog status -o json | jq -r '.operators[].installed'")]
pub(crate) struct Args {
    /// Continue until interrupted. On a terminal, the text is redrawn; elsewhere, changed lines are printed. The exit
    /// status reflects the last state.
    #[arg(short, long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    target: Target,
}

/// The time between two looks at the cluster.
const PAUSE: Duration = Duration::from_secs(2);

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let cluster = self.target.connect().await?;
        if self.watch {
            return self.follow(&cluster).await;
        }
        let status = Status::read(&cluster, &self.target.places()).await?;
        self.output.format.print(&status, text)?;
        Ok(if status.is_well() { Outcome::Done } else { Outcome::Unfinished })
    }
}

impl Args {
    async fn follow(self, cluster: &Cluster) -> anyhow::Result<Outcome> {
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let places = self.target.places();
        let mut last: Option<Status> = None;
        let mut screen = Screen::default();
        let outcome = |status: &Option<Status>| match status {
            Some(status) if status.is_well() => Outcome::Done,
            _ => Outcome::Unfinished,
        };
        loop {
            let look = async {
                let status = Status::read(cluster, &places).await;
                (status, last.is_some())
            };
            tokio::select! {
                (status, seen) = look => match status {
                    Ok(status) if last.as_ref() == Some(&status) => {}
                    Ok(status) => {
                        match self.output.format {
                            Format::Text => screen.show(&text(&status))?,
                            other => other.print(&status, text)?,
                        }
                        last = Some(status);
                    }
                    // A failure at the start is permanent; a later one may pass.
                    Err(error) if !seen => return Err(error.into()),
                    Err(error) => errln!("{:<10} {}", "waiting", Text::lines(&format!("{:#}", anyhow::Error::from(error)))),
                },
                _ = term.recv() => return Ok(outcome(&last)),
                _ = int.recv() => return Ok(outcome(&last)),
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = term.recv() => return Ok(outcome(&last)),
                _ = int.recv() => return Ok(outcome(&last)),
            }
        }
    }
}

fn text(status: &Status) -> Text {
    let olm = &status.olm;
    let version = olm.version.as_deref().unwrap_or("(unknown version)");
    let mut text = match &olm.namespace {
        Some(namespace) => text!("OLM      {} in namespace {}: {}\n", version, namespace, olm.state),
        None => "OLM      is not installed\n".into(),
    };
    text += match &status.catalog {
        Some(catalog) => text!("catalog  {} ({}): {}\n", catalog.name, catalog.image, catalog.state),
        None => "catalog  is not installed\n".into(),
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
        return text + "no operators are installed from this catalog\n".into();
    }
    text = text + "\n".into() + table(&["OPERATOR", "NAMESPACE", "CHANNEL", "INSTALLED", "PHASE", "WAITS"], &rows);
    let deprecations: std::collections::BTreeSet<&String> =
        status.operators.iter().flat_map(|operator| &operator.deprecations).collect();
    text.extend(deprecations.into_iter().map(|message| text!("deprecated: {}\n", message)));
    text
}
