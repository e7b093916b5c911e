//! Texts that must have a certain form in Kubernetes.
//!
//! Source: `pkg/util/validation/validation.go` of apimachinery.

/// The maximum length of a name that is used as a label value.
const LABEL: usize = 63;

/// The maximum length of an object's name.
const NAME: usize = 253;

/// Why a text is not a valid object name (RFC 1123 subdomain), if it is not.
pub(super) fn subdomain(text: &str) -> Option<String> {
    let part = |part: &str| !part.is_empty() && alphanumeric_ends(part) && part.bytes().all(lower_or_hyphen);
    match text {
        _ if text.len() > NAME => Some(format!("it has {} characters, but at most {NAME} are allowed", text.len())),
        _ if text.split('.').all(part) => None,
        _ => Some(
            "only lower case letters, digits, `-` and `.` are allowed, with a letter or digit around each `.`".into(),
        ),
    }
}

/// Why a text is not a valid label (RFC 1035), if it is not.
pub(super) fn label(text: &str) -> Option<String> {
    match text {
        _ if text.len() > LABEL => Some(format!("it has {} characters, but at most {LABEL} are allowed", text.len())),
        _ if text.starts_with(|first: char| first.is_ascii_lowercase())
            && alphanumeric_ends(text)
            && text.bytes().all(lower_or_hyphen) =>
        {
            None
        }
        _ => Some(
            "only lower case letters, digits and `-` are allowed, starting with a letter and not ending with `-`"
                .into(),
        ),
    }
}

/// Why text is not a qualified name, such as a label key, if it is not: a name with an optional domain and `/` before it.
pub(super) fn qualified(text: &str) -> Option<String> {
    let (prefix, name) = text.rsplit_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    match name {
        _ if name.len() > LABEL => Some(format!("it has {} characters, and {LABEL} are allowed", name.len())),
        _ if !name.starts_with(alphanumeric)
            || !name.ends_with(alphanumeric)
            || !name.chars().all(|c| alphanumeric(c) || "-_.".contains(c)) =>
        {
            Some("only letters, digits, `-`, `_` and `.` are allowed, with a letter or digit first and last".into())
        }
        _ => prefix.and_then(subdomain),
    }
}

/// Why a name is too long for a label value, if it is.
pub(super) fn label_value(text: &str) -> Option<String> {
    (text.len() > LABEL).then(|| {
        format!("it has {} characters, but OLM uses it as a label value, which has at most {LABEL}", text.len())
    })
}

fn lower_or_hyphen(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

fn alphanumeric_ends(text: &str) -> bool {
    !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_kubernetes() {
        for good in ["a", "a-b.c", "0a.v1.2.3", "demo.v1.0.0-rc.1"] {
            assert_eq!(subdomain(good), None, "{good}");
        }
        for bad in ["", "A", "a..b", "-a", "a-", "a.-b", "a_b", "a+b", &"a".repeat(254)] {
            assert!(subdomain(bad).is_some(), "{bad}");
        }
        for good in ["a", "v1beta1", "a-b"] {
            assert_eq!(label(good), None, "{good}");
        }
        for bad in ["", "1a", "a.b", "A", "a-", &"a".repeat(64)] {
            assert!(label(bad).is_some(), "{bad}");
        }
        for good in ["a", "A_b.c-d", "example.com/A"] {
            assert_eq!(qualified(good), None, "{good}");
        }
        for bad in ["", "-a", "a_", "a b", "/a", "a/b/c", "A.com/a", &"a".repeat(64)] {
            assert!(qualified(bad).is_some(), "{bad}");
        }
        assert_eq!(label_value(&"a".repeat(63)), None);
        assert!(label_value(&"a".repeat(64)).is_some());
    }
}
