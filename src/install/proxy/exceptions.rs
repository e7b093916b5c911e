//! `NO_PROXY`: which servers are reached without a proxy.

use std::net::IpAddr;

use ipnet::IpNet;
use url::Host;

/// The servers that are reached without a proxy.
pub(super) struct Exceptions {
    /// `*`
    all: bool,
    entries: Vec<Entry>,
}

enum Entry {
    /// `10.0.0.0/8`
    Network(IpNet),
    /// `10.0.0.1` or `[fd00::1]:6443`; the port as written, or empty for all ports.
    Address(IpAddr, String),
    /// `.example.com:6443`: all names below this one; `example.com` includes the name itself.
    Name { suffix: String, itself: bool, port: String },
}

impl Exceptions {
    /// From a comma-separated list. Invalid entries are left out.
    pub(super) fn new(list: &str) -> Self {
        let entries = || list.split(',').map(|entry| entry.trim().to_lowercase());
        Self {
            all: entries().any(|entry| entry == "*"),
            entries: entries().filter_map(|entry| Entry::new(&entry)).collect(),
        }
    }

    /// Whether this server is one of them. A server on this machine always is.
    pub(super) fn contain(&self, host: &str, port: u16) -> bool {
        let address = host.parse::<IpAddr>().ok().map(|address| address.to_canonical());
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return true;
        }
        let (host, port) = (host.to_lowercase(), port.to_string());
        self.all || self.entries.iter().any(|entry| entry.matches(&host, address, &port))
    }
}

impl Entry {
    fn new(entry: &str) -> Option<Self> {
        if let Ok(network) = entry.parse() {
            return Some(Self::Network(network));
        }
        let (host, port) = split(entry).unwrap_or((entry, ""));
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(Self::Address(address.to_canonical(), port.to_owned()));
        }
        let name = if host.starts_with("*.") { &host[1..] } else { host };
        let (itself, name) = (!name.starts_with('.'), name.strip_prefix('.').unwrap_or(name));
        if name.is_empty() && itself {
            return None;
        }
        let name = match Host::parse(name) {
            // In the form in which names are looked up.
            Ok(Host::Domain(ascii)) if !name.is_ascii() => ascii,
            _ => name.to_owned(),
        };
        Some(Self::Name { suffix: format!(".{name}"), itself, port: port.to_owned() })
    }

    fn matches(&self, host: &str, address: Option<IpAddr>, port: &str) -> bool {
        let is_port = |only: &str| only.is_empty() || only == port;
        match (self, address) {
            (Self::Network(network), Some(address)) => network.contains(&address),
            (Self::Address(only, only_port), Some(address)) => *only == address && is_port(only_port),
            (Self::Name { suffix, itself, port: only }, None) => {
                (host.ends_with(suffix) || (*itself && host == &suffix[1..])) && is_port(only)
            }
            _ => false,
        }
    }
}

/// `host:port` or `[address]:port`, as Go's `net.SplitHostPort` reads it.
fn split(entry: &str) -> Option<(&str, &str)> {
    let (host, port) = match entry.strip_prefix('[') {
        Some(rest) => rest.split_once("]:")?,
        None => entry.rsplit_once(':').filter(|(host, _)| !host.contains(':'))?,
    };
    (!host.contains(['[', ']']) && !port.contains(['[', ']', ':'])).then_some((host, port))
}
