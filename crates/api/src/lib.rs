//! The HTTP API: what a request is, what an answer looks like, who may ask.
//! The only user of axum, utoipa and jsonwebtoken. Not here: what the service does (`engine`), SQL
//! (`store`), and listening on a socket (`server`).
//!
//! A request passes the frame (`edge`), then the route table (`routes`), then the extractors of one
//! handler (`extract`), and leaves as a wire type (`wire`) or as a problem (`problem`).

pub mod auth;
mod edge;
mod export;
mod extract;
mod limits;
mod middleware;
mod once;
mod openapi;
mod page;
mod problem;
mod recorder;
mod refusals;
mod routes;
mod state;
#[cfg(test)]
mod testing;
mod wire;

pub use edge::{Limits, Rate, Rates, TrustedProxies};
pub use limits::{Connection, ConnectionLimits, Connections, OpenConnection};
pub use openapi::openapi;
pub use recorder::metrics_recorder;
pub use state::{FormFacts, Parts, State};

/// The whole API, for `axum::serve`. Where the peer's address matters (the audit), serve it with
/// `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn router(state: State) -> axum::Router {
    let edge = state.edge.clone();
    let routes = refusals::record_around(routes::router(), state.clone());
    edge::frame(routes, edge).with_state(state)
}
