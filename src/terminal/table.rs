//! Tables.

use super::{Text, escape};
use crate::text;

/// Rows under their headings, with columns as wide as their widest cell. Empty without rows.
///
/// ```
/// use olm_catalog::terminal::table;
/// let rows = [vec!["a".to_owned(), "long".to_owned()], vec!["b\n".to_owned(), String::new()]];
/// assert_eq!(table(&["X", "Y"], &rows).plain(), "X    Y\na    long\nb\\n\n");
/// ```
#[must_use]
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> Text {
    if rows.is_empty() {
        return Text::new();
    }
    let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
    // Escaped before they are measured.
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
    let all = || std::iter::once(&headings).chain(&rows);
    let widths: Vec<usize> = (0..headings.len())
        .map(|column| all().map(|row| row[column].chars().count()).max().unwrap_or_default())
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        text!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    all().map(line).collect()
}
