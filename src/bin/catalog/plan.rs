//! `catalog plan`: the plan of OLM.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use olm_catalog::catalog::{Bundle, Catalog};
use olm_catalog::diagnostic::Place;
use olm_catalog::plan::{self, End, Request, Way};
use olm_catalog::registry::Pulled;
use olm_catalog::safety::{Content, Facts, Known};
use olm_catalog::validate::Context;
use olm_catalog::{terminal, yaml};
use semver::Version;

use crate::client::Registry;
use crate::{Outcome, references, validate};

/// Show what OLM will do: the InstallPlans, one after the other, from an installed version to the head of a channel.
///
/// For each InstallPlan, show the ClusterServiceVersion, the dependencies that OLM installs with it, the effects of its
/// CRD changes on existing resources (breaking, risky or safe), the permissions that the operator gains, the webhooks
/// and the images. Then show where the upgrades end, and what manual and automatic approval do. docs/plan.md explains
/// the output.
///
/// The manifests of bundles are read from the catalog, from the folders of --bundles, or from the bundles' images.
///
/// Exit status: 0 the upgrades reach the head, 1 they stop before the head, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  Show the upgrades of an installed version:
    catalog plan quay.io/example/catalog:latest --package my-operator --from 1.2.0

  Follow another channel, on a cluster with Kubernetes 1.31:
    catalog plan catalog --package my-operator --from 1.2.0 --channel stable --kubernetes 1.31

  Plan a new installation:
    catalog plan catalog --package my-operator --bundles bundles

  Print the ClusterServiceVersions in a script:
    catalog plan catalog --package my-operator --from 1.2.0 -o json | jq -r '.installPlans[].csv'")]
pub(crate) struct Args {
    /// A catalog file or folder, a catalog image, or `-` for standard input.
    #[arg(value_name = "PATH|IMAGE")]
    reference: String,
    /// The package.
    #[arg(short, long, value_name = "PACKAGE")]
    package: String,
    /// The installed version, or the name of its ClusterServiceVersion. Without it, plan a new installation.
    #[arg(long, value_name = "VERSION|CSV")]
    from: Option<String>,
    /// The channel that the Subscription follows [default: the package's default channel].
    #[arg(short, long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// The version of the cluster's Kubernetes, such as 1.32. The upgrades stop at a version that needs a newer one.
    #[arg(long, value_name = "VERSION", value_parser = validate::kubernetes)]
    kubernetes: Option<Version>,
    /// Read manifests that the catalog does not contain from bundle folders, DIR/PACKAGE/…, before pulling images.
    #[arg(long, value_name = "DIR")]
    bundles: Option<PathBuf>,
    /// Do not pull bundle images. Information that only they contain is shown as unknown.
    #[arg(long)]
    no_pull: bool,
    /// The output format.
    #[arg(short, long, value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
    #[command(flatten)]
    registry: Registry,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let scan = references::read_catalog(std::slice::from_ref(&self.reference), &self.registry)?;
        let context = Context::new(&scan, Path::new(&self.reference));
        let request = Request {
            package: &self.package,
            channel: self.channel.as_deref(),
            from: self.from.as_deref(),
            kubernetes: self.kubernetes.as_ref(),
        };
        let way = request.way(&context)?;
        let known = self.known(&scan.catalog, &way)?;
        let plan = way.plan(&known);
        match self.output {
            Format::Text => terminal::out(&plan::text(&plan))?,
            Format::Json => terminal::json(&yaml::to_json(&plan)?)?,
        }
        Ok(if plan.end == End::Head { Outcome::Done } else { Outcome::Findings })
    }

    /// The facts about the bundles on the path.
    fn known(&self, catalog: &Catalog, way: &Way) -> anyhow::Result<Known> {
        let bundles = catalog.bundles.iter().filter(|bundle| bundle.package == way.package()).cloned().collect();
        let mut known = Known::of(&Catalog { bundles, ..Catalog::default() });
        if let Some(folder) = &self.bundles {
            known.add_folders(folder)?;
        }
        if self.no_pull {
            return Ok(known);
        }
        for name in way.bundles() {
            let is_unknown = known.find(way.package(), name).is_some_and(|facts| facts.content < Content::Manifests);
            let same = |bundle: &&Bundle| bundle.package == way.package() && bundle.name == name;
            let image = catalog.bundles.iter().find(same).map_or("", |bundle| &bundle.image);
            if is_unknown && !image.is_empty() {
                let facts = self.pull(image).map_err(|error| {
                    let help = "use --bundles to read them from folders, or --no-pull to plan without them";
                    anyhow!("cannot read the manifests of {name}: {error:#}\nhelp: {help}")
                })?;
                known.complete(way.package(), facts);
            }
        }
        Ok(known)
    }

    fn pull(&self, image: &str) -> anyhow::Result<Facts> {
        match self.registry.pull(image)? {
            Pulled::Bundle(pulled) => {
                let contents = pulled.bundle.contents().with_context(|| format!("cannot read the bundle {image}"))?;
                Ok(Facts::of_contents(contents, |file| Place::file(Path::new(image).join(file))))
            }
            Pulled::Catalog(_) => bail!("{image} is the image of a catalog, not of a bundle"),
        }
    }
}
