//! Formats of texts that the API server enforces.
//!
//! Source: `pkg/validation/strfmt` of kube-openapi. Addresses of e-mail and URIs are checked less closely than by Go's
//! parsers: what is refused here is refused there too.

use std::net::Ipv6Addr;
use std::sync::LazyLock;

use regex::Regex;

/// Whether a text is of a format. One that is not known accepts all texts.
pub(super) fn fits(format: &str, text: &str) -> bool {
    match format.replace('-', "").as_str() {
        "bsonobjectid" => text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "byte" => matches(&BASE64, text),
        "cidr" => cidr(text),
        "creditcard" => credit_card(text),
        "date" => date(text),
        "datetime" => date_time(text),
        "duration" => duration(text),
        "email" => text.trim().split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()),
        "hexcolor" => matches(&HEX_COLOR, text),
        "hostname" => text.len() <= 255 && text.split('.').all(|part| part.len() <= 63) && matches(&HOSTNAME, text),
        "ipv4" => ipv4(text),
        "ipv6" => ipv6(text),
        "isbn" => isbn10(text) || isbn13(text),
        "isbn10" => isbn10(text),
        "isbn13" => isbn13(text),
        "k8slongname" => text.len() <= 253 && matches(&LONG_NAME, text),
        "k8sshortname" => text.len() <= 63 && matches(&SHORT_NAME, text),
        "mac" => mac(text),
        "rgbcolor" => matches(&RGB_COLOR, text),
        "ssn" => text.len() == 11 && matches(&SSN, text),
        "uri" => uri(text),
        "uuid" => matches(&UUID, text),
        "uuid3" => matches(&UUID3, text),
        "uuid4" => matches(&UUID4, text),
        "uuid5" => matches(&UUID5, text),
        _ => true,
    }
}

type Pattern = LazyLock<Option<Regex>>;

macro_rules! patterns {
    ($($name:ident = $pattern:expr;)*) => { $(static $name: Pattern = LazyLock::new(|| Regex::new($pattern).ok());)* };
}

patterns! {
    BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$";
    CREDIT_CARD = concat!(
        "^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}",
        "|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})$",
    );
    DURATION = "([0-9]+)[\t\n\x0C\r ]*([A-Za-zµ]+)";
    HEX_COLOR = "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$";
    HOSTNAME = concat!(
        r"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)",
        r"|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$",
    );
    LONG_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
    RGB_COLOR = concat!(
        r"^rgb\([\t\n\x0C\r ]*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\x0C\r ]*,",
        r"[\t\n\x0C\r ]*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\x0C\r ]*,",
        r"[\t\n\x0C\r ]*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\x0C\r ]*\)$",
    );
    SHORT_NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    SSN = "^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$";
    TIME = "^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$";
    UUID = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
    UUID3 = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
    UUID4 = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
    UUID5 = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
}

fn matches(pattern: &Pattern, text: &str) -> bool {
    pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
}

/// An address of four numbers, which may have zeros before them as in old versions of Go.
fn ipv4(text: &str) -> bool {
    let number = |part: &str| {
        let digits = part.trim_start_matches('0');
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && digits.len() <= 3 && {
            digits.is_empty() || digits.parse::<u8>().is_ok()
        }
    };
    let (most, tail) = text.rsplit_once(':').map_or(("", text), |(head, tail)| (head, tail));
    let tail_fits = tail.split('.').count() == 4 && tail.split('.').all(number);
    // The format is also that of an IPv6 address that ends in an IPv4 one.
    tail_fits && (most.is_empty() && !text.contains(':') || format!("{most}:1.2.3.4").parse::<Ipv6Addr>().is_ok())
}

fn ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

fn cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = if address.contains(':') { 128 } else { 32 };
    let good = if address.contains(':') { ipv6(address) || ipv4(address) } else { ipv4(address) };
    let number = bits.bytes().all(|byte| byte.is_ascii_digit()) && bits.len() <= 9;
    good && number && bits.parse::<u32>().is_ok_and(|bits| bits <= most)
}

/// 6, 8 or 20 bytes with `:` or `-` between them, or in pairs with `.`.
fn mac(text: &str) -> bool {
    let (separator, digits) = match text.chars().find(|c| !c.is_ascii_hexdigit()) {
        Some('.') => ('.', 4),
        Some(c @ (':' | '-')) => (c, 2),
        _ => return false,
    };
    let parts: Vec<&str> = text.split(separator).collect();
    let bytes = parts.len() * digits / 2;
    matches!(bytes, 6 | 8 | 20)
        && parts.iter().all(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str, digits: usize| {
        part.parse::<u32>().ok().filter(|_| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

fn date_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut parts = lower.split('t');
    let (Some(day), Some(time)) = (parts.next(), parts.next()) else { return false };
    let Some(pattern) = TIME.as_ref() else { return true };
    let Some(found) = pattern.captures(time).filter(|_| date(day)) else { return false };
    let at_most = |i: usize, most: &str| found.get(i).is_some_and(|part| part.as_str() <= most);
    at_most(1, "23") && at_most(2, "59") && at_most(3, "59")
}

/// What Go reads as a duration, and anything with a number before a unit.
fn duration(text: &str) -> bool {
    const UNITS: [(&[&str], &str); 8] = [
        (&["ns"], "nano"),
        (&["us", "µs"], "micro"),
        (&["ms"], "milli"),
        (&["s"], "sec"),
        (&["m"], "min"),
        (&["h", "hr"], "hour"),
        (&["d"], "day"),
        (&["w", "wk"], "week"),
    ];
    let Some(pattern) = DURATION.as_ref() else { return true };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    // Go's own units may have the other sign of micro, and numbers a fraction.
    if unsigned == "0" || unsigned.contains('μ') {
        return true;
    }
    pattern.captures_iter(text).any(|found| {
        let unit = found.get(2).map(|unit| unit.as_str().to_lowercase()).unwrap_or_default();
        UNITS.iter().any(|(short, long)| short.contains(&unit.as_str()) || unit.starts_with(long))
    }) || has_fraction_alone(unsigned)
}

/// `1.s`: Go accepts a number that ends with its point.
fn has_fraction_alone(text: &str) -> bool {
    text.split_once('.').is_some_and(|(whole, unit)| {
        !whole.is_empty()
            && whole.bytes().all(|byte| byte.is_ascii_digit())
            && ["ns", "us", "µs", "ms", "s", "m", "h"].contains(&unit)
    })
}

fn credit_card(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let values = digits.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = values.map(|(i, digit)| if i % 2 == 0 { digit } else { 2 * digit / 10 + 2 * digit % 10 }).sum();
    matches(&CREDIT_CARD, &digits) && sum.is_multiple_of(10)
}

/// The digits of a book's number; the last may be X, which counts ten.
fn isbn(text: &str, digits: usize) -> Option<Vec<u32>> {
    let plain: Vec<char> = text.chars().filter(|c| !matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ' | '-')).collect();
    if plain.len() != digits {
        return None;
    }
    let value = |(i, c): (usize, &char)| match c {
        'X' if digits == 10 && i == 9 => Some(10),
        digit => digit.to_digit(10),
    };
    plain.iter().enumerate().map(value).collect()
}

fn isbn10(text: &str) -> bool {
    isbn(text, 10).is_some_and(|digits| digits.iter().zip(1..).map(|(digit, i)| digit * i).sum::<u32>() % 11 == 0)
}

fn isbn13(text: &str) -> bool {
    isbn(text, 13).is_some_and(|digits| {
        digits.iter().enumerate().map(|(i, digit)| if i % 2 == 0 { *digit } else { 3 * digit }).sum::<u32>() % 10 == 0
    })
}

/// An absolute URI or an absolute path, as in a request of HTTP.
fn uri(text: &str) -> bool {
    if text.is_empty() || text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return false;
    }
    let scheme = text.split_once(':').filter(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let rest = scheme.map_or(text, |(_, rest)| rest);
    let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
    if text == "*" {
        return true;
    }
    if !rest.starts_with('/') {
        return scheme.is_some();
    }
    let authority = rest.strip_prefix("//").filter(|_| scheme.is_some());
    let (authority, path) = match authority {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    host(authority.rsplit_once('@').map_or(authority, |(_, host)| host)) && escapes(path)
}

fn host(host: &str) -> bool {
    let (name, port) = match host.rfind(']') {
        Some(end) => host.split_at(end + 1),
        None => host.split_at(host.rfind(':').unwrap_or(host.len())),
    };
    let digits = port.strip_prefix(':').unwrap_or(port).bytes().all(|byte| byte.is_ascii_digit());
    let forbidden = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !"-_.~!$&'()*+,;=:[]<>\"%".contains(c);
    digits && !name.contains(forbidden)
}

/// Whether each `%` has two hexadecimal digits.
fn escapes(path: &str) -> bool {
    let hex = |part: &str| part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    path.split('%').skip(1).all(hex)
}

#[cfg(test)]
mod tests {
    use super::fits;

    /// The verdicts are those of kube-openapi.
    #[test]
    fn formats_are_those_of_the_api_server() {
        for (format, good, bad) in [
            ("date-time", "2024-02-29T10:00:00Z", "2023-02-29T10:00:00Z"),
            ("datetime", "2024-01-01t10:00:00.5+02:00", "2024-01-01 10:00:00Z"),
            ("date", "2024-01-31", "2024-04-31"),
            ("duration", "1h30m", "1x"),
            ("duration", "1 week", "soon"),
            ("duration", "1.5s", "5"),
            ("ipv4", "010.0.0.1", "256.0.0.1"),
            ("ipv6", "::1", "10.0.0.1"),
            ("ipv6", "::ffff:10.0.0.1", "::g"),
            ("cidr", "10.0.0.0/8", "10.0.0.0/33"),
            ("cidr", "fd00::/64", "fd00::"),
            ("mac", "01:23:45:67:89:ab", "01:23:45:67:89"),
            ("mac", "0123.4567.89ab", "01:2345:67:89:ab"),
            ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
            ("byte", "aGVsbG8=", "aGVsbG8"),
            ("hexcolor", "#fff", "#ff"),
            ("rgbcolor", "rgb(1, 2,255)", "rgb(1,2,256)"),
            ("isbn", "0321751043", "0321751044"),
            ("isbn13", "978-0321751041", "978-0321751042"),
            ("creditcard", "4111-1111-1111-1111", "4111-1111-1111-1112"),
            ("ssn", "111-22-3333", "111223333"),
            ("email", "a@example.com", "example.com"),
            ("hostname", "example.com", "-example.com"),
            ("uri", "https://example.com:443/a%20b", "https://exa mple.com"),
            ("uri", "/path", "path"),
            ("uri", "mailto:x", ":x"),
            ("uri", "http://[::1]:80/", "http://host:port/"),
            ("k8s-short-name", "a-b", "a.b"),
            ("k8s-long-name", "a.b", "A.b"),
            ("bsonobjectid", "507f1f77bcf86cd799439011", "507f"),
        ] {
            assert!(fits(format, good), "{format} {good}");
            assert!(!fits(format, bad), "{format} {bad}");
        }
        assert!(fits("int-or-string", "anything") && fits("password", ""));
    }
}
