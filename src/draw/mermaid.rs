//! Upgrade graphs for Mermaid, which GitHub, GitLab and many documentation tools draw.
//!
//! As in opm's `alpha render-graph`, arrows go from the older entry to the newer one. Unlike there, node ids are
//! numbers and all text is in strings, so that no name is interpreted as syntax.

use std::fmt::Write as _;

use super::escape;
use super::note::Look;
use super::picture::{Arrow, Picture};
use crate::graph::EdgeKind;

/// How many arrows Mermaid draws by default, as on GitHub (`maxEdges`).
pub const EDGES: usize = 500;

/// The pictures as one flowchart, ending in a newline. The head is at the top.
#[must_use]
pub fn mermaid(pictures: &[Picture<'_>]) -> String {
    let mut text = String::from("flowchart BT\n");
    for look in Look::EVERY {
        let _ = writeln!(text, "  classDef {} {}", look.as_str(), style(look));
    }
    let (mut arrows, mut pale) = (0, Vec::new());
    for (number, picture) in pictures.iter().enumerate() {
        let title = escape::mermaid(&picture.title());
        let _ = writeln!(text, "  subgraph c{number}[\"{title}\"]\n    direction BT");
        if let Some(look) = picture.look() {
            let about: Vec<String> = picture.about().iter().map(|line| escape::mermaid(line)).collect();
            let _ = writeln!(text, "    c{number}about[\"{}\"]:::{}", about.join("<br/>"), look.as_str());
        }
        for (row, of) in picture.rows.iter().enumerate() {
            let lines: Vec<String> = of.lines().iter().map(|line| escape::mermaid(line)).collect();
            let _ = writeln!(text, "    c{number}n{row}[\"{}\"]:::{}", lines.join("<br/>"), of.look().as_str());
        }
        for arrow in &picture.arrows {
            let line = line(arrow);
            let _ = writeln!(text, "    c{number}n{} {line} c{number}n{}", arrow.from, arrow.to);
            if arrow.is_pale {
                pale.push(arrows.to_string());
            }
            arrows += 1;
        }
        text.push_str("  end\n");
    }
    if !pale.is_empty() {
        let _ = writeln!(text, "  linkStyle {} stroke-opacity:0.4", pale.join(","));
    }
    text
}

fn line(arrow: &Arrow) -> String {
    match (arrow.kinds.main(), arrow.kinds.words()) {
        (EdgeKind::Replaces, words) if words == "replaces" => "-->".into(),
        (EdgeKind::Replaces, words) => format!("-->|{words}|"),
        (_, words) => format!("-.->|{words}|"),
    }
}

/// Fill and text have explicit colours, so that they are readable in light and dark themes.
fn style(look: Look) -> &'static str {
    match look {
        Look::Defect => "fill:#ffebe9,stroke:#cf222e,color:#82071e,stroke-width:2px",
        Look::Deprecated => "fill:#fff8c5,stroke:#9a6700,color:#4d2d00",
        Look::Head => "fill:#dafbe1,stroke:#1a7f37,color:#116329,stroke-width:2px",
        Look::Missing => "fill:#ffffff,stroke:#818b98,color:#59636e,stroke-dasharray:2 4",
        Look::Skipped => "fill:#f6f8fa,stroke:#818b98,color:#59636e",
        Look::Entry => "fill:#ddf4ff,stroke:#0969da,color:#0a3069",
    }
}
