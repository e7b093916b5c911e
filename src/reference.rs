//! Image references, parsed with the same results as Go's `distribution/reference` (its `ParseNormalizedNamed`), which
//! opm uses.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The default registry.
const DEFAULT_REGISTRY: &str = "docker.io";

/// Its former name.
const LEGACY_REGISTRY: &str = "index.docker.io";

/// The folder of its images that have a single name.
const DEFAULT_FOLDER: &str = "library";

/// The most characters of registry and repository together.
const MAX_NAME: usize = 255;

/// The most characters of a tag.
const MAX_TAG: usize = 128;

/// An image in a registry: `registry/repository[:tag][@digest]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The host of the registry, with its port if it has one. The default is `docker.io`.
    pub registry: String,
    /// The path in the registry. On `docker.io`, a single name has the prefix `library/`.
    pub repository: String,
    /// The tag, if given.
    pub tag: Option<String>,
    /// The digest, if given.
    pub digest: Option<String>,
}

/// Why text is not a valid image reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It looks like the id of an image.
    #[error("64 hexadecimal digits are the id of an image, not its name")]
    Identifier,
    /// It is the URL of a web page.
    #[error("write it without {0}")]
    Scheme(&'static str),
    /// The repository has upper-case letters.
    #[error("the repository {0:?} must be lower case")]
    Uppercase(String),
    /// The registry is not a valid host.
    #[error("{0:?} is not a valid host name with an optional port")]
    Registry(String),
    /// The repository is not valid.
    #[error(
        "{0:?} is not valid in a repository name; use lower-case letters and digits, separated by `.`, `_`, `__` or \
         hyphens"
    )]
    Repository(String),
    /// The name is too long.
    #[error("registry and repository together have {0} characters; at most {MAX_NAME} are allowed")]
    TooLong(usize),
    /// The tag is not valid.
    #[error(
        "{0:?} is not a valid tag; use up to {MAX_TAG} letters, digits, `_`, `.` and `-`, and do not begin with `.` or \
         `-`"
    )]
    Tag(String),
    /// The digest is not valid.
    #[error(
        "{0:?} is not a valid digest; expected sha256, sha384 or sha512, a colon, and the full number of lower-case \
         hexadecimal digits"
    )]
    Digest(String),
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 64 && is_hex(text) {
            return Err(Error::Identifier);
        }
        if let Some(scheme) = ["https://", "http://", "docker://", "oci://"].into_iter().find(|it| text.starts_with(it))
        {
            return Err(Error::Scheme(scheme));
        }
        let (registry, rest) = match text.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest),
            _ => (DEFAULT_REGISTRY, text),
        };
        let registry = if registry == LEGACY_REGISTRY { DEFAULT_REGISTRY } else { registry };
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (rest, None),
        };
        let (repository, tag) = match rest.split_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (rest, None),
        };
        if repository.chars().any(char::is_uppercase) {
            return Err(Error::Uppercase(repository.to_owned()));
        }
        let lone = registry == DEFAULT_REGISTRY && !rest.contains('/');
        let repository = if lone { format!("{DEFAULT_FOLDER}/{repository}") } else { repository.to_owned() };
        // The grammar treats a registry that is not a host name as a part of the repository, if it is valid there.
        if !is_host(registry) && !is_component(registry) {
            return Err(Error::Registry(registry.to_owned()));
        }
        if let Some(part) = repository.split('/').find(|part| !is_component(part)) {
            return Err(Error::Repository(part.to_owned()));
        }
        let length = registry.len() + 1 + repository.len();
        if length > MAX_NAME {
            return Err(Error::TooLong(length));
        }
        if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
            return Err(Error::Tag(tag.to_owned()));
        }
        if let Some(digest) = digest.filter(|digest| !is_digest(digest)) {
            return Err(Error::Digest(digest.to_owned()));
        }
        let [tag, digest] = [tag, digest].map(|part| part.map(str::to_owned));
        Ok(Self { registry: registry.to_owned(), repository, tag, digest })
    }
}

impl Reference {
    /// Reads a reference for pulling and pushing: the registry may also be an IPv6 address, such as `[::1]:5000`, which
    /// opm's parser does not accept.
    ///
    /// # Errors
    /// Text that is not a reference.
    pub fn of_registry(text: &str) -> Result<Self, Error> {
        let Some((address, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) else {
            return text.parse();
        };
        if address.parse::<Ipv6Addr>().is_err() {
            return Err(Error::Registry(format!("[{address}]")));
        }
        // Everything except the address is the same as for a host name.
        const HOST: &str = "ipv6.invalid";
        let mut reference: Self = format!("{HOST}{rest}").parse()?;
        let port = reference.registry.strip_prefix(HOST).ok_or_else(|| Error::Registry(text.to_owned()))?;
        reference.registry = format!("[{address}]{port}");
        Ok(reference)
    }
}

/// The full form: with the registry, and `library/` if needed.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Labels between dots, and a port.
fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "0"));
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.split('.').all(label) && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Groups of lower-case letters and digits, with separators between them: `.`, `_`, `__`, or any number of hyphens.
fn is_component(text: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut runs = text.as_bytes().chunk_by(|a, b| alphanumeric(a) == alphanumeric(b));
    let separator = |run: &[u8]| matches!(run, b"." | b"_" | b"__") || run.iter().all(|byte| *byte == b'-');
    let all = runs.all(|run| alphanumeric(&run[0]) || separator(run));
    all && text.as_bytes().first().is_some_and(alphanumeric) && text.as_bytes().last().is_some_and(alphanumeric)
}

fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= MAX_TAG
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    let digits = match text.split_once(':') {
        Some(("sha256", digits)) if digits.len() == 64 => digits,
        Some(("sha384", digits)) if digits.len() == 96 => digits,
        Some(("sha512", digits)) if digits.len() == 128 => digits,
        _ => return false,
    };
    is_hex(digits)
}
