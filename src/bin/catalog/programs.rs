//! The programs that an image runs, one for each platform.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context as _, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use olm_catalog::image::{Platform, Program, ProgramLayer};
use olm_catalog::registry;

use crate::client::Registry;

/// The programs of a catalog's image.
#[derive(clap::Args)]
pub(crate) struct Programs {
    /// The platforms of the catalog image. For several, it is an index with one image per platform [default: those of
    /// the programs].
    #[arg(
        long = "platform",
        value_name = "PLATFORM,…",
        value_delimiter = ',',
        value_parser = platform(),
        help_heading = "Platforms"
    )]
    platforms: Vec<Platform>,
    /// A static program that the image runs, which must be `catalog` [default: this program]. May be given several
    /// times, once per platform.
    #[arg(
        long = "program",
        value_name = "[PLATFORM=]FILE",
        value_parser = ProgramFile::from_str,
        help_heading = "Platforms"
    )]
    files: Vec<ProgramFile>,
    /// Take the programs of other platforms from this image: the published image of `catalog`, or a catalog image that
    /// was built with it.
    #[arg(id = "program-from", long, value_name = "IMAGE", help_heading = "Platforms")]
    from: Option<String>,
}

/// A program, and the platform that it was given for.
#[derive(Clone, Debug)]
pub(crate) struct ProgramFile {
    platform: Option<Platform>,
    pub(crate) path: PathBuf,
}

impl FromStr for ProgramFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((platform, path)) if is_platform(platform) => {
                let platform = platform.parse::<Platform>().map_err(|error| error.to_string())?;
                Ok(Self { platform: Some(platform), path: path.into() })
            }
            _ => Ok(Self { platform: None, path: text.into() }),
        }
    }
}

/// Whether text before a `=` is a platform, supported or not. Otherwise it belongs to the name of a file.
fn is_platform(text: &str) -> bool {
    let systems = ["linux/", "windows/", "darwin/", "freebsd/"];
    systems.iter().any(|system| text.starts_with(system)) && text.matches('/').count() <= 2 && !text.contains('.')
}

fn platform() -> impl TypedValueParser<Value = Platform> {
    PossibleValuesParser::new(Platform::ALL.map(Platform::as_str)).try_map(|name| name.parse::<Platform>())
}

impl ProgramFile {
    /// Opens the program, and checks its header.
    pub(crate) fn open(&self) -> anyhow::Result<Program> {
        Ok(match self.platform {
            Some(platform) => Program::open_for(&self.path, platform)?,
            None => Program::open(&self.path)?,
        })
    }
}

/// Opens programs for different platforms.
pub(crate) fn open(files: &[ProgramFile]) -> anyhow::Result<BTreeMap<Platform, Program>> {
    let mut programs: BTreeMap<Platform, Program> = BTreeMap::new();
    for file in files {
        let program = file.open()?;
        let platform = program.platform();
        if let Some(other) = programs.insert(platform, program) {
            bail!("{} and {} are both programs for {platform}", other.path().display(), file.path.display());
        }
    }
    Ok(programs)
}

impl Programs {
    /// Checks the programs on this machine: if one cannot run in an image, other work is pointless.
    pub(crate) fn local(&self) -> anyhow::Result<Local<'_>> {
        let mut programs = open(&self.files)?;
        let wanted: BTreeSet<Platform> = self.platforms.iter().copied().collect();
        if let Some((platform, program)) = programs.iter().find(|(it, _)| !wanted.is_empty() && !wanted.contains(it)) {
            bail!("{} is a program for {platform}, which --platform does not name", program.path().display());
        }
        if programs.is_empty() && (self.from.is_none() || !wanted.is_empty()) {
            let own = std::env::current_exe();
            let own = own.context("cannot find this program's own file; name a program with --program")?;
            match Program::open(&own) {
                Ok(own) if wanted.is_empty() || wanted.contains(&own.platform()) => {
                    programs.insert(own.platform(), own);
                }
                // The published image has a static one.
                Ok(_) => {}
                Err(_) if self.from.is_some() => {}
                Err(error) => return Err(error.into()),
            }
        }
        let missing: BTreeSet<_> = wanted.iter().copied().filter(|it| !programs.contains_key(it)).collect();
        if let Some(platform) = missing.first().filter(|_| self.from.is_none()) {
            bail!(
                "there is no program for {platform}; name one with --program {platform}=FILE, or an image that has it \
                 with --program-from IMAGE"
            );
        }
        Ok(Local { from: self.from.as_deref(), programs, missing, every: wanted.is_empty() })
    }
}

/// The programs on this machine, and the platforms whose programs are still missing.
pub(crate) struct Local<'p> {
    from: Option<&'p str>,
    programs: BTreeMap<Platform, Program>,
    missing: BTreeSet<Platform>,
    /// No platforms were given: all of the image count.
    every: bool,
}

impl Local<'_> {
    /// The layers of all programs, sorted by platform. Missing ones are pulled.
    pub(crate) fn layers(&self, registry: &Registry) -> anyhow::Result<Vec<ProgramLayer>> {
        let mut layers = BTreeMap::new();
        if let Some(from) = self.from.filter(|_| self.every || !self.missing.is_empty()) {
            let wanted = Some(&self.missing).filter(|_| !self.every);
            let _progress = registry.progress(from)?;
            layers = registry.client()?.programs(&registry::reference(from)?, wanted)?;
        }
        for (platform, program) in &self.programs {
            layers.insert(*platform, ProgramLayer::of(program)?);
        }
        Ok(layers.into_values().collect())
    }
}
