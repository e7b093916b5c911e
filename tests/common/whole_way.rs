//! A complete run of the installer, as a transcript that is the same on every cluster and in every run.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use serde_json::json;

use super::cases::expect_text;
use super::cluster::Cluster;
use super::common;
use super::objects::{everything, until};

/// The image in the transcript.
const IMAGE: &str = "registry.example/dbaas/catalog:2";

/// The values of the image's labels, because its registry cannot be reached from the installer.
const LABELS: &str = "--no-image-labels --display-name Test --publisher Tests";
/// The same for the operators, if a line names none.
const OPERATORS: &str = "--operators=dbaas-operator,percona-server-mongodb-operator,percona-xtradb-cluster-operator,victoriametrics-operator";

/// Install OLM, the catalog and the operators; again; upgrade twice; uninstall everything. Nothing is left on the
/// cluster. Each command and its duration, including the wait for the next upgrade, are added to `took`.
pub(crate) fn from_nothing_to_nothing(
    cluster: &Cluster,
    image: &str,
    took: &dyn Fn(&str, Duration),
) -> Result<(), Failed> {
    let before = everything(cluster)?;
    let manifests = common::shared().ok_or(common::NO_DATA)?.join("olm/v0.28.0");
    let manifests = manifests.display().to_string();
    let install =
        format!("install --image {image} --version victoriametrics-operator=0.24.0 --olm-manifests {manifests}");
    let mut transcript = String::new();
    for line in [
        install.as_str(),
        &install,
        "status",
        "upgrades",
        "approve victoriametrics-operator",
        "approve --all",
        "upgrades",
        "status",
        "uninstall --crds --namespaces --olm",
        "status",
    ] {
        let begin = Instant::now();
        transcript += &run(cluster.kubeconfig(), line, &[])?.replace(&manifests, "olm-0.28.0").replace(image, IMAGE);
        // Pending upgrades arrive at different times.
        if line == install || line.starts_with("approve victoria") {
            let pending = json!({
                "apiVersion": "operators.coreos.com/v1alpha1",
                "kind": "Subscription",
                "metadata": {"name": "victoriametrics-operator", "namespace": "dbaas"},
                "status": {"state": "UpgradePending"},
            });
            until(cluster, &pending)?;
        }
        took(&line.replace(&manifests, "olm-0.28.0"), begin.elapsed());
    }
    expect_text(Path::new("tests/install/from-nothing-to-nothing.txt"), &transcript)?;
    let left: Vec<_> = everything(cluster)?.into_iter().filter(|object| !before.contains(object)).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("left: {left:#?}").into()) }
}

/// The parts that differ from run to run: what it waited for and how long, and who deletes a plan first, which is also
/// deleted with its Subscriptions.
const PASSING: [&str; 3] = ["waiting ", "ready ", "deleted    InstallPlan "];

/// The output of a command on both streams, without parts that differ from run to run.
pub(crate) fn run(kubeconfig: &Path, line: &str, place: &[&str]) -> Result<String, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
    // A case can name another namespace.
    let place = if line.contains("--catalog ") { &[] } else { place };
    command.args(line.split_whitespace()).args(place).args(["--kubeconfig".as_ref(), kubeconfig.as_os_str()]);
    if line.starts_with("install ") {
        command.args(LABELS.split_whitespace());
        if !line.contains("--operators ") {
            command.arg(OPERATORS);
        }
    }
    let output = command.env("NO_COLOR", "1").env("COLUMNS", "100").output()?;
    let status = output.status.code().ok_or("the program was killed")?;
    let mut told = String::from_utf8(output.stderr)? + &String::from_utf8(output.stdout)?;
    told = told
        .lines()
        .filter(|line| !PASSING.iter().any(|start| line.starts_with(start)))
        .map(|line| plain(line) + "\n")
        .collect();
    Ok(format!("$ install-catalog {line}\n{told}exit {status}\n\n"))
}

/// Generated names and versions are replaced by fixed ones.
fn plain(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some(at) =
        rest.find("/install-").map(|at| at + "/install-".len()).filter(|at| rest.is_char_boundary(at + 5))
    {
        let (before, after) = rest.split_at(at);
        let made_up = after.chars().take_while(char::is_ascii_alphanumeric).count();
        plain += before;
        plain += if made_up == 5 { "xxxxx" } else { &after[..made_up] };
        rest = &after[made_up..];
        if let Some(version) = rest.strip_prefix('@') {
            plain += "@N";
            rest = version.trim_start_matches(|digit: char| digit.is_ascii_digit());
        }
    }
    plain + rest
}
