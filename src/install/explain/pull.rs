//! Why an image cannot be pulled: from a registry's message to the remedy.

/// The owner of a pod. The remedy depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose<'a> {
    /// A catalog's pod, of a CatalogSource `namespace/name`.
    Catalog(&'a str),
    /// OLM's own pod.
    Olm,
    /// A pod that unpacks a bundle, for a catalog's CatalogSource.
    Unpack(&'a str),
    /// An operator's pod, with its ServiceAccount.
    Operator(&'a str),
}

/// The reason in a registry's or container runtime's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Name,
    Denied,
    NotFound,
    Limit,
    Certificate,
    Plain,
    Platform,
    Disk,
    Unreachable,
    Unknown,
}

/// The meaning of words in the message; the first match counts. They are from containerd, CRI-O, and the common
/// registries.
const SIGNS: [(Reason, &[&str]); 9] = [
    (Reason::Name, &["invalidimagename", "invalid reference format", "couldn't parse image"]),
    (Reason::Platform, &["no match for platform", "no matching manifest", "exec format error"]),
    (Reason::Limit, &["toomanyrequests", "too many requests", "rate limit"]),
    (
        Reason::Denied,
        &["unauthorized", "authentication required", "access denied", "forbidden", "denied", "no basic auth"],
    ),
    (Reason::NotFound, &["not found", "manifest unknown", "name unknown", "notfound"]),
    (Reason::Plain, &["server gave http response to https client"]),
    (Reason::Certificate, &["x509", "certificate", "tls:"]),
    (Reason::Disk, &["no space left"]),
    (
        Reason::Unreachable,
        &[
            "no such host",
            "connection refused",
            "i/o timeout",
            "dial tcp",
            "no route to host",
            "network is unreachable",
            "deadline exceeded",
            "handshake timeout",
            "server misbehaving",
            "connection reset",
            "eof",
        ],
    ),
];

/// The problem and its remedy.
pub(super) fn explain(image: &str, reason: &str, said: &str, whose: Whose<'_>) -> (String, String) {
    let said = clean(said, image);
    let why = if reason == "InvalidImageName" { Reason::Name } else { reason_of(&said) };
    let message = match (why, said.is_empty()) {
        (Reason::NotFound, _) => format!("the registry has no image {image}"),
        (_, true) => format!("the image {image} cannot be pulled"),
        (_, false) => format!("the image {image} cannot be pulled: {said}"),
    };
    let registry = image.split('/').next().filter(|host| host.contains(['.', ':'])).unwrap_or("docker.io");
    (message, help(why, registry, whose))
}

fn help(why: Reason, registry: &str, whose: Whose<'_>) -> String {
    match why {
        Reason::NotFound => match whose {
            Whose::Catalog(_) => {
                "check the name and tag, push the image, or run `install-catalog install` with another \
                                  --image"
                    .into()
            }
            Whose::Unpack(_) | Whose::Operator(_) => {
                "push the image to the place that the catalog names (a mirror must have the operators' images too), or \
                 install a catalog that names the right image"
                    .into()
            }
            Whose::Olm => mirror(registry),
        },
        Reason::Name => "correct the image reference: registry/repository:tag or registry/repository@sha256:…".into(),
        Reason::Denied => {
            format!("check that the image exists and that the nodes may pull it: {}", secret(registry, whose))
        }
        Reason::Limit => format!("wait, or log in to {registry}: {}", secret(registry, whose)),
        Reason::Certificate => format!(
            "make the nodes trust the certificate of {registry}: add its CA to the container runtime's configuration \
             (containerd: /etc/containerd/certs.d/{registry}/)"
        ),
        Reason::Plain => format!(
            "{registry} speaks HTTP, not HTTPS: give it a certificate, or add it to the container runtime's \
             configuration (containerd: /etc/containerd/certs.d/{registry}/hosts.toml)"
        ),
        Reason::Platform => {
            "the image does not support the nodes' architecture: build and push it for that architecture (`kubectl get \
             nodes -L kubernetes.io/arch`)"
                .into()
        }
        Reason::Disk => "free disk space on the node: its disk is full".into(),
        Reason::Unreachable => {
            format!(
                "make {registry} reachable from the nodes (DNS, firewall, proxy), or push the image to a reachable \
                 registry"
            )
        }
        Reason::Unknown => mirror(registry),
    }
}

fn mirror(registry: &str) -> String {
    format!("check that the nodes can reach {registry} and that it has the image: run `crictl pull` on a node")
}

/// How to provide credentials for the pull.
fn secret(registry: &str, whose: Whose<'_>) -> String {
    let create = |namespace: &str| {
        format!(
            "`kubectl create secret docker-registry registry -n {namespace} --docker-server={registry} \
             --docker-username=… --docker-password=…`"
        )
    };
    match whose {
        Whose::Catalog(source) | Whose::Unpack(source) => {
            let (namespace, name) = source.split_once('/').unwrap_or(("olm", source));
            format!("{}, and name it in spec.secrets of CatalogSource {namespace}/{name}", create(namespace))
        }
        Whose::Operator(account) => {
            let (namespace, name) = account.split_once('/').unwrap_or(("default", account));
            format!("{}, and name it in imagePullSecrets of ServiceAccount {namespace}/{name}", create(namespace))
        }
        Whose::Olm => format!("{}, and name it in imagePullSecrets of OLM's ServiceAccount", create("olm")),
    }
}

fn reason_of(said: &str) -> Reason {
    let said = said.to_lowercase();
    SIGNS.into_iter().find(|(_, signs)| signs.iter().any(|sign| said.contains(sign))).map_or(Reason::Unknown, |s| s.0)
}

/// The end of the chain of errors, which is the registry's own message. Each link repeats the image.
fn clean(said: &str, image: &str) -> String {
    let mut said = super::found::words(said);
    if said.starts_with("Back-off pulling image") {
        match said.find("rpc error:").or_else(|| said.find("ErrImagePull:").map(|at| at + "ErrImagePull:".len())) {
            Some(at) => said = said[at..].trim().to_owned(),
            None => return String::new(),
        }
    }
    if let Some(at) = said.strip_prefix("Failed to pull image ").and_then(|_| said.find("\": ")) {
        said = said[at + "\": ".len()..].to_owned();
    }
    for link in ["rpc error: code = ", "desc = "] {
        if let Some(at) = said.find(link) {
            said = said[at + link.len()..].to_owned();
        }
    }
    // From the outside inwards: prefixes that repeat the image, or give no reason.
    for link in [
        "failed to pull and unpack image ",
        "failed to resolve reference ",
        "failed to copy: ",
        "httpReadSeeker: failed open: ",
        "failed to do request: ",
        "failed to authorize: ",
    ] {
        let Some(rest) = said.strip_prefix(link) else { continue };
        said = match rest.strip_prefix('"').and_then(|rest| rest.split_once("\": ")) {
            Some((_, rest)) => rest.to_owned(),
            None => rest.to_owned(),
        };
    }
    said.strip_prefix(&format!("{image}: ")).unwrap_or(&said).to_owned()
}
