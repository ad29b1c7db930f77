//! What a device is told of the audit log.

use super::*;

fn audit_head(number: u64, hash: u8) -> AuditHead {
    AuditHead {
        number,
        hash: vec![hash; 32],
        signature: vec![0; 64],
    }
}

#[test]
fn a_device_is_told_where_the_audit_log_ends_when_that_is_news() {
    let mut session = live();
    let mut tell = |head: &AuditHead| session.handle(NOW, Input::AuditHead(head.clone()));
    let (first, later, other) = (audit_head(3, 3), audit_head(4, 4), audit_head(4, 5));
    for news in [&first, &later, &other] {
        let told = Effect::Send(ServerFrame::AuditHead(news.clone()));
        assert_eq!(tell(news), [told]);
        assert_eq!(tell(news), []);
    }
    // Read before what the device was told, and late.
    assert_eq!(tell(&first), []);
}

#[test]
fn a_device_of_an_earlier_version_or_that_is_not_greeted_is_told_of_no_audit_log() {
    let head = || Input::AuditHead(audit_head(3, 3));
    let mut session = Session::new(admitted(), NOW);
    assert_eq!(session.handle(NOW, head()), []);
    session.handle(NOW, frame(&hello(2, None, 0)));
    session.handle(NOW, greeted(3));
    assert_eq!(session.handle(NOW, head()), []);
}
