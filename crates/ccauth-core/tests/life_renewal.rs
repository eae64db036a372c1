//! When a source asks its vendor, as long as all is well.

mod sim;

use std::time::Duration;

use ccauth_core::life::{Next, Policy, Serve, Spread, Want};
use ccauth_core::{Op, Renewal, detail};
use sim::{Answer, DAY, Got, HOUR, Sim, tokens};

#[test]
fn a_vendor_that_renews_early_is_asked_within_its_lead_and_a_tenth_of_it_before() {
    // How long tokens live, and the seconds after which the second one is asked for.
    let table = [
        (10, 4..=5),
        (60, 27..=30),
        (600, 270..=300),
        (1_200, 870..=900),
        (HOUR, 2_808..=2_880),
        (DAY, 67_392..=69_120),
        (90 * DAY, 89 * DAY - 8_640..=89 * DAY),
        (3_650 * DAY, 3_649 * DAY - 8_640..=3_649 * DAY),
    ];
    for mode in [Renewal::Reissue, Renewal::Refresh] {
        for (life, expected) in table.clone() {
            let mut sim = Sim::new(mode, tokens(life));
            sim.run(life);
            assert!(expected.contains(&sim.gaps(0)[0]), "{mode:?} {life}: {:?}", sim.gaps(0));
            let second = if mode == Renewal::Refresh { Op::Renew } else { Op::Issue };
            assert_eq!([sim.requests[0].1, sim.requests[1].1], [Op::Issue, second]);
            assert!(matches!(sim.peek(Want::default()), Got::Fresh(_)));
        }
    }
}

#[test]
fn two_accounts_and_two_machines_do_not_ask_in_step() {
    let spread = Spread::new;
    assert_ne!(spread("a", "h"), spread("b", "h"));
    assert_ne!(spread("ab", "c"), spread("a", "bc"));
    assert_eq!(spread("a", "h"), spread("a", "h"));
    // A hundred machines whose vendor has just come back, and that renew for the first time.
    let spread_over = |mut asked: Vec<u64>| {
        asked.sort_unstable();
        (asked[5], asked[94])
    };
    let renewals = (0..100).map(|n| {
        let mut sim = Sim::on_machine(n, Renewal::Reissue, tokens(DAY));
        sim.run(DAY);
        sim.gaps(0)[0]
    });
    let (early, late) = spread_over(renewals.collect());
    assert!(early < 67_392 + 300 && late > 69_120 - 300, "{early} to {late}: a tenth of the lead is used");
    let tries = (0..100).map(|n| {
        let mut sim =
            Sim::on_machine(n, Renewal::Reissue, |_, _, _| Answer::Fail(&detail::CONNECT_REFUSED, None));
        sim.run(HOUR);
        sim.gaps(0)[8]
    });
    let (early, late) = spread_over(tries.collect());
    assert!((128..150).contains(&early) && (234..=256).contains(&late), "{early} to {late}");
}

#[test]
fn a_lead_of_one_s_own_counts_and_one_above_half_the_life_does_not() {
    let mut policy = Policy::default();
    policy.lead = Some(Duration::from_secs(60));
    let mut sim = Sim::with(Renewal::Reissue, policy, [&[Op::Issue], &[]], tokens(HOUR));
    sim.run(HOUR);
    assert!((3_534..=3_540).contains(&sim.gaps(0)[0]), "{:?}", sim.gaps(0));
}

#[test]
fn a_vendor_that_serves_the_same_until_it_expires_is_asked_just_after() {
    // It gives the old token for 4 s more.
    let mut sim = Sim::new(Renewal::SameUntilExpiry, |_, ms, _| match ms {
        0..600_000 => Answer::Token("old".to_owned(), 600_000 - ms),
        600_000..604_000 => Answer::Token("old".to_owned(), 0),
        _ => Answer::Token("new".to_owned(), 600_000),
    });
    sim.run(599);
    assert_eq!((sim.requests.len(), sim.peek(Want::default())), (1, Got::Fresh("old".to_owned())));
    sim.run(2);
    // Whoever comes in between waits, and gets the new one.
    assert_eq!(sim.call(), Got::Fresh("new".to_owned()));
    let asked: Vec<u64> = sim.requests.iter().map(|(ms, _)| *ms).collect();
    assert_eq!(asked, [0, 600_500, 601_600, 603_700, 607_800], "0.5 s after the end, then after 1, 2, 4 s");
    sim.run(500);
    assert_eq!(sim.requests.len(), 5);
}

#[test]
fn whoever_comes_at_the_edge_waits_for_seconds_and_is_told_of_longer_waits() {
    for (wait, waits) in [(None, true), (Some(3), true), (Some(600), false)] {
        let mut sim = Sim::new(Renewal::SameUntilExpiry, move |_, ms, _| match ms {
            0..600_000 => Answer::Token("old".to_owned(), 600_000 - ms),
            _ => Answer::Fail(&detail::EXPIRY_PAST, wait),
        });
        sim.run(601);
        let got = sim.peek(Want { waits: true, ..Want::default() });
        assert_eq!(got == Got::Wait, waits, "{wait:?}: {got:?}");
    }
}

#[test]
fn one_that_never_lets_go_of_its_token_is_asked_ever_less_often() {
    let mut sim = Sim::new(Renewal::SameUntilExpiry, |_, ms, _| {
        Answer::Token("old".to_owned(), 600_000_u64.saturating_sub(ms))
    });
    sim.run(DAY);
    let late = sim.gaps(sim.requests.len() - 20);
    assert!(late.iter().all(|gap| *gap >= 150), "{late:?}");
    assert!(sim.most_in_a_minute() <= 9, "{}", sim.most_in_a_minute());
}

#[test]
fn the_same_token_again_while_it_lives_changes_nothing_and_makes_no_loop() {
    // Vendors restate the whole life, or what is left of it.
    for restates in [true, false] {
        for mode in [Renewal::Reissue, Renewal::Refresh, Renewal::SameUntilExpiry] {
            let mut sim = Sim::new(mode, move |_, ms, _| {
                let n = ms / (HOUR * 1000);
                let left = if restates { HOUR * 1000 } else { HOUR * 1000 - ms % (HOUR * 1000) };
                Answer::Token(format!("t{n}"), left)
            });
            sim.run(HOUR - 1);
            assert!(sim.learned[1..].iter().all(|word| word == "unchanged"), "{mode:?} {:?}", sim.learned);
            assert!(sim.requests.len() <= 12, "{mode:?} {restates}: {:?}", sim.gaps(0));
            assert!(sim.gaps(0).iter().all(|gap| *gap >= 30), "{mode:?} {restates}: {:?}", sim.gaps(0));
            let end = sim.newest.as_ref().map(|(_, end)| *end);
            sim.run(2);
            assert_ne!(
                sim.newest.as_ref().map(|(_, end)| *end),
                end,
                "{mode:?}: a new one after the recorded end"
            );
        }
    }
}

#[test]
fn the_same_token_after_its_recorded_end_is_alive_and_its_new_end_counts() {
    let mut sim = Sim::new(Renewal::SameUntilExpiry, |_, _, _| Answer::Token("same".to_owned(), 60_000));
    sim.run(61);
    assert_eq!(sim.learned, ["renewed", "renewed"]);
    assert_eq!(sim.peek(Want::default()), Got::Fresh("same".to_owned()));
}

#[test]
fn a_token_that_was_pasted_is_served_to_its_end_and_nothing_is_asked_again() {
    let mut sim = Sim::new(Renewal::Static, |_, _, _| Answer::Token("pasted".to_owned(), 600_000));
    sim.run(599);
    assert_eq!(sim.call(), Got::Fresh("pasted".to_owned()));
    sim.run(1);
    assert_eq!(sim.peek(Want::default()), Got::Refused("token.expired", None), "at its very end");
    sim.run(DAY);
    assert_eq!(sim.call(), Got::Refused("token.expired", None));
    assert_eq!(sim.requests.len(), 1);
    assert!(sim.life.renew_now(sim.now.instant).unwrap_err().message().starts_with("renewal: static"));
    let mut ended = Sim::new(Renewal::Static, |_, _, _| Answer::Fail(&detail::TOKEN_EXPIRED, None));
    ended.run(DAY);
    assert_eq!((ended.requests.len(), ended.call()), (1, Got::Refused("token.expired", None)));
}

#[test]
fn whoever_needs_a_longer_life_gets_a_new_token_or_hears_why_not() {
    let long = Duration::from_secs;
    // Mode, life, when it is asked, how long it must live: what comes of it.
    let fresh = |n: u32| Got::Fresh(format!("t{n}"));
    let refused = Got::Refused("config.value", None);
    for (mode, life, after, min_valid, expected) in [
        (Renewal::Reissue, HOUR, 10, 600, fresh(0)),
        (Renewal::Reissue, HOUR, 1_000, 3_000, fresh(1)),
        (Renewal::Refresh, HOUR, 1_000, 3_000, fresh(1)),
        (Renewal::Reissue, HOUR, 10, 7_200, refused.clone()),
        (Renewal::Reissue, HOUR, 10, 3_595, refused.clone()),
        (Renewal::SameUntilExpiry, HOUR, 1_000, 2_000, fresh(0)),
        (Renewal::SameUntilExpiry, HOUR, 1_000, 3_000, refused.clone()),
        (Renewal::Static, HOUR, 1_000, 3_000, refused.clone()),
    ] {
        let mut sim = Sim::new(mode, tokens(life));
        sim.run(after);
        assert_eq!(sim.call_for(long(min_valid)), expected, "{mode:?} {life} {after} {min_valid}");
        assert_eq!(
            sim.call(),
            if expected == fresh(1) { fresh(1) } else { fresh(0) },
            "others get what there is"
        );
    }
    // Nor is a vendor asked again and again that turns out to give the same token.
    let mut same = Sim::new(Renewal::Reissue, |_, ms, _| Answer::Token("t".to_owned(), HOUR * 1000 - ms));
    same.run(1_000);
    assert_eq!((same.call_for(long(3_000)), same.requests.len()), (refused, 2));
    let mut sim = Sim::new(Renewal::Reissue, tokens(HOUR));
    sim.run(10);
    let step = sim.life.next(sim.now.instant, Want { waits: true, min_valid: long(7_200) });
    let Serve::Refuse(error) = step.serve else { panic!("{step:?}") };
    assert_eq!(error.message(), "min_valid: 7200 s cannot be had, the vendor's tokens live for 3600 s");
}

#[test]
fn a_renewal_at_somebody_s_word_happens_at_once_and_only_where_it_makes_sense() {
    let mut sim = Sim::new(Renewal::Refresh, tokens(HOUR));
    sim.run(10);
    sim.life.renew_now(sim.now.instant).unwrap();
    sim.run(1);
    assert_eq!((sim.requests.len(), sim.call()), (2, Got::Fresh("t1".to_owned())));
    // Nor does it ask twice when the next one is on its way already.
    let attempt = sim.life.begin(Op::Renew, sim.now.instant);
    sim.life.renew_now(sim.now.instant).unwrap();
    sim.life.abandon(attempt, sim.now.instant);
    assert!(sim.life.renew_now(sim.now.instant).is_err(), "a failure is not asked away");
    sim.run(10);
    assert_eq!(sim.requests.len(), 2);
    let mut same =
        Sim::new(Renewal::SameUntilExpiry, |_, ms, _| Answer::Token("t".to_owned(), HOUR * 1000 - ms));
    same.run(10);
    same.life.renew_now(same.now.instant).unwrap();
    same.run(1);
    assert_eq!(same.learned, ["renewed", "unchanged"]);
}

#[test]
fn a_request_whose_turn_comes_late_is_the_one_that_is_right_by_then() {
    for (begun, after, reported, sent) in [
        (Op::Renew, 60, false, Op::Renew),
        (Op::Renew, HOUR, false, Op::Issue),
        (Op::Renew, 60, true, Op::Issue),
        (Op::Validate, 60, true, Op::Validate),
        (Op::Validate, HOUR, true, Op::Issue),
        (Op::Issue, HOUR, false, Op::Issue),
    ] {
        let mut sim = Sim::new(Renewal::Refresh, tokens(HOUR));
        sim.run(10);
        let token = sim.life.token(sim.now.instant).unwrap().clone();
        let attempt = sim.life.begin(begun, sim.now.instant);
        if reported {
            assert!(sim.life.report_rejected(&token, sim.now.instant));
        }
        sim.pass(Duration::from_secs(after));
        let attempt = sim.life.take_turn(attempt, sim.now.instant);
        assert_eq!(attempt.op, sent, "{begun:?} after {after} s, reported: {reported}");
        // The waits count from then on.
        sim.life.abandon(attempt, sim.now.instant);
        sim.life.replace_credentials(true, sim.now.instant);
        let want = Want { waits: true, ..Want::default() };
        let Next::Wait(at) = sim.life.next(sim.now.instant, want).next else { panic!("{begun:?}") };
        assert_eq!(at, sim.now.instant + Policy::default().floor);
    }
}

#[test]
fn a_policy_of_nonsense_is_refused_by_the_name_of_its_field() {
    let lifetime = ccauth_core::Lifetime { documented: 3600, longest: 86_400 };
    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }
    let with = |change: &dyn Fn(&mut Policy)| {
        let mut policy = Policy::default();
        change(&mut policy);
        policy.check(&lifetime).err().map(|e| e.message().to_owned())
    };
    assert_eq!(with(&|_| {}), None);
    assert_eq!(with(&|p| p.lead = Some(secs(1_800))), None);
    let lead = "lead: expected at most half of a life, 1800 s here, and more than none";
    assert_eq!(with(&|p| p.lead = Some(secs(1_801))).as_deref(), Some(lead));
    assert_eq!(with(&|p| p.lead = Some(Duration::ZERO)).as_deref(), Some(lead));
    type Change = (&'static str, fn(&mut Policy));
    let changes: [Change; 8] = [
        ("floor", |p| p.floor = Duration::ZERO),
        ("alive", |p| p.alive = secs(DAY + 1)),
        ("pace", |p| p.pace = Duration::ZERO),
        ("burst", |p| p.burst = 0),
        ("edge", |p| p.edge = secs(DAY + 1)),
        ("transient", |p| p.transient.first = Duration::ZERO),
        ("rejected", |p| p.rejected.most = secs(1)),
        ("throttled", |p| p.throttled.most = secs(DAY + 1)),
    ];
    for (field, change) in changes {
        let message = with(&change).unwrap_or_default();
        assert!(message.starts_with(&format!("{field}: expected")), "{field}: {message}");
    }
}
