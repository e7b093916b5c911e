//! The value of a plain scalar, by the rules of Go's yaml.v2 (its `resolve.go`).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Number, Value};

/// The value of an unquoted scalar.
///
/// # Errors
/// Infinity and NaN, which JSON cannot represent.
pub(super) fn resolve(text: &str) -> Result<Value, String> {
    let Some(first) = text.bytes().next() else { return Ok(Value::Null) };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => Ok(word(text)),
        b'.' | b'+' | b'-' | b'0'..=b'9' => number(text),
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// Whether an unquoted text is a string, and not a value of another type.
pub(super) fn is_string(text: &str) -> bool {
    match resolve(text) {
        Ok(Value::String(_)) => !is_go_timestamp(text),
        // A fraction without a whole number has no underscores.
        Ok(Value::Number(_)) => text.starts_with('.') && text.contains('_'),
        _ => false,
    }
}

/// Whether Go's yaml.v2 reads text as a date, with a time or without.
fn is_go_timestamp(text: &str) -> bool {
    let number = |part: &str, range: std::ops::RangeInclusive<u32>| {
        matches!(part.len(), 1..=2)
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse().is_ok_and(|number| range.contains(&number))
    };
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((text.as_bytes()[at], &text[at + 1..]))),
        None => (text, None),
    };
    let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { return false };
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    if !is_year || !number(month, 1..=12) || !number(day, 1..=days(year, month)) {
        return false;
    }
    let Some((separator, time)) = time else { return true };
    let clock = match (separator, time.strip_suffix('Z'), time.find(['+', '-'])) {
        (b' ', ..) => time,
        (_, Some(clock), _) => clock,
        (_, None, Some(at)) => {
            let is_zone = time[at + 1..].split_once(':').is_some_and(|(hours, minutes)| {
                hours.len() == 2 && minutes.len() == 2 && number(hours, 0..=24) && number(minutes, 0..=60)
            });
            if !is_zone {
                return false;
            }
            &time[..at]
        }
        _ => return false,
    };
    let [hour, minute, second] = clock.split(':').collect::<Vec<_>>()[..] else { return false };
    let (second, fraction) = match second.find(['.', ',']) {
        Some(at) => (&second[..at], Some(&second[at + 1..])),
        None => (second, None),
    };
    let is_fraction = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    number(hour, 0..=23) && number(minute, 0..=59) && number(second, 0..=59) && fraction.is_none_or(is_fraction)
}

/// The days of a month.
fn days(year: &str, month: &str) -> u32 {
    let year: u32 = year.parse().unwrap_or_default();
    match month.parse::<u32>() {
        Ok(2) if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        Ok(2) => 28,
        Ok(4 | 6 | 9 | 11) => 30,
        _ => 31,
    }
}

/// The prefix of the tags of YAML's own types (`!!str`).
const CORE: &str = "tag:yaml.org,2002:";
/// `!!null`.
pub(super) const NULL: &str = "tag:yaml.org,2002:null";
/// `!!merge`, which a key `<<` may have.
pub(super) const MERGE: &str = "tag:yaml.org,2002:merge";

/// The value of a scalar, which may be quoted and may have a tag.
///
/// # Errors
/// Text that does not match its tag's type or is not base64, infinity and NaN.
pub(super) fn tagged(text: &str, plain: bool, tag: Option<&str>) -> Result<Value, String> {
    let Some(tag) = tag else {
        return if plain { resolve(text) } else { Ok(Value::String(text.to_owned())) };
    };
    let wrong = |name: &str| Err(format!("`{text}` is not of the type !!{name}"));
    match tag.strip_prefix(CORE) {
        Some("binary") => binary(text).ok_or_else(|| "!!binary value contains invalid base64 data".to_owned()),
        Some("timestamp") if !is_timestamp(text) => wrong("timestamp"),
        Some(name @ ("int" | "float" | "bool" | "null")) => {
            let value = resolve(text)?;
            let fits = match name {
                "int" => value.is_i64() || value.is_u64(),
                "float" => value.is_number(),
                "bool" => value.is_boolean(),
                _ => value.is_null(),
            };
            if fits { Ok(value) } else { wrong(name) }
        }
        // Text, and unknown types: the text itself.
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// Decoded base64 as a JSON string: invalid UTF-8 is replaced.
fn binary(text: &str) -> Option<Value> {
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        // Go replaces each byte.
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Some(Value::String(out))
}

/// Whether text is a date, possibly with a time, in one of the forms of YAML 1.1.
fn is_timestamp(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
        None => (text, None),
    };
    let number = |part: &str, most: u32| {
        part.len() <= 4
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<u32>().is_ok_and(|n| n <= most)
    };
    let parts: Vec<&str> = date.split('-').collect();
    let is_date = matches!(parts[..], [year, month, day]
        if year.len() == 4 && number(year, 9999) && number(month, 12) && number(day, 31));
    let is_time = |time: &str| {
        let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let clock = time[..end].split_once('.').map_or(&time[..end], |(clock, _)| clock);
        let parts: Vec<&str> = clock.split(':').collect();
        matches!(parts[..], [hour, minute, second] if number(hour, 23) && number(minute, 59) && number(second, 59))
    };
    is_date && time.is_none_or(is_time)
}

fn word(text: &str) -> Value {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        "~" | "null" | "Null" | "NULL" => Value::Null,
        _ => Value::String(text.to_owned()),
    }
}

fn number(text: &str) -> Result<Value, String> {
    let unsigned = text.trim_start_matches(['+', '-']);
    if text.len() - unsigned.len() <= 1 && matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return Err(format!("`{text}` cannot be written in JSON"));
    }
    let string = || Value::String(text.to_owned());
    let digits = text.replace('_', "");
    if let Some(value) = integer(&digits) {
        return Ok(value);
    }
    if !is_float(&digits) {
        return Ok(string());
    }
    Ok(digits.parse().ok().and_then(Number::from_f64).map_or_else(string, Value::Number))
}

/// An integer with Go's prefixes: `0x`, `0o`, `0b`, and a leading `0` for octal.
fn integer(text: &str) -> Option<Value> {
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match body.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &body[2..]),
        [b'0', b'o' | b'O', ..] => (8, &body[2..]),
        [b'0', b'b' | b'B', ..] => (2, &body[2..]),
        [b'0', _, ..] => (8, &body[1..]),
        _ => (10, body),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match negative {
        false => Some(magnitude.into()),
        true => 0_i64.checked_sub_unsigned(magnitude).map(Value::from),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        None => all_digits(mantissa),
        Some(("", fraction)) => all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && (fraction.is_empty() || all_digits(fraction)),
    };
    mantissa_fits && exponent.is_none_or(|part| all_digits(part.strip_prefix(['+', '-']).unwrap_or(part)))
}
