//! Sessions as they go on and end.

use super::*;
use crate::{
    accounts::tests::{DESK, HERE, NOW, resort, sign_in},
    scratch::Scratch,
};
use keyrack_model::{
    identity,
    limits::{MAX_SESSION_TOKENS, REFRESH_APART_MILLIS, REFRESH_GRACE_MILLIS},
    wire::{Refreshed, SignedIn},
};

fn after(millis: i64) -> Timestamp {
    Timestamp(NOW.0 + millis)
}

fn read(token: &str) -> Token {
    token.parse().unwrap_or_else(|_| panic!("a token"))
}

async fn begun(accounts: &Accounts, name: &str, device: DeviceId) -> (SignedIn, Renewal) {
    let hotel = identity::hotel("resort");
    let codes = accounts.make_device_codes(hotel, 1, 15, NOW).await.unwrap();
    let mut asked = sign_in(name, device, NOW);
    asked.code = codes.first().map(ToString::to_string);
    let signed_in = accounts.sign_in(asked, HERE, NOW).await.unwrap();
    let renewal = signed_in.renewal.clone().expect("what it goes on with");
    (signed_in, renewal)
}

async fn refresh(
    accounts: &Accounts,
    renewal: &Renewal,
    at: Timestamp,
) -> Result<Refreshed, AccountError> {
    accounts.refresh(&read(&renewal.token), at).await
}

async fn opens(accounts: &Accounts, token: &str, at: Timestamp) -> bool {
    match accounts.authenticate(&read(token), at).await {
        Ok(_) => true,
        Err(AccountError::SignedOut) => false,
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn signed_out(refreshed: Result<Refreshed, AccountError>) {
    assert!(matches!(refreshed, Err(AccountError::SignedOut)));
}

/// Why sessions ended, of those that did.
async fn ends(scratch: &Scratch) -> Vec<String> {
    sqlx::query_scalar("select ended_why from session where ended_at is not null order by 1")
        .fetch_all(&mut scratch.inspect().await)
        .await
        .unwrap()
}

/// How many rows of either kind of token there are.
async fn tokens(scratch: &Scratch) -> i64 {
    let all = "select (select count(*) from token) + (select count(*) from refresh_token)";
    sqlx::query_scalar(all)
        .fetch_one(&mut scratch.inspect().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_session_goes_on_from_token_to_token() {
    let (_scratch, accounts) = resort().await;
    let (first, renewal) = begun(&accounts, "maria", DESK).await;
    assert_eq!(renewal.expires_at, after(TOKEN_MILLIS));
    assert!(opens(&accounts, &first.token, after(TOKEN_MILLIS - 1)).await);
    assert!(!opens(&accounts, &first.token, after(TOKEN_MILLIS)).await);
    // What refreshes a session opens nothing else, and the other way round.
    assert!(!opens(&accounts, &renewal.token, NOW).await);
    signed_out(accounts.refresh(&read(&first.token), NOW).await);

    let mut present = renewal;
    for hours in 1..4 {
        let at = after(hours * TOKEN_MILLIS);
        let next = refresh(&accounts, &present, at).await.unwrap();
        assert_ne!(next.renewal.token, present.token);
        assert_eq!(
            next.renewal.expires_at.millis_since(next.server_time),
            TOKEN_MILLIS
        );
        let token = read(&next.token);
        let session = accounts.authenticate(&token, at).await.unwrap().session;
        let seen = accounts.sessions(token.hotel(), None).await.unwrap();
        assert_eq!((seen[0].id, seen[0].begun_at), (session, NOW));
        assert_eq!((seen.len(), seen[0].seen_at), (1, at));
        present = next.renewal;
    }
}

#[tokio::test]
async fn a_lost_answer_is_given_again_for_a_minute() {
    let (_scratch, accounts) = resort().await;
    let (first, renewal) = begun(&accounts, "maria", DESK).await;
    let next = refresh(&accounts, &renewal, NOW).await.unwrap();
    let last = after(REFRESH_GRACE_MILLIS);
    // A server whose clock is a little behind is asked too.
    for at in [after(1), after(-1_000), last] {
        let again = refresh(&accounts, &renewal, at).await.unwrap();
        assert_eq!(again.renewal.token, next.renewal.token);
        assert_ne!(again.token, next.token);
        for token in [&first.token, &next.token, &again.token] {
            assert!(opens(&accounts, token, at).await);
        }
    }
    refresh(&accounts, &next.renewal, last).await.unwrap();
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_lengthen_the_minute() {
    let (scratch, accounts) = resort().await;
    let (_, renewal) = begun(&accounts, "maria", DESK).await;
    let next = refresh(&accounts, &renewal, NOW).await.unwrap();
    refresh(&accounts, &next.renewal, NOW).await.unwrap();
    let set_back = after(-REFRESH_GRACE_MILLIS - 1);
    signed_out(refresh(&accounts, &renewal, set_back).await);
    assert_eq!(ends(&scratch).await, ["reused"]);
}

#[tokio::test]
async fn an_answer_that_was_lost_for_long_is_given_again_until_somebody_has_gone_on_with_it() {
    for later in [REFRESH_GRACE_MILLIS + 1, 24 * TOKEN_MILLIS] {
        let (scratch, accounts) = resort().await;
        let (_, renewal) = begun(&accounts, "maria", DESK).await;
        let next = refresh(&accounts, &renewal, NOW).await.unwrap();
        let mut tokens = Vec::new();
        for at in [after(later), after(later + 1)] {
            let again = refresh(&accounts, &renewal, at).await.unwrap();
            assert_eq!(again.renewal.token, next.renewal.token);
            tokens.push(again.token);
        }
        assert_eq!(ends(&scratch).await, Vec::<String>::new());

        // Whoever has one of the answers uses it: from then on it was not lost.
        assert!(opens(&accounts, &tokens[1], after(later + 1)).await);
        signed_out(refresh(&accounts, &renewal, after(later + 2)).await);
        signed_out(refresh(&accounts, &next.renewal, after(later + 2)).await);
        assert_eq!(ends(&scratch).await, ["reused"]);
    }
}

#[tokio::test]
async fn what_is_used_again_after_its_successor_was_ends_the_session_for_both_who_have_it() {
    let (scratch, accounts) = resort().await;
    let (_, renewal) = begun(&accounts, "maria", DESK).await;
    let (other, _) = begun(&accounts, "rui", DESK).await;
    let next = refresh(&accounts, &renewal, NOW).await.unwrap();
    let newest = refresh(&accounts, &next.renewal, NOW).await.unwrap();
    let late = after(REFRESH_GRACE_MILLIS + 1);
    assert!(opens(&accounts, &newest.token, late).await);

    signed_out(refresh(&accounts, &renewal, late).await);
    assert!(!opens(&accounts, &newest.token, late).await);
    signed_out(refresh(&accounts, &newest.renewal, late).await);
    assert_eq!(ends(&scratch).await, ["reused"]);
    assert!(opens(&accounts, &other.token, late).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_who_refresh_at_once_get_the_same() {
    let (scratch, accounts) = resort().await;
    let (_, renewal) = begun(&accounts, "maria", DESK).await;
    let asked = (0..6).map(|_| {
        let (accounts, renewal) = (accounts.clone(), renewal.clone());
        tokio::spawn(async move { refresh(&accounts, &renewal, NOW).await.unwrap() })
    });
    let asked: Vec<_> = asked.collect();
    let mut successors = std::collections::HashSet::new();
    for answer in asked {
        let refreshed = answer.await.unwrap();
        assert!(opens(&accounts, &refreshed.token, NOW).await);
        successors.insert(refreshed.renewal.token);
    }
    assert_eq!(successors.len(), 1);
    assert_eq!(ends(&scratch).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_session_ends_when_nobody_comes_back_for_thirty_days() {
    let (_scratch, accounts) = resort().await;
    let (_, renewal) = begun(&accounts, "maria", DESK).await;
    let late = after(SESSION_MILLIS - 1);
    let next = refresh(&accounts, &renewal, late).await.unwrap();
    let too_late = Timestamp(late.0 + SESSION_MILLIS);
    signed_out(refresh(&accounts, &next.renewal, too_late).await);
    let (_, renewal) = begun(&accounts, "rui", DESK).await;
    signed_out(refresh(&accounts, &renewal, after(SESSION_MILLIS)).await);
    let unknown = Token::fresh(identity::hotel("resort")).unwrap();
    signed_out(accounts.refresh(&unknown, NOW).await);
}

/// Whichever token the device has at hand.
#[tokio::test]
async fn signing_out_ends_all_that_the_sign_in_began() {
    for shown in 0..4 {
        let (scratch, accounts) = resort().await;
        let (first, renewal) = begun(&accounts, "maria", DESK).await;
        let (other, _) = begun(&accounts, "maria", DeviceId(Uuid::from_u128(2))).await;
        let next = refresh(&accounts, &renewal, NOW).await.unwrap();
        let shown = [
            &first.token,
            &next.token,
            &renewal.token,
            &next.renewal.token,
        ][shown];
        let later = after(2 * TOKEN_MILLIS);
        for was_on in [true, false] {
            let signed_out = accounts.sign_out(&read(shown), later).await;
            assert_eq!(signed_out.unwrap(), was_on);
        }
        assert_eq!(ends(&scratch).await, ["signed-out"]);
        assert_eq!(tokens(&scratch).await, 2);
        for token in [&first.token, &next.token] {
            assert!(!opens(&accounts, token, NOW).await);
        }
        signed_out(refresh(&accounts, &renewal, NOW).await);
        signed_out(refresh(&accounts, &next.renewal, NOW).await);
        assert!(opens(&accounts, &other.token, NOW).await);
    }
}

#[tokio::test]
async fn whoever_leaves_or_gets_another_password_goes_on_nowhere() {
    let (scratch, accounts) = resort().await;
    let hotel = identity::hotel("resort");
    let (_, of_maria) = begun(&accounts, "maria", DESK).await;
    let (_, of_rui) = begun(&accounts, "rui", DESK).await;
    accounts.dismiss(hotel, "maria", NOW).await.unwrap();
    let password = "another of rui's".to_owned();
    let set = accounts.set_password(hotel, "rui", password, NOW);
    set.await.unwrap();
    for renewal in [of_maria, of_rui] {
        signed_out(refresh(&accounts, &renewal, NOW).await);
    }
    assert_eq!(ends(&scratch).await, ["dismissed", "password"]);
    assert_eq!(tokens(&scratch).await, 0);
}

#[tokio::test]
async fn sessions_are_seen_and_ended_one_by_one_by_person_and_by_device() {
    let (scratch, accounts) = resort().await;
    let hotel = identity::hotel("resort");
    let [laptop, tablet] = [2, 3].map(|number| DeviceId(Uuid::from_u128(number)));
    let mut all = Vec::new();
    for (name, device) in [
        ("maria", DESK),
        ("maria", laptop),
        ("maria", tablet),
        ("rui", DESK),
        ("rui", laptop),
    ] {
        let (signed_in, _) = begun(&accounts, name, device).await;
        let token = read(&signed_in.token);
        all.push(accounts.authenticate(&token, NOW).await.unwrap());
    }
    let going_on = async |of: Option<UserId>| {
        let seen = accounts.sessions(hotel, of).await.unwrap();
        let mut seen: Vec<SessionId> = seen.iter().map(|seen| seen.id).collect();
        seen.sort();
        seen
    };
    let named = |places: &[usize]| {
        let mut named: Vec<SessionId> = places.iter().map(|place| all[*place].session).collect();
        named.sort();
        named
    };
    assert_eq!(going_on(None).await, named(&[0, 1, 2, 3, 4]));
    assert_eq!(going_on(Some(all[0].user)).await, named(&[0, 1, 2]));

    let first = all[0].session;
    for was_on in [true, false] {
        let ended = accounts.end_session(hotel, first, Ended::EndedElsewhere, NOW);
        assert_eq!(ended.await.unwrap(), was_on);
    }
    assert_eq!(going_on(None).await, named(&[1, 2, 3, 4]));

    let mut tx = accounts.database.begin(hotel).await.unwrap();
    let (maria, kept) = (all[1].user, Some(all[1].session));
    let mut notes = Notes::by(Hand::unnamed(NOW));
    end_sessions_of(&mut tx, hotel, maria, kept, Ended::Password, &mut notes)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(going_on(None).await, named(&[1, 3, 4]));

    accounts.end_sessions_on(hotel, laptop, NOW).await.unwrap();
    assert_eq!(going_on(None).await, named(&[3]));
    let why = ["device", "device", "ended-elsewhere", "password"];
    assert_eq!(ends(&scratch).await, why);
    assert_eq!(tokens(&scratch).await, 2);
}

#[tokio::test]
async fn somebody_who_is_there_is_seen_once_a_minute_until_the_session_ends() {
    let (_scratch, accounts) = resort().await;
    let hotel = identity::hotel("resort");
    let (signed_in, _) = begun(&accounts, "maria", DESK).await;
    let token = read(&signed_in.token);
    let who = accounts.admit(&token, NOW).await.unwrap();
    for (at, seen_at) in [(59_999, 0), (60_000, 60_000), (-60_000, 60_000)] {
        accounts.see_again(&who, after(at)).await.unwrap();
        let seen = accounts.sessions(hotel, None).await.unwrap();
        assert_eq!(seen[0].seen_at, after(seen_at));
    }
    accounts.sign_out(&token, NOW).await.unwrap();
    let gone = accounts.see_again(&who, NOW).await;
    assert!(matches!(gone, Err(AccountError::SignedOut)));
}

#[tokio::test]
async fn however_often_a_session_is_refreshed_so_many_of_its_tokens_are_kept() {
    let (scratch, accounts) = resort().await;
    let (first, renewal) = begun(&accounts, "maria", DESK).await;
    let mut present = renewal.clone();
    let mut before = None;
    let times = MAX_SESSION_TOKENS + 3;
    for time in 1..=times {
        let at = after(time * REFRESH_APART_MILLIS);
        let next = refresh(&accounts, &present, at).await.unwrap();
        before = Some((present, next.clone()));
        present = next.renewal;
    }
    // Those that have been used and the one that has not, and as many that open something.
    assert_eq!(tokens(&scratch).await, 2 * (MAX_SESSION_TOKENS + 1));
    let (shown, got) = before.unwrap();
    let last = after(times * REFRESH_APART_MILLIS);
    assert!(opens(&accounts, &got.token, last).await);
    assert!(!opens(&accounts, &first.token, last).await);
    let again = refresh(&accounts, &shown, last).await.unwrap();
    assert_eq!(again.renewal.token, present.token);
    // Nobody knows any more that the first was used, and it opens nothing.
    signed_out(refresh(&accounts, &renewal, last).await);
    assert_eq!(ends(&scratch).await, Vec::<String>::new());
    refresh(&accounts, &present, last).await.unwrap();
}

#[tokio::test]
async fn of_what_somebody_begins_on_one_device_only_the_last_session_goes_on() {
    let (scratch, accounts) = resort().await;
    let laptop = DeviceId(Uuid::from_u128(2));
    let (elsewhere, _) = begun(&accounts, "maria", laptop).await;
    let (of_another, _) = begun(&accounts, "rui", DESK).await;
    let (first, first_renewal) = begun(&accounts, "maria", DESK).await;
    let (second, _) = begun(&accounts, "maria", DESK).await;
    let (last, renewal) = begun(&accounts, "maria", DESK).await;
    for over in [&first.token, &second.token] {
        assert!(!opens(&accounts, over, NOW).await);
    }
    signed_out(refresh(&accounts, &first_renewal, NOW).await);
    assert_eq!(ends(&scratch).await, ["signed-in-again"; 2]);
    for token in [&last.token, &elsewhere.token, &of_another.token] {
        assert!(opens(&accounts, token, NOW).await);
    }
    refresh(&accounts, &renewal, NOW).await.unwrap();
}

/// Two windows, or an answer that was given up too soon.
#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_sign_in_on_one_device_at_once_one_session_goes_on() {
    let (scratch, accounts) = resort().await;
    begun(&accounts, "maria", DESK).await;
    let asked = (0..4).map(|_| {
        let accounts = accounts.clone();
        tokio::spawn(async move {
            accounts
                .sign_in(sign_in("maria", DESK, NOW), HERE, NOW)
                .await
        })
    });
    for answer in Vec::from_iter(asked) {
        answer.await.unwrap().unwrap();
    }
    let hotel = identity::hotel("resort");
    assert_eq!(accounts.sessions(hotel, None).await.unwrap().len(), 1);
    assert_eq!(ends(&scratch).await, ["signed-in-again"; 4]);
}
