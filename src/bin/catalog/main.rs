//! `catalog`: builds, checks, ships and serves operator catalogs.
#![deny(clippy::disallowed_macros, clippy::disallowed_methods, reason = "`terminal` alone prints")]

mod alpha;
mod build;
mod cache;
mod client;
mod completions;
mod convert;
mod crd;
mod deprecate;
mod diff;
mod edits;
mod folders;
mod generate;
mod graph;
mod import;
mod init;
mod leftover;
mod list;
mod man;
mod migrate;
mod output;
mod plan;
mod probe;
mod programs;
mod promote;
mod push;
mod reference;
mod references;
mod render;
mod report;
mod rules;
mod schema;
mod select;
mod serve;
mod site;
mod template;
mod upgrades;
mod validate;
mod version;
mod withdraw;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use olm_catalog::limits::Setting;
use olm_catalog::terminal::{self, Ink, Text};
use olm_catalog::{errln, files, log, signals, stack};

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
    /// Show on standard error what is asked of registries and web servers, and what comes from the cache; twice: also
    /// the files that are read. docs/cache.md has an example.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
    /// The format of the lines of --verbose.
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        global = true,
        hide_possible_values = false
    )]
    log_format: LogFormat,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl From<LogFormat> for log::Format {
    fn from(format: LogFormat) -> Self {
        match format {
            LogFormat::Text => Self::Text,
            LogFormat::Json => Self::Json,
        }
    }
}

#[derive(Subcommand)]
enum Verb {
    Init(init::Args),
    Generate(generate::Args),
    Import(import::Args),
    Promote(promote::Args),
    Deprecate(deprecate::Args),
    Withdraw(withdraw::Args),
    Render(render::Args),
    Template(template::Args),
    Convert(convert::Args),
    Migrate(migrate::Args),
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
    Cache(cache::Args),
    Serve(serve::Args),
    Probe(probe::Args),
    Crd(crd::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
    Version(version::Args),
    #[command(hide = true)]
    Alpha(alpha::Args),
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
    let Cli { verb, limits, verbose, log_format } = match terminal::arguments() {
        Ok(cli) => cli,
        Err(status) => return status,
    };
    limits.into_iter().for_each(Setting::apply);
    log::start(verbose, log_format.into());
    // `serve` and `probe` handle signals themselves, or leave nothing behind.
    if !matches!(verb, Verb::Serve(_) | Verb::Probe(_)) {
        signals::end_at_once(files::remove_scratch);
    }
    match &verb {
        // A probe runs every few seconds, and these verbs read no values.
        Verb::Probe(_)
        | Verb::Rules(_)
        | Verb::Schema(_)
        | Verb::Completions(_)
        | Verb::Man(_)
        | Verb::Reference(_)
        | Verb::Version(_) => verb.run(),
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
            Verb::Init(args) => args.run(),
            Verb::Generate(args) => args.run(),
            Verb::Import(args) => args.run(),
            Verb::Promote(args) => args.run(),
            Verb::Deprecate(args) => args.run(),
            Verb::Withdraw(args) => args.run(),
            Verb::Render(args) => args.run(),
            Verb::Template(args) => args.run(),
            Verb::Convert(args) => args.run(),
            Verb::Migrate(args) => args.run(),
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
            Verb::Cache(args) => args.run(),
            Verb::Serve(args) => args.run(),
            Verb::Probe(args) => return args.run(),
            Verb::Crd(args) => args.run(),
            Verb::Schema(args) => args.run(),
            Verb::Completions(args) => args.run(),
            Verb::Man(args) => args.run(),
            Verb::Version(args) => args.run(),
            Verb::Alpha(args) => args.run(),
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
