//! The targets of links.

use url::Url;

use crate::site::names::PagePath;

/// The maximum length of an external address.
const LONGEST: usize = 2000;

/// The target of a link: a page of the site, a place in a page, or an address of a kind that cannot run anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::site) struct Href {
    text: String,
    is_external: bool,
}

impl Href {
    /// An external address: of the web or of mail, with nothing hidden in it. `None` for everything else, such as
    /// `javascript:` and `data:`, and for addresses without a scheme, which would point into the site.
    pub(in crate::site) fn external(address: &str) -> Option<Self> {
        let url = Url::parse(address.trim()).ok()?;
        let is_known = matches!(url.scheme(), "http" | "https" | "mailto");
        // Names and passwords before the host can imitate another host.
        let is_plain = url.username().is_empty() && url.password().is_none();
        // The URL standard does not escape apostrophes in queries of unknown schemes and in fragments.
        let text = url.as_str().replace('\'', "%27");
        (is_known && is_plain && text.len() <= LONGEST).then_some(Self { text, is_external: true })
    }

    /// An email address.
    pub(in crate::site) fn mail(address: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".@+_-".contains(c);
        let is_one = address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        (is_one && address.chars().all(plain)).then(|| Self { text: format!("mailto:{address}"), is_external: true })
    }

    /// From a page to another file of the site.
    pub(in crate::site) fn page(from: &PagePath, to: &PagePath) -> Self {
        Self { text: from.link_to(to), is_external: false }
    }

    /// A place in a page; `id` comes from [`anchor`] or the program itself.
    pub(in crate::site) fn at(self, id: &str) -> Self {
        let text = format!("{}#{id}", self.text);
        Self { text, ..self }
    }

    /// A place in this page.
    pub(in crate::site) fn here(id: &str) -> Self {
        Self { text: format!("#{id}"), is_external: false }
    }

    pub(in crate::site) fn as_str(&self) -> &str {
        &self.text
    }

    pub(in crate::site) fn is_external(&self) -> bool {
        self.is_external
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_cannot_run_anything_are_links() {
        let text = |address: &str| Href::external(address).map(|href| href.text);
        assert_eq!(text(" HTTPS://example.com/a b ").as_deref(), Some("https://example.com/a%20b"));
        assert_eq!(text("mailto:a@example.com").as_deref(), Some("mailto:a@example.com"));
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "//example.com",
            "/a",
            "a",
            "",
            "https://example.com@evil.example/",
            "ftp://a/",
        ] {
            assert_eq!(text(bad), None, "{bad}");
        }
        assert_eq!(Href::mail("a.b+c@example.com").map(|href| href.text).as_deref(), Some("mailto:a.b+c@example.com"));
        for bad in ["a", "a@b", "@b.c", "a@b.c?subject=x", "a b@c.d", "javascript:a@b.c"] {
            assert_eq!(Href::mail(bad), None, "{bad}");
        }
    }
}
