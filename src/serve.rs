//! The registry API: what a catalog's pod answers to OLM, as `opm serve` does, in a fraction of its memory and time.
//!
//! [`Index`] holds a catalog and answers; [`serve`] puts it on the network, with health checks and reflection.

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
