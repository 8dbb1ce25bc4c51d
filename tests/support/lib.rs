//! What the tests share: the whole service on a database of its own, with simulated tenants and a
//! manual clock. Nothing here sleeps; waiting for the tenant advances the clock.

mod app;
mod clock;
mod http;

pub use app::{App, AppBuilder, ORGANISATION};
pub use clock::{ManualClock, at};
pub use http::Answer;
