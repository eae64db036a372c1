//! What of a life outlasts its process, and what another one makes of it.

mod sim;

use std::time::Duration;

use ccauth_core::jiff::SignedDuration;
use ccauth_core::life::{Found, Learned, Next, Want};
use ccauth_core::{Carriage, Error, Exchange, Instant, Now, Op, Renewal, Secret, detail};
use sim::{Answer, Got, HOUR, Sim, tokens};

const HERE: &str = "this boot";
const ELSEWHERE: &str = "another boot";
const DAY: i64 = 24 * 3600;

/// What another process makes of `record` as its first request is due.
fn opened(mode: Renewal, record: &Secret, now: Now, origin: &str) -> (Sim, String) {
    let mut sim = Sim::new(mode, tokens(HOUR));
    sim.now = now;
    let told = look(&mut sim, record, origin);
    (sim, told)
}

/// Begins what is due, looks at `record` first, with the right to ask, and leaves it at that.
fn look(sim: &mut Sim, record: &Secret, origin: &str) -> String {
    let Next::Send(op) = sim.life.next(sim.now.instant, Want::default()).next else {
        return "nothing due".to_owned();
    };
    let attempt = sim.life.begin(op, sim.now.instant);
    let found = Found { record, now: sim.now, origin, is_alone: true };
    match sim.life.take(attempt, &found, &Carriage::Bearer) {
        Some(Learned::Failed(error)) => error.detail().word.to_owned(),
        Some(learned) => format!("{learned:?}").to_lowercase(),
        None => format!("{:?}", sim.life.take_turn(attempt, sim.now.instant).op).to_lowercase(),
    }
}

fn later(now: Now, passed: u64, step: i64, anew: bool) -> Now {
    let passed = Duration::from_secs(passed);
    let shown = SignedDuration::try_from(passed).expect("a span") + SignedDuration::from_secs(step);
    let wall = now.wall.checked_add(shown).expect("a time");
    // A clock that nobody sets begins anew with each boot.
    let begin = if anew { Instant::from_nanos(5) } else { now.instant };
    Now { wall, instant: begin + passed }
}

#[test]
fn p06_a_kept_token_lives_to_its_end_whatever_the_wall_clock_shows_and_never_longer() {
    let mut first = Sim::new(Renewal::Reissue, tokens(HOUR));
    first.send(Op::Issue);
    let record = first.life.record(first.now, HERE);
    // The boot, what has passed since in seconds and how the wall clock was set; what becomes of the first request, and how
    // long the token still lives.
    let table: [(&str, u64, i64, &str, Option<u64>); 12] = [
        (HERE, 0, 0, "renewed", Some(3599)),
        (HERE, 1800, 0, "renewed", Some(1799)),
        (HERE, 1800, 10 * 365 * DAY, "renewed", Some(1799)),
        (HERE, 1800, -10 * 365 * DAY, "renewed", Some(1799)),
        (HERE, 3200, 0, "issue", Some(399)),
        (HERE, 3600, 0, "issue", None),
        (HERE, 3600, -10 * 365 * DAY, "issue", None),
        (ELSEWHERE, 1800, 0, "renewed", Some(1499)),
        (ELSEWHERE, 3400, 0, "issue", None),
        (ELSEWHERE, 60, DAY, "issue", None),
        // Nobody knows how much time has passed.
        (ELSEWHERE, 60, -DAY, "issue", None),
        ("", 60, 0, "renewed", Some(3239)),
    ];
    for (boot, passed, step, expected, left) in table {
        let now = later(first.now, passed, step, boot != HERE);
        let (second, told) = opened(Renewal::Reissue, &record, now, boot);
        let held = second.life.holding(now.instant);
        let lives = held.map(|held| held.ends.expect("an end").since(now.instant).as_secs());
        assert_eq!((told.as_str(), lives), (expected, left), "{boot} {passed} {step}");
        let got = left.map_or(Got::Wait, |_| Got::Fresh("t0".to_owned()));
        assert!(expected == "issue" || second.peek(Want::default()) == got, "{boot} {passed} {step}");
    }
}

#[test]
fn each_mode_goes_on_with_a_kept_token_as_with_its_own() {
    // When in its life it is found; what becomes of the first request.
    for (mode, at, expected) in [
        (Renewal::Reissue, 1800, "renewed"),
        (Renewal::Reissue, 3400, "issue"),
        (Renewal::Refresh, 1800, "renewed"),
        (Renewal::Refresh, 3400, "renew"),
        (Renewal::SameUntilExpiry, 1800, "renewed"),
        (Renewal::SameUntilExpiry, 3400, "renewed"),
    ] {
        let mut first = Sim::new(mode, tokens(HOUR));
        first.send(Op::Issue);
        let record = first.life.record(first.now, HERE);
        let (_, told) = opened(mode, &record, later(first.now, at, 0, false), HERE);
        assert_eq!(told, expected, "{mode:?} {at}");
    }
}

#[test]
fn p18_a_hold_is_kept_and_goes_on_from_where_it_was_and_what_another_process_may_not_meet_is_not() {
    for (detail, wait, expected, holds) in [
        (&detail::CREDENTIALS_REJECTED, None, "credentials.rejected", 300..=330),
        (&detail::NOT_ENTITLED, None, "account.not_entitled", 300..=330),
        (&detail::VENDOR_THROTTLED, Some(120), "vendor.throttled", 120..=132),
        (&detail::TLS_UNTRUSTED, None, "issue", 0..=0),
        (&detail::PROXY_REFUSED, None, "issue", 0..=0),
        (&detail::REQUEST_REFUSED, None, "issue", 0..=0),
    ] {
        let mut first = Sim::new(Renewal::Reissue, move |_, _, _| Answer::Fail(detail, wait));
        first.send(Op::Issue);
        let record = first.life.record(first.now, HERE);
        let passed = 10;
        let now = later(first.now, passed, 0, false);
        let (mut second, told) = opened(Renewal::Reissue, &record, now, HERE);
        assert_eq!(told, expected);
        let Got::Refused(word, Some(left)) = second.peek(Want::default()) else {
            assert_eq!(expected, "issue");
            continue;
        };
        assert!(word == expected && holds.contains(&(left + passed + 1)), "{word} {left}");
        // Whoever waits for its end and looks again finds nothing new in it, and asks.
        second.now = later(second.now, left + 1, 0, false);
        assert_eq!(look(&mut second, &record, HERE), "issue", "{expected}");
        // On another boot, by the wall clock; and never for longer than the longest of holds.
        let (third, told) = opened(Renewal::Reissue, &record, later(first.now, passed, 0, true), ELSEWHERE);
        assert_eq!((told.as_str(), third.peek(Want::default())), (expected, Got::Refused(word, Some(left))));
        let past = later(first.now, passed, -3650 * DAY, true);
        let (fourth, _) = opened(Renewal::Reissue, &record, past, ELSEWHERE);
        let Got::Refused(_, Some(left)) = fourth.peek(Want::default()) else { panic!("{expected}") };
        assert!(left <= 3960, "{left}");
    }
}

#[test]
fn p18_rejections_are_counted_on_by_whoever_asks_next() {
    let rejected = || Sim::new(Renewal::Reissue, |_, _, _| Answer::Fail(&detail::CREDENTIALS_REJECTED, None));
    let mut life = rejected();
    life.send(Op::Issue);
    let mut waits = Vec::new();
    for _ in 0..5 {
        let Got::Refused(_, Some(wait)) = life.peek(Want::default()) else { panic!("a hold") };
        waits.push(wait);
        let record = life.life.record(life.now, HERE);
        let mut next = rejected();
        next.now = life.now;
        assert_eq!(look(&mut next, &record, HERE), "credentials.rejected");
        next.now = later(next.now, wait + 1, 0, false);
        next.send(Op::Issue);
        life = next;
    }
    for (wait, least) in waits.iter().zip([300, 600, 1200, 2400, 3600]) {
        assert!((least - 1..=least * 11 / 10).contains(wait), "{waits:?}");
    }
}

#[test]
fn a_failure_that_may_pass_is_everybody_s_who_has_met_it_and_for_a_moment_everybody_else_s() {
    // What has befallen the first one, and how long ago; what becomes of the request of a process that was just started,
    // and how long it then waits at most; the same of one that holds a token which has ended.
    for (detail, wait, passed, started, at_most, running) in [
        (&detail::CONNECT_REFUSED, None, 0, "connect.refused", 1, "connect.refused"),
        (&detail::VENDOR_FAULT, Some(40), 0, "vendor.fault", 5, "vendor.fault"),
        (&detail::VENDOR_FAULT, Some(40), 4, "vendor.fault", 1, "vendor.fault"),
        (&detail::VENDOR_FAULT, Some(40), 6, "issue", 0, "vendor.fault"),
        (&detail::VENDOR_FAULT, Some(40), 50, "issue", 0, "issue"),
        // These are a process's own.
        (&detail::RESOURCE, Some(40), 0, "issue", 0, "issue"),
        (&detail::INTERNAL, Some(40), 0, "issue", 0, "issue"),
    ] {
        let of = |sim: &Sim| match sim.peek(Want { waits: true, ..Want::default() }) {
            Got::Refused(_, Some(wait)) => wait,
            _ => 0,
        };
        let mut first = Sim::new(Renewal::Reissue, tokens(60));
        first.send(Op::Issue);
        let token = first.life.record(first.now, HERE);
        let (mut holds, _) = opened(Renewal::Reissue, &token, first.now, HERE);
        first.pass(Duration::from_secs(60));
        let mut fails = Sim::new(Renewal::Reissue, move |_, _, _| Answer::Fail(detail, wait));
        fails.now = first.now;
        fails.send(Op::Issue);
        let record = fails.life.record(fails.now, HERE);
        let now = later(fails.now, passed, 0, false);
        let (new, told) = opened(Renewal::Reissue, &record, now, HERE);
        assert_eq!(told, started, "{passed}");
        assert!(of(&new) <= at_most, "{} {at_most}", of(&new));
        holds.now = now;
        assert_eq!(look(&mut holds, &record, HERE), running, "{passed}");
        let left = if running == "issue" { 0 } else { wait.map_or(0, |wait| wait - passed - 1) };
        assert!((left..=left + 5).contains(&of(&holds)), "{passed}: {}", of(&holds));
    }
}

#[test]
fn a_token_that_is_being_exchanged_is_exchanged_by_nobody_else() {
    let mut one = Sim::new(Renewal::Refresh, tokens(HOUR));
    one.send(Op::Issue);
    let before = one.life.record(one.now, HERE);
    let (mut two, _) = opened(Renewal::Refresh, &before, one.now, HERE);
    for sim in [&mut one, &mut two] {
        sim.pass(Duration::from_secs(3300));
    }
    let now = one.now;
    let attempt = one.life.begin(Op::Renew, now.instant);
    let during = one.life.record(now, HERE);
    // As long as whoever does it may yet say what came of it, nothing is said.
    let mut waits = Sim::new(Renewal::Refresh, tokens(HOUR));
    waits.now = now;
    let waiting = waits.life.begin(Op::Issue, now.instant);
    for (is_alone, got) in [(false, Got::Wait), (true, Got::Stale("t0".to_owned()))] {
        let found = Found { record: &during, now, origin: HERE, is_alone };
        assert!(waits.life.take(waiting, &found, &Carriage::Bearer).is_none());
        assert_eq!(waits.peek(Want::default()), got);
    }
    assert_eq!(look(&mut two, &during, HERE), "issue");
    assert_eq!(two.peek(Want::default()), Got::Stale("t0".to_owned()));
    let (started, told) = opened(Renewal::Refresh, &during, now, HERE);
    assert_eq!((told.as_str(), started.peek(Want::default())), ("issue", Got::Stale("t0".to_owned())));
    // It did not come to that: no connection was made.
    let outcome = Err(Error::new(&detail::CONNECT_REFUSED, "by the test"));
    let exchange = Exchange { sent_at: now, received_at: now, vendor_clock: None, outcome };
    let learned = one.life.learn(attempt, exchange);
    assert!(one.life.is_worth_keeping(&learned));
    let after = one.life.record(now, HERE);
    assert!(after.expose().contains("connect.refused"));
    let (started, told) = opened(Renewal::Refresh, &after, later(now, 60, 0, false), HERE);
    assert_eq!((told.as_str(), started.peek(Want::default())), ("renew", Got::Fresh("t0".to_owned())));
    // It is tried again: nobody is to be content with what came of it before.
    one.life.begin(Op::Renew, now.instant);
    assert!(!one.life.record(now, HERE).expose().contains("connect.refused"));
}

#[test]
fn p19_what_one_process_has_renewed_the_others_take_and_nobody_takes_what_is_older() {
    let mut one = Sim::new(Renewal::Reissue, tokens(HOUR));
    one.send(Op::Issue);
    let old = one.life.record(one.now, HERE);
    let (mut other, _) = opened(Renewal::Reissue, &old, one.now, HERE);
    assert!(one.report("t0") && other.report("t0"));
    one.pass(Duration::from_secs(2));
    other.now = one.now;
    // What both were refused with is in the store: it must be asked for.
    assert_eq!(look(&mut other, &old, HERE), "issue");
    one.send(Op::Issue);
    let new = one.life.record(one.now, HERE);
    let (mut other, _) = opened(Renewal::Reissue, &old, one.now, HERE);
    assert!(other.report("t0"));
    other.pass(Duration::from_secs(2));
    assert_eq!(look(&mut other, &new, HERE), "renewed");
    assert_eq!(other.peek(Want::default()), Got::Fresh("t1".to_owned()));
    // A backup was put back.
    one.pass(Duration::from_secs(40));
    assert!(one.report("t1"));
    assert_eq!(look(&mut one, &old, HERE), "issue");
}

#[test]
fn what_is_no_good_is_never_called_good_by_another_process() {
    // It was reported, and is served on as stale.
    let mut one = Sim::new(Renewal::Reissue, tokens(HOUR));
    one.send(Op::Issue);
    assert!(one.report("t0"));
    let (two, told) = opened(Renewal::Reissue, &one.life.record(one.now, HERE), one.now, HERE);
    assert_eq!((told.as_str(), two.peek(Want::default())), ("issue", Got::Stale("t0".to_owned())));
    // It was reported, and the vendor gave it again.
    let mut one = Sim::new(Renewal::SameUntilExpiry, |_, _, _| Answer::Token("t0".to_owned(), HOUR * 1000));
    one.send(Op::Issue);
    assert!(one.report("t0"));
    one.pass(Duration::from_secs(2));
    one.send(Op::Issue);
    let record = one.life.record(one.now, HERE);
    let (mut two, told) = opened(Renewal::SameUntilExpiry, &record, one.now, HERE);
    assert_eq!(told, "token.rejected");
    two.pass(Duration::from_secs(100));
    two.send(Op::Issue);
    assert_eq!(two.learned, ["token.rejected"]);
    // It is another password's.
    one.life.replace_credentials(true, one.now.instant);
    let record = one.life.record(one.now, HERE);
    assert!(!record.expose().contains("t0"));
}

#[test]
fn whatever_a_record_holds_taking_it_is_a_miss_or_a_token_that_was_written() {
    let mut one = Sim::new(Renewal::Reissue, tokens(HOUR));
    one.send(Op::Issue);
    let record = one.life.record(one.now, HERE);
    let text = record.expose();
    for end in 0..text.len() {
        let (_, told) = opened(Renewal::Reissue, &text[..end].into(), one.now, HERE);
        assert_eq!(told, "issue", "cut at {end}");
    }
    for (part, other) in [
        ("\"version\":1", "\"version\":2"),
        ("\"version\":1", "\"version\":\"\""),
        ("\"value\":\"t0\"", "\"value\":\"\""),
        ("\"value\":\"t0\"", "\"value\":\"<html>\""),
        ("\"value\":\"t0\"", "\"value\":null"),
        ("\"number\":1", "\"number\":-1"),
        ("\"expiry\":\"server\"", "\"expiry\":\"\""),
        // No end is no life without one.
        ("\"ends\":", "\"end\":"),
        ("\"ends\":", "\"ends\":null,\"end\":"),
        ("\"ends\":", "\"ends\":\"\",\"end\":"),
    ] {
        assert!(text.contains(part), "{part} in {text}");
        let (_, told) = opened(Renewal::Reissue, &text.replace(part, other).into(), one.now, HERE);
        assert_eq!(told, "issue", "{other}");
    }
}
