//! What the controls of this crate's own tests describe themselves by.

use ccauth_core::{BaseUrl, Carriage, Descriptor, Field, FieldKind, Lifetime, Op, Provenance, Renewal, Role};

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
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
