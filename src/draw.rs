//! Drawings of upgrade graphs: as text, Mermaid, Graphviz and SVG.
//!
//! 1. [`pictures`] lays each channel out in rows, newest entry first: the chain that leads to the head, and the skipped
//!    entries beside it. Every entry has one row, and every upgrade one arrow from the older row to the newer one.
//! 2. [`text()`], [`mermaid()`], [`dot()`] and [`svg()`] write these rows and arrows.
//!
//! A broken channel is drawn too, because people draw it to find the defect. The defects are in [`Picture::defects`]
//! and in the notes of the rows. All names are foreign: each format escapes them by its own rules.

mod budget;
mod dot;
mod escape;
mod layout;
mod lint;
mod mermaid;
mod missing;
mod note;
mod order;
mod picture;
mod selection;
mod svg;
mod text;

pub use dot::dot;
pub use layout::pictures;
pub use mermaid::{EDGES as MERMAID_EDGES, mermaid};
pub use note::{Look, Note};
pub use picture::{Arrow, Kinds, Picture, Place, Row, Shape};
pub use selection::{Error, Selection};
pub use svg::{svg, svg_in_page, svg_style};
pub use text::text;
