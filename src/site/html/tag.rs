//! The elements of pages. Scripts and styles are not inline, but files of the site.

use super::{Attr, Element, Href, Html};

macro_rules! tags {
    ($($name:ident)*) => {
        $(
            #[doc = concat!("`<", stringify!($name), ">`")]
            pub(in crate::site) fn $name() -> Element {
                Element::new(stringify!($name), false)
            }
        )*
    };
}

tags! {
    a article aside blockquote body button code dd del details div dl dt em footer form h1 h2 h3 h4 h5 h6
    head header html li main nav noscript ol p pre section span strong summary table tbody td th thead
    title tr ul
}

macro_rules! void_tags {
    ($($name:ident)*) => {
        $(
            #[doc = concat!("`<", stringify!($name), ">`")]
            pub(in crate::site) fn $name() -> Element {
                Element::new(stringify!($name), true)
            }
        )*
    };
}

void_tags! { br hr img input meta }

/// The style sheet, a file of the site.
pub(in crate::site) fn style(href: &Href) -> Element {
    Element::new("link", true).write("rel", "stylesheet").asset("href", href)
}

/// A script, a file of the site, which runs after the page is loaded.
pub(in crate::site) fn script(href: &Href) -> Html {
    Element::new("script", false).asset("src", href).write("defer", "").into()
}

/// `<meta name=… content=…>`
pub(in crate::site) fn named_meta(name: &str, content: &str) -> Element {
    meta().attr(Attr::Name, name).attr(Attr::Content, content)
}
