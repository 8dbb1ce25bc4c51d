//! The HTTP API: requests, responses, authentication and limits.
//! The only user of axum, utoipa and jsonwebtoken. Not here: what the service does (`engine`), SQL
//! (`store`), and listening on a socket (`server`).
//!
//! A request passes the middleware (`middleware`), then the route table (`routes`), then the extractors of one
//! handler (`extract`), and leaves as a wire type (`wire`) or as a problem (`problem`).

pub mod auth;
mod export;
mod extract;
mod limits;
mod metrics_recorder;
mod middleware;
mod openapi;
mod operation;
mod pagination;
mod problem;
mod readiness;
mod routes;
mod state;
#[cfg(test)]
mod testing;
mod wire;

pub use limits::{
    Connection, ConnectionLimits, Connections, Limits, OpenConnection, Rate, Rates, TrustedProxies,
};
pub use metrics_recorder::metrics_recorder;
pub use openapi::{openapi, openapi_3_0};
pub use operation::{Access, Operation};
pub use routes::operations;
pub use state::{AppState, OperatorInfo, Parts};

/// The whole API, for `axum::serve`. Where the peer's address matters (the audit), serve it with
/// `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn router(state: AppState) -> axum::Router {
    let rates = state.authenticator.rates.clone();
    let routes = routes::router().merge(openapi::router());
    let routes = middleware::audit_refusals::layer(routes, state.engine.clone(), rates);
    let routes = middleware::apply(routes, &state.limits, &state.ids, &state.authenticator);
    routes::match_operation(routes).with_state(state)
}
