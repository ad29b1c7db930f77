//! Sessions that somebody ends, their own and those of others.

use super::*;

#[tokio::test]
async fn sessions_are_ended_by_their_owner_and_by_whoever_looks_after_them() {
    let office = Office::open().await;
    let (maria, ana) = (office.token("maria").await, office.token("ana").await);
    let sessions = async |token: &str| {
        let answer = ask(&office.site, token, &Administration::Look).await;
        seen(done(&answer)).sessions
    };
    let of_maria = sessions(&maria).await;
    let [own] = &of_maria[..] else {
        panic!("{of_maria:?}");
    };
    assert!(own.is_own);
    let all = sessions(&ana).await;
    let of_ana: Vec<_> = all.iter().filter(|session| session.is_own).collect();
    assert_eq!((all.len(), of_ana.len()), (2, 1), "{all:?}");

    // Upwards nobody ends anything, and what was never there has not ended.
    let end = async |token: &str, session| {
        let asked = Administration::EndSession { session };
        ask(&office.site, token, &asked).await.status
    };
    assert_eq!(end(&maria, of_ana[0].id).await, 403);
    assert_eq!(end(&ana, SessionId(Uuid::from_u128(1))).await, 400);
    assert_eq!(end(&ana, own.id).await, 200);
    let answer = ask(&office.site, &maria, &Administration::Look).await;
    assert_eq!((answer.status, answer.code()), (401, "signed-out".into()));
    assert_eq!(sessions(&ana).await.len(), 1);
    let again = office.token("maria").await;
    let own = sessions(&again).await[0].id;
    assert_eq!(end(&again, own).await, 200);
    assert_eq!(end(&again, own).await, 401);
}
