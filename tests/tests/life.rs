//! The life of a token against each of the vendors, over sockets, on clocks that the test moves. Nobody asks the source
//! to renew: what happens, happens by itself.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::sync::Arc;
use std::time::Duration;

use ccauth::{Account, Client, Clock, ErrorKind, ManualClock, Source, Status, Timestamp, Token};
use ccauth_sandbox::{Action, Fault, Filter, Point, RetryAfter, Sandbox};
use ccauth_tests::{VENDORS, accepted, fields_with, reaching, sandbox, wait_for};

const SECOND: Duration = Duration::from_secs(1);

/// One vendor's account, and two clocks: the vendor's, and ours.
struct World {
    sandbox: Sandbox,
    vendor: &'static str,
    clock: Arc<ManualClock>,
    client: Client,
}

impl World {
    /// The vendor's clock is so many seconds ahead of ours.
    fn new(vendor: &'static str, ahead: i64) -> Self {
        let sandbox = sandbox();
        sandbox.admin().freeze();
        let now = Timestamp::from_second(sandbox.admin().clock().now - ahead).unwrap();
        let clock = Arc::new(ManualClock::new(now));
        let client = Client::builder().clock(clock.clone()).build();
        Self { sandbox, vendor, clock, client }
    }

    fn account(&self, others: &[(&str, &str)]) -> Account {
        let fields = fields_with(&self.sandbox, self.vendor, others);
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        reaching(&self.sandbox, self.vendor, fields).client(&self.client).build().unwrap()
    }

    /// A source that has its first token, or knows why not.
    fn open(&self, others: &[(&str, &str)]) -> Source {
        let source = Source::open(&self.account(others));
        self.settled(&source);
        source
    }

    /// Lets time pass, and what is then due be done.
    fn pass(&self, source: &Source, seconds: u64) -> Status {
        self.sandbox.admin().advance(i64::try_from(seconds).unwrap());
        self.clock.advance(Duration::from_secs(seconds));
        self.settled(source)
    }

    /// Waits until nothing is under way or due.
    fn settled(&self, source: &Source) -> Status {
        wait_for("an end of what is under way", || {
            let status = source.status();
            let rests = status.next.is_none_or(|next| next > self.now());
            (rests && !status.is_flying).then_some(status)
        })
    }

    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }

    /// The seconds until this instant, rounded up.
    fn until(&self, at: Timestamp) -> u64 {
        u64::try_from(at.duration_since(self.now()).as_nanos()).unwrap_or_default().div_ceil(1_000_000_000)
    }

    /// The token, which the vendor takes.
    fn good(&self, source: &Source) -> Token {
        let token = source.token().unwrap();
        assert!(
            accepted(&self.sandbox, &self.account(&[]), &token),
            "{}: {:?}",
            self.vendor,
            source.status()
        );
        token
    }

    /// How often the vendor was asked, on these routes.
    fn asked(&self, routes: &[&str]) -> usize {
        let asked = self.sandbox.admin().requests(&Filter::all().vendor(self.vendor));
        asked.iter().filter(|entry| routes.contains(&entry.route.as_str())).count()
    }

    fn fault(&self, action: Action, route: &str) -> u64 {
        let fault = Fault::new(action).vendor(self.vendor).route(route);
        self.sandbox.admin().add_fault(fault).unwrap()
    }
}

const DOWN: Action = Action::Status { status: 503, retry_after: None, headers: Vec::new() };

/// Whether the vendor's page lets a token be renewed early.
fn renews_early(vendor: &str) -> bool {
    !matches!(vendor, "contactnow" | "sangoma")
}

#[test]
fn each_vendor_s_token_is_renewed_when_its_mode_says_on_the_vendor_s_clock() {
    for vendor in VENDORS {
        for ahead in [3_600, -3_600] {
            let world = World::new(vendor, ahead);
            let source = world.open(&[]);
            for generation in 1..4 {
                let what = format!("{vendor}, {ahead} s ahead, token {generation}");
                let status = source.status();
                let end = world.until(status.expiry.unwrap().at.unwrap());
                let next = world.until(status.next.unwrap());
                if renews_early(vendor) {
                    let lead = (end / 5).clamp(300, 86_400);
                    assert!((lead..=lead + lead / 10 + 2).contains(&(end - next)), "{what}: {next} of {end}");
                } else {
                    assert!((0..=1).contains(&(next - end)), "{what}: {next} of {end}");
                }
                let held = world.good(&source);
                world.pass(&source, end.min(next) - 2);
                assert!(world.good(&source).same_value(&held), "{what}: up to then it is the same");
                // The page's and the sandbox's seconds are whole ones.
                let mut late = 0;
                while world.pass(&source, 1).generation == generation {
                    late += 1;
                    assert!(late < 8, "{what}: {:?}", source.status());
                }
                assert!(!world.good(&source).same_value(&held), "{what}");
            }
            let most = if renews_early(vendor) { 4 } else { 3 * 3 + 1 };
            assert!((4..=most).contains(&world.asked(&["token", "refresh"])), "{vendor}");
        }
    }
}

#[test]
fn p02_an_outage_shorter_than_the_lead_reaches_nobody_and_a_longer_one_is_one_clear_error() {
    for vendor in VENDORS {
        // From a second on, to beyond the end of the token.
        for part in [0.0, 0.3, 0.9, 1.5] {
            outage(vendor, part);
        }
    }
}

/// An outage from just before the renewal on, for this part of what is then left of the token's life, or of ten minutes.
fn outage(vendor: &'static str, part: f64) {
    let what = format!("{vendor}, {part}");
    let world = World::new(vendor, 0);
    let source = world.open(&[]);
    let status = source.status();
    let (end, next) = (world.until(status.expiry.unwrap().at.unwrap()), world.until(status.next.unwrap()));
    world.pass(&source, end.min(next) - 3);
    let held = world.good(&source);
    let left = end - (end.min(next) - 3);
    world.fault(DOWN, "token");
    world.fault(DOWN, "refresh");
    let span = if renews_early(vendor) { left } else { 600 };
    let lasts = 1 + (span as f64 * part) as u64;
    let steps = 40;
    let mut passed = 0;
    while passed < lasts {
        // Up to the last second of the token, and from there on.
        let to_end = left.saturating_sub(passed + 1);
        let step = (lasts / steps).max(1).min(lasts - passed);
        let step = if to_end > 0 { step.min(to_end) } else { step };
        world.pass(&source, step);
        passed += step;
        if passed < left {
            let token = source.token().unwrap();
            assert!(token.same_value(&held), "{what}, after {passed} s of {left}");
            // A refresh that failed may have happened, but has not.
            assert!(accepted(&world.sandbox, &world.account(&[]), &token), "{what}, after {passed} s");
        } else if passed > left {
            let failure = source.token().unwrap_err();
            assert_eq!(failure.kind(), ErrorKind::Vendor, "{what}: {failure}");
            assert!(failure.retry_after().is_some_and(|wait| wait <= 300 * SECOND), "{what}: {failure}");
        }
    }
    let asked = world.asked(&["token", "refresh"]);
    // At most one in 30 s, but for the last part of a life and the roll-over.
    assert!(asked as u64 <= lasts / 30 + 16, "{what}: {asked} requests in {lasts} s");
    world.sandbox.admin().clear_faults();
    let mut late = 0;
    while source.status().generation == 1 {
        world.pass(&source, 10);
        late += 10;
        assert!(late <= 330, "{what}: {:?}", source.status());
    }
    world.good(&source);
}

#[test]
fn a_vendor_that_throttles_is_not_asked_before_it_says() {
    for vendor in VENDORS {
        let world = World::new(vendor, 0);
        let retry_after = Some(RetryAfter::Seconds(120));
        world.fault(Action::Status { status: 429, retry_after, headers: Vec::new() }, "token");
        let source = world.open(&[]);
        let failure = source.token().unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::RateLimited, "{vendor}: {failure}");
        let wait = failure.retry_after().unwrap().as_secs();
        assert!((119..=132).contains(&wait), "{vendor}: {wait}");
        for _ in 0..119 {
            world.pass(&source, 1);
            source.token().unwrap_err();
        }
        assert_eq!(world.asked(&["token"]), 1, "{vendor}");
        world.sandbox.admin().clear_faults();
        world.pass(&source, 14);
        world.good(&source);
    }
}

#[test]
fn p18_a_wrong_password_is_tried_thirty_times_a_day_at_most_and_the_right_one_at_once() {
    for vendor in VENDORS {
        let world = World::new(vendor, 0);
        let secret =
            world.sandbox.account(vendor).fields().iter().find(|field| field.secret).unwrap().name.clone();
        let source = world.open(&[(&secret, "not-it")]);
        let mut passed = 0;
        while passed < 86_400 {
            let step = world.until(source.status().next.unwrap());
            world.pass(&source, step);
            passed += step;
            assert_eq!(source.token().unwrap_err().kind(), ErrorKind::Credentials, "{vendor}");
        }
        let asked = world.asked(&["token"]);
        assert!((20..=30).contains(&asked), "{vendor}: {asked}");
        // Nobody lets a vendor's lock stand in the way of what is tested here.
        world.pass(&source, 600);
        source.replace(&world.account(&[])).unwrap();
        world.settled(&source);
        world.good(&source);
    }
}

#[test]
fn a_refresh_whose_reply_is_lost_is_followed_by_one_login_and_no_second_refresh() {
    let world = World::new("servetel", 0);
    let source = world.open(&[]);
    let held = world.good(&source);
    let lost = Fault::new(Action::Reset { at: Point::BeforeReply }).route("refresh").after_action(true);
    world.sandbox.admin().add_fault(lost).unwrap();
    world.pass(&source, world.until(source.status().next.unwrap()));
    world.pass(&source, 2);
    assert!(!world.good(&source).same_value(&held));
    assert_eq!((world.asked(&["refresh"]), world.asked(&["token"])), (1, 2));
}

#[test]
fn a_reported_token_that_the_vendor_serves_again_is_never_called_valid_any_more() {
    let world = World::new("sangoma", 0);
    let source = world.open(&[]);
    world.pass(&source, 60);
    let held = world.good(&source);
    source.report_rejected(&held);
    let status = world.settled(&source);
    assert!(status.expiry.is_none() && status.held_until.is_some(), "{status:?}");
    let end = world.until(held.expires_at().unwrap());
    let mut passed = 0;
    while passed + 3_600 < end {
        let failure = source.token().unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Revoked, "{failure}");
        assert_eq!(source.try_token(&mut [0; 4_096]).unwrap_err().kind, ErrorKind::Revoked);
        let step = (end / 30).min(end - passed);
        world.pass(&source, step);
        passed += step;
    }
    world.pass(&source, end - passed + 3_600);
    assert!(!world.good(&source).same_value(&held));
}
