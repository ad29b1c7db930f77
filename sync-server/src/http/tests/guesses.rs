//! What is guessed is counted once, and as what it is.

use super::{
    edge::{GUESSES, HERE, made_up, pull},
    site::{Answer, Device, NOW, Site},
};
use crate::peer::Peer;
use keyrack_model::{
    administration::Administration,
    limits::{LOOKUP_ALLOWANCE, STRANGERS_ALLOWANCE},
    time::Timestamp,
};

async fn ask(site: &Site, token: &str, asked: &Administration) -> Answer {
    let headers = format!("authorization: Bearer {token}\r\n");
    let body = serde_json::to_vec(asked).unwrap();
    let line = "POST /v1/administration";
    site.ask_from(HERE, line, &headers, &body).await
}

#[tokio::test]
async fn a_wrong_password_beside_a_good_token_is_no_token_that_opens_nothing() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    let present = "a guess".to_owned();
    let new = "plum harbour tractor".to_owned();
    for asked in [
        Administration::Confirm {
            present: present.clone(),
        },
        Administration::ChangePassword { present, new },
    ] {
        let wrong = ask(&site, &token, &asked).await;
        assert_eq!((wrong.status, wrong.code()), (401, "wrong-password".into()));
    }
    // Of what may be guessed of tokens nothing is gone, and hers is known as before.
    let made_up = made_up(&token);
    for _ in 0..GUESSES {
        assert_eq!(pull(&site, &made_up).await.status, 401);
    }
    assert_eq!(pull(&site, &made_up).await.status, 429);
    assert_eq!(pull(&site, &token).await.status, 200);
}

#[tokio::test]
async fn a_token_that_nobody_knows_is_looked_up_once_where_its_address_asked_too_much() {
    let site = Site::open().await;
    let made_up = made_up(&site.token(&Device::numbered(1), "maria").await);
    for _ in 0..STRANGERS_ALLOWANCE.operations.at_once {
        assert_eq!(pull(&site, &made_up).await.status, 401);
    }
    let here = Peer(HERE.parse().unwrap());
    while site.edge.knocks(here, None, Timestamp(NOW)).is_ok() {}
    for _ in 0..LOOKUP_ALLOWANCE.operations.at_once {
        assert_eq!(pull(&site, &made_up).await.status, 401);
    }
    assert_eq!(pull(&site, &made_up).await.status, 429);
}
