//! The JSON Schemas of machine-readable formats: the outputs of both programs, and the files that people write for them.
//! `catalog schema` prints them, and `docs/schemas` has all but the large one of `operator.yaml`.
//!
//! Later versions can add fields to an output. A file has no other fields than those of its schema.

use schemars::JsonSchema;
use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Value, json};

use crate::install::{self, explain, status::Status};
use crate::{build, diagnostic, list, operator, plan, published, report, safety, validate};

/// A schema.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Its name, and that of its file in `docs/schemas`.
    pub name: &'static str,
    /// Its format.
    pub about: &'static str,
    make: fn() -> Value,
}

/// Every schema, sorted by name.
pub static SCHEMAS: [Schema; 18] = [
    Schema { name: "baseline", about: "a baseline of `catalog validate`", make: file::<validate::baseline::File> },
    Schema { name: "build", about: "`catalog build -o json`", make: output::<report::Build> },
    Schema { name: "config", about: "catalog.toml", make: file::<validate::select::File> },
    Schema { name: "crd-diff", about: "`catalog crd diff -o json`", make: output::<Vec<safety::DefinitionChange>> },
    Schema { name: "diff", about: "`catalog diff -o json`", make: output::<published::report::Json<'static>> },
    Schema {
        name: "findings",
        about: "`catalog validate -o json`",
        make: output::<Vec<diagnostic::json::Json<'static>>>,
    },
    Schema { name: "generate", about: "`catalog generate -o json`", make: output::<report::Generate> },
    Schema {
        name: "install-doctor",
        about: "`install-catalog doctor -o json`",
        make: with_null::<explain::Report<'static>>,
    },
    Schema {
        name: "install-events",
        about: "`install-catalog install`, `approve` and `uninstall` with `-o json`",
        make: with_null::<Vec<install::report::Event>>,
    },
    Schema {
        name: "install-list",
        about: "`install-catalog list -o json`",
        make: with_null::<Vec<install::list::Package>>,
    },
    Schema { name: "install-status", about: "`install-catalog status -o json`", make: with_null::<Status> },
    Schema {
        name: "install-upgrades",
        about: "`install-catalog upgrades -o json`",
        make: with_null::<Vec<install::upgrades::Upgrade>>,
    },
    Schema { name: "list", about: "`catalog list -o json`", make: output::<Vec<list::Package>> },
    Schema { name: "operator", about: "bundles/PACKAGE/operator.yaml", make: operator::json_schema },
    Schema { name: "plan", about: "`catalog plan -o json`", make: output::<plan::Plan> },
    Schema { name: "repository", about: "bundles/repository.yaml", make: file::<build::RepositoryFile> },
    Schema { name: "rules", about: "`catalog rules -o json`", make: output::<Vec<validate::RuleEntry>> },
    Schema { name: "upgrades", about: "`catalog upgrades -o json`", make: output::<Vec<safety::report::Upgrade>> },
];

impl Schema {
    /// The schema, as a JSON Schema of draft 2020-12.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut schema = (self.make)();
        schema["title"] = json!(self.about);
        schema
    }
}

/// An output of `install-catalog`: what it does not know is null.
fn with_null<T: JsonSchema>() -> Value {
    of::<T>(Contract::Serialize)
}

fn output<T: JsonSchema>() -> Value {
    let mut schema = of::<T>(Contract::Serialize);
    without_null(&mut schema);
    schema
}

/// An output omits unknown values: an optional field is never null.
fn without_null(schema: &mut Value) {
    let other = match (schema.get("type"), schema.get("anyOf")) {
        (Some(Value::Array(types)), _) if types.len() == 2 && types[1] == "null" => Some(("type", types[0].clone())),
        (_, Some(Value::Array(any))) if any.len() == 2 && any[1] == json!({"type": "null"}) => {
            any[0].get("$ref").cloned().map(|reference| ("$ref", reference))
        }
        _ => None,
    };
    if let (Some((key, value)), Some(map)) = (other, schema.as_object_mut()) {
        map.remove("anyOf");
        map.insert(key.to_owned(), value);
    }
    match schema {
        Value::Object(map) => map.values_mut().for_each(without_null),
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

fn file<T: JsonSchema>() -> Value {
    of::<T>(Contract::Deserialize)
}

fn of<T: JsonSchema>(contract: Contract) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.contract = contract);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}
