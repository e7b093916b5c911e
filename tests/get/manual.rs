//! Manual pages, completions, and the names that kubectl gives to its plugins.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::Completion;

use crate::{CATALOG, INSTALL_CATALOG, Outcome, succeeds, text};

fn pages(program: &str, folder: &Path) -> BTreeSet<String> {
    assert!(succeeds(Command::new(program).arg("man").arg(folder)).stdout.is_empty());
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The verbs that a help text lists.
fn verbs(program: &str, verb: &[&str]) -> Vec<String> {
    let help = text(&succeeds(Command::new(program).args(verb).arg("--help").env("COLUMNS", "100")).stdout);
    let Some((_, list)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let lines = list
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    lines.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|verb| verb != "help").collect()
}

pub(crate) fn every_verb_has_a_page() -> Outcome {
    for (name, program) in [("catalog", CATALOG), ("install-catalog", INSTALL_CATALOG)] {
        let folder = tempfile::tempdir()?;
        let found = pages(program, folder.path());
        let mut expected = BTreeSet::from([format!("{name}.1")]);
        for verb in verbs(program, &[]) {
            expected.extend(verbs(program, &[&verb]).iter().map(|second| format!("{name}-{verb}-{second}.1")));
            expected.insert(format!("{name}-{verb}.1"));
        }
        assert!(expected.len() > 8, "{expected:?}");
        assert_eq!(found, expected);
        for page in found {
            let text = fs::read_to_string(folder.path().join(&page))?;
            let title = page.strip_suffix(".1").unwrap();
            assert!(text.contains(&format!(".TH {title} 1  \"olm-catalog {}\"", env!("CARGO_PKG_VERSION"))), "{text}");
            assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{text}");
        }
    }
    let folder = tempfile::tempdir()?;
    pages(CATALOG, folder.path());
    let page = fs::read_to_string(folder.path().join("catalog-list.1"))?;
    // Examples keep their lines, so that they can be pasted.
    let (_, examples) = page.split_once(".SH EXAMPLES\n.nf\n").ok_or("it has no examples")?;
    let examples: Vec<&str> = examples.lines().take_while(|line| *line != ".fi").collect();
    assert!(examples.len() > 2 && examples.iter().any(|line| line.trim_start() == "catalog list catalog"), "{page}");
    Ok(Completion::Completed)
}

pub(crate) fn older_pages_are_replaced() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (new, other) = (folder.path().join("deeper/man1"), folder.path().join("other"));
    fs::create_dir_all(&new)?;
    fs::write(new.join("catalog.1"), "older")?;
    fs::write(new.join("another.1"), "not ours")?;
    // A link is replaced, and what it leads to stays.
    fs::write(&other, "other")?;
    std::os::unix::fs::symlink(&other, new.join("catalog-list.1"))?;
    pages(CATALOG, &new);
    assert!(fs::read_to_string(new.join("catalog.1"))?.contains(".TH catalog 1"));
    assert!(fs::read_to_string(new.join("catalog-list.1"))?.contains(".TH catalog-list 1"));
    assert_eq!(
        (fs::read_to_string(new.join("another.1"))?, fs::read_to_string(other)?),
        ("not ours".into(), "other".into())
    );
    let refused = Command::new(CATALOG).arg("man").arg(new.join("catalog.1")).output()?;
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).starts_with("error: cannot write "), "{}", text(&refused.stderr));
    Ok(Completion::Completed)
}

pub(crate) fn completions_are_scripts() -> Outcome {
    for (name, program) in [("catalog", CATALOG), ("install-catalog", INSTALL_CATALOG)] {
        for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
            let script = succeeds(Command::new(program).args(["completions", shell])).stdout;
            assert!(text(&script).contains(name), "{shell}");
            if shell == "bash" {
                let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn()?;
                bash.stdin.take().unwrap().write_all(&script)?;
                assert!(bash.wait()?.success());
            }
        }
    }
    Ok(Completion::Completed)
}

pub(crate) fn plugins_of_kubectl_have_its_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    for (file, program, name) in [
        ("kubectl-catalog", CATALOG, "kubectl catalog"),
        ("kubectl-install_catalog", INSTALL_CATALOG, "kubectl install-catalog"),
    ] {
        let plugin = folder.path().join(file);
        std::os::unix::fs::symlink(program, &plugin)?;
        let help = text(&succeeds(Command::new(&plugin).arg("--help")).stdout);
        assert!(help.contains(&format!("Usage: {name} ")), "{help}");
        let list = text(&succeeds(Command::new(&plugin).args(["list", "--help"])).stdout);
        assert!(
            list.contains(&format!("Usage: {name} list ")) && list.contains(&format!("\n    {name} list ")),
            "{list}"
        );
        let wrong = Command::new(&plugin).arg("nothing").output()?;
        assert_eq!(wrong.status.code(), Some(2));
        assert!(text(&wrong.stderr).contains(&format!("Usage: {name} ")), "{}", text(&wrong.stderr));
        let own = text(&succeeds(Command::new(program).args(["list", "--help"])).stdout);
        assert!(!own.contains("kubectl catalog") && !own.contains("kubectl install-catalog"), "{own}");
    }
    Ok(Completion::Completed)
}
