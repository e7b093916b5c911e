//! Icons: only embedded in pages, and only pictures. In an `img` element an SVG picture runs no scripts and loads
//! nothing.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::catalog::Icon;
use crate::go_json::shape;
use crate::limits::ICON_BYTES;

/// A picture as a `data:` address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::site) struct Picture(String);

impl Picture {
    /// The icon of a package.
    pub(in crate::site) fn of_icon(icon: &Icon) -> Option<Self> {
        Self::new(&icon.base64data, &icon.mediatype)
    }

    /// The first icon of a ClusterServiceVersion.
    pub(in crate::site) fn of_spec(spec: &Value) -> Option<Self> {
        let icon = spec["icon"].get(0)?;
        Self::new(icon["base64data"].as_str()?, icon["mediatype"].as_str()?)
    }

    /// `None` if the data is not a picture of the declared type, or is too large.
    fn new(base64: &str, kind: &str) -> Option<Self> {
        // Four base64 characters are three bytes.
        if base64.len() as u64 / 4 * 3 > ICON_BYTES.get() {
            return None;
        }
        let bytes = shape::base64(base64).ok()?;
        let kind =
            ["image/svg+xml", "image/png", "image/jpeg", "image/gif"].into_iter().find(|known| *known == kind)?;
        is_of(kind, &bytes).then(|| Self(format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes))))
    }

    pub(in crate::site) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the bytes start like a picture of this type.
fn is_of(kind: &str, bytes: &[u8]) -> bool {
    match kind {
        "image/png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/jpeg" => bytes.starts_with(b"\xff\xd8\xff"),
        "image/gif" => bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"),
        _ => std::str::from_utf8(bytes)
            .is_ok_and(|text| text.trim_start_matches('\u{feff}').trim_start().starts_with('<')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_of_known_types_are_shown() {
        let shown = |bytes: &[u8], kind: &str| Picture::new(&BASE64_STANDARD.encode(bytes), kind).is_some();
        assert!(shown(b"<svg/>", "image/svg+xml"));
        assert!(shown(b"\x89PNG\r\n\x1a\n...", "image/png"));
        assert!(!shown(b"<script>", "text/html"));
        assert!(!shown(b"<svg/>", "image/png"));
        assert!(!shown(b"<svg/>", "image/svg+xml\" onerror=\"alert(1)"));
        assert!(!shown(&vec![b'<'; usize::try_from(ICON_BYTES.get()).unwrap() + 4], "image/svg+xml"));
        assert_eq!(Picture::new("%%", "image/png"), None);
    }
}
