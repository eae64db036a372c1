//! A refusal in the forms of gateways and frameworks, under every status: what it says reaches the error.

use ccauth_core::{Body, ErrorKind, Reading, Reply, Vendor};

use crate::case::Case;

/// Words that say nothing about credentials or tokens.
const WORDS: &str = "no such tenant here";

/// Refusals that say `#`.
const FORMS: [&str; 16] = [
    r##"{"error":"#"}"##,
    r##"{"message":"#"}"##,
    r##"{"Message":"#"}"##,
    r##"{"error":{"message":"#"}}"##,
    r##"{"error":["#"]}"##,
    r##"{"error":true,"message":{"text":"","reason":"#"}}"##,
    r##"{"errors":[{"message":"#"}]}"##,
    r##"{"message":"","errors":{"field":["#"]}}"##,
    r##"{"description":"","message":"#"}"##,
    r##"{"description":" ","error_description":null,"message":["#"]}"##,
    r##"{"code":"X-7","message":"#","trace_id":"T-1","details":[]}"##,
    r##"{"errorCode":"E0000011","errorSummary":"#","errorId":"T-1","errorCauses":[]}"##,
    r##"{"title":"Bad","detail":"#","status":400}"##,
    r##"{"response":{"error_data":{"code":7,"description":"","message":"#"}}}"##,
    r##"{"response":[{"error_data":{"message":"#"}}]}"##,
    r##"{"RestException":{"Status":400,"Message":"#"}}"##,
];

const STATUSES: [u16; 12] = [200, 400, 401, 402, 403, 404, 405, 409, 422, 429, 500, 503];

/// Tries them on every operation that has a case.
///
/// # Panics
/// On words, a code or an id that got lost, and on an empty document that is more than a missing member.
pub(crate) fn are_kept(vendor: &dyn Vendor, cases: &[Case]) {
    let id = vendor.descriptor().id;
    for &op in vendor.descriptor().operations {
        let Some(case) = cases.iter().find(|case| case.op == op) else { continue };
        let refused = |status: u16, body: String| {
            let mut reply = Reply::new(Body::new(body.into_bytes()));
            *reply.status_mut() = status.try_into().expect("a status");
            let reading = Reading::new(op, &case.login, case.held.as_ref(), &reply, case.now);
            vendor.read(&reading).err()
        };
        for status in STATUSES {
            for form in FORMS {
                let body = form.replace('#', WORDS);
                let error =
                    refused(status, body.clone()).unwrap_or_else(|| panic!("{id}: {body} is no refusal"));
                assert_eq!(error.vendor_message(), Some(WORDS), "{id}: {body} under {status}: {error}");
                let expected = body.contains("T-1").then_some("T-1");
                assert_eq!(error.request_id(), expected, "{id}: {body} under {status}");
                let code = ["X-7", "E0000011"].into_iter().find(|code| body.contains(code));
                assert!(
                    code.is_none() || error.vendor_code() == code,
                    "{id}: {body} under {status}: {error}"
                );
            }
        }
        let empty = refused(200, "{}".to_owned()).unwrap_or_else(|| panic!("{id}: {{}} is no refusal"));
        assert_eq!(empty.kind(), ErrorKind::Protocol, "{id}: an empty document: {empty}");
    }
}

#[cfg(test)]
mod tests {
    use ccauth_core::Said;

    use super::*;
    use crate::case::Expect;
    use crate::fake::{Fake, case, passes};

    #[test]
    fn a_vendor_that_reads_one_member_alone_is_caught() {
        let pass = |careless: bool| {
            let vendor = Fake::new(move |reading| {
                let document = reading.json()?;
                let mut said = Said::of(&document);
                if careless {
                    said.message = document.get("message").and_then(|message| message.text());
                }
                Err(reading.refusal(reading.cause(&said), &said, false))
            });
            passes(|| are_kept(vendor, &[case(vendor, Reply::new(Body::default()), Expect::default())]))
        };
        assert!(pass(false));
        assert!(!pass(true));
    }
}
