//! The core types that the released CRDs embed.
//!
//! `kubernetes/<package>.yaml` is the data, one place per line: which releases embed which core type where. A new place
//! is a new line; a new core type is also a line in [`definitions`]. The keys of a file:
//!
//! - `releases`: the versions with which each release was built: the minor version of k8s.io/api, and controller-gen;
//! - `sites`: CRD, then core type (the last part of its name), then the path in the CRD's stored version: `[]` are
//!   the items of a list, `{}` the values of a map. Then the releases that embed it there, or `all`.
//!
//! A test is a CRD of a release. It also looks for places that are not listed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use k8s_openapi::api::{apps::v1 as apps, core::v1 as core, networking::v1 as networking};
use k8s_openapi::apimachinery::pkg::{api::resource, apis::meta::v1 as meta, util::intstr};
use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::apis::kubernetes::{BuiltWith, core_schema};
use olm_catalog::yaml;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The definitions of the types in the data, and of all types they refer to.
fn definitions() -> Map<String, Value> {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    macro_rules! define {
        ($($ty:ty),* $(,)?) => { $(let _ = generator.subschema_for::<$ty>();)* };
    }
    define![
        apps::RollingUpdateDeployment,
        core::Affinity,
        core::Container,
        core::HostAlias,
        core::PersistentVolumeClaim,
        core::PodDNSConfig,
        core::PodReadinessGate,
        core::PodSecurityContext,
        core::SessionAffinityConfig,
        core::Toleration,
        core::Volume,
        intstr::IntOrString,
        meta::Condition,
        meta::LabelSelector,
        meta::Time,
        networking::IngressRule,
        networking::IngressTLS,
        resource::Quantity,
    ];
    generator.take_definitions(true)
}

/// The data about one CRD of one release.
struct Case {
    bundle: String,
    crd: String,
    with: BuiltWith,
    /// The version of controller-gen, which is in the CRD too.
    controller_gen: String,
    /// Path and core type.
    sites: BTreeMap<String, String>,
}

fn main() -> ExitCode {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubernetes");
    let definitions = Arc::new(definitions());
    let shared = common::shared();
    let mut trials = Vec::new();
    for case in fs::read_dir(data).unwrap().flat_map(|file| cases(&file.unwrap().path())) {
        let (upstream, definitions) = (shared.clone().map(|shared| shared.join("upstream")), Arc::clone(&definitions));
        // Without the data the test is shown as ignored, and its kind says why.
        let kind = if upstream.is_some() { "" } else { common::NO_DATA };
        let trial = Trial::test(format!("{}/{}", case.bundle, case.crd), move || {
            case.check(&upstream.unwrap_or_default(), &definitions)
        });
        trials.push(trial.with_kind(kind).with_ignored_flag(shared.is_none()));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The cases of one file of data.
fn cases(file: &Path) -> Vec<Case> {
    let data = yaml::read_one(&fs::read_to_string(file).unwrap()).unwrap();
    let package = file.file_stem().unwrap().to_str().unwrap();
    let releases = data["releases"].as_object().unwrap();
    let mut cases = Vec::new();
    for (crd, types) in data["sites"].as_object().unwrap() {
        for (release, built) in releases {
            let mut sites = BTreeMap::new();
            for (ty, paths) in types.as_object().unwrap() {
                let here = |within: &Value| match within {
                    Value::Array(some) => some.contains(&json!(release)),
                    all => all == "all",
                };
                let paths = paths.as_object().unwrap().iter().filter(|(_, within)| here(within));
                sites.extend(paths.map(|(path, _)| (path.clone(), ty.clone())));
            }
            if !sites.is_empty() {
                let controller_gen = built["controllerGen"].as_str().unwrap().to_owned();
                let numbers: Vec<u32> = controller_gen.split('.').map(|number| number.parse().unwrap()).collect();
                let kubernetes = u32::try_from(built["kubernetes"].as_u64().unwrap()).unwrap();
                let with = BuiltWith { kubernetes, controller_gen: (numbers[0], numbers[1]) };
                let bundle = format!("{package}/{release}");
                cases.push(Case { bundle, crd: crd.clone(), with, controller_gen, sites });
            }
        }
    }
    cases
}

impl Case {
    fn check(&self, upstream: &Path, definitions: &Map<String, Value>) -> Result<(), Failed> {
        let crd = read_crd(&upstream.join(&self.bundle).join("manifests"), &self.crd)?;
        if let Some(by) = crd["metadata"]["annotations"]["controller-gen.kubebuilder.io/version"].as_str() {
            assert_eq!(by, format!("v{}", self.controller_gen), "the CRD's own word on its controller-gen");
        }
        let spec = &crd["spec"];
        let stored = spec["versions"].as_array().and_then(|all| all.iter().find(|version| version["storage"] == true));
        let stored = stored.and_then(|version| version.get("schema")).unwrap_or(&spec["validation"]);
        let schema = without_text(&stored["openAPIV3Schema"]);

        let mut wrong = Vec::new();
        for (path, ty) in &self.sites {
            let ends_so = |name: &&String| name.rsplit('.').next() == Some(ty);
            let Some(name) = definitions.keys().find(ends_so) else {
                wrong.push(format!("{path}: definitions() has no {ty}"));
                continue;
            };
            let ours = core_schema(name, definitions, self.with)?;
            match at(&schema, path) {
                Some(theirs) if *theirs == ours => {}
                Some(theirs) => wrong.push(format!("{path}: the CRD has no {ty} here, but\n{theirs}\nours\n{ours}")),
                None => wrong.push(format!("{path}: the CRD has no such path")),
            }
        }
        wrong.extend(self.unlisted(&schema, definitions));
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
    }

    /// The places that have the schema of a core type but are not in the data.
    fn unlisted(&self, schema: &Value, definitions: &Map<String, Value>) -> Vec<String> {
        let known: BTreeMap<String, &str> = definitions
            .keys()
            .filter_map(|name| Some((core_schema(name, definitions, self.with).ok()?.to_string(), name.as_str())))
            .filter(|(schema, _)| schema != r#"{"type":"object"}"#)
            .collect();
        let mut found = Vec::new();
        let mut left = vec![(String::new(), schema)];
        while let Some((path, schema)) = left.pop() {
            if self.sites.contains_key(&path) {
                continue;
            }
            if let Some(name) = known.get(&schema.to_string()) {
                found.push(format!("{path}: a {name} that is not listed"));
                continue;
            }
            left.extend(inside(schema).map(|(step, inner)| {
                let dot = if path.is_empty() || step == "[]" || step == "{}" { "" } else { "." };
                (format!("{path}{dot}{step}"), inner)
            }));
        }
        found
    }
}

fn read_crd(manifests: &Path, name: &str) -> Result<Value, Failed> {
    let files: BTreeSet<PathBuf> =
        fs::read_dir(manifests)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    for file in files {
        for document in yaml::read(&fs::read_to_string(file)?)? {
            if document.value["kind"] == "CustomResourceDefinition" && document.value["metadata"]["name"] == name {
                return Ok(document.value);
            }
        }
    }
    Err(format!("{} has no CRD {name}", manifests.display()).into())
}

/// The schemas directly inside of a schema, each with its step of a path.
fn inside(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = schema["properties"].as_object().into_iter().flatten().map(|(name, field)| (name.as_str(), field));
    let others = [("[]", "items"), ("{}", "additionalProperties")];
    fields.chain(others.into_iter().filter_map(|(step, key)| Some((step, schema.get(key).filter(|v| v.is_object())?))))
}

fn at<'a>(schema: &'a Value, path: &str) -> Option<&'a Value> {
    let path = path.replace("[]", ".[]").replace("{}", ".{}");
    path.split('.')
        .try_fold(schema, |schema, step| inside(schema).find(|(name, _)| *name == step).map(|(_, inner)| inner))
}

/// A schema without descriptions, with sorted `required`, whose order is irrelevant, and without `items` of an object:
/// some released CRDs have these, and they mean nothing.
fn without_text(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return schema.clone() };
    let mut out = Map::new();
    for (keyword, value) in schema {
        let value = match (keyword.as_str(), value) {
            ("description", _) => continue,
            ("items", _) if schema.get("type").is_some_and(|ty| ty == "object") => continue,
            ("properties", Value::Object(fields)) => {
                Value::Object(fields.iter().map(|(name, field)| (name.clone(), without_text(field))).collect())
            }
            ("items" | "additionalProperties", inner) => without_text(inner),
            ("required", Value::Array(names)) => {
                let mut names = names.clone();
                names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                Value::Array(names)
            }
            _ => value.clone(),
        };
        out.insert(keyword.clone(), value);
    }
    Value::Object(out)
}
