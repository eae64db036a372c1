//! What a source does when its vendor fails: when it asks again, what it hands out meanwhile, what it forgives.

mod sim;

use ccauth_core::life::{Learned, Next, Want};
use ccauth_core::{Detail, Error, Exchange, Op, Renewal, detail};
use sim::{Answer, DAY, Got, HOUR, Sim, tokens};

/// Fails with this from the first request on.
fn failing(detail: &'static Detail, wait: Option<u64>) -> Sim {
    Sim::new(Renewal::Reissue, move |_, _, _| Answer::Fail(detail, wait))
}

/// A life of this mode whose first token lives an hour, and which fails from its first renewal on.
fn then_failing(mode: Renewal, detail: &'static Detail, wait: Option<u64>) -> Sim {
    let mut first = true;
    Sim::new(mode, move |_, _, _| match std::mem::take(&mut first) {
        true => Answer::Token("t0".to_owned(), HOUR * 1000),
        false => Answer::Fail(detail, wait),
    })
}

/// The bounds of the seconds between two requests.
type Gaps = &'static [(u64, u64)];

const TRANSIENT: Gaps = &[
    (1, 1),
    (1, 2),
    (2, 4),
    (4, 8),
    (8, 16),
    (16, 32),
    (32, 64),
    (64, 128),
    (128, 256),
    (150, 300),
    (150, 300),
];
const THROTTLED: Gaps = &[(60, 66), (120, 132), (240, 264), (480, 528), (900, 990), (900, 990)];
const REJECTED: Gaps = &[(300, 330), (600, 660), (1200, 1320), (2400, 2640), (3600, 3960), (3600, 3960)];

#[test]
fn each_failure_is_left_alone_for_as_long_as_its_kind_asks() {
    let once_then_held: Gaps = &[(60, 66), (300, 330), (600, 660), (1200, 1320)];
    let table: [(&'static Detail, Option<u64>, Gaps); 17] = [
        (&detail::DEADLINE, None, TRANSIENT),
        (&detail::DNS_NXDOMAIN, None, TRANSIENT),
        (&detail::CONNECT_REFUSED, None, TRANSIENT),
        (&detail::IO_CLOSED, None, TRANSIENT),
        (&detail::VENDOR_FAULT, None, TRANSIENT),
        (&detail::BODY_HTML, None, TRANSIENT),
        (&detail::INTERNAL, None, TRANSIENT),
        (&detail::VENDOR_FAULT, Some(40), &[(40, 44), (40, 44), (40, 44)]),
        (&detail::VENDOR_THROTTLED, None, THROTTLED),
        (&detail::VENDOR_THROTTLED, Some(120), &[(120, 132), (120, 132), (120, 132)]),
        (&detail::ACCOUNT_LOCKED, None, THROTTLED),
        (&detail::REDIRECT, None, THROTTLED),
        (&detail::ENDPOINT_WRONG, None, THROTTLED),
        (&detail::TLS_UNTRUSTED, None, THROTTLED),
        (&detail::CREDENTIALS_REJECTED, None, REJECTED),
        (&detail::NOT_ENTITLED, None, REJECTED),
        (&detail::VENDOR_REFUSED, None, once_then_held),
    ];
    for (detail, wait, expected) in table {
        let mut sim = failing(detail, wait);
        sim.run(6 * HOUR);
        let gaps = sim.gaps(0);
        for (n, (least, most)) in expected.iter().enumerate() {
            assert!((*least..=*most).contains(&gaps[n]), "{} {wait:?}, gap {n}: {gaps:?}", detail.word);
        }
    }
}

#[test]
fn whoever_waits_makes_the_passing_ones_be_tried_twice_a_minute_and_the_others_no_sooner() {
    let per_hour = |detail, wait| {
        let mut sim = failing(detail, wait);
        while sim.ms() < HOUR * 1000 {
            sim.call();
            sim.run(1);
        }
        sim.requests.len()
    };
    assert!((115..=135).contains(&per_hour(&detail::CONNECT_REFUSED, None)));
    assert!(per_hour(&detail::VENDOR_THROTTLED, None) <= 7);
    assert!(per_hour(&detail::VENDOR_THROTTLED, Some(600)) <= 6);
    assert!(per_hour(&detail::CREDENTIALS_REJECTED, None) <= 4);
}

#[test]
fn a_failure_is_told_to_all_who_ask_with_what_is_left_of_its_wait() {
    let mut sim = failing(&detail::VENDOR_THROTTLED, Some(120));
    let Got::Refused(word, Some(wait)) = sim.call() else { panic!("a refusal") };
    assert!(word == "vendor.throttled" && (120..=132).contains(&wait), "{word} {wait}");
    sim.run(100);
    let Got::Refused(_, Some(left)) = sim.call() else { panic!("a refusal") };
    assert_eq!((left, sim.requests.len()), (wait - 100, 1));
}

#[test]
fn the_held_token_is_served_through_an_outage_to_its_last_second_and_not_beyond() {
    for mode in [Renewal::Reissue, Renewal::Refresh] {
        let mut sim = then_failing(mode, &detail::CONNECT_REFUSED, None);
        sim.run(HOUR - 1);
        assert_eq!(sim.peek(Want::default()), Got::Fresh("t0".to_owned()));
        // Rare tries while it lives, every 5 s in the last half minute, one at the end.
        let gaps = sim.gaps(1);
        let last = gaps.len() - 5;
        assert!(gaps[..last - 1].iter().all(|gap| *gap >= 30), "{mode:?} {gaps:?}");
        assert!(gaps[last..].iter().all(|gap| *gap == 5), "{mode:?} {gaps:?}");
        sim.run(2);
        let Got::Refused("connect.refused", Some(wait)) = sim.call() else { panic!("{mode:?}") };
        assert!(wait <= 1, "{wait}");
        let before = sim.requests.len();
        sim.run(60);
        assert!(
            (5..=8).contains(&(sim.requests.len() - before)),
            "the waits begin anew: {:?}",
            sim.gaps(before)
        );
    }
}

#[test]
fn a_hold_stands_also_in_the_last_half_minute() {
    for (detail, wait, least) in [
        (&detail::VENDOR_THROTTLED, Some(600), 600),
        (&detail::VENDOR_FAULT, Some(40), 40),
        (&detail::CREDENTIALS_REJECTED, None, 300),
    ] {
        let mut sim = then_failing(Renewal::Reissue, detail, wait);
        sim.run(HOUR);
        assert!(sim.gaps(1).iter().all(|gap| *gap >= least), "{}: {:?}", detail.word, sim.gaps(1));
    }
}

#[test]
fn a_refresh_that_may_have_happened_is_followed_by_one_login_and_never_by_another_refresh() {
    // What befalls the refresh, and what is asked for then.
    for (befalls, then, at_once) in [
        (&detail::TOKEN_REJECTED, Op::Issue, true),
        (&detail::TOKEN_EXPIRED, Op::Issue, true),
        (&detail::DEADLINE, Op::Issue, true),
        (&detail::IO_CLOSED, Op::Issue, true),
        (&detail::VENDOR_FAULT, Op::Issue, true),
        (&detail::BODY_HTML, Op::Issue, true),
        (&detail::VENDOR_THROTTLED, Op::Issue, false),
        (&detail::CONNECT_REFUSED, Op::Renew, false),
        (&detail::DNS_TIMEOUT, Op::Renew, false),
        (&detail::TLS_EXPIRED, Op::Renew, false),
    ] {
        let mut first = true;
        let mut sim = Sim::new(Renewal::Refresh, move |op, ms, _| match op {
            Op::Renew if std::mem::take(&mut first) => Answer::Fail(befalls, None),
            _ => Answer::Token(format!("t{ms}"), HOUR * 1000),
        });
        sim.run(HOUR - 60);
        let ops: Vec<Op> = sim.requests.iter().map(|(_, op)| *op).collect();
        assert_eq!(ops[..3], [Op::Issue, Op::Renew, then], "{}", befalls.word);
        assert_eq!(sim.gaps(1)[0] <= 1, at_once, "{}: {:?}", befalls.word, sim.gaps(1));
        assert!(ops[3..].is_empty() && matches!(sim.call(), Got::Fresh(_)), "{}: {ops:?}", befalls.word);
    }
}

#[test]
fn while_a_lost_refresh_is_made_good_the_old_token_is_served_as_stale() {
    let mut sim = then_failing(Renewal::Refresh, &detail::DEADLINE, None);
    sim.run(HOUR - 300);
    assert_eq!(sim.call(), Got::Stale("t0".to_owned()));
    assert_eq!(sim.requests.iter().filter(|(_, op)| *op == Op::Renew).count(), 1, "{:?}", sim.requests);
}

#[test]
fn a_token_that_has_ended_is_not_refreshed() {
    let mut sim = Sim::new(Renewal::Refresh, tokens(HOUR));
    sim.run(10);
    // The machine sleeps for two hours.
    sim.now.instant = sim.now.instant + std::time::Duration::from_secs(2 * HOUR);
    assert_eq!(sim.call(), Got::Fresh("t1".to_owned()));
    assert_eq!(sim.requests[1].1, Op::Issue);
}

#[test]
fn p18_a_rejected_password_costs_thirty_requests_a_day_at_most_and_the_right_one_works_at_once() {
    let right = std::rc::Rc::new(std::cell::Cell::new(false));
    let known = right.clone();
    let mut sim = Sim::new(Renewal::Refresh, move |_, ms, _| match known.get() {
        true => Answer::Token(format!("t{ms}"), HOUR * 1000),
        false => Answer::Fail(&detail::CREDENTIALS_REJECTED, None),
    });
    while sim.ms() < DAY * 1000 {
        assert!(matches!(sim.call(), Got::Refused("credentials.rejected", Some(_))));
        sim.run(60);
    }
    assert!(sim.requests.len() <= 30, "{}", sim.requests.len());
    right.set(true);
    assert!(matches!(sim.call(), Got::Refused(..)), "the hold stands as long as nobody says so");
    sim.life.replace_credentials(true, sim.now.instant);
    assert!(matches!(sim.call(), Got::Fresh(_)));
}

#[test]
fn credentials_that_were_just_set_are_tried_once_more_after_three_seconds() {
    let mut sim = failing(&detail::CREDENTIALS_REJECTED, None);
    sim.run(60);
    sim.life.replace_credentials(true, sim.now.instant);
    let before = sim.requests.len();
    sim.run(1000);
    let gaps = sim.gaps(before);
    assert!(gaps[0] == 3 && (300..=330).contains(&gaps[1]), "{gaps:?}");
}

#[test]
fn replaced_credentials_keep_the_account_s_token_as_stale_and_drop_another_s() {
    for (same_account, expected) in [(true, Got::Stale("t0".to_owned())), (false, Got::Wait)] {
        let mut sim = Sim::new(Renewal::Reissue, tokens(HOUR));
        sim.run(10);
        sim.life.replace_credentials(same_account, sim.now.instant);
        assert_eq!(sim.peek(Want::default()), expected);
        assert_eq!(
            sim.call_for(std::time::Duration::ZERO),
            if same_account { expected } else { Got::Fresh("t1".to_owned()) }
        );
        sim.run(2);
        assert_eq!(sim.call(), Got::Fresh("t1".to_owned()));
    }
    // A password that the vendor itself has changed leaves the token as it is.
    let mut sim = Sim::new(Renewal::SameUntilExpiry, tokens(HOUR));
    sim.run(10);
    sim.life.password_changed();
    assert_eq!(sim.call(), Got::Fresh("t0".to_owned()));
}

#[test]
fn what_was_asked_with_the_old_credentials_says_nothing_about_the_new_ones() {
    let mut sim = Sim::new(Renewal::Reissue, tokens(HOUR));
    let attempt = sim.life.begin(Op::Issue, sim.now.instant);
    sim.life.replace_credentials(true, sim.now.instant);
    let outcome = Err(Error::new(&detail::CREDENTIALS_REJECTED, "the old ones"));
    let learned = sim
        .life
        .learn(attempt, Exchange { sent_at: sim.now, received_at: sim.now, vendor_clock: None, outcome });
    assert!(matches!(learned, Learned::Outdated));
    sim.run(2);
    assert_eq!(sim.call(), Got::Fresh("t0".to_owned()));
}

#[test]
fn what_somebody_asked_for_and_failed_says_nothing_about_the_next_token() {
    for op in [Op::Revoke, Op::ChangePassword] {
        let mut sim = Sim::new(Renewal::Reissue, tokens(HOUR));
        sim.run(10);
        let attempt = sim.life.begin(op, sim.now.instant);
        let outcome = Err(Error::new(&detail::CREDENTIALS_REJECTED, "the old password was wrong"));
        sim.life
            .learn(attempt, Exchange { sent_at: sim.now, received_at: sim.now, vendor_clock: None, outcome });
        assert_eq!(sim.call(), Got::Fresh("t0".to_owned()));
        sim.life.renew_now(sim.now.instant).unwrap();
        sim.run(2);
        assert_eq!(sim.call(), Got::Fresh("t1".to_owned()), "{op:?}");
    }
}

#[test]
fn an_attempt_that_died_is_a_failure_that_passes() {
    let mut sim = Sim::new(Renewal::Reissue, tokens(HOUR));
    let attempt = sim.life.begin(Op::Issue, sim.now.instant);
    assert!(matches!(sim.peek(Want::default()), Got::Wait));
    assert_eq!(sim.life.next(sim.now.instant, Want::default()).next, Next::Flying, "one at a time");
    sim.life.abandon(attempt, sim.now.instant);
    assert!(matches!(sim.peek(Want::default()), Got::Refused("internal", Some(_))));
    sim.run(2);
    assert_eq!(sim.call(), Got::Fresh("t0".to_owned()));
}

#[test]
fn the_status_tells_how_a_source_stands_by_the_wall_clock_as_it_shows_now() {
    let mut sim = then_failing(Renewal::Reissue, &detail::VENDOR_THROTTLED, Some(600));
    let left = |sim: &Sim, at: Option<ccauth_core::Timestamp>| {
        at.map(|at| at.duration_since(sim.now.wall).as_secs())
    };
    let empty = sim.life.status(sim.now);
    assert_eq!((empty.generation, empty.expiry, left(&sim, empty.next)), (0, None, Some(0)));
    sim.run(60);
    sim.step_wall(-86_400);
    let fresh = sim.life.status(sim.now);
    assert_eq!((fresh.generation, left(&sim, fresh.expiry.and_then(|e| e.at))), (1, Some(3_540)));
    assert!((2_740..=2_820).contains(&left(&sim, fresh.next).unwrap()) && fresh.failure.is_none());
    sim.run(2_900);
    sim.report("t0");
    let held = sim.life.status(sim.now);
    assert!(held.is_stale && !held.is_flying);
    let until = left(&sim, held.held_until);
    assert!(
        until.is_some_and(|left| (500..=660).contains(&left)) && until == left(&sim, held.next),
        "{held:?}"
    );
    let failure = held.failure.unwrap();
    assert_eq!(failure.detail(), &detail::VENDOR_THROTTLED);
    assert!(failure.retry_after().unwrap().as_secs() <= 600, "what is left of it");
}
