//! A next release of an operator that is defined already.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, bail};
use olm_catalog::bundle::Bundle;
use olm_catalog::diagnostic::{Finding, Place, Severity, Sources as Texts};
use olm_catalog::generate::{Generated, Import, ImportFile, generate, inventory_of};
use olm_catalog::limits::TEXT_BYTES;
use olm_catalog::maintain::release::{self, Next, Standing};
use olm_catalog::operator::Operator;
use olm_catalog::safety::{self, Facts, report};
use olm_catalog::terminal::{self, Text};
use olm_catalog::yaml::Route;
use olm_catalog::{files, outln, text};
use semver::Version;

use super::{Args, Files};
use crate::edits::{self, Edits, in_file};
use crate::{Outcome, output};

/// Adds the release to the definition and to the channels.
pub(super) fn run(args: &Args, definition: &Path, files: &Files, import: &Import<'_>) -> anyhow::Result<Outcome> {
    let version = &args.version;
    let before_text =
        files::read_text(definition, &TEXT_BYTES).with_context(|| format!("cannot read {}", definition.display()))?;
    let old = crate::generate::read_definition(definition)?;
    let standing = release::standing(&before_text, version).map_err(|error| in_file(definition, error))?;
    let before = match standing {
        Standing::There(digests) => {
            let digests: BTreeSet<&str> = digests.iter().map(String::as_str).collect();
            if digests != files.pins.iter().map(|(_, digest)| digest.as_str()).collect() {
                bail!(
                    "the release {version} of {} already exists, with other manifests; remove it from {} first, or \
                     import these under another version",
                    args.package,
                    definition.display()
                );
            }
            outln!("{}: unchanged", definition.display())?;
            let mut edits = Edits::default();
            let notes = args.channels(&mut edits)?;
            edits.finish(args.dry_run)?;
            edits::tell(&notes);
            return Ok(Outcome::Done);
        }
        Standing::New(before, _) => before,
    };
    let generated = generate(&old)?;
    if generated.findings.iter().any(|finding| finding.severity == Severity::Error) {
        output::print_findings(&generated.findings, &Texts::disk());
        bail!("{} has errors; correct them first", definition.display());
    }
    let imported = import.imported()?;
    let created_at = args.created_at.clone().or(imported.created_at);
    let old_inventory = before.as_ref().map(|before| inventory_of(&old, before)).unwrap_or_default();
    let next = Next {
        version,
        created_at: created_at.as_deref(),
        min_kube_version: imported.min_kube_version.as_deref(),
        images: &imported.images,
        files: &files.pins,
        new: &imported.inventory,
        old: &old_inventory,
    };
    let added = release::add(&before_text, &next).map_err(|error| in_file(definition, error))?;
    let contents: BTreeMap<String, Vec<u8>> = import.files.iter().zip(&files.pins).map(content).collect();
    let new = Operator::parse(&added.text, definition)?.with_contents(contents);
    let made = generate(&new)?;
    check_others(&generated, &made, definition)?;

    let mut edits = Edits::default();
    files.copies(&args.bundles, &mut edits)?;
    edits.text(&args.bundles, definition, added.text.clone())?;
    let notes = args.channels(&mut edits)?;
    edits.finish(args.dry_run)?;
    if !args.dry_run {
        files.keep()?;
    }
    edits::tell(&added.notes);
    edits::tell(&notes);
    terminal::out(&changes(&args.package, before.as_ref(), version, &generated, &made)?)?;
    let findings = new_findings(&generated.findings, made.findings);
    if !findings.is_empty() {
        output::print_findings(&findings, &Texts::disk().with(definition, added.text));
    }
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if wrong { Outcome::Findings } else { Outcome::Done })
}

fn content((file, (_, digest)): (&ImportFile, &(String, String))) -> (String, Vec<u8>) {
    (digest.clone(), file.text.clone().into_bytes())
}

/// No release that exists may change.
fn check_others(old: &Generated, new: &Generated, definition: &Path) -> anyhow::Result<()> {
    let made: BTreeMap<&Version, &Bundle> = new.bundles.iter().map(|(version, bundle)| (version, bundle)).collect();
    for (version, bundle) in &old.bundles {
        if made.get(version).is_none_or(|made| *made != bundle) {
            bail!(
                "the release {version} in {} would change; add the new one by hand, so that {version} stays as it is",
                definition.display()
            );
        }
    }
    Ok(())
}

/// The findings that were not there before. A finding names its releases where it is not about all of them.
fn new_findings(old: &[Finding], new: Vec<Finding>) -> Vec<Finding> {
    let plain = |message: &str| message.split(" (release").next().unwrap_or_default().to_owned();
    let known: BTreeSet<(&str, String)> = old.iter().map(|finding| (finding.rule, plain(&finding.message))).collect();
    new.into_iter().filter(|finding| !known.contains(&(finding.rule, plain(&finding.message)))).collect()
}

/// What the release changes for users of the one before it.
fn changes(
    package: &str,
    before: Option<&Version>,
    version: &Version,
    old: &Generated,
    new: &Generated,
) -> anyhow::Result<Text> {
    let facts = |generated: &Generated, version: &Version| -> anyhow::Result<Option<Facts>> {
        let Some((_, bundle)) = generated.bundles.iter().find(|(known, _)| known == version) else { return Ok(None) };
        let place = |file: &str| Place::value(file, 0, Route::root());
        Ok(Some(Facts::of_contents(bundle.contents()?, place)))
    };
    let Some(before) = before else { return Ok(Text::new()) };
    let (Some(from), Some(to)) = (facts(old, before)?, facts(new, version)?) else { return Ok(Text::new()) };
    let step = safety::step(&from, &to);
    let head = text!(
        "\n{}.v{} -> {}.v{}: {}\n",
        package,
        before.to_string(),
        package,
        version.to_string(),
        report::class(step.class())
    );
    let added: Vec<&str> = to.deployments.difference(&from.deployments).map(String::as_str).collect();
    let mut body = report::body(&step);
    if !added.is_empty() {
        body += text!("  new Deployments\n    {}\n", added.join(", "));
    }
    Ok(head + if body.is_empty() { "  nothing that users notice\n".into() } else { body })
}
