//! `catalog push`: the images of a built catalog to a registry.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use olm_catalog::build::{CatalogLayout, Pushed, PushedImage, push_image};
use olm_catalog::image::{Digest, Program, Repository, program_image};
use olm_catalog::terminal::{self, Text};
use olm_catalog::words::plural;
use olm_catalog::{outln, registry, text};
use serde_json::{Value, json};

use crate::Outcome;
use crate::client::Registry;

/// Push a built catalog and its bundles to a registry.
///
/// Bundles go to the same repository as the catalog, with the tags `<package>-v<version>`. Blobs that the registry
/// already has are not sent again, and nothing is tagged before everything is uploaded. The references to the bundles
/// are changed to the repository that you push to, whatever they named when the catalog was built.
///
/// Credentials come from $REGISTRY_AUTH_FILE, from $DOCKER_CONFIG/config.json, or from the files that `docker login`
/// and `podman login` write.
///
/// Exit status: 0 done, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The repository to push to, and the tag of the catalog.
    #[arg(value_name = "REGISTRY/REPOSITORY:TAG")]
    target: String,
    /// The folder that `catalog build` wrote.
    #[arg(long, value_name = "DIR", default_value = "target/catalog")]
    layout: PathBuf,
    /// The repository in the references to the bundles, if it differs from the one that you push to, for example a
    /// mirror. It must already have the bundles.
    #[arg(long, value_name = "REGISTRY/REPOSITORY", value_parser = Repository::from_str)]
    repository: Option<Repository>,
    /// Push a static program as its own image instead of a catalog, for example install-catalog for a Job in the
    /// cluster. It runs as an unprivileged user and needs nothing else.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["layout", "repository"])]
    program: Option<PathBuf>,
    /// Print only the reference by digest.
    #[arg(long, short)]
    quiet: bool,
    /// The output format.
    #[arg(long, short, value_name = "FORMAT", default_value = "text", conflicts_with = "quiet")]
    output: Output,
    #[command(flatten)]
    registry: Registry,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

const EXAMPLES: &str = "\
Examples:
  Push what `catalog build` wrote:
    catalog push quay.io/example/catalog:v1

  Push to a registry on this machine, for a test:
    catalog push localhost:5000/catalog:test

  Push to a registry that the cluster reaches by another name:
    catalog push localhost:5000/catalog:v1 --repository registry.example/catalog

  Push the installer, for a Job in the cluster:
    catalog push quay.io/example/install-catalog:v1 --program install-catalog

  Use the catalog's digest in a script:
    catalog push quay.io/example/catalog:v1 -o json | jq -r .catalog.digest";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let target = registry::reference(&self.target)?;
        if let Some(program) = &self.program {
            return self.push_program(program, &target);
        }
        let layout = CatalogLayout::read(&self.layout)?;
        let bar = if self.quiet { ProgressBar::hidden() } else { bar(&layout) };
        let moved = Mutex::new(HashMap::new());
        let progress = |digest: &Digest, bytes: u64| {
            let mut moved = moved.lock().unwrap_or_else(PoisonError::into_inner);
            moved.insert(digest.clone(), bytes);
            bar.set_position(moved.values().sum());
        };
        let pushed = layout.push(self.registry.client()?, &target, self.repository.as_ref(), &progress);
        bar.finish_and_clear();
        let pushed = pushed?;
        match self.output {
            _ if self.quiet => outln!("{}", pinned(&pushed.catalog))?,
            Output::Json => terminal::json(&format!("{:#}\n", to_json(&pushed)))?,
            Output::Text => terminal::out(&text(&pushed, &layout))?,
        }
        Ok(Outcome::Done)
    }

    fn push_program(&self, program: &Path, target: &registry::Reference) -> anyhow::Result<Outcome> {
        let name = program.file_name().and_then(|name| name.to_str()).context("the program file has no name")?;
        let image = program_image(&Program::open(program)?, name)?;
        let pushed = push_image(self.registry.client()?, target, &image, &|_, _| ())?;
        match self.output {
            _ if self.quiet => outln!("{}", pinned(&pushed))?,
            Output::Json => terminal::json(&format!("{:#}\n", json!({"image": image_json(&pushed)})))?,
            Output::Text => terminal::out(&image_text(&pushed))?,
        }
        Ok(Outcome::Done)
    }
}

/// A progress bar of the bytes of all blobs on standard error, if that is a terminal.
fn bar(layout: &CatalogLayout) -> ProgressBar {
    let images = layout.bundles.iter().map(|bundle| &bundle.image).chain([&layout.catalog]);
    let sizes: HashMap<_, _> =
        images.flat_map(|image| image.parts()).map(|blob| (blob.digest(), blob.size())).collect();
    let style = ProgressStyle::with_template("pushing {bar:40} {bytes}/{total_bytes}");
    ProgressBar::new(sizes.values().sum()).with_style(style.expect("the template is right"))
}

/// The reference of an image by its digest.
fn pinned(image: &PushedImage) -> String {
    Repository::from(&image.reference).pinned(&image.digest).to_string()
}

fn text(pushed: &Pushed, layout: &CatalogLayout) -> Text {
    let mut text: Text = pushed.bundles.iter().chain([&pushed.catalog]).map(image_text).collect();
    if let Some(before) = &pushed.relocated_from {
        text += text!(
            "The references to the bundles named {} and were changed. Before that, the catalog's digest was {}.\n",
            before,
            layout.catalog.digest()
        );
    }
    text
}

fn image_text(image: &PushedImage) -> Text {
    let blobs = match (image.sent, image.skipped) {
        (0, _) => "already there".to_owned(),
        (sent, 0) => format!("{} sent", plural(sent, "blob")),
        (sent, skipped) => format!("{} sent, {skipped} already there", plural(sent, "blob")),
    };
    let replaced = image.replaced.as_ref().map(|replaced| text!("    the tag pointed to {} before\n", replaced));
    text!("{}\n    {}, {}\n", image.reference, image.digest, blobs) + replaced.unwrap_or_default()
}

fn to_json(pushed: &Pushed) -> Value {
    json!({
        "catalog": image_json(&pushed.catalog),
        "bundles": pushed.bundles.iter().map(image_json).collect::<Vec<_>>(),
        "relocatedFrom": pushed.relocated_from.as_ref().map(ToString::to_string),
    })
}

fn image_json(image: &PushedImage) -> Value {
    json!({
        "reference": pinned(image),
        "tag": image.reference.tag,
        "digest": image.digest,
        "sent": image.sent,
        "skipped": image.skipped,
        "replaced": image.replaced,
    })
}
