//! The lines and their tips.

use std::fmt::Write as _;

use super::lanes::Bus;
use super::{Geometry, class};
use crate::draw::escape::{cut, xml};
use crate::draw::picture::{Arrow, Picture, Shape};
use crate::graph::EdgeKind;
use crate::words::shortened;

/// The radius of a turn.
const TURN: i32 = 6;

/// Draws every arrow of a picture. Arrows that lead to one row for one reason are one element, with a part (`M`) for
/// each.
pub(super) fn draw(body: &mut String, picture: &Picture<'_>, place: &Geometry) {
    // Important arrows are drawn above unimportant ones.
    for is_pale in [true, false] {
        for bus in place.lanes.buses.iter().filter(|bus| bus.is_pale == is_pale) {
            around(body, picture, place, bus);
        }
    }
    for arrows in picture.arrows.chunk_by(|a, b| a.to == b.to) {
        for arrow in arrows.iter().filter(|arrow| arrow.shape == Shape::Spine) {
            spine(body, picture, place, arrow);
        }
        for kind in [EdgeKind::Replaces, EdgeKind::Skips] {
            let of_kind = |arrow: &&Arrow| arrow.shape == Shape::Branch && arrow.kinds.main() == kind;
            let from: Vec<usize> = arrows.iter().filter(of_kind).map(|arrow| arrow.from).collect();
            branch(body, picture, place, arrows[0].to, &from, kind);
        }
    }
}

/// How many entries of a range have their own line to its lane. With more, the lane has a notch at each.
const TURN_OFFS: usize = 8;
const NOTCH: i32 = 6;

/// An element with its tooltip and its tip, at a position, pointing in a direction.
struct Line<'l> {
    to: usize,
    from: &'l [usize],
    kind: EdgeKind,
    is_pale: bool,
    path: String,
    tip: String,
}

fn write(body: &mut String, picture: &Picture<'_>, line: &Line<'_>) {
    let labels: Vec<&str> = line.from.iter().map(|&row| picture.rows[row].label.as_str()).collect();
    let verb = match line.kind {
        EdgeKind::Replaces => "replaces",
        EdgeKind::Skips => "skips",
        EdgeKind::SkipRange => "has in its skipRange",
    };
    let tooltip = format!("{} {verb} {}", cut(&picture.rows[line.to].label, 60), cut(&shortened(&labels), 200));
    let (class, pale) = (class(line.kind), if line.is_pale { " class=\"pale\"" } else { "" });
    let _ = writeln!(
        body,
        "<g{pale}><title>{}</title><path class=\"{class}\" d=\"{}\"/><path class=\"{class}-tip tip\" d=\"{}\"/></g>",
        xml(&tooltip),
        line.path,
        line.tip,
    );
}

/// Straight up to the next dot of the chain.
fn spine(body: &mut String, picture: &Picture<'_>, place: &Geometry, arrow: &Arrow) {
    let (x, from, to) = (place.chain, place.y(arrow.from), place.y(arrow.to) + 9);
    let path = format!("M{x} {from}V{}", to + 6);
    let tip = format!("M{x} {to}l4 8h-8z");
    let line = Line { to: arrow.to, from: &[arrow.from], kind: EdgeKind::Replaces, is_pale: arrow.is_pale, path, tip };
    write(body, picture, &line);
}

/// From the dots beside the chain up to their row in the chain.
fn branch(body: &mut String, picture: &Picture<'_>, place: &Geometry, to: usize, from: &[usize], kind: EdgeKind) {
    let Some((last, others)) = from.split_last() else { return };
    // Replaced names that are not in the channel can be beside skipped entries.
    let x = place.chain + if kind == EdgeKind::Skips { 24 } else { 20 };
    let turn_off = |row: usize| {
        let (start, y) = (place.x(&picture.rows[row]), place.y(row));
        format!("M{start} {y}H{}Q{x} {y} {x} {}", x + TURN, y - TURN)
    };
    let (tip, y) = (place.chain + 9, place.y(to) + if kind == EdgeKind::Skips { 0 } else { 4 });
    let mut path: String = others.iter().map(|&row| turn_off(row)).collect();
    let _ = write!(path, "{}V{}Q{x} {y} {} {y}H{}", turn_off(*last), y + TURN, x - TURN, tip + 5);
    let tip = format!("M{tip} {y}l8 -4v8z");
    write(body, picture, &Line { to, from, kind, is_pale: false, path, tip });
}

/// Around the rows in between, in a lane.
fn around(body: &mut String, picture: &Picture<'_>, place: &Geometry, bus: &Bus) {
    let x = place.lane(bus.lane);
    let end = place.x(&picture.rows[bus.to]) - 8;
    // Arrows arrive below the middle of a dot, and leave above it.
    let y = place.y(bus.to) + (3 + 4 * i32::try_from(bus.number).unwrap_or_default()).min(11);
    let start = |row: usize| (place.x(&picture.rows[row]), place.y(row) - 4);
    let is_long = bus.kind == EdgeKind::SkipRange && bus.from.len() > TURN_OFFS;
    let turn_off = |row: usize| {
        let (start, from) = start(row);
        let start = if is_long { x + TURN + NOTCH } else { start };
        let towards = if from > y { from - TURN } else { from + TURN };
        format!("M{start} {from}H{}Q{x} {from} {x} {towards}", x + TURN)
    };
    let whole = |row: usize| {
        let towards = if start(row).1 > y { y + TURN } else { y - TURN };
        format!("{}V{towards}Q{x} {y} {} {y}H{}", turn_off(row), x + TURN, end - 5)
    };
    let far = [bus.from.iter().min().filter(|&&row| row < bus.to), bus.from.iter().max().filter(|&&row| row > bus.to)];
    let part = |&row: &usize| match row {
        _ if row == bus.to => {
            format!("M{} {}C{} {} {} {} {} {y}", end + 8, y - 7, x - 6, y - 22, x - 6, y + 12, end - 5)
        }
        _ if far.contains(&Some(&row)) => whole(row),
        _ => turn_off(row),
    };
    let path = bus.from.iter().map(part).collect();
    let tip = format!("M{end} {y}l-8 -4v8z");
    let line = Line { to: bus.to, from: &bus.from, kind: bus.kind, is_pale: bus.is_pale, path, tip };
    write(body, picture, &line);
}
