//! Those who keep a token: ours and the peers, each opened with a token of 1 KiB in its cache, and read in its own
//! fastest way into a caller's buffer.

use std::error::Error;
use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::identity::http::Token as SmithyToken;
use aws_smithy_runtime_api::client::identity::{ResolveCachedIdentity, SharedIdentityResolver};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::config_bag::ConfigBag;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::headers::AUTHORIZATION;
use azure_core::http::policies::auth::{Authorizer, BearerTokenAuthorizationPolicy, OnRequest};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context as AzureContext, Method, Request};
use azure_core::time::OffsetDateTime;
use ccauth::{Account, AccountBuilder, Client, Source};
use gcp_auth::{CustomServiceAccount, TokenProvider};
use google_cloud_auth::credentials::user_account;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::server::LEN;

/// Reads the token so many times into a buffer of [`LEN`] bytes.
pub type Read = Box<dyn Fn(&mut [u8], u32) + Send + Sync>;
type Opened = Result<Read, Box<dyn Error>>;

/// Opens one more of its kind, whose tokens come from that server.
pub type Open = fn(&str) -> Opened;

pub const ALL: [(&str, Open); 8] = [
    ("floor", floor),
    ("ccauth", ccauth),
    ("ccauth, stored", ccauth_stored),
    ("ArcSwap", arc_swap),
    ("google-cloud-auth", google_cloud_auth),
    ("azure_core", azure_core),
    ("gcp_auth", gcp_auth),
    ("aws-smithy", aws_smithy),
];

/// Where the peers do what they do by themselves.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// The least that it takes: whether the token has ended, and a copy.
fn floor(_: &str) -> Opened {
    let (ends, token) = (AtomicU64::new(u64::MAX), vec![b't'; LEN]);
    Ok(Box::new(move |into, reads| {
        for _ in 0..reads {
            black_box(ends.load(Ordering::Relaxed));
            black_box(&mut *into).copy_from_slice(black_box(&token));
        }
    }))
}

fn ccauth(server: &str) -> Opened {
    read_of(account(&Client::default(), server))
}

/// Shared with other processes.
fn ccauth_stored(server: &str) -> Opened {
    static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));
    let store = format!("file://{}/store", DIRECTORY.path().display());
    read_of(account(&Client::default(), server).field("store", store))
}

fn read_of(account: AccountBuilder) -> Opened {
    let source = Source::open(&account.build()?);
    source.token()?;
    if let Some(failure) = source.status().store_failure {
        return Err(failure.into());
    }
    Ok(Box::new(move |into, reads| {
        for _ in 0..reads {
            black_box(source.try_token(black_box(into)).is_ok_and(|seen| seen.len == LEN));
        }
    }))
}

/// A tenant's account at a vendor there, unlike every other.
pub fn account(client: &Client, base_url: &str) -> AccountBuilder {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let [email, password] = credentials(LAST.fetch_add(1, Ordering::Relaxed));
    let account = Account::builder("servetel").client(client).field("base_url", base_url);
    account.field("email", email).field("password", password)
}

/// Of this process's n-th tenant, counted from zero.
pub fn credentials(n: u64) -> [String; 2] {
    [format!("clerk{n}@example.com"), format!("password-of-{n}")]
}

/// A shared pointer, whose end nobody checks.
fn arc_swap(_: &str) -> Opened {
    let token = ArcSwap::from_pointee(vec![b't'; LEN]);
    Ok(Box::new(move |into, reads| {
        for _ in 0..reads {
            black_box(&mut *into).copy_from_slice(&token.load());
        }
    }))
}

fn google_cloud_auth(server: &str) -> Opened {
    let user = json!({
        "type": "authorized_user",
        "client_id": "bench",
        "client_secret": "hunter2",
        "refresh_token": "r0",
        "token_uri": format!("{server}/"),
    });
    // Its client asks for one, even where it speaks clear text.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let _context = RUNTIME.enter();
    let credentials = user_account::Builder::new(user).build_access_token_credentials()?;
    RUNTIME.block_on(credentials.access_token())?;
    Ok(Box::new(move |into, reads| {
        for _ in 0..reads {
            let token = ready(credentials.access_token()).expect("a token");
            black_box(&mut *into).copy_from_slice(token.token.as_bytes());
        }
    }))
}

fn gcp_auth(server: &str) -> Opened {
    // The key was made for this and opens nothing.
    let account = json!({
        "private_key": include_str!("gcp_auth.pem"),
        "client_email": "bench@example.com",
        "token_uri": format!("{server}/"),
    });
    let account = CustomServiceAccount::from_json(&account.to_string())?;
    RUNTIME.block_on(account.token(&["bench"]))?;
    Ok(Box::new(move |into, reads| {
        for _ in 0..reads {
            let token = ready(account.token(&["bench"])).expect("a token");
            black_box(&mut *into).copy_from_slice(token.as_str().as_bytes());
        }
    }))
}

/// The lazy cache of the AWS SDK, around a token that needs no request.
fn aws_smithy(_: &str) -> Opened {
    let cache = IdentityCache::lazy().build();
    let components = RuntimeComponentsBuilder::for_tests()
        .with_time_source(Some(SystemTimeSource::new()))
        .with_sleep_impl(Some(TokioSleep::new()))
        .build()?;
    let resolver = SharedIdentityResolver::new(SmithyToken::new("t".repeat(LEN), None));
    let read = move |into: &mut [u8], reads| {
        let (_context, config) = (RUNTIME.enter(), ConfigBag::base());
        for _ in 0..reads {
            let identity = ready(cache.resolve_cached_identity(resolver.clone(), &components, &config));
            let identity = identity.expect("an identity");
            let token = identity.data::<SmithyToken>().expect("a token").token();
            black_box(&mut *into).copy_from_slice(token.as_bytes());
        }
    };
    read(&mut [0; LEN], 1);
    Ok(Box::new(read))
}

/// The policy that authorizes each request of an Azure client, around a token that needs no request.
fn azure_core(_: &str) -> Opened {
    let policy = BearerTokenAuthorizationPolicy::new(Arc::new(Credential), ["bench"]);
    let read = move |into: &mut [u8], reads| {
        let policy = policy.clone().with_on_request(Arc::new(Authorize { reads }));
        let mut request = Request::new("https://localhost/".parse().expect("a URL"), Method::Get);
        // It stops short of sending.
        let _ = ready(policy.send(&AzureContext::new(), &mut request, &[Arc::new(Nowhere)]));
        let header = request.headers().get_optional_str(&AUTHORIZATION).expect("a header");
        into.copy_from_slice(&header.as_bytes()[header.len() - LEN..]);
    };
    read(&mut [0; LEN], 1);
    Ok(Box::new(read))
}

#[derive(Debug)]
struct Credential;

#[async_trait]
impl TokenCredential for Credential {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        Ok(AccessToken::new("t".repeat(LEN), OffsetDateTime::now_utc() + Duration::from_secs(3_600)))
    }
}

/// Authorizes a request so many times.
#[derive(Debug)]
struct Authorize {
    reads: u32,
}

#[async_trait]
impl OnRequest for Authorize {
    async fn on_request(
        &self,
        _: &mut AzureContext,
        request: &mut Request,
        authorizer: &dyn Authorizer,
    ) -> azure_core::Result<()> {
        let mut into = [0; LEN];
        for _ in 0..self.reads {
            authorizer.authorize(request, &["bench"], TokenRequestOptions::default()).await?;
            let header = request.headers().get_optional_str(&AUTHORIZATION).unwrap_or_default();
            black_box(&mut into).copy_from_slice(&header.as_bytes()[header.len() - LEN..]);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Policy for Nowhere {
    async fn send(&self, _: &AzureContext, _: &mut Request, _: &[Arc<dyn Policy>]) -> PolicyResult {
        Err(azure_core::Error::with_message(azure_core::error::ErrorKind::Other, "nowhere to send it"))
    }
}

/// What a cached token must be at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the cached token is not there at once"),
    }
}
