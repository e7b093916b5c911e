//! The root of the repository that the current folder is in, so that every verb works from its subfolders too.
//!
//! The root is the nearest folder, from the current one upwards, that has a [`CONFIG_FILE`], a folder of bundles with an
//! `operator.yaml`, or a folder of channels with a template. The search ends at a folder with `.git`, and before the home
//! folder of the user. Without a root, the current folder counts as one.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::channel::schema;
use crate::files;
use crate::limits::FOLDER_FILES;
use crate::operator;
use crate::validate::select::{CONFIG_FILE, ConfigError, File, Folders};

/// How many folders above the current one are looked at.
const LEVELS: usize = 32;

/// How much of a template is read to recognise it.
const HEAD: u64 = 64 << 10;

/// The root of the repository that the current folder is in, as it is reached from there: `.`, `..`, `../..` and so on.
/// It is looked up once.
#[must_use]
pub fn current() -> &'static Path {
    static CURRENT: OnceLock<PathBuf> = OnceLock::new();
    CURRENT.get_or_init(|| {
        let home = std::env::home_dir().and_then(|home| home.canonicalize().ok());
        let up = std::env::current_dir().ok().and_then(|here| find(&here.canonicalize().ok()?, home.as_deref()));
        match up.unwrap_or(0) {
            0 => PathBuf::from("."),
            up => std::iter::repeat_n("..", up).collect(),
        }
    })
}

/// The path of something in the repository, by its path from the root.
#[must_use]
pub fn path(inner: impl AsRef<Path>) -> PathBuf {
    if current() == Path::new(".") { inner.as_ref().to_owned() } else { current().join(inner) }
}

/// The `catalog.toml` of the repository, if there is one.
#[must_use]
pub fn config() -> Option<PathBuf> {
    Some(path(CONFIG_FILE)).filter(|file| file.symlink_metadata().is_ok())
}

/// The folders of the repository: those that its `catalog.toml` names, and otherwise the default ones.
///
/// # Errors
/// A `catalog.toml` that cannot be read or is not valid.
pub fn folders() -> Result<&'static Folders, &'static ConfigError> {
    static FOLDERS: OnceLock<Result<Folders, ConfigError>> = OnceLock::new();
    let read = || match config() {
        Some(file) => File::read(&file).map(File::into_folders),
        None => Ok(Folders::default()),
    };
    FOLDERS.get_or_init(read).as_ref()
}

/// How many folders above `here` the root is.
fn find(here: &Path, home: Option<&Path>) -> Option<usize> {
    for (up, folder) in here.ancestors().take(LEVELS).enumerate() {
        if up > 0 && home == Some(folder) {
            return None;
        }
        if is_root(folder) {
            return Some(up);
        }
        if folder.join(".git").symlink_metadata().is_ok() {
            return None;
        }
    }
    None
}

/// Whether a folder looks like the root of a repository.
fn is_root(folder: &Path) -> bool {
    if folder.join(CONFIG_FILE).is_file() {
        return true;
    }
    let Folders { bundles, channels, .. } = Folders::default();
    let entries = |inner: &Path| files::list(&folder.join(inner), &FOLDER_FILES).unwrap_or_default();
    entries(&bundles).iter().any(|package| package.join(operator::FILE).is_file())
        || entries(&channels).iter().any(|file| is_template(file))
}

/// Whether a file is a template, by its name and its schema.
fn is_template(file: &Path) -> bool {
    let named =
        file.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known));
    named && crate::validate::input::schema_at(file, HEAD).is_some_and(|found| schema::ALL.contains(&&*found))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(root: &Path, file: &str, text: &str) {
        let file = root.join(file);
        fs::create_dir_all(files::folder_of(&file)).expect("made");
        fs::write(file, text).expect("written");
    }

    fn found(root: &Path, inner: &str) -> Option<usize> {
        let inner = root.join(inner);
        fs::create_dir_all(&inner).expect("made");
        find(&inner.canonicalize().expect("a folder"), None)
    }

    #[test]
    fn a_file_or_the_folders_mark_a_root() {
        for (file, text, is_root) in [
            (CONFIG_FILE, "", true),
            ("bundles/demo/operator.yaml", "package: demo\n", true),
            ("channels/demo.yaml", "# a comment\nschema: olm.semver\n", true),
            ("bundles/demo/1.0.0/manifests/a.yaml", "", false),
            ("channels/readme.md", "schema: olm.semver\n", false),
            ("channels/demo.yaml", "schema: olm.package\n", false),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            write(folder.path(), ".git/config", "");
            write(folder.path(), file, text);
            assert_eq!(found(folder.path(), "a/b"), is_root.then_some(2), "{file}");
            assert_eq!(found(folder.path(), ""), is_root.then_some(0), "{file}");
        }
    }

    #[test]
    fn the_search_ends_at_git_and_before_the_home_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), CONFIG_FILE, "");
        assert_eq!(found(folder.path(), "a"), Some(1));
        write(folder.path(), "other/.git", "gitdir: elsewhere\n");
        assert_eq!(found(folder.path(), "other/a"), None);
        let here = folder.path().join("a").canonicalize().expect("a folder");
        assert_eq!(find(&here, here.parent()), None);
        assert_eq!(find(&here, Some(&here)), Some(1));
    }
}
