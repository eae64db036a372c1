//! Every vendor of this crate against its cases and against what holds for all vendors.

#[test]
fn every_vendor_of_this_crate_conforms() {
    for vendor in servetel_auth::VENDORS {
        ccauth_testkit::conforms(*vendor, concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
    }
}
