//! `catalog build operators/<package>`: the catalogs that an operator's ci.yaml maps its templates to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use olm_catalog::build::{BundleImage, Mapping};
use olm_catalog::catalog::{self, Catalog, Scan, read_text};
use olm_catalog::changes::Change;
use olm_catalog::channel::{self, Error, Template};
use olm_catalog::diagnostic::Sources;
use olm_catalog::image::Repository;
use olm_catalog::report::State;
use olm_catalog::terminal;
use olm_catalog::validate::select::Selection;
use olm_catalog::{outln, report};

use super::Args;
use super::existing::is_valid;
use crate::Outcome;
use crate::report::{Found, Output, file as reported};

impl Args {
    /// Writes the catalogs of an operator, after all of them were found to be valid.
    pub(super) fn mapped(
        &self,
        operator: &Path,
        mappings: &[Mapping],
        selection: &Selection,
        found: &Found,
        report: &mut report::Build,
    ) -> anyhow::Result<Outcome> {
        let repository = self.named()?.filter(|_| !self.inline);
        let (mut files, mut findings) = (BTreeMap::new(), Vec::new());
        for mapping in mappings {
            match self.rendered(operator, mapping, repository.as_ref()) {
                Ok(made) => {
                    for (file, level) in &mapping.files {
                        let mut made = made.clone();
                        made.migrate(*level)?;
                        files.insert(file.clone(), (mapping.catalogs.as_path(), made.to_go_yaml()?));
                    }
                }
                Err(Error::Findings(found)) => findings.extend(found),
                Err(error) => return Err(error.into()),
            }
        }
        if !findings.is_empty() {
            found.add(&findings, &Sources::disk())?;
            return Ok(Outcome::Findings);
        }
        let mut valid = true;
        for (file, (_, text)) in &files {
            valid &= is_valid(&with_others(file, text)?, file, selection, || Sources::disk().with(file, text), found)?;
        }
        if !valid {
            return Ok(Outcome::Findings);
        }
        let find = |(file, (root, text)): (PathBuf, (&Path, String))| -> anyhow::Result<(Option<Change>, PathBuf)> {
            Ok((Change::find(root, &file, Some(text.into_bytes()))?, file))
        };
        let compared: Vec<(Option<Change>, PathBuf)> = files.into_iter().map(find).collect::<anyhow::Result<_>>()?;
        let changed = if self.check { State::Different } else { State::Written };
        let state = |change: &Option<Change>| if change.is_some() { changed } else { State::Unchanged };
        report.files = compared.iter().map(|(change, file)| reported(file, state(change))).collect();
        if self.check {
            let changes: Vec<&Change> = compared.iter().filter_map(|(change, _)| change.as_ref()).collect();
            changes.iter().try_for_each(|change| found.out_of_date(&change.file, "build"))?;
            if self.output != Output::Json {
                terminal::out(&changes.iter().map(|change| change.diff()).collect())?;
            }
            return Ok(if changes.is_empty() { Outcome::Done } else { Outcome::Findings });
        }
        let is_quiet = self.quiet || self.output == Output::Json;
        for (change, file) in &compared {
            if let Some(change) = change {
                change.make()?;
            }
            if !is_quiet {
                outln!("{}: {}", file.display(), if change.is_some() { "written" } else { "unchanged" })?;
            }
        }
        let catalog = compared.last().and_then(|(_, file)| file.ancestors().nth(2));
        if let Some(catalog) = catalog.filter(|_| !is_quiet) {
            outln!("no image was built: `catalog build {}` builds that of one catalog", catalog.display())?;
        }
        Ok(Outcome::Done)
    }

    /// The catalog of one template.
    fn rendered(&self, operator: &Path, mapping: &Mapping, repository: Option<&Repository>) -> Result<Catalog, Error> {
        let template = Template::read(&mapping.template)?;
        template.expect_schema(mapping.schema).map_err(Error::Findings)?;
        let sources = channel::Sources {
            root: operator,
            image: &|bundle, contents| {
                let Some(repository) = repository else { return Ok(String::new()) };
                Ok(BundleImage::new(&contents.package, contents.version(), bundle)?.reference(repository))
            },
            pull: &|reference| {
                let pulled = self.registry.pull_bundle(reference)?;
                Ok(pulled.bundle.render(reference)?)
            },
        };
        Ok(channel::render(&template, &sources).map_err(Error::Findings)?.catalog)
    }
}

/// What the folder of a made file will contain: other files in it are part of the same catalog.
fn with_others(file: &Path, text: &str) -> anyhow::Result<Scan> {
    let mut scan = read_text(text, file);
    let Some(folder) = file.parent().filter(|folder| folder.is_dir()) else { return Ok(scan) };
    for other in catalog::files(folder)?.into_iter().filter(|other| other != file) {
        scan.merge(catalog::scan(&other)?);
    }
    Ok(scan)
}
