//! Calls of the registry API, written as JSON lines: `{method, request, responses, error}`, in the form in which
//! grpcurl prints them with `-emit-defaults`. `headers` may be there too.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::collections::BTreeMap;

use olm_catalog::serve::api;
use olm_catalog::serve::api::experimental_registry_client::ExperimentalRegistryClient;
use olm_catalog::serve::api::registry_client::RegistryClient;
use serde::Deserialize;
use serde_json::{Value, json};
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// The method whose responses have no defined order.
const LIST: &str = "api.Registry/ListBundles";

/// Up to this, a double represents every integer.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// The expected response of a call.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) request: Value,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) responses: Vec<Value>,
    pub(crate) error: Option<String>,
}

/// The calls of a text, one per line.
pub(crate) fn calls(text: &str) -> Vec<Call> {
    text.lines().map(|line| serde_json::from_str(line).expect("a call is JSON")).collect()
}

impl Call {
    /// Describes the first difference from the expected response.
    pub(crate) fn difference(&self, responses: Vec<Value>, error: Option<String>) -> Option<String> {
        let (mut found, mut expected) = (responses, self.responses.clone());
        if self.method != LIST {
            for list in [&mut found, &mut expected] {
                list.sort_by_key(ToString::to_string);
            }
        }
        if found.len() == expected.len() {
            for (found, expected) in found.iter_mut().zip(&mut expected) {
                read_made_csv(found, expected);
            }
        }
        let call = format!("{} {}", self.method, self.request);
        if error != self.error {
            return Some(format!("{call}: found the error {error:?}, expected {:?}", self.error));
        }
        let message = super::cases::expect_equal(&Value::Array(found), &Value::Array(expected)).err()?;
        Some(format!("{call}: {}", message.message().unwrap_or_default()))
    }
}

/// A ClusterServiceVersion that the server generates has its fields in arbitrary order: these are compared as data.
/// Those from a manifest are compared byte for byte.
fn read_made_csv(found: &mut Value, expected: &mut Value) {
    let Some(csv) = expected["csvJson"].as_str().map(str::to_owned) else { return };
    if !csv.starts_with(r#"{"kind":"ClusterServiceVersion","apiVersion":"operators.coreos.com/v1alpha1","#) {
        return;
    }
    let read = |value: &mut Value| {
        if let Ok(data) = serde_json::from_str(value.as_str().unwrap_or_default()) {
            *value = data;
        }
    };
    for bundle in [found, expected] {
        let csv = bundle["csvJson"].clone();
        for object in bundle["object"].as_array_mut().into_iter().flatten().filter(|object| **object == csv) {
            read(object);
        }
        read(&mut bundle["csvJson"]);
    }
}

/// A client of the API.
#[derive(Clone)]
pub(crate) struct Client {
    registry: RegistryClient<Channel>,
    experimental: ExperimentalRegistryClient<Channel>,
    health: HealthClient<Channel>,
}

type Answer = (Vec<Value>, Option<String>);

impl Client {
    pub(crate) async fn connect(addr: std::net::SocketAddr) -> Self {
        let channel = Channel::from_shared(format!("http://{addr}")).expect("an address");
        let channel = channel.connect().await.expect("the server listens");
        let registry = RegistryClient::new(channel.clone()).max_decoding_message_size(usize::MAX);
        let experimental = ExperimentalRegistryClient::new(channel.clone());
        Self { registry, experimental, health: HealthClient::new(channel) }
    }

    /// Calls a method by its name.
    pub(crate) async fn call(&mut self, method: &str, request: &Value) -> Answer {
        self.call_with(method, request, &BTreeMap::new()).await
    }

    /// Calls a method by its name, with headers if it supports some.
    pub(crate) async fn call_with(
        &mut self,
        method: &str,
        request: &Value,
        headers: &BTreeMap<String, String>,
    ) -> Answer {
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        let (group, version, kind, plural) = (text("group"), text("version"), text("kind"), text("plural"));
        let registry = &mut self.registry;
        match method {
            "api.Registry/ListPackages" => {
                let answer = registry.list_packages(api::ListPackageRequest {}).await;
                many(answer, |package: api::PackageName| json!({"name": package.name})).await
            }
            "api.Registry/GetPackage" => {
                one(registry.get_package(api::GetPackageRequest { name: text("name") }).await, package)
            }
            "api.Registry/GetBundle" => {
                let (pkg_name, channel_name, csv_name) = (text("pkgName"), text("channelName"), text("csvName"));
                one(registry.get_bundle(api::GetBundleRequest { pkg_name, channel_name, csv_name }).await, bundle)
            }
            "api.Registry/GetBundleForChannel" => {
                let (pkg_name, channel_name) = (text("pkgName"), text("channelName"));
                #[allow(deprecated, reason = "OLM's package server still calls it")]
                let call = registry.get_bundle_for_channel(api::GetBundleInChannelRequest { pkg_name, channel_name });
                one(call.await, bundle)
            }
            "api.Registry/GetChannelEntriesThatReplace" => {
                let request = api::GetAllReplacementsRequest { csv_name: text("csvName") };
                many(registry.get_channel_entries_that_replace(request).await, entry).await
            }
            "api.Registry/GetBundleThatReplaces" => {
                let (pkg_name, channel_name, csv_name) = (text("pkgName"), text("channelName"), text("csvName"));
                let request = api::GetReplacementRequest { csv_name, pkg_name, channel_name };
                one(registry.get_bundle_that_replaces(request).await, bundle)
            }
            "api.Registry/GetChannelEntriesThatProvide" => {
                let request = api::GetAllProvidersRequest { group, version, kind, plural };
                many(registry.get_channel_entries_that_provide(request).await, entry).await
            }
            "api.Registry/GetLatestChannelEntriesThatProvide" => {
                let request = api::GetLatestProvidersRequest { group, version, kind, plural };
                many(registry.get_latest_channel_entries_that_provide(request).await, entry).await
            }
            "api.Registry/GetDefaultBundleThatProvides" => {
                let request = api::GetDefaultProviderRequest { group, version, kind, plural };
                one(registry.get_default_bundle_that_provides(request).await, bundle)
            }
            LIST => many(registry.list_bundles(api::ListBundlesRequest {}).await, bundle).await,
            "api.ExperimentalRegistry/ExperimentalListPackageCustomSchemas" => {
                let (schema, package_name) = (text("schema"), text("packageName"));
                let mut request =
                    Request::new(api::ExperimentalListPackageCustomSchemasRequest { schema, package_name });
                for (name, value) in headers {
                    let name: tonic::metadata::AsciiMetadataKey = name.parse().expect("a header's name");
                    request.metadata_mut().insert(name, value.parse().expect("a header's value"));
                }
                many(self.experimental.experimental_list_package_custom_schemas(request).await, object).await
            }
            "grpc.health.v1.Health/Check" => {
                let answer = self.health.check(HealthCheckRequest { service: text("service") }).await;
                one(answer, |health| json!({"status": health.status().as_str_name()}))
            }
            other => panic!("there is no method {other}"),
        }
    }
}

fn one<T>(answer: Result<Response<T>, Status>, value: impl Fn(T) -> Value) -> Answer {
    match answer {
        Ok(answer) => (vec![value(answer.into_inner())], None),
        Err(status) => (Vec::new(), Some(error(&status))),
    }
}

async fn many<T>(answer: Result<Response<Streaming<T>>, Status>, value: impl Fn(T) -> Value) -> Answer {
    let mut values = Vec::new();
    let mut stream = match answer {
        Ok(answer) => answer.into_inner(),
        Err(status) => return (values, Some(error(&status))),
    };
    loop {
        match stream.message().await {
            Ok(Some(message)) => values.push(value(message)),
            Ok(None) => return (values, None),
            Err(status) => return (values, Some(error(&status))),
        }
    }
}

/// An error as grpcurl prints it.
fn error(status: &Status) -> String {
    format!("ERROR:\n  Code: {:?}\n  Message: {}", status.code(), status.message())
}

fn object(fields: prost_types::Struct) -> Value {
    Value::Object(fields.fields.into_iter().map(|(key, value)| (key, any(value))).collect())
}

fn any(value: prost_types::Value) -> Value {
    use prost_types::value::Kind;
    match value.kind.expect("a value has a kind") {
        Kind::NullValue(_) => Value::Null,
        // Whole numbers have no point, as grpcurl prints them.
        Kind::NumberValue(number) if number.fract() == 0.0 && number.abs() <= WHOLE => json!(number as i64),
        Kind::NumberValue(number) => json!(number),
        Kind::StringValue(text) => Value::String(text),
        Kind::BoolValue(bool) => Value::Bool(bool),
        Kind::StructValue(fields) => object(fields),
        Kind::ListValue(list) => Value::Array(list.values.into_iter().map(any).collect()),
    }
}

fn deprecation(deprecation: Option<api::Deprecation>) -> Value {
    deprecation.map_or(Value::Null, |deprecation| json!({"message": deprecation.message}))
}

fn package(package: api::Package) -> Value {
    let channel = |channel: api::Channel| {
        json!({
            "name": channel.name,
            "csvName": channel.csv_name,
            "deprecation": deprecation(channel.deprecation),
        })
    };
    json!({
        "name": package.name,
        "channels": package.channels.into_iter().map(channel).collect::<Vec<_>>(),
        "defaultChannelName": package.default_channel_name,
        "deprecation": deprecation(package.deprecation),
    })
}

fn entry(entry: api::ChannelEntry) -> Value {
    json!({
        "packageName": entry.package_name,
        "channelName": entry.channel_name,
        "bundleName": entry.bundle_name,
        "replaces": entry.replaces,
    })
}

fn bundle(bundle: api::Bundle) -> Value {
    let api = |api: &api::GroupVersionKind| json!({"group": api.group, "version": api.version, "kind": api.kind, "plural": api.plural});
    let dependency = |fact: &api::Dependency| json!({"type": fact.r#type, "value": fact.value});
    let property = |fact: &api::Property| json!({"type": fact.r#type, "value": fact.value});
    json!({
        "csvName": bundle.csv_name,
        "packageName": bundle.package_name,
        "channelName": bundle.channel_name,
        "csvJson": bundle.csv_json,
        "object": bundle.object,
        "bundlePath": bundle.bundle_path,
        "providedApis": bundle.provided_apis.iter().map(api).collect::<Vec<_>>(),
        "requiredApis": bundle.required_apis.iter().map(api).collect::<Vec<_>>(),
        "version": bundle.version,
        "skipRange": bundle.skip_range,
        "dependencies": bundle.dependencies.iter().map(dependency).collect::<Vec<_>>(),
        "properties": bundle.properties.iter().map(property).collect::<Vec<_>>(),
        "replaces": bundle.replaces,
        "skips": bundle.skips,
        "deprecation": deprecation(bundle.deprecation),
    })
}
