//! Connections to the copy.

use sqlx::{
    ConnectOptions, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::PATIENCE;

/// Connections of each kind.
const CONNECTIONS: u32 = 6;

/// Those for everything, and those for pages of all calls.
pub(super) fn of(options: PgConnectOptions) -> (PgPool, PgPool) {
    let options = options.options([
        ("lock_timeout", "5s"),
        // that a month is there already is told each time
        ("client_min_messages", "warning"),
        // to compile a question takes longer than to answer it
        ("jit", "off"),
    ]);
    // a plan for values that are not known looks into every month
    let for_all = options
        .clone()
        .options([("plan_cache_mode", "force_custom_plan")]);
    let for_pages = options.options([
        ("plan_cache_mode", "force_generic_plan"),
        ("statement_timeout", "2s"),
    ]);
    let pool = |options: PgConnectOptions, is_tested: bool| {
        PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(is_tested)
            .connect_lazy_with(options.disable_statement_logging())
    };
    // a connection that is gone, or slow, is told by the page, which is looked for in the own database then
    (pool(for_all, true), pool(for_pages, false))
}
