//! Bundles that do not fit into a ConfigMap.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::prelude::*;
use crate::bundle::MANIFESTS;

pub(super) static RULE: Rule = Rule {
    id: "bundle-size",
    level: Level::Both,
    sets: &[],
    summary: "The manifests are too large, or nearly too large, for OLM to unpack",
    docs: r#"
## What it does
Reports bundles whose manifests, compressed with gzip and encoded in base64, exceed 1 MiB in total. From 85 % of that on
it is a warning.

## Why is this bad?
OLM unpacks a bundle image into one ConfigMap, each file compressed. A ConfigMap holds 1 MiB: above that, unpacking
fails, and the operator is never installed.

## Example
A bundle with 40 CRDs of 500 KB each. Shorten the descriptions of their fields (`maxDescLen=0` of controller-gen), or
split the operator.

## References
- [operator-framework/api: the bundle validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/bundle.go)
"#,
    check,
};

/// The most bytes of data in a ConfigMap. Source: `--datalimit` of `opm alpha bundle extract`, which OLM runs.
const MOST: u64 = 1 << 20;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let folder = format!("{MANIFESTS}/");
    let manifests = || context.bundle.files.iter().filter(|(file, _)| file.starts_with(&folder)).map(|(_, bytes)| bytes);
    // Compressed data is never larger than this: most bundles need not be compressed to see that they are small.
    let plain: u64 = manifests().map(|bytes| in_base64(bytes.len() as u64 + 64)).sum();
    if plain <= MOST * 85 / 100 {
        return;
    }
    let size: u64 = manifests().map(|bytes| in_base64(compressed(bytes))).sum();
    let place = Place::file(context.root.join(MANIFESTS));
    let help = "shorten the descriptions in the CRDs, or move parts of the operator into another package";
    if size > MOST {
        let message = format!("the compressed manifests have {size} bytes, but OLM unpacks at most {MOST}");
        findings.push(RULE.finding(place, message).help(help));
    } else if size > MOST * 85 / 100 {
        let percent = size * 100 / MOST;
        let message = format!("the compressed manifests have {size} bytes, {percent} % of the most that OLM unpacks");
        findings.push(RULE.warning(place, message).help(help));
    }
}

fn in_base64(bytes: u64) -> u64 {
    bytes.div_ceil(3) * 4
}

fn compressed(bytes: &[u8]) -> u64 {
    let mut encoder = GzEncoder::new(Count(0), Compression::default());
    // Counting never fails.
    let _ = encoder.write_all(bytes);
    encoder.finish().map_or(0, |Count(bytes)| bytes)
}

/// Counts the bytes written to it.
struct Count(u64);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
