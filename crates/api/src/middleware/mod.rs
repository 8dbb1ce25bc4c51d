//! What stands around every request beside `edge`: the `Host` header, the request's body on its way in,
//! and the answer's body on its way out.

mod host;
mod request_body;
mod response_body;

pub use host::check_host;
pub use request_body::{BodyAllowance, BodyTooSlow, RequestBody};
pub use response_body::watch;
