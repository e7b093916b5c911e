//! Text for people, and the one place that prints it.
//!
//! Names, messages and file names come from clusters, registries and files of others. Unescaped, they could move the
//! cursor, hide or reorder text, or begin a line that a CI system executes as a command. The types here prevent that,
//! so that no caller can forget it:
//!
//! - [`Text`] is the only type that [`out`] and [`err`] print. [`text!`](crate::text!) builds it: the format string is
//!   the program's own and may have newlines; every argument is foreign and is [`escape`]d. Only another [`Text`] and
//!   an [`Ink`] are not escaped. `Text` has no `Display`, so it cannot be mixed up with other strings.
//! - [`out`] and [`err`] break up the rest: a line that would begin with `::`, and `##[` and similar anywhere, which
//!   GitHub Actions, Azure Pipelines and TeamCity execute as commands.
//! - Data that programs read ([`json`], [`yaml`], [`data`]) is printed with its own escapes.
//!
//! The programs' crates deny all other ways to print (`clippy.toml`).

#[cfg(feature = "cli")]
mod arguments;
#[cfg(feature = "cli")]
mod completions;
mod data;
mod escape;
mod guard;
mod ink;
#[cfg(feature = "cli")]
mod manual;
mod print;
#[cfg(feature = "cli")]
mod progress;
#[cfg(not(feature = "cli"))]
#[path = "terminal/no_progress.rs"]
mod progress;
#[cfg(feature = "cli")]
mod reference;
mod screen;
mod table;
mod text;

#[cfg(feature = "cli")]
pub use arguments::arguments;
#[cfg(feature = "cli")]
pub use completions::completions;
pub use data::{json_text, yaml_text};
pub use escape::{escape, is_hidden};
pub use guard::guarded;
pub use ink::{Ink, Painted};
#[cfg(feature = "cli")]
pub use manual::write_manual;
#[cfg(feature = "cli")]
use print::usage;
pub use print::{data, err, err_is_terminal, err_json, is_interactive, json, out, out_is_terminal, prompt, yaml};
#[cfg(feature = "cli")]
pub use progress::Progress;
#[cfg(feature = "cli")]
pub use reference::reference;
pub use screen::Screen;
pub use table::table;
pub use text::{Mode, Part, Shown, Text};
