//! `install-catalog`: installs OLM, a catalog and its operators on a cluster, and upgrades them once a user approves.
#![deny(clippy::disallowed_macros, clippy::disallowed_methods, reason = "`terminal` alone prints")]

mod approve;
mod completions;
mod doctor;
mod install;
mod list;
mod man;
mod output;
mod progress;
mod rbac;
mod reference;
mod selection;
mod status;
mod target;
mod uninstall;
mod upgrades;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use olm_catalog::install::error::Error;
use olm_catalog::terminal::{self, Ink, Text};
use olm_catalog::{errln, log};

/// Install OLM, a catalog and its operators on a Kubernetes cluster, and upgrade them after approval.
///
/// Every verb can be run again: it resumes where the last run stopped, and changes nothing that is already correct.
///
/// Exit status: 0 done, 1 problems found or not finished yet, 2 could not do it.
#[derive(Parser)]
#[command(name = "install-catalog", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Show on standard error what is asked of the API server, registries and web servers; twice: also the files that
    /// are read.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
}

#[derive(Subcommand)]
enum Verb {
    Install(Box<install::Args>),
    List(list::Args),
    Status(status::Args),
    Upgrades(upgrades::Args),
    Approve(approve::Args),
    Uninstall(uninstall::Args),
    Doctor(doctor::Args),
    Rbac(Box<rbac::Args>),
    Completions(completions::Args),
    Man(man::Args),
    Reference(reference::Args),
}

/// How a run ended, apart from errors.
enum Outcome {
    Done,
    Unfinished,
}

fn main() -> ExitCode {
    let verb = match terminal::arguments::<Cli>() {
        Ok(Cli { verb, verbose }) => {
            log::start(verbose, log::Format::Text);
            verb
        }
        Err(status) => return status,
    };
    // Each write to the cluster is one request, so a signal leaves nothing half-written.
    if !matches!(&verb, Verb::Status(args) if args.watch) {
        olm_catalog::signals::end_at_once(olm_catalog::files::remove_scratch);
    }
    let outcome = olm_catalog::stack::run(|| {
        olm_catalog::stack::share();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(run(verb)))
    });
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Unfinished) => ExitCode::from(1),
        Err(error) => {
            errln!("{} {}", Ink::Error.on("error:"), Text::lines(&format!("{error:#}")));
            let known = error.downcast_ref::<Error>();
            if let Some(help) = known.and_then(Error::help) {
                errln!("{} {}", Ink::Help.on("help:"), Text::lines(&help));
            }
            ExitCode::from(if known.is_some_and(Error::is_unfinished) { 1 } else { 2 })
        }
    }
}

async fn run(verb: Verb) -> anyhow::Result<Outcome> {
    match verb {
        Verb::Install(args) => args.run().await,
        Verb::List(args) => args.run().await,
        Verb::Status(args) => args.run().await,
        Verb::Upgrades(args) => args.run().await,
        Verb::Approve(args) => args.run().await,
        Verb::Uninstall(args) => args.run().await,
        Verb::Doctor(args) => args.run().await,
        Verb::Rbac(args) => args.run(),
        Verb::Completions(args) => args.run(),
        Verb::Man(args) => args.run(),
        Verb::Reference(args) => args.run(),
    }
}
