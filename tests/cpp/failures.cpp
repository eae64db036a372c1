/* What goes wrong, in both forms: thrown, and as data. */
#include "at_sandbox.hpp"

using namespace std::chrono_literals;

/* The error that a call throws. */
template <typename Call>
static ccauth::error thrown(Call call) {
    try {
        call();
    } catch (const ccauth::error &error) {
        return error;
    }
    CHECK(!"nothing was thrown");
    std::abort();
}

static bool same(const ccauth::error &a, const ccauth::error &b) {
    return a.code() == b.code() && a.detail() == b.detail() && a.message() == b.message(); /* what() counts down */
}

static bool names(const ccauth::error &error, std::string_view word) {
    return std::string_view(error.what()).find(word) != std::string_view::npos;
}

static ccauth::servetel servetel(const char *password) {
    auto account = at_sandbox<ccauth::servetel>("servetel");
    account.email("demo@example.com").password(password);
    return account;
}

static void configurations() {
    const auto unknown = ccauth::config::try_new("servitel");
    CHECK(!unknown && unknown.code() == CCAUTH_E_INVALID && unknown.error().detail() == "config.vendor");
    CHECK(same(unknown.error(), thrown([] { ccauth::config("servitel"); })));
    CHECK(same(unknown.error(), thrown([&] { (void)unknown.value(); })));

    ccauth::config config("servetel");
    const auto refused = config.try_set("pasword", "demo-secret");
    CHECK(!refused && names(refused.error(), "password") && !names(refused.error(), "demo-secret"));
    CHECK(same(refused.error(), thrown([&] { config.set("email", "demo").set("pasword", "demo-secret"); })));
    CHECK(same(refused.error(), thrown([&] { refused.value(); })));

    /* The first failure is the one that is told, by whoever is asked first. */
    auto account = servetel("a\r\nb");
    account.email("\xff");
    const auto none = account.try_open();
    CHECK(!none && none.code() == CCAUTH_E_INVALID && names(none.error(), "password"));
    CHECK(same(none.error(), thrown([&] { (void)account.open(); })));
    CHECK(same(none.error(), thrown([&] { (void)account.config(); })));
    const auto missing = ccauth::servetel().email("demo@example.com").try_open();
    CHECK(!missing && names(missing.error(), "password"));
}

static void sources() {
    const auto source = servetel("wrong").open();
    const auto refused = source.try_token({60s});
    CHECK(!refused && refused.code() == CCAUTH_E_CREDENTIALS && refused.error().vendor() == "servetel");
    CHECK(same(refused.error(), thrown([&] { (void)source.token(); })));
    CHECK(refused.error().http_status() == 401 && !refused.error().is_retryable() && !refused.error().cure().empty());
    CHECK(refused.error().os_errno() == 0 && !refused.error().message().empty() && refused.error().request_id().empty());
    CHECK(source.peek(nullptr, 0).status == CCAUTH_E_CREDENTIALS && !source.peek(nullptr, 0));
    CHECK(source.try_revoke().error().detail() == "token.needed" && source.try_validate().code() == CCAUTH_E_UNSUPPORTED);
    CHECK(source.try_change_password("next").code() == CCAUTH_E_UNSUPPORTED);
    CHECK(source.try_token({-1s}).code() == CCAUTH_E_INVALID && source.try_start({0s, -1s}).code() == CCAUTH_E_INVALID);
    CHECK(source.try_set("email", "").code() == CCAUTH_E_INVALID && !source.try_renew());
    CHECK(source.try_replace(ccauth::config("sangoma")).code() == CCAUTH_E_INVALID);

    ccauth::servetel unreachable;
    unreachable.email("demo@example.com").password("demo-secret").base_url("https://127.0.0.1:9");
    const auto nobody = unreachable.open().try_token();
    CHECK(nobody.code() == CCAUTH_E_CONNECT && nobody.error().is_retryable() && nobody.error().retry_after() >= 0ms);
    CHECK(nobody.error().os_errno() != 0 && nobody.error().http_status() == 0);

    /* What was moved away, and what never was: as in C. */
    auto request = source.start();
    CHECK(!request.try_token(60s));
    const auto moved = std::move(request);
    CHECK(request.try_token().code() == CCAUTH_E_INVALID && request.try_fd().code() == CCAUTH_E_INVALID);
    ccauth::token none(nullptr);
    CHECK(none.value().empty() && none.header_name().empty() && none.query().empty() && none.extra("scope").empty());
    CHECK(none.expiry_source().empty() && none.generation() == 0 && none.share().value().empty());
}

/* An error is a value: it outlives what it is about, and a copy is the same. */
static void errors() {
    auto kept = thrown([] { (void)servetel("wrong").open().token(); });
    const auto copy = kept;
    kept = thrown([] { ccauth::config("nobody"); });
    CHECK(copy.code() == CCAUTH_E_CREDENTIALS && copy.detail() == "credentials.rejected" && copy.retry_after() > 0ms);
    const ccauth::error bare(CCAUTH_E_INTERNAL, nullptr);
    CHECK(bare.what() == std::string_view("INTERNAL") && bare.detail().empty() && !bare.retry_after());
    CHECK(ccauth::try_keep_log(77).code() == CCAUTH_E_INVALID && ccauth::try_shutdown(-1ms).code() == CCAUTH_E_INVALID);
}

int main() {
    configurations();
    sources();
    errors();
    CHECK(ccauth_debug_live_handles() == 0 && ccauth::try_shutdown());
    puts("ok");
}
