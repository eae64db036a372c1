//! What a reply can say about its token's end.

use crate::value::Value;

/// What a reply says about its token's end.
#[derive(Clone, Copy, Debug)]
pub enum Ends<'v> {
    /// A life in seconds.
    In(Option<&'v Value>),
    /// An instant of the vendor's clock: epoch seconds, or a date and time with its offset (RFC 3339).
    At(Option<&'v Value>),
    /// Nothing, in no reply: the documented life is nothing odd.
    Unsaid,
}
