//! `catalog push`: the images of a built catalog to a registry.

use std::collections::HashMap;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, bail};
use olm_catalog::build::{CatalogLayout, Pushed, PushedImage, push_image};
use olm_catalog::image::{Artifact as _, Digest, Image, PlatformImage, Repository, program_image};
use olm_catalog::terminal::{self, Progress, Text};
use olm_catalog::words::plural;
use olm_catalog::{outln, registry, text};
use serde_json::{Value, json};

use crate::client::Registry;
use crate::programs::{self, ProgramFile};
use crate::{Outcome, folders};

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
    /// The folder that `catalog build` wrote [default: target/catalog in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::images(), hide_default_value = true)]
    layout: PathBuf,
    /// The repository in the references to the bundles, if it differs from the one that you push to, for example a
    /// mirror. It must already have the bundles.
    #[arg(long, value_name = "REGISTRY/REPOSITORY", value_parser = Repository::from_str)]
    repository: Option<Repository>,
    /// Push a static program as its own image instead of a catalog, for example install-catalog for a Job in the
    /// cluster. It runs as an unprivileged user and needs nothing else. May be given several times, once per platform:
    /// the image is then an index.
    #[arg(
        long = "program",
        value_name = "[PLATFORM=]FILE",
        value_parser = ProgramFile::from_str,
        conflicts_with_all = ["layout", "repository"]
    )]
    programs: Vec<ProgramFile>,
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

  Push a program for two platforms:
    catalog push quay.io/example/tool:v1 --program linux/amd64=amd64/tool --program linux/arm64=arm64/tool

  Use the catalog's digest in a script:
    catalog push quay.io/example/catalog:v1 -o json | jq -r .catalog.digest";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let target = registry::reference(&self.target)?;
        if !self.programs.is_empty() {
            return self.push_program(&target);
        }
        folders::check()?;
        let layout = CatalogLayout::read(&self.layout)?;
        let progress = self.progress(layout.bundles.iter().map(|bundle| &bundle.image).chain(layout.catalog.images()));
        let moved = counter(&progress);
        let pushed = layout.push(self.registry.client()?, &target, self.repository.as_ref(), &moved)?;
        drop(moved);
        drop(progress);
        match self.output {
            _ if self.quiet => outln!("{}", pinned(&pushed.catalog))?,
            Output::Json => terminal::json(&format!("{:#}\n", to_json(&pushed)))?,
            Output::Text => terminal::out(&text(&pushed, &layout))?,
        }
        Ok(Outcome::Done)
    }

    /// The progress of the bytes of all blobs.
    fn progress<'i>(&self, images: impl IntoIterator<Item = &'i Image>) -> Progress {
        if self.quiet {
            return Progress::hidden();
        }
        let blobs = images.into_iter().flat_map(Image::parts);
        let sizes: HashMap<_, _> = blobs.map(|blob| (blob.digest(), blob.size())).collect();
        Progress::bytes("pushing", sizes.values().sum())
    }

    fn push_program(&self, target: &registry::Reference) -> anyhow::Result<Outcome> {
        let mut name = None;
        for file in &self.programs {
            let other = file.path.file_name().and_then(|name| name.to_str()).context("the program file has no name")?;
            let name = *name.get_or_insert(other);
            if name != other {
                bail!("the programs are named {name} and {other}, but the image needs one name; rename the files");
            }
        }
        let name = name.unwrap_or_default();
        let programs = programs::open(&self.programs)?;
        let images = programs.values().map(|program| program_image(program, name)).collect::<Result<_, _>>()?;
        let image = PlatformImage::new(images)?;
        let progress = self.progress(image.images());
        let pushed = push_image(self.registry.client()?, target, &image, &counter(&progress))?;
        drop(progress);
        match self.output {
            _ if self.quiet => outln!("{}", pinned(&pushed))?,
            Output::Json => terminal::json(&format!("{:#}\n", json!({"image": image_json(&pushed)})))?,
            Output::Text => terminal::out(&image_text(&pushed))?,
        }
        Ok(Outcome::Done)
    }
}

/// Counts the bytes of all blobs.
fn counter(progress: &Progress) -> impl Fn(&Digest, u64) + Sync {
    let moved = Mutex::new(HashMap::new());
    move |digest: &Digest, bytes: u64| {
        let mut moved = moved.lock().unwrap_or_else(PoisonError::into_inner);
        moved.insert(digest.clone(), bytes);
        progress.set(moved.values().sum());
    }
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
