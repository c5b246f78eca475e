//! What a view reads again whenever something behind it changes.

use std::sync::Arc;

/// A way to read something now; tracked. One type for a value, whatever it is read from: every further type of
/// signal is more WebAssembly.
pub type Look<T> = Arc<dyn Fn() -> T + Send + Sync>;

/// From a closure.
pub fn look<T>(read: impl Fn() -> T + Send + Sync + 'static) -> Look<T> {
    Arc::new(read)
}

/// What never changes.
pub fn always<T: Clone + Send + Sync + 'static>(value: T) -> Look<T> {
    Arc::new(move || value.clone())
}
