//! Finds ranges without a release.

use semver::Version;
use serde_json::Value;

use super::resolve::Problem;
use crate::release::{Range, SINCE, UNTIL};
use crate::yaml::{Route, Step};

/// The entries of a file that no release has, each once. Invalid ranges are not reported here.
pub(super) fn unused(root: &Value, releases: &[Version]) -> Vec<Problem> {
    let mut problems = Vec::new();
    // Missing releases are another problem.
    if !releases.is_empty() {
        walk(root, releases, &mut Route::root(), &mut problems);
    }
    problems
}

fn walk(value: &Value, releases: &[Version], at: &mut Route, problems: &mut Vec<Problem>) {
    match value {
        Value::Object(map) => {
            let ranged = map.contains_key(SINCE) || map.contains_key(UNTIL);
            if let Some(range) = ranged.then(|| Range::read(map, SINCE, UNTIL).ok()).flatten()
                && !releases.iter().any(|release| range.holds(release))
            {
                let key = if map.contains_key(SINCE) { SINCE } else { UNTIL };
                let message = format!("no release is in this range ({range}), so this entry is never used");
                problems.push((at.clone().key(key), message));
                return;
            }
            for (key, item) in map {
                at.0.push(Step::Key(key.clone()));
                walk(item, releases, at, problems);
                at.0.pop();
            }
        }
        Value::Array(list) => {
            for (i, item) in list.iter().enumerate() {
                at.0.push(Step::Index(i));
                walk(item, releases, at, problems);
                at.0.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_release_has_is_told_once() {
        let file =
            json!({"list": [{"since": "9.9.9", "value": {"until": "0.1.0", "a": 1}}, {"since": "1.0.0", "a": 1}]});
        let told = unused(&file, &[Version::new(1, 0, 0), Version::new(1, 1, 0)]);
        let told: Vec<String> = told.into_iter().map(|(route, message)| format!("{route}: {message}")).collect();
        assert_eq!(told, ["list[0].since: no release is in this range (since 9.9.9), so this entry is never used"]);
    }
}
