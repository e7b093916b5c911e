//! A comparison for a comment on a pull request.

use super::super::Comparison;
use super::super::model::{PackageChange, Status};
use super::lines::{self, Line, Sign};
use crate::diagnostic::{Finding, text as diagnostic};
use crate::terminal::escape;

/// Markdown: the findings, then the changes of each package as a `diff` block, which code hosts show in colour, and the
/// users' upgrade paths. All foreign text is in code, where nothing is interpreted as markup.
#[must_use]
pub fn markdown(comparison: &Comparison) -> String {
    let packages = &comparison.difference.packages;
    if packages.is_empty() && comparison.findings.is_empty() {
        return "No differences.\n".to_owned();
    }
    let mut text = format!("**{}**\n", diagnostic::summary(&comparison.findings));
    if !comparison.findings.is_empty() {
        text.push('\n');
        text.extend(comparison.findings.iter().map(finding));
    }
    text.extend(packages.iter().map(package));
    text
}

fn finding(finding: &Finding) -> String {
    format!("- {} `{}`: {}\n", finding.severity.as_str(), finding.rule, code(&finding.message))
}

fn package(package: &PackageChange) -> String {
    let status = match package.status {
        Status::Added => " (new)",
        Status::Removed => " (removed)",
        Status::Changed => "",
    };
    let mut text = format!("\n### {}{status}\n\n{}", code(&package.name), block("diff", &lines::changes(package)));
    let users = lines::users(package);
    if !users.is_empty() {
        text += &format!("\nUsers of the published versions:\n\n{}", block("diff", &users));
    }
    text
}

fn block(language: &str, lines: &[Line]) -> String {
    let line = |line: &Line| {
        let sign = match line.sign {
            Sign::Added => '+',
            Sign::Removed | Sign::Hurts => '-',
            Sign::Changed => '!',
            Sign::Fact => ' ',
        };
        format!("{sign} {}{}\n", "  ".repeat(line.depth), escape(&line.text))
    };
    // Every line starts with a sign or a blank, and is one line: none can end the block.
    format!("```{language}\n{}```\n", lines.iter().map(line).collect::<String>())
}

/// Foreign text as code: one line, without a backtick that ends it.
fn code(text: &str) -> String {
    format!("`{}`", escape(text).replace('`', "'"))
}
