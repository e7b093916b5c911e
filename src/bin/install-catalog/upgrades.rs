//! `install-catalog upgrades`.

use olm_catalog::install::upgrades::{self, Definition, Upgrade};
use olm_catalog::safety::report::unsafe_changes;
use olm_catalog::terminal::{Text, table};
use olm_catalog::text;

use crate::Outcome;
use crate::output::Output;
use crate::target::Target;

/// Show the upgrades that wait for approval, with all changes that they bring.
///
/// Exit status: 0 done, also if no upgrade waits, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  Show the upgrades that wait:
    install-catalog upgrades

  Print the names of the InstallPlans in a script:
    install-catalog upgrades -o json | jq -r '.[].plan'")]
pub(crate) struct Args {
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    target: Target,
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let cluster = self.target.connect().await?;
        let waiting = upgrades::waiting(&cluster, &self.target.places()).await?;
        self.output.format.print(&waiting, |waiting| text(waiting))?;
        Ok(Outcome::Done)
    }
}

/// The upgrades as text for people.
pub(crate) fn text(waiting: &[Upgrade]) -> Text {
    if waiting.is_empty() {
        return "no upgrades are waiting for approval\n".into();
    }
    Text::from("\n").join(waiting.iter().map(one))
}

fn one(upgrade: &Upgrade) -> Text {
    let mut text = text!("InstallPlan {}/{}\n", upgrade.namespace, upgrade.id());
    let rows: Vec<_> = upgrade
        .operators
        .iter()
        .map(|change| {
            let from = change.from.clone().unwrap_or_else(|| "-".to_owned());
            vec![format!("  {}", change.operator), from, change.to.clone()]
        })
        .collect();
    text += table(&["  OPERATOR", "FROM", "TO"], &rows);
    let definitions: Text = upgrade.definitions.iter().map(definition).collect();
    text += if definitions.is_empty() { definitions } else { Text::from("  definitions\n") + definitions };
    text += section("permissions gained", upgrade.permissions.iter().cloned());
    text += section("images", upgrade.images.iter().cloned());
    text += section("deprecated", upgrade.deprecations.iter().cloned());
    text
}

fn definition(definition: &Definition) -> Text {
    if definition.new {
        return text!("    {} is new\n", definition.name);
    }
    let counts = format!(
        "{} added, {} changed, {} removed{}",
        definition.added,
        definition.changed,
        definition.removed.len(),
        definition.class.map(|class| format!(": {class}")).unwrap_or_default()
    );
    let stored = definition.stored.iter().map(|version| {
        text!(
            "      version {} is removed, but the cluster has resources stored in it: OLM will refuse this\n",
            *version
        )
    });
    text!("    {}: {}\n", definition.name, counts) + unsafe_changes(&definition.changes) + stored.collect::<Text>()
}

fn section(title: &str, lines: impl Iterator<Item = String>) -> Text {
    let lines: Text = lines.map(|line| text!("    {}\n", line)).collect();
    if lines.is_empty() { lines } else { text!("  {}\n{}", title, lines) }
}
