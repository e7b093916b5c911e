//! Upgrade graphs in the language of Graphviz: <https://graphviz.org/doc/info/lang.html>.

use std::fmt::Write as _;

use super::escape;
use super::note::Look;
use super::picture::{Arrow, Picture};
use crate::graph::EdgeKind;

/// The pictures as one graph with a cluster for each, ending in a newline. The head is at the top.
#[must_use]
pub fn dot(pictures: &[Picture<'_>]) -> String {
    let mut text = String::from(HEAD);
    for (number, picture) in pictures.iter().enumerate() {
        let title = escape::dot(&picture.title());
        let _ = writeln!(text, "  subgraph cluster_{number} {{\n    label=\"{title}\"");
        if let Some(look) = picture.look() {
            let about: Vec<String> = picture.about().iter().map(|line| escape::dot(line)).collect();
            let _ = writeln!(text, "    c{number}about [label=\"{}\" shape=note {}]", about.join("\\n"), style(look));
        }
        for (row, of) in picture.rows.iter().enumerate() {
            let lines: Vec<String> = of.lines().iter().map(|line| escape::dot(line)).collect();
            let _ = writeln!(text, "    c{number}n{row} [label=\"{}\" {}]", lines.join("\\n"), style(of.look()));
        }
        for arrow in &picture.arrows {
            let style = line(arrow);
            let _ = writeln!(text, "    c{number}n{} -> c{number}n{} [{style}]", arrow.from, arrow.to);
        }
        text.push_str("  }\n");
    }
    text + "}\n"
}

const HEAD: &str = r##"digraph upgrades {
  graph [rankdir=BT labelloc=b fontname="sans-serif" color="#818b98" style=rounded]
  node [shape=box style="rounded,filled" fontname="sans-serif" fontsize=12]
  edge [fontname="sans-serif" fontsize=10]
"##;

fn line(arrow: &Arrow) -> String {
    let (style, color) = match arrow.kinds.main() {
        EdgeKind::Replaces => ("solid", "#0969da"),
        EdgeKind::Skips => ("dashed", "#9a6700"),
        EdgeKind::SkipRange => ("dotted", "#8250df"),
    };
    let pale = if arrow.is_pale { "60" } else { "" };
    let words = arrow.kinds.words();
    format!("style={style} color=\"{color}{pale}\" tooltip=\"{words}\"")
}

fn style(look: Look) -> &'static str {
    match look {
        Look::Defect => r##"fillcolor="#ffebe9" color="#cf222e" fontcolor="#82071e""##,
        Look::Deprecated => r##"fillcolor="#fff8c5" color="#9a6700" fontcolor="#4d2d00""##,
        Look::Head => r##"fillcolor="#dafbe1" color="#1a7f37" fontcolor="#116329" penwidth=2"##,
        Look::Missing => r##"fillcolor="#ffffff" color="#818b98" fontcolor="#59636e" style="rounded,dashed""##,
        Look::Skipped => r##"fillcolor="#f6f8fa" color="#818b98" fontcolor="#59636e""##,
        Look::Entry => r##"fillcolor="#ddf4ff" color="#0969da" fontcolor="#0a3069""##,
    }
}
