//! The API types of the operators, and what Kubernetes adds to them.

pub mod kubernetes;
