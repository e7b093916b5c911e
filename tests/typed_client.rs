//! The Rust types as a typed client: a resource is unchanged after parsing and serializing it with its type.
//!
//! A case is an example in the ClusterServiceVersion of a bundle, `../bundles/<package>/<version>`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/cases.rs"]
mod cases;

use std::fs;
use std::path::{Path, PathBuf};

use kube::Resource;
use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::apis::{self, dbaas::*, psmdb::*, pxc::*, victoriametrics::*};
use olm_catalog::bundle::{Bundle, csv::annotation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn main() {
    let bundles = Path::new(env!("CARGO_MANIFEST_DIR")).join("bundles");
    let trials =
        folders(&bundles).into_iter().flat_map(|package| folders(&package)).flat_map(|bundle| examples(&bundle));
    let mut trials: Vec<Trial> = trials.collect();
    trials.push(Trial::test("claims::annotations_and_labels_stand_beside_the_specification", claims));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A claim of PSMDB is one mapping of two types.
fn claims() -> Result<(), Failed> {
    let claim = json!({
        "annotations": {"a": "b"}, "labels": {"c": "d"}, "storageClassName": "fast",
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "3Gi"}},
    });
    let spec: PerconaServerMongoDBSpec = serde_json::from_value(
        json!({"image": "a", "replsets": [{"name": "rs0", "size": 3, "volumeSpec": {"persistentVolumeClaim": claim}}]}),
    )?;
    let replset = serde_json::to_value(&spec)?["replsets"][0].take();
    cases::expect_equal(&replset["volumeSpec"]["persistentVolumeClaim"], &claim)?;
    let typed: apis::psmdb::volume::Claim = serde_json::from_value(claim)?;
    assert_eq!(typed.labels, Some([("c".to_owned(), "d".to_owned())].into()));
    assert_eq!(typed.spec.storage_class_name.as_deref(), Some("fast"));
    Ok(())
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    assert!(!folders.is_empty(), "{}", folder.display());
    folders
}

fn examples(bundle: &Path) -> Vec<Trial> {
    let contents = Bundle::read(bundle).unwrap().contents().unwrap();
    let annotations = &contents.csv().object["metadata"]["annotations"];
    let examples = annotations[annotation::ALM_EXAMPLES].as_str().expect("a bundle has examples");
    let examples: Vec<Value> = serde_json::from_str(examples).unwrap();
    assert!(!examples.is_empty(), "{}", bundle.display());
    let trial = |example: Value| {
        let name = format!("{}/{}/{}", contents.name(), example["kind"], example["metadata"]["name"]);
        Trial::test(name.replace('"', ""), move || cases::expect_equal(&through_its_type(&example)?, &example))
    };
    examples.into_iter().map(trial).collect()
}

/// Parses a resource as its type and serializes it again.
fn through_its_type(resource: &Value) -> Result<Value, Failed> {
    macro_rules! types {
        ($($ty:ident),* $(,)?) => {
            [$((<$ty as Resource>::kind(&()), <$ty as Resource>::api_version(&()), through::<$ty> as Through)),*]
        };
    }
    let types = types![
        DatabaseCluster,
        DatabaseClusterBackup,
        DatabaseClusterRestore,
        DatabaseEngine,
        PerconaServerMongoDB,
        PerconaServerMongoDBBackup,
        PerconaServerMongoDBRestore,
        PerconaXtraDBBackup,
        PerconaXtraDBCluster,
        PerconaXtraDBClusterBackup,
        PerconaXtraDBClusterRestore,
        VMAgent,
        VMAlert,
        VMAlertmanager,
        VMAlertmanagerConfig,
        VMAuth,
        VMCluster,
        VMNodeScrape,
        VMPodScrape,
        VMProbe,
        VMRule,
        VMServiceScrape,
        VMSingle,
        VMStaticScrape,
        VMUser,
    ];
    let own = types.iter().find(|(kind, ..)| resource["kind"] == **kind);
    let (_, version, through) = own.ok_or_else(|| format!("no type for {}", resource["kind"]))?;
    let mut resource = resource.clone();
    // A type has one API version: a release that stores another one has the same fields in it.
    let written = std::mem::replace(&mut resource["apiVersion"], version.as_ref().into());
    let mut back = through(&resource)?;
    back["apiVersion"] = written;
    whole(&mut back);
    Ok(back)
}

/// Writes 60.0 as 60: JSON has one kind of number.
fn whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0);
            if let Some(whole) = float.and_then(|float| format!("{float}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(whole),
        Value::Object(map) => map.values_mut().for_each(whole),
        _ => {}
    }
}

type Through = fn(&Value) -> Result<Value, Failed>;

fn through<T: DeserializeOwned + Serialize>(resource: &Value) -> Result<Value, Failed> {
    Ok(serde_json::to_value(serde_json::from_value::<T>(resource.clone())?)?)
}
