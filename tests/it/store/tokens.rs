//! Access tokens of API credentials: each condition that ends one suffices.

use domain::credential::Credential;
use sqlx::PgPool;
use store::{TokenHash, new_token};

use super::fixtures::{World, t};

const ENDS: i64 = 3600;

async fn issue(world: &World, credential: &Credential, at: i64) -> (TokenHash, bool) {
    let (hash, audit) = (new_token().1, world.audit("create_token"));
    let issued = world.store.insert_token(credential, &hash, t(ENDS), t(at), &audit).await;
    (hash, issued.unwrap())
}

async fn is_good(world: &World, token: &TokenHash, at: i64) -> bool {
    world.store.find_credential_by_token(token, t(at)).await.unwrap().is_some()
}

#[support::test]
async fn a_token_requires_an_active_credential(pool: PgPool) {
    for end in ["expires_at = '2000-01-01'", "revoked_at = now()"] {
        let world = World::new(pool.clone());
        sqlx::query("truncate api_credentials cascade").execute(&pool).await.unwrap();
        let credential = world.credential().await;
        let (token, _) = issue(&world, &credential, 0).await;
        assert!(is_good(&world, &token, ENDS - 1).await && !is_good(&world, &token, ENDS).await);
        let sql = format!("update api_credentials set {end}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
        assert_eq!(world.count("api_tokens").await, 1);
        assert!(!is_good(&world, &token, 1).await, "{end}");
    }
}

#[support::test]
async fn revocation_removes_tokens_and_prevents_new_ones(world: World) {
    let credential = world.credential().await;
    assert!(issue(&world, &credential, 0).await.1);
    let (store, audit) = (&world.store, world.audit("revoke_api_credential"));
    assert!(store.revoke_credential(&world.org, credential.id, t(1), &audit).await.unwrap());
    assert_eq!(world.count("api_tokens").await, 0);
    // Its secret was found right before it was revoked.
    assert!(!issue(&world, &credential, 2).await.1);
    assert_eq!(world.count("api_tokens").await, 0);
}

#[support::test]
async fn the_latest_hundred_tokens_are_valid(world: World) {
    let credential = world.credential().await;
    let mut tokens = Vec::new();
    for at in 0..102 {
        tokens.push(issue(&world, &credential, at).await.0);
    }
    assert_eq!(world.count("api_tokens").await, 100);
    for (index, token) in tokens.iter().enumerate() {
        assert_eq!(is_good(&world, token, 200).await, index >= 2, "{index}");
    }
}
