//! Checks whether a text is well-formed XML: a parser for elements, attributes, text and the five entities, which is
//! everything that a picture can have.

use std::collections::BTreeMap;

/// An element, without what is inside.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// The text directly in it.
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn number(&self, name: &str) -> f64 {
        self.attributes[name].parse().expect("a number")
    }

    pub(crate) fn has_class(&self, class: &str) -> bool {
        self.attributes.get("class").is_some_and(|classes| classes.split(' ').any(|it| it == class))
    }
}

/// The elements of a document, each at its start.
pub(crate) fn elements(document: &str) -> Result<Vec<Element>, String> {
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut rest = document.trim_end();
    let mut closed = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>').ok_or("an end without `>`")?;
            let element = open.pop().ok_or("an end without a start")?;
            if elements[element].name != name {
                return Err(format!("{} ends as {name}", elements[element].name));
            }
            (rest, closed) = (after, open.is_empty());
        } else if let Some(after) = rest.strip_prefix('<') {
            if closed {
                return Err("a second root".into());
            }
            let (element, after, is_empty) = start(after)?;
            elements.push(element);
            if !is_empty {
                open.push(elements.len() - 1);
            }
            rest = after;
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            let element = *open.last().ok_or("text outside of the root")?;
            let text = plain(&rest[..end])?;
            elements[element].text += &text;
            rest = &rest[end..];
        }
    }
    if open.is_empty() { Ok(elements) } else { Err("an element has no end".into()) }
}

fn start(text: &str) -> Result<(Element, &str, bool), String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ':';
    let name_end = text.find(|c| !is_name(c)).ok_or("a start without `>`")?;
    let mut element = Element { name: text[..name_end].to_owned(), attributes: BTreeMap::new(), text: String::new() };
    if element.name.is_empty() {
        return Err(format!("a start without a name: {:.20}", text));
    }
    let mut rest = &text[name_end..];
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return Ok((element, after, true));
        }
        if let Some(after) = rest.strip_prefix('>') {
            return Ok((element, after, false));
        }
        let (name, after) = rest.split_once("=\"").ok_or("an attribute without a value")?;
        let (value, after) = after.split_once('"').ok_or("an attribute without an end")?;
        if !name.chars().all(is_name) || element.attributes.insert(name.to_owned(), plain(value)?).is_some() {
            return Err(format!("the attribute {name:?}"));
        }
        rest = after;
    }
}

/// Text without entities.
fn plain(text: &str) -> Result<String, String> {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, rest) = part.split_once(';').ok_or("an entity without `;`")?;
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            "#35" => '#',
            other => return Err(format!("the entity {other:?}")),
        });
        plain += rest;
    }
    let is_bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{fffe}' | '\u{ffff}');
    match text.contains('<') || text.contains(is_bad) {
        true => Err(format!("a character that is not text: {text:?}")),
        false => Ok(plain),
    }
}

#[test]
fn malformed_text_is_found() {
    assert_eq!(elements("<a b=\"&lt;\"><c/>d</a>\n").map(|all| all.len()), Ok(2));
    for bad in [
        "<a>",
        "<a></b>",
        "<a b=c/>",
        "<a>&x;</a>",
        "<a/><b",
        "<a b=\"1\" b=\"2\"/>",
        "<a>\u{1}</a>",
        "<a></a><b/>",
        "x",
    ] {
        elements(bad).expect_err(bad);
    }
}
