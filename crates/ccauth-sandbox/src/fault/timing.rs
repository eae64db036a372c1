//! The timing layer: when it is said. All of it is real time, whatever the sandbox's clock shows.

use std::time::Duration;

use super::{Action, Delivery, Point, Struck};
use crate::message::Reply;
use crate::script::{Script, Step, whole};

pub(super) fn strike(action: &Action, reply: Reply) -> Struck {
    let delivery = match action {
        Action::Delay { ms } => {
            let delay = Duration::from_millis(*ms).saturating_add(reply.delay);
            Delivery::whole(reply.after(delay))
        }
        Action::Hold {} => Delivery { held: true, ..Delivery::whole(reply) },
        Action::Dribble { bytes, interval_ms } => {
            let mut script = Script::new(Vec::new());
            for piece in whole(&reply).chunks(*bytes) {
                script
                    .then(Step::Write(piece.to_vec()))
                    .then(Step::Sleep(Duration::from_millis(*interval_ms)));
            }
            script.then(Step::Close);
            Delivery::script(Some(reply.status), script)
        }
        Action::Hang { at: Point::AfterHeaders | Point::MidBody } => {
            return super::transport::cut(action, &reply, Step::Hang).ok_or(Box::new(reply));
        }
        Action::Hang { .. } => {
            let mut script = Script::new(Vec::new());
            script.then(Step::Hang);
            Delivery::script(None, script)
        }
        _ => return Err(Box::new(reply)),
    };
    Ok(delivery)
}
