//! The names of the site's files. The names of packages, channels and bundles are foreign: they could lead out of the
//! folder, differ only in case, or have a special meaning in a file system.

use crate::digest::Digest;

/// The maximum length of a foreign name in a file's name.
const LONGEST: usize = 64;
/// The number of hexadecimal digits of a digest in a file's name.
const DIGITS: usize = 24;
/// Names that the site itself uses in folders with foreign names.
const OURS: [&str; 4] = ["crds", "index.html", "upgrades", "page"];
/// Names that Windows reserves for devices, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A file name for a foreign name: lower case letters, digits, dots and dashes. A name that is valid already stays, so
/// that links are predictable; any other gets the digest of the whole name. So two names never have the same file, even
/// if a file system ignores case.
pub(super) fn slug(name: &str) -> String {
    if is_plain(name) {
        return name.to_owned();
    }
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    let short: String = name.chars().take(LONGEST - DIGITS).map(kept).collect();
    let digest = Digest::of(name.as_bytes());
    let short = short.replace("..", "-");
    let short = short.trim_matches(['.', '-']);
    let between = if short.is_empty() { "" } else { "-" };
    let prefix = if is_device(short) { "x-" } else { "" };
    format!("{prefix}{short}{between}{}", &digest.hex()[..DIGITS])
}

fn is_plain(name: &str) -> bool {
    let is_edge = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let edges = name.bytes().next().is_some_and(is_edge) && name.bytes().last().is_some_and(is_edge);
    edges
        && name.len() <= LONGEST
        && name.bytes().all(|byte| is_edge(byte) || matches!(byte, b'.' | b'-'))
        && !name.contains("..")
        && !OURS.contains(&name)
        && !is_device(name)
        && !has_digest(name)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    DEVICES.contains(&stem.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Whether it ends like a name with a digest.
fn has_digest(name: &str) -> bool {
    let start = name.len().checked_sub(DIGITS);
    let end = start.and_then(|start| name.get(start..));
    end.is_some_and(|end| end.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A file of the site: its path from the site's folder, with `/` as separator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PagePath(String);

impl PagePath {
    /// A path whose names are the program's own or come from [`slug`].
    pub(super) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self(names.into_iter().collect::<Vec<_>>().join("/"))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The link from this page to another one, which works in every file system and on every server.
    pub(super) fn link_to(&self, other: &Self) -> String {
        let folder = |path: &Self| path.0.rfind('/').map_or(0, |end| end + 1);
        let (here, there) = (&self.0[..folder(self)], &other.0[..folder(other)]);
        let both = here.bytes().zip(there.bytes()).take_while(|(a, b)| a == b).count();
        let shared = here[..both].rfind('/').map_or(0, |end| end + 1);
        let up = here[shared..].matches('/').count();
        format!("{}{}", "../".repeat(up), &other.0[shared..])
    }
}

/// The `id` of a field of a definition: its path as in `catalog crd diff`, such as `.spec.list[].name`, with characters
/// escaped that a fragment cannot contain. The program's own ids have no dot.
pub(super) fn step_id(name: &str) -> String {
    let mut id = String::from(".");
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
            id.push(c);
        } else {
            id.push_str(&format!(":{:x}:", u32::from(c)));
        }
    }
    id
}

/// The `id` of a foreign name within a page, after one of the program's own words.
pub(super) fn id(word: &str, name: &str) -> String {
    format!("{word}-{}", slug(name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn good_names_stay_and_others_get_a_digest() {
        assert_eq!(slug("etcd"), "etcd");
        assert_eq!(slug("etcdoperator.v0.9.4"), "etcdoperator.v0.9.4");
        let hostile = [
            "",
            ".",
            "..",
            "../../etc",
            "a/b",
            "a\\b",
            "Etcd",
            "ETCD",
            "etcd.",
            "con",
            "nul.v1",
            "COM1",
            "index.html",
            "crds",
            "a..b",
            "a...A",
            "a\u{202e}b",
            "<script>",
            "é",
            "a b",
            "a-0123456789abcdef01234567",
            &"a".repeat(65),
        ];
        let slugs: BTreeSet<String> = hostile.iter().map(|name| slug(name)).collect();
        assert_eq!(slugs.len(), hostile.len());
        assert!(slug("Etcd").starts_with("etcd-"));
    }

    #[test]
    fn links_lead_from_any_page_to_any_other() {
        let path = |text: &str| PagePath::new(text.split('/'));
        let link = |from: &str, to: &str| path(from).link_to(&path(to));
        assert_eq!(link("index.html", "assets/style.css"), "assets/style.css");
        assert_eq!(link("packages/a/index.html", "index.html"), "../../index.html");
        assert_eq!(link("packages/a/index.html", "packages/a/v1/index.html"), "v1/index.html");
        assert_eq!(link("packages/a/v1/index.html", "packages/a/v2/index.html"), "../v2/index.html");
        assert_eq!(link("packages/ab/index.html", "packages/a/index.html"), "../a/index.html");
    }

    proptest! {
        #[test]
        fn any_name_is_a_file_of_its_own(a in any::<String>(), b in any::<String>()) {
            let slugs = [slug(&a), slug(&b)];
            for slug in &slugs {
                prop_assert!(slug.len() <= LONGEST + 3 && !slug.is_empty());
                prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.'));
                prop_assert!(!slug.starts_with('.') && !slug.ends_with('.') && !slug.contains("..") && !is_device(slug));
            }
            prop_assert_eq!(a == b, slugs[0] == slugs[1]);
        }

        #[test]
        fn case_alone_makes_another_file(name in "[A-Za-z]{1,8}") {
            let (lower, upper) = (slug(&name.to_lowercase()), slug(&name.to_uppercase()));
            prop_assert_ne!(lower, upper.to_lowercase());
        }
    }
}
