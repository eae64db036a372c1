//! One line for each vendor of a crate.

/// Declares a vendor crate's modules, their vendor types and `VENDORS`, the list of them all: a new
/// vendor of the crate is a file and a line here.
///
/// ```text
/// ccauth_core::vendors! {
///     ccm: ExotelCcm,
///     webrtc: ExotelWebRtc,
/// }
/// ```
#[macro_export]
macro_rules! vendors {
    ($($module:ident: $vendor:ident),+ $(,)?) => {
        $(mod $module;
        pub use $module::$vendor;)+

        /// Every vendor of this crate.
        pub static VENDORS: &[&dyn $crate::Vendor] = &[$(&$vendor),+];
    };
}
