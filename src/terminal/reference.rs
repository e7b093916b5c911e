//! The reference of a program's command line, as a page of Markdown.

use clap::{Arg, ArgAction, Command};

/// The reference of a program: every verb with its usage, arguments, options and examples.
///
/// The page is made from the same definitions as `--help`, so it cannot say anything else. It does not depend on the
/// terminal.
#[must_use]
pub fn reference(mut program: Command) -> String {
    program.build();
    let name = program.get_name().to_owned();
    let mut page = format!("# {name}\n\n{}\n", about(&program));
    let mut verbs = Vec::new();
    collect(&program, &name, &mut verbs);
    page += "| verb | |\n|---|---|\n";
    for (path, verb) in &verbs {
        let summary = verb.get_about().map(ToString::to_string).unwrap_or_default();
        page += &format!("| [`{path}`](#{}) | {} |\n", path.replace(' ', "-"), prose(&summary).replace('|', "\\|"));
    }
    let everywhere: Vec<&Arg> = program.get_arguments().filter(|arg| arg.is_global_set()).collect();
    if !everywhere.is_empty() {
        page += "\nOptions of every verb:\n\n";
        everywhere.iter().for_each(|arg| page += &item(arg));
    }
    for (path, verb) in verbs {
        page += &section(&path, verb);
    }
    page
}

/// The verbs that do something, with their full names.
fn collect<'c>(command: &'c Command, name: &str, verbs: &mut Vec<(String, &'c Command)>) {
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        let path = format!("{name} {}", verb.get_name());
        match verb.has_subcommands() {
            true => collect(verb, &path, verbs),
            false => verbs.push((path, verb)),
        }
    }
}

fn section(path: &str, verb: &Command) -> String {
    let usage = verb.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let mut text = format!("\n## {path}\n\n{}\n```text\n{usage}\n```\n", about(verb));
    let shown = |arg: &&Arg| {
        let own = !matches!(arg.get_action(), ArgAction::Help | ArgAction::HelpLong | ArgAction::HelpShort);
        own && !matches!(arg.get_action(), ArgAction::Version) && !arg.is_hide_set() && !arg.is_global_set()
    };
    let args: Vec<&Arg> = verb.get_arguments().filter(shown).collect();
    let heading = |arg: &Arg| match arg.get_help_heading() {
        Some(heading) => heading.to_owned(),
        None if arg.is_positional() => "Arguments".to_owned(),
        None => "Options".to_owned(),
    };
    let mut headings: Vec<String> = vec!["Arguments".into(), "Options".into()];
    for arg in &args {
        let heading = heading(arg);
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    for title in headings {
        let under: Vec<_> = args.iter().filter(|arg| heading(arg) == title).collect();
        if !under.is_empty() {
            text += &format!("\n{title}:\n\n");
            under.iter().for_each(|arg| text += &item(arg));
        }
    }
    if let Some(examples) = verb.get_after_help() {
        text += &examples_of(&examples.to_string());
    }
    text
}

/// What a command does, in paragraphs.
fn about(command: &Command) -> String {
    let text = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    sentence(prose(&text)) + "\n"
}

/// An argument or option: its form, what it does, its values and its default.
fn item(arg: &Arg) -> String {
    let mut forms = Vec::new();
    if let Some(short) = arg.get_short() {
        forms.push(format!("-{short}"));
    }
    let takes_value = arg.get_action().takes_values();
    let names: Vec<&str> = arg.get_value_names().unwrap_or_default().iter().map(|name| name.as_str()).collect();
    let value = names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ");
    match arg.get_long() {
        Some(long) if takes_value => forms.push(format!("--{long} {value}")),
        Some(long) => forms.push(format!("--{long}")),
        None => forms.push(value),
    }
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut paragraphs = sentence(prose(&help).replace("\n\n", "\n\n  "));
    let aliases: Vec<_> = arg.get_visible_aliases().unwrap_or_default();
    if !aliases.is_empty() {
        let aliases: Vec<_> = aliases.iter().map(|alias| format!("`--{alias}`")).collect();
        paragraphs += &format!(" Also: {}.", aliases.join(", "));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| format!("`{}`", value.display())).collect();
    if takes_value && !defaults.is_empty() && !arg.is_hide_default_value_set() {
        paragraphs += &format!(" Default: {}.", defaults.join(", "));
    }
    if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
        paragraphs += &format!(" Environment variable: `{}`.", variable.display());
    }
    let mut text = format!("- `{}`: {}\n", forms.join(", "), paragraphs.trim_start());
    if takes_value && !arg.is_hide_possible_values_set() {
        for value in arg.get_possible_values().iter().filter(|value| !value.is_hide_set()) {
            match value.get_help() {
                Some(help) => {
                    text += &format!("  - `{}`: {}\n", value.get_name(), sentence(prose(&help.to_string())));
                }
                None => text += &format!("  - `{}`\n", value.get_name()),
            }
        }
    }
    text
}

/// The examples as a shell script: what an example does becomes a comment.
fn examples_of(help: &str) -> String {
    let (title, lines) = help.split_once('\n').unwrap_or(("", help));
    let mut script = String::new();
    for line in lines.lines() {
        let line = match (line.strip_prefix("    "), line.strip_prefix("  ")) {
            (Some(command), _) => command.to_owned(),
            (None, Some(note)) => match note.strip_suffix(':') {
                Some(note) => format!("# {note}"),
                None => note.to_owned(),
            },
            (None, None) => line.to_owned(),
        };
        script += &format!("{line}\n");
    }
    format!("\n{title}\n\n```sh\n{}\n```\n", script.trim_end())
}

/// The text with the full stop that clap takes from the end of help.
fn sentence(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with(['.', '?', '!', ':']) {
        text.push('.');
    }
    text
}

/// Text of the help as Markdown: what stands between backticks is code already, and everything else is literal.
fn prose(text: &str) -> String {
    let literal = |part: &str| {
        let mut literal = String::new();
        for character in part.chars() {
            if matches!(character, '\\' | '<' | '*' | '_' | '[' | ']' | '#') {
                literal.push('\\');
            }
            literal.push(character);
        }
        literal
    };
    let parts = text.trim().split('`').enumerate();
    let parts: Vec<_> = parts.map(|(i, part)| if i % 2 == 0 { literal(part) } else { part.to_owned() }).collect();
    parts.join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_literal_outside_of_code() {
        assert_eq!(prose("<a_b> and `<a_b>`"), "\\<a\\_b> and `<a_b>`");
    }

    #[test]
    fn examples_become_a_script() {
        let script = examples_of("Examples:\n  Do it:\n    program do \\\n      --now\n\n  program undo");
        assert_eq!(script, "\nExamples:\n\n```sh\n# Do it\nprogram do \\\n  --now\n\nprogram undo\n```\n");
    }
}
