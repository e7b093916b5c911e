//! The files of a new repository.

/// A file, relative to the repository, with its text.
pub type File = (String, String);

/// The files of a repository. With a package, an operator that can be generated and built as it is, to begin with.
#[must_use]
pub fn files(package: Option<&str>) -> Vec<File> {
    let mut files = Vec::new();
    let mut add = |name: &str, text: String| files.push((name.to_owned(), text));
    if let Some(package) = package {
        add(&format!("bundles/{package}/operator.yaml"), filled(OPERATOR, package));
        add(&format!("channels/{package}.yaml"), filled(CHANNELS, package));
    }
    add("bundles/repository.yaml", filled(REPOSITORY, package.unwrap_or("example")));
    add("catalog.toml", SETTINGS.to_owned());
    add(".github/workflows/catalog.yaml", WORKFLOW.to_owned());
    add(".gitignore", "/target/\n".to_owned());
    files
}

fn filled(text: &str, package: &str) -> String {
    let kind = kind(package);
    let singular = kind.to_lowercase();
    let text = text.replace("PACKAGE", package).replace("PLURAL", &format!("{singular}s"));
    text.replace("KIND_LOWER", &singular).replace("KIND", &kind)
}

/// `demo-operator` as `Demo`: a name for its custom resource.
fn kind(package: &str) -> String {
    let stem = package.strip_suffix("-operator").unwrap_or(package);
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    let kind: String = stem.split(['-', '.']).filter_map(capital).collect();
    // A kind begins with a letter, and its plural is a DNS label.
    if kind.starts_with(|first: char| first.is_ascii_uppercase()) && kind.len() < 60 {
        kind
    } else {
        "Example".to_owned()
    }
}

const OPERATOR: &str = "\
# An operator and its releases. `catalog schema operator` describes all fields.
#
# This is a small operator to begin with: `catalog generate` makes its bundle as it is. Replace the texts, the image, the
# permissions and the custom resource with those of your operator. If your project releases manifests (a file for `kubectl
# apply`), remove this file and channels/PACKAGE.yaml instead, and let `catalog import` write them.
package: PACKAGE
displayName: KIND
summary: Manages KIND resources
# Markdown, which consoles show.
description: |
  This operator manages KIND resources.
# icon: icon.svg
provider:
  name: Example
  url: https://example.com
# maintainers:
# - {name: Somebody, email: somebody@example.com}
# links:
# - {name: Documentation, url: https://example.com/docs}
keywords: [example]
maturity: alpha
capabilities: Basic Install
# The channels that the bundles name. Which versions are in them is in channels/PACKAGE.yaml.
channels: [stable-v0]
# Images by name: ${images.operator} below is this one. A release may have others.
images:
  operator: registry.example/PACKAGE:${version}
# The namespaces that the operator can watch: OwnNamespace, SingleNamespace, MultiNamespace, AllNamespaces.
installModes: [OwnNamespace, SingleNamespace, AllNamespaces]

deployments:
- name: PACKAGE
  spec:
    replicas: 1
    selector:
      matchLabels: {app: PACKAGE}
    template:
      metadata:
        labels: {app: PACKAGE}
      spec:
        serviceAccountName: PACKAGE
        securityContext:
          runAsNonRoot: true
        containers:
        - name: operator
          image: ${images.operator}
          env:
          - name: WATCH_NAMESPACE
            valueFrom:
              fieldRef:
                fieldPath: metadata.annotations['olm.targetNamespaces']
          resources:
            requests: {cpu: 10m, memory: 64Mi}
            limits: {cpu: 500m, memory: 128Mi}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]

# In the namespaces that the operator watches.
permissions:
- serviceAccountName: PACKAGE
  rules:
  - apiGroups: [example.com]
    resources: [PLURAL, PLURAL/status]
    verbs: [get, list, watch, update, patch]

# Other objects that OLM installs with the operator. A field, or any other part, that only some releases have, says so:
# `since: 0.2.0`, `until: 0.3.0`.
objects:
- apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata:
    name: PLURAL.example.com
  spec:
    group: example.com
    scope: Namespaced
    names: {kind: KIND, listKind: KINDList, plural: PLURAL, singular: KIND_LOWER}
    versions:
    - name: v1alpha1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size: {type: integer, minimum: 1, description: How many there are.}
            status:
              type: object
              x-kubernetes-preserve-unknown-fields: true

# How consoles show the custom resources.
customResources:
- kind: KIND
  description: An example.

# A resource of each kind.
examples:
- apiVersion: example.com/v1alpha1
  kind: KIND
  metadata:
    name: example
  spec:
    size: 1

# `catalog import` adds releases here.
releases:
- version: 0.1.0
  minKubeVersion: 1.25.0
";

const CHANNELS: &str = "\
# The channels of PACKAGE: which versions are in which channels, and how they upgrade each other.
# `catalog build` makes the catalog from this file and the bundles.
schema: olm.semver
generateMajorChannels: true
stable:
  bundles:
  - image: ../bundles/PACKAGE/0.1.0
";

const REPOSITORY: &str = "\
# The registry repository of the catalog's image and of its bundles' images. Replace it with your own: the references in the
# catalog name it. `catalog push` can push to another one.
repository: registry.example/PACKAGE/catalog
# What user interfaces call the catalog and its publisher.
# displayName: Example Operators
# publisher: Example
";

const SETTINGS: &str = "\
# Settings of `catalog`. `catalog rules` lists the rules of `catalog validate`.

[validate]
# Do not report warnings of these rules:
# ignore = [\"RULE\"]
# Report all warnings as errors:
# deny = [\"warnings\"]
";

const WORKFLOW: &str = "\
# Checks the catalog in every pull request, and builds it.
name: catalog

on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

jobs:
  catalog:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@v4
    - name: Install catalog
      run: cargo install olm-catalog --locked
    # The bundles and the catalog are committed: both must be what their sources make.
    - name: Bundles are up to date
      run: catalog generate --check
    - name: The catalog is up to date
      run: catalog build --check
    # Findings are shown at their lines in the pull request.
    - name: Validate
      run: catalog validate . -o github
    - name: Build
      run: catalog build
    # To push it, log in to your registry first:
    # - run: catalog push registry.example/catalog:v1
";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::generate::generate;
    use crate::operator::Operator;
    use crate::yaml;

    #[test]
    fn the_first_operator_is_generated_without_findings() {
        for package in ["demo", "my-demo-operator", "4ever", "a.b"] {
            let files = files(Some(package));
            let text = &files[0].1;
            let operator = Operator::parse(text, Path::new(&files[0].0)).unwrap();
            let made = generate(&operator).unwrap();
            assert_eq!((made.findings.as_slice(), made.bundles.len()), ([].as_slice(), 1), "{package}: {text}");
        }
    }

    #[test]
    fn all_files_can_be_read() {
        for (name, text) in files(Some("demo")) {
            if name.ends_with(".yaml") {
                yaml::read_one(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            assert!(!text.contains("KIND") && !text.contains("PACKAGE") && !text.contains("PLURAL"), "{name}: {text}");
            assert!(text.lines().all(|line| line.len() <= 125), "{name}");
        }
        let names: Vec<String> = files(None).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["bundles/repository.yaml", "catalog.toml", ".github/workflows/catalog.yaml", ".gitignore"]);
    }
}
