//! What a report does that a token was refused: one renewal, and no more trust than the vendor's answer is worth.

mod sim;

use ccauth_core::life::{Policy, Want};
use ccauth_core::{Detail, Op, Renewal, detail};
use sim::{Answer, Got, HOUR, Sim, tokens};

const DOCUMENTED: [&[Op]; 2] = [&[Op::Issue, Op::Validate], &[]];
const OBSERVED: [&[Op]; 2] = [&[Op::Issue, Op::Validate], &[Op::Validate]];

#[test]
fn p19_many_reports_of_one_token_make_one_renewal_and_one_of_an_older_token_makes_none() {
    for mode in [Renewal::Reissue, Renewal::Refresh] {
        let mut sim = Sim::new(mode, tokens(HOUR));
        sim.run(10);
        let news = (0..64).filter(|_| sim.report("t0")).count();
        assert_eq!((news, sim.call()), (1, Got::Stale("t0".to_owned())));
        sim.run(60);
        // The vendor is not asked to exchange what it does not know.
        assert_eq!(sim.requests.iter().map(|(_, op)| *op).collect::<Vec<_>>(), [Op::Issue, Op::Issue]);
        assert_eq!(sim.call(), Got::Fresh("t1".to_owned()));
        assert!(!sim.report("t0") && !sim.report("another"));
        sim.run(60);
        assert_eq!(sim.requests.len(), 2);
    }
}

#[test]
fn a_vendor_whose_every_token_is_refused_is_asked_twice_a_minute_at_most() {
    let mut sim = Sim::new(Renewal::Reissue, tokens(HOUR));
    while sim.ms() < HOUR * 1000 {
        if let Got::Fresh(value) = sim.call() {
            sim.report(&value);
        }
        sim.run(1);
    }
    assert!(sim.requests.len() <= 121, "{}", sim.requests.len());
    assert!(sim.most_in_a_minute() <= 3, "{}", sim.most_in_a_minute());
}

#[test]
fn a_report_in_an_outage_neither_drops_the_token_nor_hastens_the_vendor() {
    let mut first = true;
    let mut sim = Sim::new(Renewal::Reissue, move |_, _, _| match std::mem::take(&mut first) {
        true => Answer::Token("t0".to_owned(), HOUR * 1000),
        false => Answer::Fail(&detail::CONNECT_REFUSED, None),
    });
    sim.run(10);
    assert!(sim.report("t0"));
    sim.run(600);
    assert_eq!(sim.call(), Got::Stale("t0".to_owned()));
    assert!(sim.gaps(1).iter().all(|gap| *gap >= 30), "{:?}", sim.gaps(1));
}

#[test]
fn a_token_that_is_served_again_although_it_was_reported_is_never_called_valid_any_more() {
    for mode in [Renewal::Reissue, Renewal::SameUntilExpiry] {
        let mut sim = Sim::new(mode, |_, ms, _| match ms {
            0..=1_800_000 => Answer::Token("dead".to_owned(), 12 * HOUR * 1000),
            _ => Answer::Token("new".to_owned(), 12 * HOUR * 1000),
        });
        sim.run(10);
        assert!(sim.report("dead"));
        sim.run(2);
        let Got::Refused("token.rejected", Some(wait)) = sim.call() else { panic!("{mode:?}") };
        assert!((58..=66).contains(&wait), "{wait}");
        sim.run(1_800);
        assert!(!sim.report("dead"), "that is known");
        let gaps = sim.gaps(1);
        assert!((60..=66).contains(&gaps[0]) && (120..=132).contains(&gaps[1]), "{gaps:?}");
        sim.run(1_000);
        assert_eq!(sim.call(), Got::Fresh("new".to_owned()), "{mode:?}");
    }
}

#[test]
fn where_the_vendor_can_be_asked_about_a_token_it_is_asked_first() {
    type Row = (Result<(), &'static Detail>, &'static [Op], Got);
    let stale = || Got::Stale("t0".to_owned());
    let table: [Row; 3] = [
        // It is good here: whoever was refused asked from elsewhere.
        (Ok(()), &[Op::Issue, Op::Validate], Got::Fresh("t0".to_owned())),
        (Err(&detail::TOKEN_REJECTED), &[Op::Issue, Op::Validate, Op::Issue], Got::Fresh("t1".to_owned())),
        (Err(&detail::CONNECT_REFUSED), &[Op::Issue, Op::Validate], stale()),
    ];
    for (answer, ops, expected) in table {
        let mut issue = tokens(12 * HOUR);
        let mut sim =
            Sim::with(Renewal::SameUntilExpiry, Policy::default(), DOCUMENTED, move |op, ms, held| {
                match (op, answer) {
                    (Op::Validate, Ok(())) => Answer::Valid,
                    (Op::Validate, Err(detail)) => Answer::Fail(detail, None),
                    _ => issue(op, ms, held),
                }
            });
        sim.run(10);
        assert!(sim.report("t0"));
        assert_eq!(sim.peek(Want::default()), stale());
        sim.run(20);
        assert_eq!(sim.requests.iter().map(|(_, op)| *op).collect::<Vec<_>>(), ops, "{answer:?}");
        assert_eq!(sim.call(), expected, "{answer:?}");
        assert!(!sim.report("t0"), "not twice in half a minute");
    }
}

#[test]
fn an_operation_that_no_page_of_the_vendor_names_is_not_used_unasked() {
    let mut sim = Sim::with(Renewal::SameUntilExpiry, Policy::default(), OBSERVED, tokens(HOUR));
    sim.run(10);
    assert!(sim.report("t0"));
    sim.run(10);
    assert_eq!(sim.requests[1].1, Op::Issue);
}

#[test]
fn a_pasted_token_that_was_reported_is_served_as_stale_and_nothing_is_asked() {
    let mut sim = Sim::new(Renewal::Static, |_, _, _| Answer::Token("pasted".to_owned(), HOUR * 1000));
    sim.run(1);
    assert!(sim.report("pasted"));
    sim.run(100);
    assert_eq!((sim.call(), sim.requests.len()), (Got::Stale("pasted".to_owned()), 1));
}

#[test]
fn a_revoked_token_is_gone_and_the_next_one_is_asked_for() {
    let mut sim = Sim::new(Renewal::SameUntilExpiry, tokens(HOUR));
    sim.run(10);
    sim.life.drop_token();
    assert_eq!(sim.peek(Want::default()), Got::Wait);
    assert_eq!(sim.call(), Got::Fresh("t1".to_owned()));
}
