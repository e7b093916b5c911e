//! The defects of a channel, which a picture shows above its rows.

use super::note::Note;
use super::picture::Row;
use crate::catalog::Channel;
use crate::words::shortened;

/// The defects of a channel as a whole.
pub(super) fn defects(channel: &Channel, rows: &[Row<'_>]) -> Vec<String> {
    if channel.entries.is_empty() {
        return vec!["the channel has no entries".into()];
    }
    let heads = labels(rows, |row| row.is_head());
    let mut defects = match heads.len() {
        0 => vec!["the channel has no head: every entry is replaced or skipped".into()],
        1 => Vec::new(),
        number => vec![format!("the channel has {number} heads, {}, but must have exactly one", shortened(&heads))],
    };
    let twice = twice(channel);
    if !twice.is_empty() {
        defects.push(format!("the channel has more than one entry {}; the first one counts", shortened(&twice)));
    }
    for (note, one, several) in [
        (Note::Cycle, "is in a cycle", "are in cycles"),
        (
            Note::Stranded,
            "is stranded: the chain of `replaces` from the head does not reach it",
            "are stranded: the chain of `replaces` from the head does not reach them",
        ),
        (Note::NoBundle, "has no bundle in the package", "have no bundles in the package"),
    ] {
        let found = labels(rows, |row| row.notes.contains(&note));
        if !found.is_empty() {
            defects.push(format!("{} {}", shortened(&found), if found.len() == 1 { one } else { several }));
        }
    }
    defects
}

fn labels<'r>(rows: &'r [Row<'_>], is_it: impl Fn(&Row<'_>) -> bool) -> Vec<&'r str> {
    rows.iter().filter(|row| is_it(row)).map(|row| row.label.as_str()).collect()
}

/// The names that several entries have.
fn twice(channel: &Channel) -> Vec<&str> {
    let mut names: Vec<&str> = channel.entries.iter().map(|entry| entry.name.as_str()).collect();
    names.sort_unstable();
    let mut twice: Vec<&str> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    twice.dedup();
    twice
}
