//! Files of users. Only regular files are read, up to a limit. Files are written completely or not at all, and never
//! outside the folder that a user named.

mod place;
mod read;
mod scratch;
mod write;

pub use place::{Refused, check, check_inside};
pub use read::{list, open, read, read_from, read_small, read_text};
pub use scratch::{Scratch, ScratchList, remove_scratch, temporary_folder, uninterrupted};
pub(crate) use write::{PARTIAL, folder_of};
pub use write::{make_folders, remove, replace, sync_folder, write_new};
