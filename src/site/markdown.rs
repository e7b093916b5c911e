//! Descriptions, which are Markdown, as HTML. HTML in them is shown as text, links are limited to those that
//! [`Href::external`] allows, and pictures become links: no foreign content is loaded.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::html::{Attr, Element, Href, Html, tag};

/// The maximum length of a text that is parsed as Markdown. A whole ClusterServiceVersion has at most 1 MiB.
const LONGEST: usize = 256 << 10;
/// The maximum depth of elements; deeper content is put into the deepest one.
const DEEPEST: usize = 24;

/// A description. Its headings are below those of the page.
pub(super) fn render(text: &str) -> Html {
    let text = text.replace("\r\n", "\n");
    let (text, is_cut) = cut(&text);
    let mut writer = Writer::default();
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    Parser::new_ext(text, options).for_each(|event| writer.event(event));
    let mut html = writer.finish();
    if is_cut {
        html.push(tag::p().class("quiet").text("The text is truncated here."));
    }
    html
}

fn cut(text: &str) -> (&str, bool) {
    if text.len() <= LONGEST {
        return (text, false);
    }
    let end = (0..=LONGEST).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
    (&text[..end], true)
}

/// The open elements, and contexts that cannot have content.
#[derive(Default)]
struct Writer {
    done: Html,
    open: Vec<Open>,
    is_heading_row: bool,
}

enum Open {
    Element(Element),
    /// A picture: its text becomes the text of a link.
    Picture {
        href: Option<Href>,
        text: String,
    },
    /// An item without an element.
    Nothing,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => self.text(&text),
            Event::Html(html) => self.text(&html),
            Event::InlineHtml(html) if is_break(&html) => self.add(tag::br()),
            Event::InlineHtml(html) => self.text(&html),
            Event::Code(code) => self.add(tag::code().text(&code)),
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak => self.add(tag::br()),
            Event::Rule => self.add(tag::hr()),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        if self.open.len() >= DEEPEST {
            self.open.push(Open::Nothing);
            return;
        }
        let open = match tag {
            Tag::Image { dest_url, .. } => Open::Picture { href: Href::external(dest_url), text: String::new() },
            Tag::Table(_) => Open::Element(tag::table()),
            Tag::TableHead => {
                self.is_heading_row = true;
                Open::Element(tag::tr())
            }
            Tag::TableCell if self.is_heading_row => Open::Element(tag::th().attr(Attr::Scope, "col")),
            other => element(other).map_or(Open::Nothing, Open::Element),
        };
        self.open.push(open);
    }

    fn end(&mut self, end: TagEnd) {
        if end == TagEnd::TableHead {
            self.is_heading_row = false;
        }
        match self.open.pop() {
            Some(Open::Element(element)) if end == TagEnd::Table => {
                self.add(tag::div().class("scroll").attr(Attr::TabIndex, "0").add(element));
            }
            Some(Open::Element(element)) => self.add(element),
            Some(Open::Picture { href, text }) => {
                let text = if text.trim().is_empty() { "picture".to_owned() } else { text };
                match href {
                    Some(href) => self.add(tag::a().href(&href).text(&text)),
                    None => self.add(Html::text(&text)),
                }
            }
            Some(Open::Nothing) | None => {}
        }
    }

    /// Adds to the innermost open element.
    fn add(&mut self, part: impl Into<Html>) {
        let part = part.into();
        match self.open.iter_mut().rev().find(|open| !matches!(open, Open::Nothing)) {
            Some(Open::Element(element)) => *element = std::mem::replace(element, tag::br()).add(part),
            // A picture can only have text.
            Some(_) => {}
            None => self.done.push(part),
        }
    }

    fn text(&mut self, text: &str) {
        match self.open.iter_mut().rev().find(|open| !matches!(open, Open::Nothing)) {
            Some(Open::Picture { text: alt, .. }) => alt.push_str(text),
            _ => self.add(Html::text(text)),
        }
    }

    fn finish(mut self) -> Html {
        // Every start in Markdown has an end; without it, the element would be lost.
        while !self.open.is_empty() {
            self.end(TagEnd::Paragraph);
        }
        self.done
    }
}

fn element(tag: &Tag<'_>) -> Option<Element> {
    Some(match tag {
        Tag::Paragraph => tag::p(),
        Tag::Heading { level: HeadingLevel::H1 | HeadingLevel::H2, .. } => tag::h3(),
        Tag::Heading { level: HeadingLevel::H3, .. } => tag::h4(),
        Tag::Heading { level: HeadingLevel::H4, .. } => tag::h5(),
        Tag::Heading { .. } => tag::h6(),
        Tag::BlockQuote(_) => tag::blockquote(),
        Tag::HtmlBlock => tag::p().class("lines"),
        Tag::CodeBlock(_) => tag::pre().attr(Attr::TabIndex, "0"),
        Tag::List(None) => tag::ul(),
        Tag::List(Some(_)) => tag::ol(),
        Tag::Item => tag::li(),
        Tag::TableRow => tag::tr(),
        Tag::TableCell => tag::td(),
        Tag::Emphasis => tag::em(),
        Tag::Strong => tag::strong(),
        Tag::Strikethrough => tag::del(),
        Tag::Link { dest_url, .. } => tag::a().href(&Href::external(dest_url)?),
        _ => return None,
    })
}

fn is_break(html: &str) -> bool {
    matches!(html, "<br>" | "<br/>" | "<br />")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn html(text: &str) -> String {
        render(text).into_string()
    }

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(
            html("# A\n\n*b* **c** `d`\n\n- e\n"),
            "<h3>A</h3><p><em>b</em> <strong>c</strong> <code>d</code></p><ul><li>e</li></ul>"
        );
        assert_eq!(
            html("a|b\n-|-\n1|2\n"),
            "<div class=\"scroll\" tabindex=\"0\"><table><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr>\
             <tr><td>1</td><td>2</td></tr></table></div>"
        );
        assert_eq!(html("a<br/>b"), "<p>a<br>b</p>");
    }

    #[test]
    fn nothing_of_others_runs_or_is_loaded() {
        assert_eq!(
            html("<script>alert(1)</script>\n"),
            "<p class=\"lines\">&lt;script&gt;alert(1)&lt;/script&gt;\n</p>"
        );
        assert_eq!(html("a <img src=x onerror=alert(1)>"), "<p>a &lt;img src=x onerror=alert(1)&gt;</p>");
        assert_eq!(html("[a](javascript:alert(1)) <javascript:alert(1)>"), "<p>a javascript:alert(1)</p>");
        assert_eq!(
            html("![a](https://e.com/a.png)"),
            "<p><a href=\"https://e.com/a.png\" rel=\"noopener noreferrer nofollow\">a</a></p>"
        );
        assert_eq!(html("![](data:image/png;base64,x)"), "<p>picture</p>");
    }

    #[test]
    fn deep_and_long_texts_take_little_time() {
        let started = std::time::Instant::now();
        for text in [
            ">".repeat(100_000),
            "[".repeat(100_000),
            "*a ".repeat(50_000),
            "- ".repeat(50_000),
            "a".repeat(LONGEST + 1),
        ] {
            assert!(render(&text).len() < 8 * LONGEST);
        }
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn every_tag_is_ours(text in "[a-z<>!\\[\\]()\"'&#*_`\n -]{0,80}") {
            let html = html(&text);
            for part in html.split('<').skip(1) {
                let name: String = part.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                let known = ["a", "blockquote", "br", "code", "del", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong", "table", "td", "th", "tr", "ul"];
                prop_assert!(known.contains(&name.as_str()), "{html}");
            }
        }
    }
}
