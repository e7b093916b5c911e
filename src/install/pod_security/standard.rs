//! The [Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/), as the API
//! server's admission checks them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// A standard that a namespace enforces. `privileged` allows everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Known ways to more privileges are closed.
    Baseline,
    /// Pods are hardened.
    Restricted,
}

/// A standard, as of a minor version of Kubernetes; `None` means the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standard {
    /// The level.
    pub level: Level,
    /// The minor version of `pod-security.kubernetes.io/enforce-version`.
    pub minor: Option<u32>,
}

/// Capabilities that a container runtime gives every container.
const DEFAULT_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
/// Sysctls that stay within a pod, and the minor version since which they count as such.
const SAFE_SYSCTLS: [(&str, u32); 10] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
];
/// The kinds of volumes that `restricted` allows.
const VOLUMES: [&str; 8] =
    ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];
/// The types of SELinux that baseline allows; the last one since 1.31.
const SELINUX_TYPES: [(&str, u32); 5] =
    [("", 0), ("container_t", 0), ("container_init_t", 0), ("container_kvm_t", 0), ("container_engine_t", 31)];

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        })
    }
}

impl Standard {
    /// The standard that a namespace enforces, by its labels. If a label is not valid, the API server enforces
    /// `restricted` as of the newest version.
    #[must_use]
    pub fn enforced(labels: &BTreeMap<String, String>) -> Option<Self> {
        let level = match labels.get("pod-security.kubernetes.io/enforce").map(String::as_str) {
            None | Some("privileged") => return None,
            Some("baseline") => Level::Baseline,
            Some(_) => Level::Restricted,
        };
        let version = labels.get("pod-security.kubernetes.io/enforce-version");
        let minor = version.and_then(|version| version.strip_prefix("v1.")?.parse().ok());
        Some(Self { level, minor })
    }

    /// The ways in which a pod with this metadata and spec violates the standard, in the words of the API server's
    /// admission, with the containers that each is about.
    #[must_use]
    pub fn violations(self, meta: &Value, spec: &Value) -> Vec<String> {
        let mut pod = Pod { spec, minor: self.minor, found: Vec::new() };
        pod.baseline(meta);
        if self.level == Level::Restricted {
            pod.restricted();
        }
        pod.found
    }
}

struct Pod<'p> {
    spec: &'p Value,
    minor: Option<u32>,
    found: Vec<String>,
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true)
}

impl<'p> Pod<'p> {
    fn is_since(&self, minor: u32) -> bool {
        self.minor.is_none_or(|of| of >= minor)
    }

    fn is_windows(&self) -> bool {
        text(&self.spec["os"]["name"]) == "windows" && self.is_since(25)
    }

    fn containers(&self) -> impl Iterator<Item = &'p Value> + use<'p> {
        let spec = self.spec;
        ["initContainers", "containers", "ephemeralContainers"].into_iter().flat_map(move |list| items(&spec[list]))
    }

    /// Notes a violation of some containers.
    fn containers_that(&mut self, what: &str, violates: impl Fn(&Value) -> bool) {
        let names: Vec<&str> = self
            .containers()
            .filter(|container| violates(container))
            .map(|container| text(&container["name"]))
            .collect();
        if !names.is_empty() {
            let word = if names.len() == 1 { "container" } else { "containers" };
            self.found.push(format!("{what} ({word} {})", names.join(", ")));
        }
    }

    /// Notes a field of the security context with a wrong value in the pod or some containers.
    fn contexts_that(&mut self, what: &str, violates: impl Fn(&Value) -> bool) {
        if violates(&self.spec["securityContext"]) {
            self.found.push(format!("{what} (pod)"));
        }
        self.containers_that(what, |container| violates(&container["securityContext"]));
    }

    fn baseline(&mut self, meta: &Value) {
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            if is_true(&self.spec[field]) {
                self.found.push(format!("{field}=true"));
            }
        }
        self.containers_that("privileged", |container| is_true(&container["securityContext"]["privileged"]));
        let others = |container: &Value| {
            items(&container["securityContext"]["capabilities"]["add"])
                .any(|added| !DEFAULT_CAPABILITIES.contains(&text(added)))
        };
        self.containers_that("non-default capabilities", others);
        let host: Vec<&str> = items(&self.spec["volumes"])
            .filter(|volume| !volume["hostPath"].is_null())
            .map(|volume| text(&volume["name"]))
            .collect();
        if !host.is_empty() {
            self.found.push(format!("hostPath volumes ({})", host.join(", ")));
        }
        let ports =
            |container: &Value| items(&container["ports"]).any(|port| port["hostPort"].as_u64().unwrap_or(0) != 0);
        self.containers_that("hostPort", ports);
        self.contexts_that("hostProcess=true", |context| is_true(&context["windowsOptions"]["hostProcess"]));
        self.containers_that("procMount", |container| {
            !["", "Default"].contains(&text(&container["securityContext"]["procMount"]))
        });
        self.contexts_that("appArmorProfile", |context| text(&context["appArmorProfile"]["type"]) == "Unconfined");
        let annotations = meta["annotations"].as_object();
        let unconfined = annotations.into_iter().flatten().any(|(key, value)| {
            let allowed =
                |value: &str| value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
            key.starts_with("container.apparmor.security.beta.kubernetes.io/") && !allowed(text(value))
        });
        if unconfined {
            self.found.push("appArmorProfile (annotation)".to_owned());
        }
        let types: BTreeSet<&str> =
            SELINUX_TYPES.iter().filter(|(_, since)| self.is_since(*since)).map(|(name, _)| *name).collect();
        self.contexts_that("seLinuxOptions", |context| {
            let options = &context["seLinuxOptions"];
            !types.contains(text(&options["type"]))
                || !text(&options["user"]).is_empty()
                || !text(&options["role"]).is_empty()
        });
        if self.is_since(19) {
            self.contexts_that("seccompProfile=Unconfined", |context| {
                text(&context["seccompProfile"]["type"]) == "Unconfined"
            });
        }
        let unsafe_: Vec<&str> = items(&self.spec["securityContext"]["sysctls"])
            .map(|sysctl| text(&sysctl["name"]))
            .filter(|name| !SAFE_SYSCTLS.iter().any(|(safe, since)| safe == name && self.is_since(*since)))
            .collect();
        if !unsafe_.is_empty() {
            self.found.push(format!("forbidden sysctls ({})", unsafe_.join(", ")));
        }
        if self.is_since(34) {
            self.containers_that("probe or lifecycle host", |container| {
                let probes = ["livenessProbe", "readinessProbe", "startupProbe"].map(|probe| &container[probe]);
                let hooks = ["postStart", "preStop"].map(|hook| &container["lifecycle"][hook]);
                let named = |action: &Value| {
                    ["httpGet", "tcpSocket"].iter().any(|kind| !text(&action[*kind]["host"]).is_empty())
                };
                probes.into_iter().chain(hooks).any(named)
            });
        }
    }

    fn restricted(&mut self) {
        let pod = &self.spec["securityContext"];
        let windows = self.is_windows();
        if !windows && self.is_since(8) {
            self.containers_that("allowPrivilegeEscalation != false", |container| {
                container["securityContext"]["allowPrivilegeEscalation"].as_bool() != Some(false)
            });
        }
        if !windows && self.is_since(22) {
            self.containers_that("unrestricted capabilities: drop ALL, add only NET_BIND_SERVICE", |container| {
                let capabilities = &container["securityContext"]["capabilities"];
                !items(&capabilities["drop"]).any(|dropped| text(dropped) == "ALL")
                    || items(&capabilities["add"]).any(|added| text(added) != "NET_BIND_SERVICE")
            });
        }
        let of_pod = is_true(&pod["runAsNonRoot"]);
        self.containers_that("runAsNonRoot != true", |container| {
            match container["securityContext"]["runAsNonRoot"].as_bool() {
                Some(of_container) => !of_container,
                None => !of_pod,
            }
        });
        if pod["runAsNonRoot"].as_bool() == Some(false)
            && self.containers().all(|container| is_true(&container["securityContext"]["runAsNonRoot"]))
        {
            self.found.push("runAsNonRoot != true (pod)".to_owned());
        }
        if self.is_since(23) {
            self.contexts_that("runAsUser=0", |context| context["runAsUser"].as_i64() == Some(0));
        }
        if !windows && self.is_since(19) {
            let confined =
                |context: &Value| ["RuntimeDefault", "Localhost"].contains(&text(&context["seccompProfile"]["type"]));
            let of_pod = confined(pod);
            self.containers_that("seccompProfile is neither RuntimeDefault nor Localhost", |container| {
                let context = &container["securityContext"];
                if context["seccompProfile"].is_null() { !of_pod } else { !confined(context) }
            });
        }
        let volumes: Vec<&str> = items(&self.spec["volumes"])
            .filter(|volume| {
                let mut kinds = volume.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
                kinds.any(|kind| kind != "name" && !VOLUMES.contains(&kind))
            })
            .map(|volume| text(&volume["name"]))
            .collect();
        if !volumes.is_empty() {
            self.found.push(format!("restricted volume types ({})", volumes.join(", ")));
        }
    }
}
