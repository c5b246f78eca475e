//! What a browser and the server's first answer show. Every feature gate of the crate is in this file.

pub mod backend;
pub mod error;
pub mod live;
pub mod model;

pub use backend::Backend;
pub use error::{AppError, FieldError};
