//! The faults that are set, and which of them strikes next.

use serde::Serialize;

use super::{Action, Fault, When};
use crate::error::Invalid;

/// Each costs memory, and every request looks at them all.
const MOST_FAULTS: usize = 1_000;

/// A fault that is set, with what it has seen and done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArmedFault {
    /// Its number, for removing it.
    pub id: u64,
    /// Requests or connections that matched so far.
    pub seen: u32,
    /// How many of them it struck.
    pub struck: u32,
    /// The fault itself.
    #[serde(flatten)]
    pub fault: Fault,
}

#[derive(Debug)]
pub(crate) struct Faults {
    armed: Vec<ArmedFault>,
    last_id: u64,
    dice: Dice,
}

/// What a fault is matched against.
pub(crate) enum Target<'a> {
    Connection,
    Request { vendor: &'a str, route: &'a str, path: &'a str },
}

impl Faults {
    pub(crate) fn new() -> Faults {
        Faults { armed: Vec::new(), last_id: 0, dice: Dice(0) }
    }

    pub(crate) fn add(&mut self, fault: Fault, tls: bool) -> Result<u64, Invalid> {
        fault.check(tls)?;
        if self.armed.len() >= MOST_FAULTS {
            return Err(Invalid::new("fault", format!("{MOST_FAULTS} are set already; remove some")));
        }
        self.last_id += 1;
        self.armed.push(ArmedFault { id: self.last_id, seen: 0, struck: 0, fault });
        Ok(self.last_id)
    }

    pub(crate) fn list(&self) -> &[ArmedFault] {
        &self.armed
    }

    pub(crate) fn is_set(&self, id: u64) -> bool {
        self.armed.iter().any(|armed| armed.id == id)
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.armed.len();
        self.armed.retain(|armed| armed.id != id);
        self.armed.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.armed.clear();
    }

    /// The fault that strikes this target: the first one set that is due. All that match count it as seen.
    pub(crate) fn pick(&mut self, target: &Target<'_>) -> Option<(u64, Fault)> {
        let mut picked = None;
        for armed in self.armed.iter_mut().filter(|armed| armed.fault.matches(target)) {
            armed.seen = armed.seen.saturating_add(1);
            let left = armed.fault.times.is_none_or(|times| armed.struck < times);
            let due = match armed.fault.when {
                When::Always => true,
                When::Nth(n) => armed.seen == n,
                When::Every(n) => armed.seen.is_multiple_of(n),
                When::Probability(p) => self.dice.roll() < p,
            };
            if picked.is_none() && left && due {
                armed.struck += 1;
                picked = Some((armed.id, armed.fault.clone()));
            }
        }
        picked
    }
}

impl Fault {
    fn matches(&self, target: &Target<'_>) -> bool {
        match *target {
            Target::Connection => self.action.strikes_connection(),
            Target::Request { vendor, route, path } => {
                let to_vendor = self.vendor.as_deref().is_none_or(|wanted| wanted == vendor);
                let on_route =
                    self.route.as_deref().is_none_or(|wanted| wanted == route || path.contains(wanted));
                !self.action.strikes_connection() && to_vendor && on_route
            }
        }
    }
}

impl ArmedFault {
    /// How the journal names it.
    pub(crate) fn label(id: u64, action: &Action) -> String {
        format!("{}#{id}", action.name())
    }
}

/// SplitMix64 with a fixed seed: a run that failed can be repeated.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    /// From 0 to below 1.
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        // The upper 32 bits convert without loss.
        f64::from((z >> 32) as u32) / 4_294_967_296.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(fault: Fault, requests: usize) -> Vec<usize> {
        let mut faults = Faults::new();
        faults.add(fault, true).unwrap();
        let target = Target::Request { vendor: "servetel", route: "token", path: "/v1/auth/login" };
        (1..=requests).filter(|_| faults.pick(&target).is_some()).collect()
    }

    #[test]
    fn nth_strikes_once_every_strikes_on_and_times_ends_it() {
        let fault = || Fault::new(Action::status(500));
        assert_eq!(strikes(fault().when(When::Nth(2)), 6), [2]);
        assert_eq!(strikes(fault().when(When::Every(2)), 6), [2, 4, 6]);
        assert_eq!(strikes(fault().when(When::Every(2)).times(2), 9), [2, 4]);
        assert_eq!(strikes(fault().times(3), 9), [1, 2, 3]);
    }

    #[test]
    fn probability_falls_alike_in_two_runs_and_about_as_often_as_it_says() {
        let fault = || Fault::new(Action::status(500)).when(When::Probability(0.25));
        let first = strikes(fault(), 1000);
        assert_eq!(first, strikes(fault(), 1000));
        assert!((200..300).contains(&first.len()), "{}", first.len());
    }

    #[test]
    fn a_fault_of_another_vendor_or_route_does_not_strike() {
        assert!(strikes(Fault::new(Action::status(500)).vendor("sangoma"), 3).is_empty());
        assert!(strikes(Fault::new(Action::status(500)).route("refresh"), 3).is_empty());
        assert_eq!(strikes(Fault::new(Action::status(500)).route("auth/login"), 1), [1]);
        assert!(strikes(Fault::new(Action::TlsStall {}), 3).is_empty());
    }
}
