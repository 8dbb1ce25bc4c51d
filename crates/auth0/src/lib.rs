//! auth0
