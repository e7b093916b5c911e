//! Names of bundles.

use super::prelude::*;
use crate::version;

pub(super) static RULE: Rule = Rule {
    id: "csv-convention",
    level: Level::Warning,
    sets: &[Set::GoodPractices],
    summary: "The ClusterServiceVersion is not named <package>.v<version>",
    docs: r#"
## What it does
Reports names of ClusterServiceVersions that do not end in a semantic version preceded by exactly one `.v`.

## Why is this bad?
Tools and people read the package and the version from the name.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  name: demo.1.0.0
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  name: demo.v1.0.0
```

## References
- [operator-framework/api: the good practices validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/good_practices.go)
- [Semantic Versioning](https://semver.org/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let name = csv.at("metadata.name");
    let mut report = |message: String| {
        let help = "name it <package>.v<version>, such as demo.v1.0.0";
        findings.push(RULE.finding(name.place(), message).help(help));
    };
    if !ends_in_version(name.text()) {
        report(format!("the name {:?} does not end in a version of three numbers", name.text()));
    }
    if name.text().split(".v").count() != 2 {
        report(format!("the name {:?} is not <package>.v<version>", name.text()));
    }
}

/// Whether some end of the text is a version.
fn ends_in_version(text: &str) -> bool {
    // Names cannot be longer than this, see `csv-name`.
    let digits = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).take(253);
    digits.into_iter().any(|at| version::parse(&text[at..]).is_ok())
}
