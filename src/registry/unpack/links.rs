//! The symbolic links of an image. They are remembered but never created: their targets are looked up here, within the
//! image, as a container would find them. `..` never leads above the image's root.

use std::collections::BTreeMap;

use super::{Fault, is_below};
use crate::limits::IMAGE_LINKS;

/// The most links that are followed to one file, as on Linux.
const HOPS: usize = 40;

/// The longest path that is followed, in bytes, as on Linux.
const LONGEST: usize = 4096;

/// The relevant links: their targets, by their paths. Both are within the image, without a leading `/`.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<String, String>);

impl Links {
    /// Remembers a link. `target` is the text in the archive; a relative one starts at the link's folder.
    pub(super) fn insert(&mut self, path: &str, target: &[u8]) -> Result<&str, Fault> {
        let target = std::str::from_utf8(target)
            .map_err(|_| Fault::Layer(format!("contains {path:?}, a link to a path that is not valid UTF-8")))?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
        let mut follows = !target.contains(['\0', '\\']);
        let mut names = 0;
        for part in target.split('/') {
            match part {
                "" | "." => {}
                // After a name that may be a link itself, it may lead somewhere else than it seems to.
                ".." if names > 0 => follows = false,
                ".." => drop(parts.pop()),
                part => {
                    names += 1;
                    parts.push(part);
                }
            }
        }
        parts.retain(|part| !part.is_empty());
        if !follows || parts.is_empty() {
            return Err(Fault::Layer(format!("contains {path:?}, a link to {target:?}, which is not followed")));
        }
        if !self.0.contains_key(path) && self.0.len() >= IMAGE_LINKS {
            return Err(Fault::Layer(format!(
                "increases the image to more than {IMAGE_LINKS} links among the files that are read"
            )));
        }
        let target = parts.join("/");
        let kept = self.0.entry(path.to_owned()).or_default();
        *kept = target;
        Ok(kept)
    }

    /// Forgets the links below a path, and the one at it if `itself` is set, except those in `keep`.
    pub(super) fn remove(&mut self, path: &str, itself: bool, keep: impl Fn(&str) -> bool) {
        self.0.retain(|link, _| keep(link) || !(is_below(link, path) || itself && link == path));
    }

    /// Every link and what it leads to, sorted.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, target)| (path.as_str(), target.as_str()))
    }

    /// A path with the links on the way to it followed. The result may be a link itself.
    pub(super) fn on_the_way(&self, path: String) -> Result<String, Fault> {
        self.follow(path, is_below)
    }

    /// The target of a path.
    pub(super) fn target(&self, path: String) -> Result<String, Fault> {
        self.follow(path, |path, link| path == link || is_below(path, link))
    }

    fn follow(&self, mut path: String, applies: impl Fn(&str, &str) -> bool) -> Result<String, Fault> {
        if self.0.is_empty() {
            return Ok(path);
        }
        let start = path.clone();
        for _ in 0..HOPS {
            // Sorted, the folder's link comes before those below it.
            let Some((link, target)) = self.0.iter().find(|(link, _)| applies(&path, link)) else { return Ok(path) };
            if path.len() > LONGEST {
                break;
            }
            path = format!("{target}{}", &path[link.len()..]);
        }
        Err(Fault::Layer(format!("contains {start:?}, a link that leads back to itself")))
    }
}
