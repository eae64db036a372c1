//! Faults on demand: what is to go wrong, for whom, when, and how often.
//!
//! A fault acts in one of three layers, each a file of this module: [HTTP](mod@http) changes what is said,
//! [timing](mod@timing) when it is said, [transport](mod@transport) what the connection does meanwhile.
//! Faults of a connection (TLS, `never_read`, `at: "accept"`) strike when a connection is accepted, before
//! there is a request, and whoever makes the connection, admin clients and browsers among them. All
//! others strike requests to vendors.

mod action;
mod check;
mod http;
mod schedule;
mod timing;
mod transport;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::action::{Action, Bytes, CertificateFault, Point, RetryAfter};
pub(crate) use self::http::ACCEPTED_HUGE;
pub use self::schedule::ArmedFault;
pub(crate) use self::schedule::{Faults, Target};
use crate::message::{Call, Reply};
use crate::script::Script;
use crate::vendors::Vendor;
use crate::world::World;

/// Something that is to go wrong.
///
/// ```
/// use ccauth_sandbox::{Action, Fault, When};
///
/// let fault = Fault::new(Action::status(503)).vendor("servetel").route("token").when(When::Nth(2));
/// let json = r#"{"vendor":"servetel","route":"token","when":{"nth":2},"action":{"type":"status","status":503}}"#;
/// assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), fault);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// Only requests to this vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Only this route (`token`, `refresh`, `validate`, `delete`, `newpass`, `protected`), or paths with
    /// this text in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Which of the matching requests or connections.
    #[serde(default)]
    pub when: When,
    /// How often at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Whether the vendor acts on the request all the same: the account is charged, the old token dies,
    /// and only the reply goes wrong. Without it, an action that replaces the reply keeps the vendor from
    /// acting, and one that reshapes the vendor's own reply does not. With `false`, a reshaped reply looks
    /// right and nothing has happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_action: Option<bool>,
    /// What goes wrong.
    pub action: Action,
}

/// Which of the matching requests a fault strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum When {
    /// Each one.
    #[default]
    Always,
    /// The n-th one alone, counted from 1.
    Nth(u32),
    /// Each n-th one.
    Every(u32),
    /// Each one with this probability. The dice have a fixed seed: two runs fall alike.
    Probability(f64),
}

impl Fault {
    /// This action for every vendor, route and request, without end.
    pub fn new(action: Action) -> Fault {
        Fault { vendor: None, route: None, when: When::Always, times: None, after_action: None, action }
    }

    /// Only requests to this vendor.
    #[must_use]
    pub fn vendor(mut self, vendor: impl Into<String>) -> Fault {
        self.vendor = Some(vendor.into());
        self
    }

    /// Only this route, or paths with this text in them.
    #[must_use]
    pub fn route(mut self, route: impl Into<String>) -> Fault {
        self.route = Some(route.into());
        self
    }

    /// Which of the matching requests.
    #[must_use]
    pub fn when(mut self, when: When) -> Fault {
        self.when = when;
        self
    }

    /// How often at most.
    #[must_use]
    pub fn times(mut self, times: u32) -> Fault {
        self.times = Some(times);
        self
    }

    /// Whether the vendor acts on the request all the same.
    #[must_use]
    pub fn after_action(mut self, acts: bool) -> Fault {
        self.after_action = Some(acts);
        self
    }

    /// Whether what a vendor does to answer a struck request is kept.
    pub(crate) fn keeps_effects(&self) -> bool {
        self.after_action.unwrap_or(self.action.reshapes())
    }
}

/// What leaves in answer to a request, and when.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) delay: Duration,
    /// Whether it waits for the fault to be removed.
    pub(crate) held: bool,
    /// The HTTP status, if the reply has one.
    pub(crate) status: Option<u16>,
    pub(crate) form: Form,
    /// Why the fault changed nothing, if it did not.
    pub(crate) missed: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) enum Form {
    /// A well-formed reply, for the HTTP library to send.
    Whole(Reply),
    /// Bytes and pauses, sent past the HTTP library.
    Script(Script),
}

impl Delivery {
    pub(crate) fn whole(mut reply: Reply) -> Delivery {
        let delay = std::mem::take(&mut reply.delay);
        let status = Some(reply.status);
        Delivery { delay, held: false, status, form: Form::Whole(reply), missed: None }
    }

    pub(crate) fn script(status: Option<u16>, script: Script) -> Delivery {
        Delivery { delay: Duration::ZERO, held: false, status, form: Form::Script(script), missed: None }
    }
}

/// Where a fault strikes: all it may need to speak in the vendor's name.
pub(crate) struct Scene<'a> {
    pub(crate) vendor: Option<&'static dyn Vendor>,
    pub(crate) call: &'a Call,
    pub(crate) world: &'a mut World,
}

impl Action {
    /// What leaves in place of `reply`, the vendor's own.
    pub(crate) fn strike(&self, reply: Reply, scene: &mut Scene<'_>) -> Delivery {
        http::strike(self, reply, scene)
            .or_else(|reply| timing::strike(self, *reply))
            .or_else(|reply| transport::strike(self, *reply))
            .unwrap_or_else(|reply| Delivery::whole(*reply))
    }
}

/// A layer's answer: what it delivers, or the reply handed on when the action is not of that layer.
type Struck = Result<Delivery, Box<Reply>>;
