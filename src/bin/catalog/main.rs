//! `catalog`: builds, checks, ships and serves operator catalogs.
#![deny(clippy::disallowed_macros, clippy::disallowed_methods, reason = "`terminal` alone prints")]

mod build;
mod client;
mod completions;
mod crd;
mod diff;
mod generate;
mod graph;
mod import;
mod leftover;
mod list;
mod output;
mod plan;
mod probe;
mod push;
mod reference;
mod references;
mod render;
mod rules;
mod schema;
mod select;
mod serve;
mod site;
mod template;
mod upgrades;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use olm_catalog::limits::Setting;
use olm_catalog::terminal::{self, Ink, Text};
use olm_catalog::{errln, files, signals, stack};

/// Build, check, ship and serve operator catalogs for OLM.
///
/// Exit status: 0 done, 1 findings, 2 could not do it.
#[derive(Parser)]
#[command(name = "catalog", version, propagate_version = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Change a limit, for example --limit file-bytes=2GiB. docs/limits.md lists the limits.
    #[arg(long = "limit", value_name = "NAME=VALUE", global = true)]
    limits: Vec<Setting>,
}

#[derive(Subcommand)]
enum Verb {
    Generate(generate::Args),
    Import(import::Args),
    Render(render::Args),
    Template(template::Args),
    Validate(validate::Args),
    List(list::Args),
    Graph(graph::Args),
    Site(site::Args),
    Diff(diff::Args),
    Plan(plan::Args),
    Upgrades(upgrades::Args),
    Rules(rules::Args),
    Build(build::Args),
    Push(push::Args),
    Serve(serve::Args),
    Probe(probe::Args),
    Crd(crd::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Reference(reference::Args),
}

/// How a run ended, apart from errors.
enum Outcome {
    Done,
    Findings,
}

fn main() -> ExitCode {
    if let Some(args) = probe::called_by_name() {
        return args.run();
    }
    let Cli { verb, limits } = match terminal::arguments() {
        Ok(cli) => cli,
        Err(status) => return status,
    };
    limits.into_iter().for_each(Setting::apply);
    // `serve` and `probe` handle signals themselves, or leave nothing behind.
    if !matches!(verb, Verb::Serve(_) | Verb::Probe(_)) {
        signals::end_at_once(files::remove_scratch);
    }
    match &verb {
        // A probe runs every few seconds, and these verbs read no values.
        Verb::Probe(_) | Verb::Rules(_) | Verb::Schema(_) | Verb::Completions(_) | Verb::Reference(_) => verb.run(),
        // Its start time matters, and it reads one file after the other.
        Verb::Serve(_) => stack::run(|| verb.run()),
        _ => stack::run(|| {
            stack::share();
            verb.run()
        }),
    }
}

impl Verb {
    fn run(self) -> ExitCode {
        let outcome = match self {
            Verb::Generate(args) => args.run(),
            Verb::Import(args) => args.run(),
            Verb::Render(args) => args.run(),
            Verb::Template(args) => args.run(),
            Verb::Validate(args) => args.run(),
            Verb::List(args) => args.run(),
            Verb::Graph(args) => args.run(),
            Verb::Site(args) => args.run(),
            Verb::Diff(args) => args.run(),
            Verb::Plan(args) => args.run(),
            Verb::Upgrades(args) => args.run(),
            Verb::Rules(args) => args.run(),
            Verb::Build(args) => args.run(),
            Verb::Push(args) => args.run(),
            Verb::Serve(args) => args.run(),
            Verb::Probe(args) => return args.run(),
            Verb::Crd(args) => args.run(),
            Verb::Schema(args) => args.run(),
            Verb::Completions(args) => args.run(),
            Verb::Reference(args) => args.run(),
        };
        match outcome {
            Ok(Outcome::Done) => ExitCode::SUCCESS,
            Ok(Outcome::Findings) => ExitCode::from(1),
            Err(error) => {
                errln!("{} {}", Ink::Error.on("error:"), Text::lines(&format!("{error:#}")));
                ExitCode::from(2)
            }
        }
    }
}
