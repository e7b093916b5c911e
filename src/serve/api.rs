//! The messages, client and server of the registry API, generated from `registry.proto`.

tonic::include_proto!("api");

/// The API's description, as reflection serves it: an encoded `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/registry.bin"));
