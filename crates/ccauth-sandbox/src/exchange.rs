//! From a request to what leaves in answer: the vendor, the fault, the journal.

use std::net::IpAddr;

use hyper::{HeaderMap, Method, Uri};

use crate::clock::http_date;
use crate::fault::{ArmedFault, Delivery, Fault, Form, Scene, Target};
use crate::journal::{Captured, Entry, body_keys, query_keys, shown_headers};
use crate::message::{Call, Reply};
use crate::state::State;
use crate::vendors::{self, Vendor};

/// A request as it has come in.
pub(crate) struct Arrival {
    pub(crate) connection: u64,
    pub(crate) peer: IpAddr,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) raw: Vec<u8>,
}

/// Decides what leaves, and writes it into the journal before it does. With the fault's number, if one
/// has struck.
pub(crate) fn decide(arrival: Arrival, state: &mut State) -> (Delivery, Option<u64>) {
    let Arrival { connection, peer, method, uri, headers, body, raw } = arrival;
    let full_path = uri.path().to_owned();
    let (vendor, path) = vendor_of(&full_path);
    let query = uri.query().unwrap_or_default().to_owned();
    let call = Call { method, path, query, headers, body, peer };
    let route = vendor.and_then(|vendor| vendor.route(&call));
    let vendor_id = vendor.map_or("", |vendor| vendor.id());
    let target = Target::Request { vendor: vendor_id, route: route.unwrap_or("unknown"), path: &full_path };
    let struck = state.faults.pick(&target);
    let mut scene = Scene { vendor, call: &call, world: &mut state.world };
    let delivery = deliver(struck.as_ref().map(|(_, fault)| fault), route, &mut scene);
    let label = struck.as_ref().map(|(id, fault)| {
        let missed = delivery.missed.map(|why| format!(" (no effect: {why})")).unwrap_or_default();
        ArmedFault::label(*id, &fault.action) + &missed
    });
    let entry = Entry {
        seq: state.journal.next_seq(),
        connection,
        at: state.world.now(),
        vendor: vendor_id.to_owned(),
        route: route.unwrap_or("unknown").to_owned(),
        method: call.method.to_string(),
        path: full_path,
        query_keys: query_keys(&call),
        headers: shown_headers(&call),
        body_keys: body_keys(&call),
        status: delivery.status,
        fault: label,
    };
    let captured = Captured::new(entry.seq, raw, call.body);
    state.journal.record(entry, captured);
    (delivery, struck.map(|(id, _)| id))
}

/// The vendor whose prefix the path has, and the path below it.
fn vendor_of(path: &str) -> (Option<&'static dyn Vendor>, String) {
    let below_root = path.strip_prefix('/').unwrap_or(path);
    let (prefix, _) = below_root.split_once('/').unwrap_or((below_root, ""));
    match vendors::find(prefix) {
        Ok(vendor) => (Some(vendor), below_root[prefix.len()..].to_owned()),
        Err(_) => (None, path.to_owned()),
    }
}

fn deliver(fault: Option<&Fault>, route: Option<&'static str>, scene: &mut Scene<'_>) -> Delivery {
    let Some(fault) = fault else {
        return dated(Delivery::whole(answer(route, scene)), scene);
    };
    let mut reply = if fault.keeps_effects() {
        answer(route, scene)
    } else if fault.action.reshapes() {
        // The reply has to look right, and nothing may have happened: the vendor answers from a copy.
        let mut copy = scene.world.clone();
        answer(route, &mut Scene { vendor: scene.vendor, call: scene.call, world: &mut copy })
    } else {
        Reply::new(200, "application/json", "{}")
    };
    date(&mut reply, scene);
    let delivery = fault.action.strike(reply, scene);
    dated(delivery, scene)
}

fn answer(route: Option<&'static str>, scene: &mut Scene<'_>) -> Reply {
    match (scene.vendor, route) {
        (Some(vendor), Some(route)) => vendor.answer(route, scene.call, scene.world),
        (Some(vendor), None) => vendor.failure(404, scene.call, scene.world),
        (None, _) => {
            let ids: Vec<&str> = vendors::ALL.iter().map(|vendor| vendor.id()).collect();
            let hint = format!("No vendor here. Paths begin with one of: /{}/\n", ids.join("/, /"));
            Reply::new(404, "text/plain", hint)
        }
    }
}

/// Every reply carries the sandbox's own time, unless a fault has given it another.
fn dated(mut delivery: Delivery, scene: &Scene<'_>) -> Delivery {
    if let Form::Whole(reply) = &mut delivery.form {
        date(reply, scene);
    }
    delivery
}

fn date(reply: &mut Reply, scene: &Scene<'_>) {
    if !reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
        reply.headers.push(("Date".to_owned(), http_date(scene.world.now())));
    }
}
