//! Values by their way in a document that was read. [`locate`](super::locate) finds the same in its text.

use serde_json::Value;

use super::{Route, Step};

/// A field of a mapping, in any case where no key fits exactly, as Go's decoders take it.
pub(crate) fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.get(key(value, name)?)
}

/// How a mapping writes a field.
fn key<'k>(value: &'k Value, name: &'k str) -> Option<&'k str> {
    let map = value.as_object()?;
    if map.contains_key(name) {
        return Some(name);
    }
    map.keys().map(String::as_str).find(|key| key.eq_ignore_ascii_case(name))
}

impl Route {
    /// The value where the route ends. Of a route to a key, the value behind it.
    #[must_use]
    pub fn find<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(document, |value, step| match step {
            Step::Key(name) | Step::Name(name) => field(value, name),
            Step::Index(index) => value.as_array()?.get(*index),
        })
    }

    /// The same, to change it.
    #[must_use]
    pub fn find_mut<'v>(&self, document: &'v mut Value) -> Option<&'v mut Value> {
        self.0.iter().try_fold(document, |value, step| match step {
            Step::Key(name) | Step::Name(name) => {
                let key = key(value, name)?.to_owned();
                value.get_mut(key)
            }
            Step::Index(index) => value.as_array_mut()?.get_mut(*index),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_by_their_way() {
        let mut document = json!({"Spec": [{"a": 1, "A": 2}]});
        let route = |key: &str| Route::root().key("spec").index(0).key(key);
        assert_eq!(route("a").find(&document), Some(&json!(1)));
        assert_eq!(route("b").find(&document), None);
        *route("A").find_mut(&mut document).expect("it is there") = json!(3);
        assert_eq!(document, json!({"Spec": [{"a": 1, "A": 3}]}));
    }
}
