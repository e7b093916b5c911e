//! HTML that foreign text cannot break: [`Html`] and [`Element`] accept text only through [`escape`], and the names of
//! elements and attributes are the program's own. Links and pictures have checked types: [`Href`] and [`Picture`].

mod escape;
mod href;
mod picture;
pub(super) mod tag;

pub(super) use escape::escape;
pub(super) use href::Href;
pub(super) use picture::Picture;

use crate::draw;

/// A piece of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Html(String);

impl Html {
    /// The text of the document.
    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// Whether it is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its size in bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Any text, escaped.
    pub(super) fn text(foreign: &str) -> Self {
        let mut html = Self::default();
        escape(&mut html.0, foreign);
        html
    }

    /// Appends another piece.
    pub(super) fn push(&mut self, part: impl Into<Self>) {
        let part = part.into();
        if self.0.is_empty() { self.0 = part.0 } else { self.0.push_str(&part.0) }
    }

    /// Upgrade graphs; their styles are those of [`draw::svg_style`].
    pub(super) fn graph(pictures: &[draw::Picture<'_>]) -> Self {
        Self(draw::svg_in_page(pictures))
    }

    /// A whole document.
    pub(super) fn document(head: Element, body: Element) -> Self {
        let root = tag::html().attr(Attr::Lang, "en").add(head).text("\n").add(body);
        let mut document = Self("<!DOCTYPE html>\n".to_owned());
        document.push(root);
        document.0.push('\n');
        document
    }
}

impl From<Element> for Html {
    fn from(element: Element) -> Self {
        element.close()
    }
}

impl<T: Into<Self>> From<Option<T>> for Html {
    fn from(part: Option<T>) -> Self {
        part.map(Into::into).unwrap_or_default()
    }
}

impl<T: Into<Self>> FromIterator<T> for Html {
    fn from_iter<I: IntoIterator<Item = T>>(parts: I) -> Self {
        let mut all = Self::default();
        parts.into_iter().for_each(|part| all.push(part));
        all
    }
}

/// The attributes that can contain any text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Attr {
    Alt,
    AriaCurrent,
    AriaLabel,
    Charset,
    Content,
    Id,
    HttpEquiv,
    Lang,
    Name,
    Placeholder,
    Role,
    Scope,
    TabIndex,
    Type,
}

impl Attr {
    fn name(self) -> &'static str {
        match self {
            Self::Alt => "alt",
            Self::AriaCurrent => "aria-current",
            Self::AriaLabel => "aria-label",
            Self::Charset => "charset",
            Self::Content => "content",
            Self::Id => "id",
            Self::HttpEquiv => "http-equiv",
            Self::Lang => "lang",
            Self::Name => "name",
            Self::Placeholder => "placeholder",
            Self::Role => "role",
            Self::Scope => "scope",
            Self::TabIndex => "tabindex",
            Self::Type => "type",
        }
    }
}

/// An element that is being written: first its attributes, then its content.
#[derive(Clone, Debug)]
pub(super) struct Element {
    name: &'static str,
    /// Whether it can have no content.
    is_void: bool,
    /// Whether its start tag is still open for attributes.
    is_open: bool,
    text: String,
}

impl Element {
    fn new(name: &'static str, is_void: bool) -> Self {
        Self { name, is_void, is_open: true, text: format!("<{name}") }
    }

    fn write(mut self, name: &str, value: &str) -> Self {
        if self.is_open {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            escape(&mut self.text, value);
            self.text.push('"');
        }
        self
    }

    /// An attribute. It must come before the content.
    pub(super) fn attr(self, name: Attr, value: &str) -> Self {
        self.write(name.name(), value)
    }

    /// The classes of the style sheet.
    pub(super) fn class(self, classes: &'static str) -> Self {
        if classes.is_empty() { self } else { self.write("class", classes) }
    }

    /// The target of a link. External links send no referrer.
    pub(super) fn href(self, href: &Href) -> Self {
        let rel = if href.is_external() { "noopener noreferrer nofollow" } else { "" };
        let linked = self.write("href", href.as_str());
        if rel.is_empty() { linked } else { linked.write("rel", rel) }
    }

    /// The target of a form.
    pub(super) fn action(self, href: &Href) -> Self {
        self.write("action", href.as_str())
    }

    /// A file of the site that the page needs.
    pub(super) fn asset(self, attribute: &'static str, href: &Href) -> Self {
        self.write(attribute, href.as_str())
    }

    /// A picture.
    pub(super) fn picture(self, picture: &Picture) -> Self {
        self.write("src", picture.as_str())
    }

    /// Any text, escaped.
    pub(super) fn text(mut self, foreign: &str) -> Self {
        self.begin();
        escape(&mut self.text, foreign);
        self
    }

    /// Its content.
    pub(super) fn add(mut self, part: impl Into<Html>) -> Self {
        self.begin();
        self.text.push_str(&part.into().0);
        self
    }

    /// Several pieces of content.
    pub(super) fn each<T: Into<Html>>(self, parts: impl IntoIterator<Item = T>) -> Self {
        parts.into_iter().fold(self, Self::add)
    }

    fn begin(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.text.push('>');
        }
    }

    fn close(mut self) -> Html {
        self.begin();
        if !self.is_void {
            self.text.push_str("</");
            self.text.push_str(self.name);
            self.text.push('>');
        }
        Html(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let link = Href::external("https://example.com/?a=\"><script>&b='");
        let part =
            tag::p().attr(Attr::AriaLabel, "\"'<").each(link.map(|link| tag::a().href(&link).text("<b>&\u{202e}")));
        assert_eq!(
            Html::from(part).into_string(),
            "<p aria-label=\"&quot;&#39;&lt;\"><a href=\"https://example.com/?a=%22%3E%3Cscript%3E&amp;b=%27\" \
             rel=\"noopener noreferrer nofollow\">&lt;b&gt;&amp;\\u{202e}</a></p>"
        );
    }

    #[test]
    fn attributes_do_not_get_into_the_text() {
        let late = tag::p().text("a").attr(Attr::Alt, "b");
        assert_eq!(Html::from(late).into_string(), "<p>a</p>");
        assert_eq!(Html::from(tag::br()).into_string(), "<br>");
    }
}
