//! The types as used by a client, and the effects of the marks.

use std::path::Path;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::apis::{Api, Release};

/// Parses a resource as its type and serializes it again.
fn through<T: DeserializeOwned + Serialize>(resource: &Value) -> Value {
    let typed: T = serde_json::from_value(resource.clone()).unwrap_or_else(|error| panic!("{error} in {resource}"));
    serde_json::to_value(typed).unwrap()
}

fn through_its_type(resource: &Value) -> Value {
    match resource["kind"].as_str().unwrap() {
        "VMAgent" => through::<VMAgent>(resource),
        "VMAlert" => through::<VMAlert>(resource),
        "VMAlertmanager" => through::<VMAlertmanager>(resource),
        "VMAlertmanagerConfig" => through::<VMAlertmanagerConfig>(resource),
        "VMAuth" => through::<VMAuth>(resource),
        "VMCluster" => through::<VMCluster>(resource),
        "VMNodeScrape" => through::<VMNodeScrape>(resource),
        "VMPodScrape" => through::<VMPodScrape>(resource),
        "VMProbe" => through::<VMProbe>(resource),
        "VMRule" => through::<VMRule>(resource),
        "VMServiceScrape" => through::<VMServiceScrape>(resource),
        "VMSingle" => through::<VMSingle>(resource),
        "VMStaticScrape" => through::<VMStaticScrape>(resource),
        "VMUser" => through::<VMUser>(resource),
        kind => panic!("no type for {kind}"),
    }
}

/// No field of an example is lost or renamed: every flattened part and odd name is right in both directions.
#[test]
fn examples_go_through_their_types() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("bundles/victoriametrics-operator/operator.yaml");
    let definition = crate::yaml::read_one(&std::fs::read_to_string(file).unwrap()).unwrap();
    let examples = definition["examples"].as_array().unwrap();
    assert_eq!(examples.len(), KINDS.len());
    for example in examples {
        let mut example = example.clone();
        example.as_object_mut().unwrap().remove("since");
        if example["kind"] == "VMAlertmanager" {
            example["spec"]["configSelector"] = json!({});
        }
        assert_eq!(through_its_type(&example), example);
    }
}

#[test]
fn shared_parts_go_through_the_types() {
    let agent = json!({
        "apiVersion": "operator.victoriametrics.com/v1beta1", "kind": "VMAgent", "metadata": {"name": "a"},
        "spec": {
            "aPIServerConfig": {"host": "k8s:6443"},
            "arbitraryFSAccessThroughSMs": {"deny": true},
            "host_aliases": [{"ip": "192.0.2.1", "hostnames": ["a"]}],
            "insertPorts": {"openTSDBHTTPPort": "4242"},
            "logFormat": "json", "logLevel": "WARN", "updateStrategy": "Recreate", "shardCount": 2,
            "remoteWriteSettings": {"maxDiskUsagePerURL": 5_000_000_000_i64, "showURL": false},
            "extraEnvs": [{"name": "A", "value": "b"}],
            "serviceSpec": {"spec": {"type": "NodePort"}},
            "statefulStorage": {"volumeClaimTemplate": {"metadata": {"name": "queue"}}},
        },
    });
    assert_eq!(through_its_type(&agent), agent);
    let scrape = json!({
        "apiVersion": "operator.victoriametrics.com/v1beta1", "kind": "VMServiceScrape", "metadata": {"name": "s"},
        "spec": {"discoveryRole": "endpointslices", "endpoints": [{
            "port": "http", "scrape_interval": "10s", "proxyURL": "http://p", "attach_metadata": {"node": true},
            "relabelConfigs": [{"source_labels": ["a"], "targetLabel": "b", "modulus": 7}],
            "vm_scrape_params": {"proxy_client_config": {"tls_config": {"insecureSkipVerify": true}}},
        }]},
    });
    assert_eq!(through_its_type(&scrape), scrape);
}

fn crds(release: &str) -> Vec<CustomResourceDefinition> {
    let controller_gen = semver::Version::new(0, 6, 2);
    let release = Release { version: release.parse().unwrap(), kubernetes: 23, controller_gen };
    Api::named("victoriametrics").unwrap().crds(&release).unwrap()
}

/// The schema of a kind's spec below a path of fields.
fn schema(crds: &[CustomResourceDefinition], kind: &str, fields: &[&str]) -> Value {
    let crd = crds.iter().find(|crd| crd.spec.names.kind == kind).unwrap();
    let whole = serde_json::to_value(&crd.spec.versions[0].schema).unwrap();
    fields.iter().fold(whole["openAPIV3Schema"]["properties"]["spec"].clone(), |at, field| match *field {
        "[]" => at["items"].clone(),
        field => at["properties"][field].clone(),
    })
}

const KEEP: &str = "x-kubernetes-preserve-unknown-fields";

/// The API server does not empty any part without fields.
#[test]
fn open_parts_keep_what_is_written() {
    for (release, has_fields) in [("0.16.0", true), ("0.29.1", false)] {
        let crds = crds(release);
        for part in [&["volumes", "[]"][..], &["containers", "[]"], &["affinity"], &["serviceSpec", "spec"]] {
            assert_eq!(schema(&crds, "VMSingle", part)[KEEP], true, "{part:?} in {release}");
        }
        assert_eq!(schema(&crds, "VMSingle", &["volumes", "[]"])["required"], json!(["name"]));
        assert_eq!(schema(&crds, "VMCluster", &["vminsert", "hpa"])[KEEP], true, "{release}");
        let service = schema(&crds, "VMSingle", &["serviceSpec", "spec"]);
        assert_eq!(service["properties"]["type"].is_object(), has_fields, "{release}");
    }
}
