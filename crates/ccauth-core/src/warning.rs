//! What was odd about a reply that gave a token all the same, as stable dotted words.

macro_rules! warnings {
    ($($name:ident $word:literal $means:literal)+) => {
        $(#[doc = concat!("`", $word, "`: ", $means)]
        pub const $name: &str = $word;)+

        /// Every warning and what it means.
        pub static ALL: &[(&str, &str)] = &[$(($word, $means)),+];
    };
}

warnings! {
    BODY_CLOSE_DELIMITED "body.close_delimited"
        "Only the connection's close marked the reply's end; its document was whole."
    BODY_ENCODING "body.encoding"
        "The reply calls itself encoded by something that encodes nothing, and parsed all the same."
    BODY_CONTENT_TYPE "body.content_type"
        "The reply does not call itself JSON or XML, and parsed all the same."
    EXPIRY_ELAPSED "expiry.elapsed"
        "The token had already ended when it arrived."
    EXPIRY_JWT_EARLIER "expiry.jwt_earlier"
        "The token's own `exp` is earlier than the reply's expiry, and counts."
    EXPIRY_MISSING "expiry.missing"
        "The reply names no usable expiry; the documented life counts."
    EXPIRY_UNREADABLE "expiry.unreadable"
        "The reply's expiry cannot be read; the documented life counts, which may be too long."
    SCOPE_REDUCED "scope.reduced"
        "Fewer scopes were granted than asked for; the extra `scope` lists them."
    TOKEN_TYPE "token.type"
        "The reply calls the token something else than Bearer; the extra `token_type` says what."
}
