//! `catalog validate` in a folder, command by command: `tests/validate_run/<case>` is copied, and the commands in its
//! `run.txt`, the lines that begin with `$`, run in the copy. `BLESS=1` writes their output below them. `$ cat FILE`
//! shows a file.

mod opens;
mod schemas;

use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use olm_catalog::validate::fix::FIXES;

use crate::{cases, cli};

pub(super) fn trials() -> Vec<Trial> {
    let case = |folder: std::path::PathBuf| {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        Trial::test(format!("run/{name}"), move || run(&folder))
    };
    let mut trials: Vec<Trial> = cases::folders("validate_run").into_iter().map(case).collect();
    trials.push(Trial::test("run/fixes", every_fix_has_a_case));
    trials.extend(schemas::trials());
    trials.push(opens::trial());
    trials
}

fn run(case: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    copy(case, folder.path())?;
    let file = case.join("run.txt");
    let mut told = String::new();
    for command in fs::read_to_string(&file)?.lines().filter_map(|line| line.strip_prefix("$ ")) {
        told += &format!("$ {command}\n");
        let words: Vec<&str> = command.split(' ').collect();
        match words[..] {
            ["cat", name] => told += &fs::read_to_string(folder.path().join(name))?,
            ["catalog", ref arguments @ ..] => {
                let run = cli::catalog_in(folder.path(), arguments);
                let status = run.status.ok_or("the program was killed")?;
                told += &format!("{}{}exit status: {status}\n", run.stdout, run.stderr);
            }
            _ => return Err(format!("{command} is not a command of these tests").into()),
        }
        told.push('\n');
    }
    cases::expect_text(&file, &told)
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&to)?;
            copy(&entry.path(), &to)?;
        } else if entry.file_name() != "run.txt" {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

fn every_fix_has_a_case() -> Result<(), Failed> {
    let runs = cases::folders("validate_run").into_iter().map(|case| fs::read_to_string(case.join("run.txt")));
    let told = runs.collect::<Result<String, _>>()?;
    for fix in FIXES {
        assert!(told.contains(&format!("fixed[{}]", fix.rule)), "no case fixes {}", fix.rule);
    }
    Ok(())
}
