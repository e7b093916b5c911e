//! Descriptions.

/// The description of `apiVersion`, in every resource.
pub(super) const API_VERSION: &str = "The group and version of the schema that this object is written in. Servers \
     convert it to their newest and may refuse versions that they do not know. \
     More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";

/// The description of `kind`, in every resource.
pub(super) const KIND: &str = "The kind of resource that this object is, in CamelCase. It cannot be changed. \
     More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";

/// A doc comment as one text: the lines of a paragraph joined, a blank line between paragraphs, list items kept.
pub(super) fn paragraphs(doc: &str) -> String {
    let mut text = String::new();
    for line in doc.lines().map(str::trim) {
        let joined = !text.is_empty() && !text.ends_with('\n');
        match line {
            "" if joined => text.push_str("\n\n"),
            "" => {}
            _ if line.starts_with("- ") && joined => text.extend(["\n", line]),
            _ if joined => text.extend([" ", line]),
            _ => text.push_str(line),
        }
    }
    text.truncate(text.trim_end().len());
    text
}
