//! The response to a request whose handler panicked. `stack.rs` adds the layer; a sync that panics is caught in
//! `engine`.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};

use crate::problem::ApiError;

#[expect(clippy::needless_pass_by_value, reason = "the signature is tower-http's")]
pub fn internal_error(panic: Box<dyn Any + Send>) -> Response {
    ApiError::internal(format!("panicked: {}", panic_text(panic.as_ref()))).into_response()
}

/// The message of a panic.
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no message)")
}
