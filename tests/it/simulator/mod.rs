//! The simulated tenant against Auth0's own document.

mod openapi;
