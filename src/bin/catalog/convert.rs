//! `catalog convert`: a catalog as a template, and package manifests as bundles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use olm_catalog::catalog::{Bundle, Catalog, MigrateLevel};
use olm_catalog::changes::Change;
use olm_catalog::channel::{Converted, Source, Unequal, convert, schema};
use olm_catalog::render::BoxError;
use olm_catalog::terminal::{self, Text};
use olm_catalog::words::shortened;
use olm_catalog::{errln, generate, outln, registry, text};

use crate::client::Registry;
use crate::migrate::{one_name, parts};
use crate::template::kind_and_file;
use crate::{Outcome, folders, references};

/// Turn a catalog into a template that makes it again, or package manifests into bundles.
///
/// The template is rendered again and compared with the catalog. If they differ, there is no template, and the differences
/// are shown. Bundles come from the catalog itself; with --pull, they come from their images.
///
/// Exit status: 0 done, 1 no template of this kind makes the catalog, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A catalog's file, folder or image, `-` for standard input, or a folder of package manifests.
    #[arg(value_name = "CATALOG")]
    source: String,
    /// What to make.
    #[arg(long, value_enum, default_value = "basic", value_name = "KIND")]
    to: Kind,
    /// The folder to write to: templates as PACKAGE.yaml, bundles as PACKAGE/VERSION. Existing files are not
    /// overwritten. Without it, the template of a single package is printed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Pull each bundle, and compare what its image contains with the catalog.
    #[arg(long)]
    pull: bool,
    /// The format of a printed template.
    #[arg(short, long, value_enum, default_value = "yaml", value_name = "FORMAT")]
    output: Output,
    #[command(flatten)]
    registry: Registry,
}

/// Print the template of a catalog, as `opm alpha convert-template` does.
#[derive(clap::Args)]
pub(crate) struct Template {
    /// The kind of template: basic or substitutes.
    #[arg(value_name = "KIND")]
    kind: String,
    /// The catalog's file, or `-` for standard input, which is also the default.
    file: Option<PathBuf>,
    /// The format of the template.
    #[arg(short, long, value_enum, default_value = "json", value_name = "FORMAT")]
    output: Output,
    #[command(flatten)]
    registry: Registry,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// olm.template.basic: the channels in full, and the bundles by their images.
    Basic,
    /// olm.semver: channels that follow from the versions of their bundles.
    Semver,
    /// olm.template.substitutes: the catalog in full, ready for substitutions.
    Substitutes,
    /// Bundles, and a template, of package manifests.
    Bundles,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    Yaml,
    Json,
}

const EXAMPLES: &str = "\
Examples:
  catalog convert catalog/demo
  catalog convert catalog --out channels
  catalog convert quay.io/example/catalog:latest --to semver --out channels
  catalog convert deploy/olm-catalog/demo --to bundles --out bundles";

impl Kind {
    fn schema(self) -> &'static str {
        match self {
            Self::Semver => schema::SEMVER,
            Self::Substitutes => schema::SUBSTITUTES,
            Self::Basic | Self::Bundles => schema::BASIC,
        }
    }
}

impl Output {
    fn print(self, converted: &Converted) -> anyhow::Result<()> {
        match self {
            Self::Yaml => terminal::yaml(&converted.yaml)?,
            Self::Json => terminal::json(&converted.json)?,
        }
        Ok(())
    }
}

impl Template {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let (schema, file) = kind_and_file(Some(&self.kind), self.file.as_deref())?;
        let Some(schema) = schema else { bail!("{} is not a kind of template; use basic or substitutes", self.kind) };
        let file = file.to_str().context("the file's name is not UTF-8")?.to_owned();
        let catalog = references::read_one(&file, &self.registry)?;
        match convert(&catalog, schema, None) {
            Ok(converted) => self.output.print(&converted)?,
            Err(unequal) => return report(vec![(file, unequal)]),
        }
        Ok(Outcome::Done)
    }
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        if self.to == Kind::Bundles {
            return self.bundles();
        }
        let source = match self.pull {
            true => references::read(std::slice::from_ref(&self.source), &self.registry, MigrateLevel::All, None)?,
            false => references::read_one(&self.source, &self.registry)?,
        };
        let packages = parts(source);
        if packages.len() > 1 && self.out.is_none() {
            let names: Vec<&str> = packages.keys().map(String::as_str).collect();
            bail!(
                "{} has {} packages ({}): name a folder with --out, which gets a template of each",
                self.source,
                names.len(),
                shortened(&names)
            );
        }
        let (mut converted, mut unequal) = (BTreeMap::new(), Vec::new());
        for (package, catalog) in packages {
            match self.convert(&catalog) {
                Ok(template) => drop(converted.insert(package, template)),
                Err(why) => unequal.push((package, why)),
            }
        }
        if !unequal.is_empty() {
            return report(unequal);
        }
        let Some(out) = &self.out else {
            for template in converted.values() {
                self.output.print(template)?;
            }
            return Ok(Outcome::Done);
        };
        let file = |(package, template): (&String, &Converted)| {
            Ok((out.join(format!("{}.yaml", one_name(package)?)), template.yaml.clone().into_bytes()))
        };
        write_new(out, converted.iter().map(file).collect::<anyhow::Result<_>>()?)
    }

    fn convert(&self, catalog: &Catalog) -> Result<Converted, Unequal> {
        let pull = |reference: &str| -> Result<Bundle, BoxError> {
            let pulled = self.registry.client()?.pull_bundle(&registry::reference(reference)?)?;
            let mut bundle = pulled.bundle.render(reference)?;
            bundle.migrate(MigrateLevel::All)?;
            Ok(bundle)
        };
        let pull: &Source<'_> = &pull;
        convert(catalog, self.to.schema(), self.pull.then_some(pull))
    }

    /// Package manifests as bundles, with a template of their channels.
    fn bundles(&self) -> anyhow::Result<Outcome> {
        let from = Path::new(&self.source);
        let manifests = generate::package_manifests(from)?;
        let package = one_name(&manifests.package)?.to_owned();
        let out = self.out.clone().unwrap_or_else(folders::bundles);
        let mut files = Vec::new();
        for (version, bundle) in &manifests.bundles {
            let folder = out.join(&package).join(one_name(version)?);
            files.extend(bundle.files.iter().map(|(path, bytes)| (folder.join(path), bytes.clone())));
        }
        // The template is beside the folder of bundles, so that its paths are the same everywhere.
        let name = out.file_name().and_then(|name| name.to_str()).context("the folder of --out has no name")?;
        let template = manifests.template(&format!("../{name}/{package}"))?.yaml;
        let beside = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let channels = if beside == Path::new(".") { PathBuf::from("channels") } else { beside.join("channels") };
        let file = channels.join(format!("{package}.yaml"));
        if let Some(there) =
            files.iter().map(|(file, _)| file).chain([&file]).find(|file| file.symlink_metadata().is_ok())
        {
            bail!("{} already exists, and is not overwritten; nothing was written", there.display());
        }
        write_new(&out, files)?;
        write_new(&channels, vec![(file, template.into_bytes())])
    }
}

/// Writes files that must not exist yet, after all of them were looked for.
fn write_new(root: &Path, files: Vec<(PathBuf, Vec<u8>)>) -> anyhow::Result<Outcome> {
    if let Some((there, _)) = files.iter().find(|(file, _)| file.symlink_metadata().is_ok()) {
        bail!("{} already exists, and is not overwritten; nothing was written", there.display());
    }
    for (file, bytes) in files {
        Change::new_file(root, &file, bytes).make()?;
        outln!("{}: written", file.display())?;
    }
    Ok(Outcome::Done)
}

/// Why there is no template.
fn report(unequal: Vec<(String, Unequal)>) -> anyhow::Result<Outcome> {
    for (package, why) in unequal {
        let reasons = match why {
            Unequal::Reasons(reasons) => reasons,
            Unequal::Write(error) => return Err(error.into()),
        };
        let lines: Text = reasons.iter().map(|reason| text!("  {}\n", reason)).collect();
        errln!("error: {}: this kind of template does not make the same catalog:\n{}", package, lines);
    }
    errln!("help: `--to basic` makes a template of every catalog whose bundles have images");
    Ok(Outcome::Findings)
}
