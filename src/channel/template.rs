//! A template's file, read and rendered.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use super::strict::Reader;
use super::{Basic, Semver, Substitutes, local, overlay, rule, schema};
use crate::catalog::{Bundle, Catalog, Origin};
use crate::diagnostic::{Finding, Place, chain};
use crate::files;
use crate::limits::TEXT_BYTES;
use crate::render::BoxError;
use crate::validate::Commented;
use crate::words::plural;
use crate::yaml::{self, Route};

/// A template's file.
#[derive(Clone, Debug)]
pub struct Template {
    /// The template.
    pub kind: Kind,
    /// The blobs of the documents after it, which change the catalog that it makes.
    pub overlay: Catalog,
    /// Its comments that leave findings out.
    pub commented: Option<Commented>,
    file: Arc<Path>,
}

/// A template by its schema.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `olm.semver`
    Semver(Semver),
    /// `olm.template.basic`
    Basic(Basic),
    /// `olm.template.substitutes`
    Substitutes(Substitutes),
}

/// A bundle that a template names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The image reference, or the path of a local bundle.
    pub reference: String,
    /// Its place in the template.
    pub place: Place,
}

/// Why a template could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The problems of the templates, sorted by place.
    #[error("the templates have {}", plural(.0.len(), "error"))]
    Findings(Vec<Finding>),
}

/// The available bundles of a template, by their references in it.
pub(super) type Bundles = BTreeMap<String, Bundle>;

impl Template {
    /// Reads a template's file.
    ///
    /// # Errors
    /// A file that cannot be read, and all problems of its contents.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        let text = String::from_utf8(files::read(path, &TEXT_BYTES).map_err(io)?)
            .map_err(|_| io(io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8 text")))?;
        Self::parse(&text, path).map_err(Error::Findings)
    }

    /// Reads a template's text. `path` is the file in findings, and local bundles are relative to it.
    ///
    /// # Errors
    /// All problems of its contents, sorted by place.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Vec<Finding>> {
        let file: Arc<Path> = Arc::from(path);
        let documents = yaml::read(text)
            .map_err(|e| vec![Finding::error(rule::SYNTAX, Place::position(path, e.line, e.column), e.message)])?;
        let duplicates = yaml::duplicate_keys(text);
        let twice = |(document, route): &(usize, Route)| {
            Finding::error(rule::FIELD, Place::value(path, *document, route.clone()), format!("{route} occurs twice"))
        };
        let mut findings: Vec<Finding> = duplicates.iter().map(twice).collect();
        let mut documents = documents.into_iter();
        let template = documents.next().map(|document| document.value).unwrap_or_default();
        let kind = kind(template, Origin::new(Arc::clone(&file), 0), &mut findings);
        // Duplicate keys were already reported.
        let clear = documents.filter(|document| duplicates.iter().all(|(other, _)| *other != document.index));
        let overlay = overlay::read(clear, &file, &mut findings);
        match kind {
            Some(kind) if findings.is_empty() => {
                Ok(Self { kind, overlay, commented: Commented::find(text, path), file })
            }
            _ => Err(sorted(findings)),
        }
    }

    /// The file that it was read from.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The template's schema.
    #[must_use]
    pub fn schema(&self) -> &'static str {
        match self.kind {
            Kind::Semver(_) => schema::SEMVER,
            Kind::Basic(_) => schema::BASIC,
            Kind::Substitutes(_) => schema::SUBSTITUTES,
        }
    }

    /// Requires a template of one schema.
    ///
    /// # Errors
    /// The finding that it has another one.
    pub fn expect_schema(&self, schema: &str) -> Result<(), Vec<Finding>> {
        if self.schema() == schema {
            return Ok(());
        }
        let place = Origin::new(Arc::clone(&self.file), 0).place(Route::root().key("schema"));
        Err(vec![Finding::error(
            rule::SCHEMA,
            place,
            format!("the template has the schema {}, not {schema}", self.schema()),
        )])
    }

    /// The bundles that it names, each once, at the first place.
    #[must_use]
    pub fn images(&self) -> Vec<&Image> {
        let all: Vec<&Image> = match &self.kind {
            Kind::Semver(semver) => semver.images().collect(),
            Kind::Basic(basic) => basic.images.iter().collect(),
            Kind::Substitutes(substitutes) => substitutes.images().collect(),
        };
        let mut seen = std::collections::BTreeSet::new();
        all.into_iter().filter(|image| seen.insert(&image.reference)).collect()
    }

    /// Makes the package's catalog. `source` gives a bundle's blob, with its objects, by the reference in the template.
    /// It is called once for each, from several threads.
    ///
    /// # Errors
    /// All problems, sorted by place: bundles that the source does not have, and bundles that cannot be in one package.
    pub fn render(&self, source: &Source<'_>) -> Result<Catalog, Vec<Finding>> {
        let images = self.images();
        let got: Vec<_> = images.par_iter().map(|image| source(&image.reference)).collect();
        let (mut bundles, mut findings) = (Bundles::new(), Vec::new());
        for (image, got) in images.into_iter().zip(got) {
            match got {
                Ok(bundle) => drop(bundles.insert(image.reference.clone(), bundle)),
                Err(cause) => {
                    let message = format!("cannot get the bundle {}: {}", image.reference, chain(&*cause));
                    let finding = Finding::error(rule::BUNDLE, image.place.clone(), message);
                    findings.push(Finding { help: local::meant(&image.reference, &self.file), ..finding });
                }
            }
        }
        let root = Origin::new(Arc::clone(&self.file), 0).place(Route::root());
        let mut catalog = match &self.kind {
            Kind::Semver(semver) => semver.render(&bundles, root, &mut findings),
            Kind::Basic(basic) => basic.render(&bundles, root, &mut findings),
            Kind::Substitutes(substitutes) => substitutes.render(&bundles, root, &mut findings),
        };
        // Without all bundles, the documents after the template cannot be checked.
        if findings.is_empty() {
            overlay::lay(&self.overlay, &mut catalog, &mut findings);
        }
        if findings.is_empty() { Ok(catalog) } else { Err(sorted(findings)) }
    }
}

/// Gives a bundle's blob by its reference in a template.
pub type Source<'s> = dyn Fn(&str) -> Result<Bundle, BoxError> + Sync + 's;

fn kind(value: Value, origin: Origin, findings: &mut Vec<Finding>) -> Option<Kind> {
    let schema = match &value {
        Value::Object(map) => map.iter().find(|(key, _)| key.eq_ignore_ascii_case("schema")).map(|(_, value)| value),
        _ => None,
    };
    let name = schema.and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut reader = Reader { origin, findings };
    match name.as_str() {
        schema::SEMVER => return Some(Kind::Semver(Semver::read(value, &mut reader))),
        schema::BASIC => return Some(Kind::Basic(Basic::read(value, &mut reader))),
        schema::SUBSTITUTES => return Some(Kind::Substitutes(Substitutes::read(value, &mut reader))),
        "" => {
            let place = reader.origin.place(Route::root());
            reader.findings.push(Finding::error(
                rule::SCHEMA,
                place,
                "the file is not a template: `schema` is missing",
            ));
        }
        other => {
            let place = reader.origin.place(Route::root().key("schema"));
            reader.findings.push(Finding::error(rule::SCHEMA, place, format!("{other:?} is not a template schema")));
        }
    }
    if let Some(finding) = reader.findings.last_mut() {
        finding.help = Some(format!(
            "use `schema: {}`, `schema: {}` or `schema: {}`",
            schema::SEMVER,
            schema::BASIC,
            schema::SUBSTITUTES
        ));
    }
    None
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.message.cmp(&b.message)));
    findings
}
