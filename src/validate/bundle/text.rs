//! Texts that Kubernetes takes only in some form.
//!
//! Source: `pkg/util/validation/validation.go` of apimachinery.

/// The most characters of a name that becomes the value of a label.
const LABEL: usize = 63;

/// The most characters of an object's name.
const NAME: usize = 253;

/// Why text is not the name of an object (RFC 1123 subdomain), if it is not.
pub(super) fn subdomain(text: &str) -> Option<String> {
    let part = |part: &str| !part.is_empty() && alphanumeric_ends(part) && part.bytes().all(lower_or_hyphen);
    match text {
        _ if text.len() > NAME => Some(format!("it has {} characters, and {NAME} are allowed", text.len())),
        _ if text.split('.').all(part) => None,
        _ => Some(
            "only lower case letters, digits, `-` and `.` are allowed, with a letter or digit around each `.`".into(),
        ),
    }
}

/// Why text is not a label (RFC 1035), if it is not.
pub(super) fn label(text: &str) -> Option<String> {
    match text {
        _ if text.len() > LABEL => Some(format!("it has {} characters, and {LABEL} are allowed", text.len())),
        _ if text.starts_with(|first: char| first.is_ascii_lowercase())
            && alphanumeric_ends(text)
            && text.bytes().all(lower_or_hyphen) =>
        {
            None
        }
        _ => Some("only lower case letters, digits and `-` are allowed, with a letter first and no `-` last".into()),
    }
}

/// Why text is not a qualified name, such as the key of a label, if it is not: a name, and perhaps a domain and `/`
/// before it.
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

/// Why a name is too long for the value of a label, if it is.
pub(super) fn label_value(text: &str) -> Option<String> {
    (text.len() > LABEL)
        .then(|| format!("it has {} characters, and OLM puts it into labels, which have {LABEL} at most", text.len()))
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
