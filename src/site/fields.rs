//! The fields of a definition's schema as rows of a table, from top to bottom.

mod facts;
mod kind;

use serde_json::Value;

use super::names::step_id;

pub(super) use facts::Fact;

/// The maximum depth of shown fields. Kubernetes' own types are 20 deep.
const DEEPEST: usize = 40;
/// The maximum number of shown fields per version of a definition.
const MOST: usize = 50_000;

/// The maximum length of a description.
pub(super) const DESCRIPTION: usize = 3000;

/// A field.
#[derive(Debug)]
pub(super) struct Row<'v> {
    /// Its name, with `[]` and `{}` before it if it is a field of items or values.
    pub(super) name: String,
    /// Its `id` in the page.
    pub(super) id: String,
    /// Its depth.
    pub(super) depth: usize,
    /// Its type, such as `[]string`.
    pub(super) kind: String,
    /// Whether it is required.
    pub(super) is_required: bool,
    /// Its description.
    pub(super) description: &'v str,
    /// Other facts about it.
    pub(super) facts: Vec<Fact>,
}

/// All fields of a schema.
#[derive(Debug, Default)]
pub(super) struct Fields<'v> {
    /// The fields, each followed by its own fields.
    pub(super) rows: Vec<Row<'v>>,
    /// Whether there are more, or deeper ones.
    pub(super) is_cut: bool,
}

/// The maximum number of fields on a page, and the maximum size of their texts in bytes.
const PAGE_ROWS: usize = 1000;
const PAGE_BYTES: usize = 512 << 10;

/// A schema whose row has not been made yet.
struct Open<'v> {
    name: &'v str,
    prefix: String,
    above: String,
    depth: usize,
    is_required: bool,
    schema: &'v Value,
}

impl<'v> Fields<'v> {
    /// The fields of the schema of a resource.
    pub(super) fn of(schema: &'v Value) -> Self {
        let mut fields = Self::default();
        // Not recursive, because schemas can be nested to any depth.
        let mut open: Vec<Open<'v>> = Vec::new();
        push_properties(&mut open, schema, String::new(), "", 0);
        while let Some(next) = open.pop() {
            if fields.rows.len() >= MOST {
                fields.is_cut = true;
                break;
            }
            let (inner, steps) = kind::inner(next.schema);
            let id = format!("{}{}", next.above, step_id(next.name));
            if next.depth + 1 < DEEPEST {
                let below = format!("{id}{}", steps.iter().map(|step| step.id()).collect::<String>());
                let prefix = steps.iter().map(|step| step.sign()).collect();
                push_properties(&mut open, inner, prefix, &below, next.depth + 1);
            } else if inner["properties"].as_object().is_some_and(|properties| !properties.is_empty()) {
                fields.is_cut = true;
            }
            fields.rows.push(Row {
                name: format!("{}{}", next.prefix, next.name),
                id,
                depth: next.depth,
                kind: kind::name(next.schema),
                is_required: next.is_required,
                description: next.schema["description"].as_str().unwrap_or_default(),
                facts: facts::of(next.schema),
            });
        }
        fields
    }
}

/// The first fields of the pages; the first page starts with the first field.
pub(super) fn pages(rows: &[Row<'_>]) -> Vec<usize> {
    let mut starts = vec![0];
    let (mut count, mut bytes) = (0, 0);
    for (number, row) in rows.iter().enumerate() {
        let size = row.size();
        if count == PAGE_ROWS || count > 0 && bytes + size > PAGE_BYTES {
            starts.push(number);
            (count, bytes) = (0, 0);
        }
        (count, bytes) = (count + 1, bytes + size);
    }
    starts
}

/// The page of a field, given the first fields of the pages.
pub(super) fn page_of(starts: &[usize], row: usize) -> usize {
    starts.partition_point(|start| *start <= row).saturating_sub(1)
}

impl Row<'_> {
    /// The size of its texts in bytes, without those that are not shown.
    fn size(&self) -> usize {
        let facts: usize = self.facts.iter().flat_map(|fact| &fact.values).map(String::len).sum();
        self.name.len() + self.id.len() + self.kind.len() + self.description.len().min(DESCRIPTION * 4) + facts
    }
}

/// Pushes the properties of a schema on the stack so that the first one is popped first.
fn push_properties<'v>(open: &mut Vec<Open<'v>>, schema: &'v Value, prefix: String, above: &str, depth: usize) {
    let required: std::collections::HashSet<&str> = super::model::texts(&schema["required"]).collect();
    let properties: Vec<_> = schema["properties"].as_object().into_iter().flatten().collect();
    for (name, schema) in properties.into_iter().rev() {
        let is_required = required.contains(name.as_str());
        open.push(Open { name, prefix: prefix.clone(), above: above.to_owned(), depth, is_required, schema });
    }
}

/// The `id` of the field in a path of `catalog crd diff`: `.spec.list[].name: minimum`.
pub(super) fn id_of_path(path: &str) -> Option<String> {
    let mut id = String::new();
    let mut rest = path;
    while !rest.is_empty() && !rest.starts_with(':') {
        if let Some(after) = rest.strip_prefix("[]") {
            id.push_str(kind::Step::Item.id());
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{}") {
            id.push_str(kind::Step::Value.id());
            rest = after;
        } else if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[', '{', ':']).unwrap_or(after.len());
            id.push_str(&step_id(&after[..end]));
            rest = &after[end..];
        } else {
            return None;
        }
    }
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_come_in_order_with_their_types() {
        let schema = json!({"properties": {"spec": {"type": "object", "required": ["list"], "properties": {
            "list": {"type": "array", "items": {"type": "object", "properties": {"a.b": {"type": "integer", "format": "int32"}}}},
            "map": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        }}, "status": {"type": "object"}}});
        let fields = Fields::of(&schema);
        let found: Vec<String> = fields
            .rows
            .iter()
            .map(|row| {
                format!("{} {}{} {} {}", row.depth, row.name, if row.is_required { "*" } else { "" }, row.kind, row.id)
            })
            .collect();
        assert_eq!(
            found,
            [
                "0 spec object .spec",
                "1 list* []object .spec.list",
                "2 []a.b integer (int32) .spec.list.*.a:2e:b",
                "1 map map of []string .spec.map",
                "0 status object .status",
            ]
        );
        assert_eq!(id_of_path(".spec.list[].name: minimum").as_deref(), Some(".spec.list.*.name"));
        assert_eq!(id_of_path(".spec.map{}").as_deref(), Some(".spec.map.~"));
        assert_eq!(id_of_path("scope"), None);
        assert_eq!(id_of_path(""), None);
    }

    #[test]
    fn long_lists_are_split() {
        let property = |i: usize| (format!("f{i:05}"), json!({"type": "string", "description": "x".repeat(i / 10)}));
        let properties: serde_json::Map<_, _> = (0..2500).map(property).collect();
        let rows = Fields::of(&json!({"properties": properties})).rows.len();
        assert_eq!(rows, 2500);
        let schema = json!({"properties": properties});
        let starts = pages(&Fields::of(&schema).rows);
        assert_eq!(starts, [0, 1000, 2000]);
        assert_eq!([0, 999, 1000, 2499].map(|row| page_of(&starts, row)), [0, 0, 1, 2]);
        let large = json!({"description": "x".repeat(DESCRIPTION), "enum": vec!["x".repeat(400); 200]});
        let properties: serde_json::Map<_, _> = (0..20).map(|i| (format!("f{i:02}"), large.clone())).collect();
        let schema = json!({"properties": properties});
        assert_eq!(pages(&Fields::of(&schema).rows).len(), 4);
        assert_eq!(pages(&[]), [0]);
    }

    #[test]
    fn deep_schemas_are_cut() {
        let mut schema = json!({"type": "string"});
        for _ in 0..100 {
            schema = json!({"type": "object", "properties": {"a": schema}});
        }
        let fields = Fields::of(&schema);
        assert!(fields.is_cut);
        assert_eq!(fields.rows.len(), DEEPEST);
    }
}
