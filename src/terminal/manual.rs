//! The manual pages of the programs, for `man`.

use std::io;
use std::path::Path;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::files;

/// The line of a help text after which examples follow.
const EXAMPLES: &str = "Examples:";

/// Writes the manual pages of a program into a folder, in place of older ones: one of the program, for example
/// `catalog.1`, and one for each of its verbs, such as `catalog-build.1`.
///
/// # Errors
/// A file that cannot be written.
pub fn write_manual(command: Command, folder: &Path) -> io::Result<()> {
    for (name, page) in pages(command)? {
        files::replace(&folder.join(name), &page)?;
    }
    Ok(())
}

/// The pages, by file name.
fn pages(command: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    let mut commands = vec![&command];
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands().filter(|verb| !verb.is_hide_set()));
        let man = Man::new(command.clone()).source(concat!("olm-catalog ", env!("CARGO_PKG_VERSION")));
        pages.push((man.get_filename(), page(&man, command)?));
    }
    Ok(pages)
}

/// A page. Unlike `clap_mangen`'s own, it keeps the lines of examples.
fn page(man: &Man, command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if let Some(help) = command.get_after_help() {
        let help = help.to_string();
        let (notes, examples) = help.split_once(EXAMPLES).unwrap_or((&help, ""));
        section(&mut page, "NOTES", notes)?;
        section(&mut page, "EXAMPLES", examples)?;
    }
    Ok(page)
}

/// A section whose lines stay as they are, if it has a text.
fn section(page: &mut Vec<u8>, title: &str, text: &str) -> io::Result<()> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let mut roff = Roff::new();
    roff.control("SH", [title]).control("nf", []);
    for line in text.trim_matches('\n').lines() {
        // An empty line is a paragraph.
        if line.is_empty() {
            roff.control("sp", [])
        } else {
            roff.text([roman(line)])
        };
    }
    roff.control("fi", []);
    roff.to_writer(page)
}
