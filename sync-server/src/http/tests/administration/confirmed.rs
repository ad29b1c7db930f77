//! What gives somebody a way in, or takes it, is for whoever has shown their password a moment ago.

use super::*;
use crate::{accounts::Seen, http::tests::device_proof::rows};
use keyrack_model::limits::{CONFIRMED_MILLIS, TOKEN_MILLIS};

const SECONDS: i64 = CONFIRMED_MILLIS / 1_000;

fn confirm(present: &str) -> Administration {
    Administration::Confirm {
        present: present.into(),
    }
}

#[track_caller]
fn check_not_confirmed(answer: &Answer) {
    let code = (answer.status, answer.code());
    assert_eq!(code, (403, "not-confirmed".into()), "{}", answer.body);
}

/// Everything that a token alone does not do any more once the password was shown a while ago.
async fn kept_from_a_token(office: &Office) -> Vec<Administration> {
    let person = office.id("rui").await;
    let set = |role| Administration::SetRole { person, role };
    let take_on = |role| Administration::TakeOn {
        name: "olga".into(),
        display: "Olga".into(),
        role,
    };
    let mut kept = vec![
        Administration::ResetPassword { person },
        Administration::Dismiss { person },
        Administration::MakeDeviceCode,
        Administration::RevokeDevice {
            device: Device::numbered(2).id,
        },
        Administration::MakeImportKey {
            name: "bookings".into(),
        },
        set(Role::Manager),
        set(Role::Admin),
        // Whoever reads who the guests are.
        set(Role::FrontDesk),
    ];
    let people = Role::ALL.iter().filter(|role| **role != Role::Server);
    kept.extend(people.map(|role| take_on(*role)));
    kept
}

#[tokio::test]
async fn who_changes_others_access_has_shown_their_password_a_moment_ago() {
    let office = Office::open().await;
    let site = &office.site;
    site.token(&Device::numbered(2), "rui").await;
    let (token, renewal) = site.session(&Device::numbered(DESK), "vera").await;
    site.wait_seconds(SECONDS + 1);
    // Neither does the session's next token say who is there.
    let (next, _) = site.refresh(&renewal).await.tokens();
    // That each opens something is noted once.
    for token in [&token, &next] {
        done(&ask(site, token, &Administration::Look).await);
    }
    let before = rows(site).await;
    for asked in kept_from_a_token(&office).await {
        check_not_confirmed(&ask(site, &token, &asked).await);
        check_not_confirmed(&ask(site, &next, &asked).await);
    }
    assert_eq!(rows(site).await, before);
    // What lets nobody in any further is done without.
    let person = office.id("maria").await;
    let role = Role::Engineer;
    done(&ask(site, &next, &Administration::SetRole { person, role }).await);

    let wrong = ask(site, &next, &confirm("a guess")).await;
    assert_eq!((wrong.status, wrong.code()), (401, "wrong-password".into()));
    check_not_confirmed(&ask(site, &next, &Administration::MakeDeviceCode).await);
    // It counts in the session in which it was shown, for as long and no longer.
    let elsewhere = site.token(&Device::numbered(3), "vera").await;
    site.wait_seconds(SECONDS + 1);
    assert_eq!(
        done(&ask(site, &next, &confirm("vera-keyrack")).await),
        Administered::Done
    );
    check_not_confirmed(&ask(site, &elsewhere, &Administration::MakeDeviceCode).await);
    site.wait_seconds(SECONDS);
    done(&ask(site, &next, &Administration::MakeDeviceCode).await);
    site.wait_seconds(1);
    check_not_confirmed(&ask(site, &next, &Administration::MakeDeviceCode).await);
}

#[tokio::test]
async fn who_may_not_do_it_is_told_so_and_asked_for_no_password() {
    let office = Office::open().await;
    let token = office.token("maria").await;
    office.site.wait_seconds(SECONDS + 1);
    check_not_allowed(&ask(&office.site, &token, &Administration::MakeDeviceCode).await);
    // Anybody may show theirs: a first PIN takes it.
    assert_eq!(
        done(&ask(&office.site, &token, &confirm("maria-keyrack")).await),
        Administered::Done
    );
}

/// Whoever has a manager's token guesses no faster there than at a sign-in.
#[tokio::test]
async fn the_password_is_guessed_no_faster_here_than_at_a_sign_in() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    for _ in 0..5 {
        let guessed = ask(&office.site, &token, &confirm("a guess")).await;
        assert_eq!(guessed.code(), "wrong-password");
    }
    let slowed = ask(&office.site, &token, &confirm("ana-keyrack")).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
}

#[tokio::test]
async fn a_copy_of_what_refreshes_a_session_is_worth_nothing_once_the_password_was_changed() {
    let office = Office::open().await;
    let (site, desk) = (&office.site, Device::numbered(DESK));
    let (first, stolen) = site.session(&desk, "ana").await;
    // The thief may have gone on with an earlier one just now, too, and reads at a socket of their own.
    let (token, renewal) = site.refresh(&stolen).await.tokens();
    let copy = token.parse().unwrap_or_else(|_| panic!("a token"));
    let read = site.accounts.admit(&copy, site.hotels.now());
    let read = read.await.unwrap();
    let found = site
        .accounts
        .see_again(&read, site.hotels.now())
        .await
        .unwrap();
    assert_eq!(found, Seen::AsAdmitted);
    // No two tokens of a session are of the same moment.
    site.wait_seconds(1);
    let change = Administration::ChangePassword {
        present: "ana-keyrack".into(),
        new: "plum harbour tractor".into(),
    };
    let changed = done(&ask(site, &token, &change).await);
    let Administered::PasswordChanged(goes_on) = changed else {
        panic!("{changed:?}")
    };
    let found = site
        .accounts
        .see_again(&read, site.hotels.now())
        .await
        .unwrap();
    assert_eq!(found, Seen::WithOtherTokens);
    for copy in [&stolen, &renewal] {
        let refused = site.refresh(copy).await;
        assert_eq!((refused.status, refused.code()), (401, "signed-out".into()));
    }
    for copy in [&first, &token] {
        assert_eq!(pull(site, copy).await, 401);
    }
    // That they were tried ends nothing: the session goes on with its own.
    assert_eq!(pull(site, &goes_on.token).await, 200);
    site.wait_seconds(TOKEN_MILLIS / 1_000);
    let (next, _) = site.refresh(&goes_on.renewal.token).await.tokens();
    assert_eq!(pull(site, &next).await, 200);
    // And it has just shown its password.
    let sessions = seen(done(&ask(site, &next, &Administration::Look).await)).sessions;
    let own = sessions.iter().filter(|session| session.is_own);
    assert_eq!(own.count(), 1);
}

#[tokio::test]
async fn whoever_lost_the_answer_to_a_change_of_their_password_signs_in_with_it() {
    let office = Office::open().await;
    let (site, desk) = (&office.site, Device::numbered(DESK));
    let (token, renewal) = site.session(&desk, "ana").await;
    let change = Administration::ChangePassword {
        present: "ana-keyrack".into(),
        new: "plum harbour tractor".into(),
    };
    // It is lost on the way.
    drop(done(&ask(site, &token, &change).await));
    assert_eq!(pull(site, &token).await, 401);
    assert_eq!(site.refresh(&renewal).await.code(), "signed-out");
    let old = site.sign_in(&desk, "resort", "ana", "ana-keyrack").await;
    assert_eq!(old.code(), "wrong-password");
    let password = "plum harbour tractor";
    let new = site.sign_in(&desk, "resort", "ana", password).await;
    assert_eq!(new.status, 200, "{}", new.body);
}
