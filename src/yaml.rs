//! YAML and JSON, read as Kubernetes' Go programs read them, and written so that each of them reads the same value.
//!
//! [`edit`] changes files that people write by hand.
//!
//! Reading follows `sigs.k8s.io/yaml` (YAML 1.1 booleans and octals, last duplicate key wins, merge keys)
//! and the stream splitting of apimachinery's `NewYAMLOrJSONDecoder`.

mod comments;
mod compact;
mod duplicates;
pub mod edit;
mod events;
mod find;
mod go;
mod lines;
mod locate;
mod parse;
mod read;
mod scalar;
mod scan;
mod write;

pub use crate::route::{Route, Step};
pub use comments::{Comment, comments};
pub use compact::{to_compact_json, to_property_json};
pub use duplicates::duplicate_keys;
pub(crate) use find::field;
pub use go::to_go_yaml;
pub use locate::{Position, locate, locate_all};
pub use read::{Document, Error, read, read_one};
pub use write::{WriteError, to_json, to_yaml, to_yaml_stream};
