//! `catalog alpha`: the commands of `opm alpha`, by the names that they have there.

use clap::Subcommand;

use crate::{Outcome, convert, template};

/// The commands that opm has under `alpha`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    RenderTemplate(template::Args),
    ConvertTemplate(convert::Template),
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.verb {
            Verb::RenderTemplate(args) => args.run(),
            Verb::ConvertTemplate(args) => args.run(),
        }
    }
}
