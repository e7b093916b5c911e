//! `${version}`, `${package}` and `${images.NAME}` in the strings of an `operator.yaml`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::resolve::{Problem, strings};
use crate::limits::PLACEHOLDER_BYTES;
use crate::yaml::Route;

/// Fills in the placeholders of one release. Images may contain the version and the package; everything else may also
/// contain the images.
pub(super) fn fill(root: &mut Value, problems: &mut Vec<Problem>) {
    let mut known = BTreeMap::new();
    for (name, pointer) in [("version", "/releases/0/version"), ("package", "/package")] {
        known.extend(root.pointer(pointer).and_then(Value::as_str).map(|text| (name.to_owned(), text.to_owned())));
    }
    let mut room = usize::try_from(PLACEHOLDER_BYTES.get()).unwrap_or(usize::MAX);
    let mut images = BTreeMap::new();
    for route in [Route::root().key("images"), Route::root().key("releases").index(0).key("images")] {
        let Some(part) = at(root, &route) else { continue };
        fill_strings(part, route, &known, &mut room, problems);
        for (name, image) in part.as_object().into_iter().flatten() {
            images.extend(image.as_str().map(|image| (format!("images.{name}"), image.to_owned())));
        }
    }
    known.extend(images);
    for (key, part) in root.as_object_mut().into_iter().flatten().filter(|(key, _)| *key != "images") {
        let route = Route::root().key(&**key);
        match part.pointer_mut("/0").and_then(Value::as_object_mut).filter(|_| key == "releases") {
            Some(release) => {
                for (key, part) in release.iter_mut().filter(|(key, _)| *key != "images") {
                    fill_strings(part, route.clone().index(0).key(&**key), &known, &mut room, problems);
                }
            }
            None => fill_strings(part, route, &known, &mut room, problems),
        }
    }
}

fn at<'v>(root: &'v mut Value, route: &Route) -> Option<&'v mut Value> {
    route.0.iter().try_fold(root, |value, step| match step {
        crate::yaml::Step::Key(key) => value.get_mut(key),
        crate::yaml::Step::Index(index) => value.get_mut(index),
        crate::yaml::Step::Name(_) => None,
    })
}

fn fill_strings(
    part: &mut Value,
    mut route: Route,
    known: &BTreeMap<String, String>,
    room: &mut usize,
    problems: &mut Vec<Problem>,
) {
    strings(part, &mut route, &mut |text, route| {
        if !text.contains("${") || problems.iter().any(|(_, message)| message == TOO_LONG) {
            return;
        }
        match filled(text, known, room) {
            Ok(filled) => *text = filled,
            Err(message) => problems.push((route.clone(), message)),
        }
    });
}

const TOO_LONG: &str =
    "the placeholders up to here expand to too much text (limit placeholder-bytes); shorten their values";

/// A text with its placeholders filled in. `$${` is a literal `${`. The bytes count against `room`.
fn filled(text: &str, known: &BTreeMap<String, String>, room: &mut usize) -> Result<String, String> {
    let (mut filled, mut rest) = (String::new(), text);
    let mut add = |parts: [&str; 2]| {
        *room = room.checked_sub(parts[0].len() + parts[1].len()).ok_or(TOO_LONG)?;
        filled.extend(parts);
        Ok::<_, String>(())
    };
    while let Some(start) = rest.find("${") {
        if let Some(before) = rest[..start].strip_suffix('$') {
            add([before, "${"])?;
            rest = &rest[start + 2..];
            continue;
        }
        let end = rest[start..].find('}').ok_or("a placeholder is not closed with }; write a literal ${ as $${")?;
        let name = &rest[start + 2..start + end];
        let value = known.get(name).ok_or_else(|| {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            format!(
                "unknown placeholder {name}; known placeholders are {} (write a literal ${{ as $${{)",
                names.join(", ")
            )
        })?;
        add([&rest[..start], value])?;
        rest = &rest[start + end + 1..];
    }
    add([rest, ""])?;
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_are_filled() {
        let mut root = json!({
            "package": "demo",
            "images": {"operator": "example.com/${package}:${version}"},
            "deployments": [{"image": "${images.operator}", "other": "${images.proxy}", "shell": "echo $${HOME} $(X)"}],
            "releases": [{"version": "1.0.0", "images": {"proxy": "p:1"}, "replaces": "${package}.v0.9.0"}],
        });
        let mut problems = Vec::new();
        fill(&mut root, &mut problems);
        assert_eq!(problems, []);
        assert_eq!(
            root["deployments"][0],
            json!({"image": "example.com/demo:1.0.0", "other": "p:1", "shell": "echo ${HOME} $(X)"})
        );
        assert_eq!(root["releases"][0]["replaces"], "demo.v0.9.0");
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        let mut root = json!({"package": "demo", "images": {"a": "x".repeat(1 << 20)}, "releases": [{}],
                              "deployments": ["${images.a}".repeat(6_000), "${images.a}"]});
        let mut problems = Vec::new();
        fill(&mut root, &mut problems);
        assert_eq!(problems, [(Route::root().key("deployments").index(0), TOO_LONG.to_owned())]);
        assert!(root["deployments"].to_string().len() < 100_000);
    }

    #[test]
    fn what_is_unknown_is_told_with_its_place() {
        let mut root = json!({"package": "demo", "deployments": ["${images.x}", "${version"], "releases": [{}]});
        let mut problems = Vec::new();
        fill(&mut root, &mut problems);
        let places: Vec<String> = problems.iter().map(|(route, _)| route.to_string()).collect();
        assert_eq!(places, ["deployments[0]", "deployments[1]"]);
    }
}
