//! Names of channels.

use std::collections::BTreeMap;

use super::prelude::*;
use crate::bundle::annotation::{CHANNELS, DEFAULT_CHANNEL};

pub(super) static RULE: Rule = Rule {
    id: "channel-convention",
    level: Level::Warning,
    sets: &[Set::GoodPractices],
    summary: "The name of a channel does not follow the convention",
    docs: r#"
## What it does
Reports channels in the annotations of the bundle that do not begin with `candidate`, `fast` or `stable`.

## Why is this bad?
Users choose a channel by its name: these three prefixes say how stable its versions are.

## Example
```yaml
annotations:
  operators.operatorframework.io.bundle.channels.v1: stable,beta
```

Use instead:
```yaml
annotations:
  operators.operatorframework.io.bundle.channels.v1: stable,candidate
```

## References
- [Names of channels](https://olm.operatorframework.io/docs/best-practices/channel-naming/)
- [operator-framework/api: the good practices validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/good_practices.go)
"#,
    check,
};

const STARTS: [&str; 3] = ["candidate", "fast", "stable"];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(annotations) = context.annotations() else { return };
    let mut places: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for annotation in [annotations.entry(CHANNELS), annotations.entry(DEFAULT_CHANNEL)] {
        for channel in annotation.text().split(',').map(str::trim) {
            places.entry(channel).or_insert_with(|| annotation.clone());
        }
    }
    for (channel, annotation) in places {
        if !channel.is_empty() && !STARTS.iter().any(|start| channel.starts_with(start)) {
            let message = format!("the name of the channel {channel:?} does not say how stable its versions are");
            let help = "start it with candidate, fast or stable";
            findings.push(RULE.finding(annotation.place(), message).help(help));
        }
    }
}
