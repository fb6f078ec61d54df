//! The stores against a real Redis and a real PostgreSQL: `client/tests/servers.sh` starts them and runs
//! these tests. Without a server its tests say that they are skipped.

mod contract;
mod processes;

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use sqlx::postgres::PgPoolOptions;
use wechatpay_client::store::{PostgresStore, RedisStore};

/// The address of a server, or a line that says what is skipped.
fn server(variable: &str, test: &str) -> Option<String> {
    let address = std::env::var(variable).ok();
    if address.is_none() {
        eprintln!("skipped: {test}: {variable} is not set (see client/tests/servers.sh)");
    }
    address
}

async fn redis_store(test: &str) -> Option<RedisStore> {
    let address = server("WECHATPAY_TEST_REDIS", test)?;
    let client = redis::Client::open(address).unwrap();
    // A machine under load is slow.
    let config = ConnectionManagerConfig::new().set_response_timeout(Some(Duration::from_secs(20)));
    let connection = ConnectionManager::new_with_config(client, config).await.unwrap();
    Some(RedisStore::new(connection))
}

async fn postgres_store(test: &str) -> Option<PostgresStore> {
    let address = server("WECHATPAY_TEST_POSTGRES", test)?;
    let pool = PgPoolOptions::new()
        .max_connections(8)
        .connect(&address)
        .await
        .unwrap();
    let store = PostgresStore::new(pool);
    store.migrate().await.unwrap();
    Some(store)
}

/// An id that no other test has.
fn fresh(name: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("{name}-{}-{}", std::process::id(), now.unwrap().as_nanos())
}
