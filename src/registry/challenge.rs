//! The authentication that a registry requires: `WWW-Authenticate` (RFC 9110, 11.6.1) with the schemes that registries
//! use, Basic and Bearer (<https://distribution.github.io/distribution/spec/auth/token/>).

use std::collections::BTreeMap;

/// A challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A name and a password.
    Basic,
    /// A token of a token server.
    Bearer {
        /// The token server's address.
        realm: String,
        /// The service that the token is for, if given.
        service: Option<String>,
        /// The missing scope, if given.
        scope: Option<String>,
    },
}

/// The challenge to answer, from the values of all `WWW-Authenticate` headers. If both are offered, a token is
/// preferred: it has fewer permissions than the password.
pub(super) fn read<'h>(headers: impl Iterator<Item = &'h str>) -> Option<Challenge> {
    let mut basic = None;
    for (scheme, mut parameters) in headers.flat_map(challenges) {
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" => {
                if let Some(realm) = parameters.remove("realm").filter(|realm| !realm.is_empty()) {
                    let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_empty());
                    return Some(Challenge::Bearer { realm, service: take("service"), scope: take("scope") });
                }
            }
            "basic" => basic = Some(Challenge::Basic),
            _ => {}
        }
    }
    basic
}

/// The challenges of one header: schemes with their parameters, the names in lower case.
fn challenges(header: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut found: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() {
            return found;
        }
        let value = after.trim_start_matches([' ', '\t']).strip_prefix('=');
        match (value, found.last_mut()) {
            (Some(value), Some((_, parameters))) => {
                let (value, after) = value_of(value.trim_start_matches([' ', '\t']));
                parameters.entry(word.to_ascii_lowercase()).or_insert(value);
                rest = after;
            }
            // A parameter without a scheme is ignored.
            (Some(value), None) => rest = value_of(value.trim_start_matches([' ', '\t'])).1,
            (None, _) => {
                found.push((word.to_owned(), BTreeMap::new()));
                rest = after;
            }
        }
    }
}

/// A token or a quoted string, and the rest after it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            let text = |text: Option<&str>| text.map(str::to_owned);
            Some(Challenge::Bearer { realm: realm.into(), service: text(service), scope: text(scope) })
        };
        for (headers, expected) in [
            (
                vec![r#"Bearer realm="https://a/t",service="s",scope="repository:x:pull,push""#],
                bearer("https://a/t", Some("s"), Some("repository:x:pull,push")),
            ),
            (vec![r#"bearer service = "s" , realm= "https://a/\"t""#], bearer("https://a/\"t", Some("s"), None)),
            (vec![r#"Basic realm="x, y", Bearer realm=https://a/t"#], bearer("https://a/t", None, None)),
            (vec![r#"Basic realm="x""#, r#"Bearer realm="https://a""#], bearer("https://a", None, None)),
            (vec![r#"BASIC realm="Bearer realm=x""#], Some(Challenge::Basic)),
            (vec!["Basic"], Some(Challenge::Basic)),
            (vec!["Negotiate", "Digest realm=\"x\", qop=\"auth,auth-int\""], None),
            (vec!["Bearer realm=\"\""], None),
            (vec!["", ",,=", "=\"", "Bearer realm=\"unclosed"], bearer("unclosed", None, None)),
        ] {
            assert_eq!(read(headers.iter().copied()), expected, "{headers:?}");
        }
    }
}
