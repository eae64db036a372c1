//! A vendor that reads as it is told, good or bad: the controls of this crate's own tests.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ccauth_core::{
    BaseUrl, Carriage, Descriptor, Error, Field, FieldKind, Fields, Lifetime, Login, Op, Outcome, Provenance,
    Reading, Renewal, Reply, Request, RequestBuilder, Role, Timestamp, Token, Vendor,
};

use crate::case::{Case, Expect};

type Read = dyn Fn(&Reading<'_>) -> Result<Outcome, Error> + Send + Sync;

/// A vendor that reads by this function.
pub(crate) struct Fake(Box<Read>);

impl Fake {
    /// For the rest of the tests.
    pub(crate) fn new(
        read: impl Fn(&Reading<'_>) -> Result<Outcome, Error> + Send + Sync + 'static,
    ) -> &'static Self {
        Box::leak(Box::new(Self(Box::new(read))))
    }
}

impl Vendor for Fake {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn build(&self, _: Op, fields: &Fields, _: Option<&Token>, _: Timestamp) -> Result<Request, Error> {
        RequestBuilder::post(fields, "/token").build()
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        (self.0)(reading)
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

pub(crate) fn login(vendor: &'static Fake) -> Login {
    Login::new(vendor, [("password", "s3cret-w0rd".into())]).expect("good fields")
}

/// A case of this vendor's, at the epoch.
pub(crate) fn case(vendor: &'static Fake, reply: Reply, expect: Expect) -> Case {
    Case {
        name: "made_up".to_owned(),
        op: Op::Issue,
        login: login(vendor),
        secrets: Vec::new(),
        held: None,
        now: Timestamp::UNIX_EPOCH,
        request: Vec::new(),
        reply,
        expect,
    }
}

/// Whether `check` lets a vendor pass.
pub(crate) fn passes(check: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(check)).is_ok()
}

static DESCRIPTOR: Descriptor = Descriptor {
    id: "fake",
    name: "Fake",
    page: "https://docs.example.com/auth",
    fields: &[Field::new("password", Role::Credential, FieldKind::Secret, "The password.").required()],
    operations: &[Op::Issue],
    observed: &[],
    renewal: Renewal::Reissue,
    carriage: Carriage::Bearer,
    basic: None,
    lifetime: Lifetime { documented: 3600, longest: 86_400 },
    base_urls: &[BaseUrl {
        region: "default",
        url: "https://api.example.com",
        source: Provenance::Documented,
    }],
};
