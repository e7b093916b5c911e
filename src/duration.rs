//! Durations on the command line.

use std::time::Duration;

/// Reads a duration in Go's syntax: numbers with units, one after another, such as `90s`, `1h30m` or `1.5s`. The units
/// are those of Go's `time.ParseDuration`: ns, us, ms, s, m and h. A duration is not negative, and zero needs a unit.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let (mut rest, mut total) = (text.strip_prefix('+').unwrap_or(text), Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        rest = &rest[end..];
        total = total.checked_add(Duration::try_from_secs_f64(number * unit).ok()?)?;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_reads_them() {
        let good =
            [("90s", 90_000), ("10m", 600_000), ("1h30m", 5_400_000), ("1.5s", 1_500), ("250ms", 250), ("0s", 0)];
        for (text, millis) in good {
            assert_eq!(parse(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["", "5", "-1s", "1d", "s", "1s ", "1..5s", "99999999999999999999h"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
