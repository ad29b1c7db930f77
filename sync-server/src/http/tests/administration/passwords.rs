//! Passwords that somebody is given, and those that they choose.

use super::*;

#[tokio::test]
async fn somebody_who_is_taken_on_comes_in_with_the_password_that_the_server_made() {
    let office = Office::open().await;
    let take_on = |name: &str, role| Administration::TakeOn {
        name: name.into(),
        display: " João Reis ".into(),
        role,
    };
    let asked = take_on(" Joao ", Role::Housekeeper);
    let made = password(office.done("ana", &asked).await);
    let desk = Device::numbered(DESK);
    let answer = office.site.sign_in(&desk, "resort", "joao", &made).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["person"]["display"], "João Reis");

    let taken = office.ask("ana", &take_on("joao", Role::Engineer)).await;
    assert_eq!(taken.status, 400);
    assert!(taken.body.contains("taken"), "{}", taken.body);
    let nameless = office.ask("ana", &take_on(" ", Role::Engineer)).await;
    assert_eq!(nameless.code(), "bad-request");
    let long = "x".repeat(81);
    let endless = office.ask("ana", &take_on(&long, Role::Engineer)).await;
    assert_eq!(endless.code(), "bad-request");
    check_not_allowed(&office.ask("ana", &take_on("olga", Role::Admin)).await);
    office.done("vera", &take_on("olga", Role::Admin)).await;
}

#[tokio::test]
async fn a_password_that_is_reset_ends_what_the_one_before_opened() {
    let office = Office::open().await;
    let rui = office.id("rui").await;
    let before = office.token("rui").await;
    let reset = Administration::ResetPassword { person: rui };
    let made = password(office.done("ana", &reset).await);
    assert_eq!(pull(&office.site, &before).await, 401);
    let desk = Device::numbered(DESK);
    let sign_in = |password| office.site.sign_in(&desk, "resort", "rui", password);
    assert_eq!(sign_in("rui-keyrack").await.status, 401);
    assert_eq!(sign_in(&made).await.status, 200);
}

#[tokio::test]
async fn whoever_changes_their_password_stays_signed_in_where_they_did_and_nowhere_else() {
    let office = Office::open().await;
    let site = &office.site;
    let laptop = Device::numbered(2);
    let (here, there) = (
        office.token("maria").await,
        site.token(&laptop, "maria").await,
    );
    let change = |present: &str, new: &str| Administration::ChangePassword {
        present: present.into(),
        new: new.into(),
    };
    let wrong = ask(site, &here, &change("not-hers", "a longer one")).await;
    assert_eq!((wrong.status, wrong.code()), (401, "wrong-password".into()));
    let short = ask(site, &here, &change("maria-keyrack", "short")).await;
    assert_eq!(short.code(), "bad-request");
    for guessed_first in ["password1", "qwertyuiop", "maria-2026", "Keyrack1"] {
        let refused = ask(site, &here, &change("maria-keyrack", guessed_first)).await;
        assert_eq!(refused.code(), "bad-request", "{guessed_first}");
    }
    let changed = done(&ask(site, &here, &change("maria-keyrack", "a longer one")).await);
    let Administered::PasswordChanged(Refreshed { token, .. }) = changed else {
        panic!("{changed:?}")
    };
    for gone in [&here, &there] {
        assert_eq!(pull(site, gone).await, 401);
    }
    assert_eq!(pull(site, &token).await, 200);
    let here = token;
    let password = "a longer one";
    let answer = site.sign_in(&laptop, "resort", "maria", password).await;
    assert_eq!(answer.status, 200);

    for _ in 0..5 {
        ask(site, &here, &change("not-hers", "a longer one")).await;
    }
    let slowed = ask(site, &here, &change("a longer one", "another one")).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
}

#[tokio::test]
async fn a_password_that_was_handed_over_lets_nobody_in_after_seven_days() {
    let office = Office::open().await;
    let (site, desk) = (&office.site, Device::numbered(DESK));
    let reset = Administration::ResetPassword {
        person: office.id("rui").await,
    };
    let made = password(office.done("ana", &reset).await);
    site.wait_days(6);
    let in_time = site.sign_in(&desk, "resort", "rui", &made).await;
    assert_eq!(in_time.status, 200, "{}", in_time.body);
    let (_, renewal) = in_time.tokens();

    site.wait_days(2);
    let late = site.sign_in(&desk, "resort", "rui", &made).await;
    assert_eq!((late.status, late.code()), (403, "password-ended".into()));
    let guessed = site.sign_in(&desk, "resort", "rui", "a guess").await;
    assert_eq!(guessed.code(), "wrong-password");
    // Whoever came in with it in time is here still.
    assert_eq!(site.refresh(&renewal).await.status, 200);

    let made = password(office.done("ana", &reset).await);
    let anew = site.sign_in(&desk, "resort", "rui", &made).await;
    let (token, _) = anew.tokens();
    let own = Administration::ChangePassword {
        present: made,
        new: "one of his own".into(),
    };
    done(&ask(site, &token, &own).await);
    site.wait_days(30);
    let own = site.sign_in(&desk, "resort", "rui", "one of his own").await;
    assert_eq!(own.status, 200, "{}", own.body);
}

#[tokio::test]
async fn a_password_that_was_handed_over_is_seen_until_its_person_chose_their_own() {
    let office = Office::open().await;
    let (site, desk) = (&office.site, Device::numbered(DESK));
    let rui = office.id("rui").await;
    let of_ana = office.token("ana").await;
    let is_awaited = async || {
        let answer = ask(site, &of_ana, &Administration::Look).await;
        let people = seen(done(&answer)).people;
        let awaited = people.iter().filter(|seen| seen.password_given);
        Vec::from_iter(awaited.map(|seen| seen.person.name.clone()))
    };
    assert_eq!(is_awaited().await, Vec::<String>::new());

    let reset = Administration::ResetPassword { person: rui };
    let made = password(done(&ask(site, &of_ana, &reset).await));
    let take_on = Administration::TakeOn {
        name: "joao".into(),
        display: "João".into(),
        role: Role::Housekeeper,
    };
    done(&ask(site, &of_ana, &take_on).await);
    assert_eq!(is_awaited().await, ["joao", "rui"]);
    let answer = site.sign_in(&desk, "resort", "rui", &made).await;
    assert_eq!(answer.json()["password_given"], true);
    let (token, _) = answer.tokens();
    let own = ask(site, &token, &Administration::Look).await;
    assert!(seen(done(&own)).people[0].password_given);

    let change = |new: &str| Administration::ChangePassword {
        present: made.clone(),
        new: new.into(),
    };
    let same = ask(site, &token, &change(&made)).await;
    assert_eq!((same.status, same.code()), (400, "bad-request".into()));
    assert_eq!(is_awaited().await, ["joao", "rui"]);
    done(&ask(site, &token, &change("one of his own")).await);
    assert_eq!(is_awaited().await, ["joao"]);
    let answer = site.sign_in(&desk, "resort", "rui", "one of his own").await;
    assert!(answer.json().get("password_given").is_none());

    // The operator knows it as well as a manager would, and of whoever has left nothing is awaited.
    let (resort, now) = (identity::hotel("resort"), Timestamp(NOW));
    let typed = "typed at the server".to_owned();
    let set = site.accounts.set_password(resort, "maria", typed, now);
    set.await.unwrap();
    site.accounts.dismiss(resort, "joao", now).await.unwrap();
    assert_eq!(is_awaited().await, ["maria"]);
}
