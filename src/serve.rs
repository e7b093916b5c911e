//! The registry API that a catalog's pod serves to OLM, like `opm serve`, with a fraction of its memory and time.
//!
//! [`Index`] contains a catalog and answers queries; [`serve`] serves it on the network, with health checks and
//! reflection.

mod answers;
pub mod api;
mod connections;
mod csv;
mod health;
mod index;
mod packed;
mod properties;
mod server;
mod service;
mod zip;

pub use index::{BadQuery, Error, Index, NotFound, Problem};
pub use server::{ServeError, serve};
