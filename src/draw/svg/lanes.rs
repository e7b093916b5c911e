//! The lanes left of a chain: each contains the arrows that lead to one entry for one reason, as one line with a
//! turn-off for each older entry.

use std::collections::BTreeMap;

use super::LANES;
use crate::draw::picture::{Picture, Shape};
use crate::graph::EdgeKind;

/// Arrows that run together.
pub(super) struct Bus {
    /// The row to which they lead.
    pub(super) to: usize,
    /// The rows from which they start, sorted.
    pub(super) from: Vec<usize>,
    pub(super) kind: EdgeKind,
    pub(super) is_pale: bool,
    /// The index among the buses to the same row.
    pub(super) number: usize,
    /// The index of its lane.
    pub(super) lane: usize,
}

/// All buses of a picture.
pub(super) struct Lanes {
    pub(super) buses: Vec<Bus>,
    count: usize,
}

impl Lanes {
    pub(super) fn new(picture: &Picture<'_>) -> Self {
        let mut together: BTreeMap<(usize, EdgeKind, bool), Vec<usize>> = BTreeMap::new();
        for arrow in picture.arrows.iter().filter(|arrow| arrow.shape == Shape::Around) {
            together.entry((arrow.to, arrow.kinds.main(), arrow.is_pale)).or_default().push(arrow.from);
        }
        let mut buses: Vec<Bus> = Vec::new();
        for ((to, kind, is_pale), from) in together {
            let number = buses.last().filter(|last| last.to == to).map_or(0, |last| last.number + 1);
            buses.push(Bus { to, from, kind, is_pale, number, lane: 0 });
        }
        let count = assign(&mut buses);
        Self { buses, count }
    }

    /// The distance of a lane from the innermost one.
    pub(super) fn offset(&self, lane: usize) -> i32 {
        let (lane, count) = (i32::try_from(lane).unwrap_or(i32::MAX), i32::try_from(self.count).unwrap_or(i32::MAX));
        let distance = i64::from(LANES / count.max(1)).min(10);
        match distance {
            // More lanes than fit: they share the space.
            0 | 1 => i32::try_from(i64::from(lane) * i64::from(LANES) / i64::from(count)).unwrap_or(LANES),
            _ => lane * i32::try_from(distance).unwrap_or(10),
        }
    }

    /// The width of all lanes.
    pub(super) fn width(&self) -> i32 {
        if self.count == 0 { 0 } else { self.offset(self.count - 1) + 18 }
    }
}

/// Assigns each bus the innermost free lane, shortest first, so that long ones run around short ones. Returns the
/// number of lanes.
fn assign(buses: &mut [Bus]) -> usize {
    let span = |bus: &Bus| {
        let rows = || bus.from.iter().copied().chain([bus.to]);
        (rows().min().unwrap_or_default(), rows().max().unwrap_or_default())
    };
    let mut order: Vec<usize> = (0..buses.len()).collect();
    order.sort_by_cached_key(|&bus| {
        let (top, bottom) = span(&buses[bus]);
        (bottom - top, top, bus)
    });
    // Each lane's spans, from their tops to their bottoms.
    let mut lanes: Vec<BTreeMap<usize, usize>> = Vec::new();
    for bus in order {
        let (top, bottom) = span(&buses[bus]);
        let is_free =
            |lane: &BTreeMap<usize, usize>| lane.range(..=bottom).next_back().is_none_or(|(_, end)| *end < top);
        let lane = lanes.iter().position(is_free).unwrap_or(lanes.len());
        if lane == lanes.len() {
            lanes.push(BTreeMap::new());
        }
        lanes[lane].insert(top, bottom);
        buses[bus].lane = lane;
    }
    lanes.len()
}
