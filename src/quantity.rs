//! Quantities of Kubernetes, such as `100m` and `64Mi`.

/// Whether the API server accepts a quantity that is not below zero: a decimal number with a suffix
/// (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>).
#[must_use]
pub(crate) fn is_quantity(text: &str) -> bool {
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let digits = number.chars().any(|character| character.is_ascii_digit());
    let exponent = |rest: &str| {
        let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        !digits.is_empty() && digits.chars().all(|character| character.is_ascii_digit())
    };
    let known = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let suffix = known.contains(&suffix) || suffix.strip_prefix(['e', 'E']).is_some_and(exponent);
    digits && number.matches('.').count() <= 1 && suffix
}
