//! A catalog that exists already, built as it is: the bytes of its files go into the image.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::catalog::{self, Scan, read_text};
use crate::channel::schema;
use crate::files;
use crate::limits::FILE_BYTES;

/// A file-based catalog, as its files are.
#[derive(Debug, Default)]
pub struct Existing {
    /// The files of the catalog: their paths in its folder, with `/` on every system, and their bytes.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The files that are not part of a catalog, as they were found.
    pub left_out: Vec<LeftOut>,
    /// What the files contain.
    pub scan: Scan,
}

/// A file in a catalog's folder that is not part of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The file.
    pub path: PathBuf,
    /// Whether it is a template.
    pub is_template: bool,
}

/// Reads a catalog's file or folder. Files that `.indexignore` names do not count. Neither do templates, nor files that
/// by their names are neither YAML nor JSON and have no blob, such as a Dockerfile, OWNERS or a picture: opm would refuse
/// the folder because of them. `images` is a folder of images that may be below: an earlier build is not a part of it.
///
/// # Errors
/// A path that cannot be read, a file with a name that is not UTF-8, and a folder without a single file.
pub fn existing(path: &Path, images: &Path) -> Result<Existing, catalog::Error> {
    let read = |file: PathBuf| {
        let bytes = files::read(&file, &FILE_BYTES);
        let bytes = bytes.map_err(|source| catalog::Error::Io { path: file.clone(), source })?;
        let scan = match std::str::from_utf8(&bytes) {
            Ok(text) => Some(read_text(text, &file)),
            Err(_) if is_named_as_data(&file) => Some(catalog::scan(&file)?),
            Err(_) => None,
        };
        Ok((file, bytes, scan))
    };
    let own = images.canonicalize().ok();
    let is_own =
        |file: &PathBuf| own.as_ref().is_some_and(|own| file.canonicalize().is_ok_and(|file| file.starts_with(own)));
    let files = catalog::files(path)?.into_par_iter().filter(|file| !is_own(file));
    let found: Vec<Result<_, catalog::Error>> = files.map(read).collect();
    let mut existing = Existing::default();
    for found in found {
        let (file, bytes, scan) = found?;
        let is_template = scan.as_ref().is_some_and(is_template);
        match scan.filter(|scan| !is_template && (is_named_as_data(&file) || !scan.catalog.is_empty())) {
            Some(scan) => {
                existing.files.insert(name(path, &file)?, bytes);
                existing.scan.merge(scan);
            }
            None => existing.left_out.push(LeftOut { path: file, is_template }),
        }
    }
    if existing.files.is_empty() && existing.left_out.is_empty() {
        return Err(catalog::Error::Empty { path: path.to_owned() });
    }
    Ok(existing)
}

/// Whether a file is YAML or JSON by its name.
fn is_named_as_data(file: &Path) -> bool {
    file.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

/// Whether all blobs of a file are templates.
fn is_template(scan: &Scan) -> bool {
    let catalog = &scan.catalog;
    let only_others = catalog.packages.is_empty()
        && catalog.channels.is_empty()
        && catalog.bundles.is_empty()
        && catalog.deprecations.is_empty();
    only_others && !catalog.others.is_empty() && catalog.others.iter().all(|blob| schema::ALL.contains(&&*blob.schema))
}

/// The path of a file in the catalog's folder.
fn name(root: &Path, file: &Path) -> Result<String, catalog::Error> {
    let within = match file.strip_prefix(root) {
        Ok(within) if !within.as_os_str().is_empty() => within,
        // The catalog is a single file.
        _ => Path::new(file.file_name().unwrap_or_default()),
    };
    let parts: Option<Vec<&str>> = within.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/")).ok_or_else(|| catalog::Error::Io {
        path: file.to_owned(),
        source: std::io::Error::new(std::io::ErrorKind::InvalidData, "the name is not UTF-8"),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_of_other_kinds_are_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let package = "schema: olm.package\nname: demo\n";
        for (name, text) in [
            ("demo/catalog.yaml", package),
            ("demo/more", package),
            ("demo/broken.yaml", "a: ["),
            ("OWNERS", "approvers: [me]\n"),
            ("Dockerfile", "FROM scratch\n"),
            ("README.md", "# Demo\n\n- a: b\n c"),
            ("template.yaml", "schema: olm.semver\nstable: {bundles: []}\n"),
            ("ignored.txt", package),
            (".indexignore", "*.txt\n"),
            ("target/index.json", "{}"),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        fs::write(folder.path().join("icon.png"), [0xff, 0xfe]).expect("written");
        let existing = existing(folder.path(), &folder.path().join("target")).expect("it is a catalog");
        let files: Vec<&str> = existing.files.keys().map(String::as_str).collect();
        assert_eq!(files, ["demo/broken.yaml", "demo/catalog.yaml", "demo/more"]);
        assert_eq!(existing.files["demo/more"], package.as_bytes());
        assert_eq!(existing.scan.bad.len(), 1, "{:?}", existing.scan.bad);
        let left = existing
            .left_out
            .iter()
            .map(|left| (left.path.strip_prefix(folder.path()).expect("in it"), left.is_template));
        let left: Vec<_> = left.map(|(path, is)| (path.to_str().expect("text"), is)).collect();
        let expected = [
            ("Dockerfile", false),
            ("OWNERS", false),
            ("README.md", false),
            ("icon.png", false),
            ("template.yaml", true),
        ];
        assert_eq!(left, expected);
    }
}
