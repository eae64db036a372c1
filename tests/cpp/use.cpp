/* All that a source can do, from C++, in the form that throws. Each vendor has its account; nothing is left over. */
#include "at_sandbox.hpp"
#include <future>
#include <poll.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;

static bool is_readable(int fd, std::chrono::milliseconds wait) {
    pollfd watched = {fd, POLLIN, 0};
    return poll(&watched, 1, static_cast<int>(wait.count())) == 1;
}

/* A token of each vendor, and how it travels. */
static void vendors() {
    auto ccm = at_sandbox<ccauth::exotel_ccm>("exotel-ccm");
    auto webrtc = at_sandbox<ccauth::exotel_webrtc>("exotel-webrtc");
    auto contactnow = at_sandbox<ccauth::contactnow>("contactnow");
    auto servetel = at_sandbox<ccauth::servetel>("servetel");
    auto sangoma = at_sandbox<ccauth::sangoma>("sangoma");
    std::vector<ccauth::source> sources;
    sources.push_back(ccm.account_sid("demo").api_key("demo-key").api_token("demo-secret").open());
    sources.push_back(webrtc.entity("customer").id("demo").secret("demo-secret").open());
    sources.push_back(contactnow.username("demo").password("demo-secret").open());
    sources.push_back(servetel.email("demo@example.com").password("demo-secret").open());
    sources.push_back(sangoma.client_id("demo").client_secret("demo-secret").scopes("cx.agent-calls").open());
    for (const auto &source : sources) {
        const auto token = source.token();
        const bool in_query = source.header_name().empty();
        CHECK(!token.value().empty() && token.generation() == 1 && token.expires() > std::chrono::system_clock::now());
        CHECK(token.header_name() == source.header_name() && token.header_value().empty() == in_query);
        CHECK(token.query().empty() != in_query && token.query().data() != token.value().data());
        CHECK(!token.expiry_source().empty() && token.extra("nothing").empty());
    }
    CHECK(sources[3].token().extra("number_of_days_left") == "90");
    ccauth::exotel_v4 pasted;
    const auto token = pasted.token("pasted").base_url("https://127.0.0.1:9").open().token();
    CHECK(token.header_value() == "Bearer pasted" && !token.expires());
}

/* A look at the token, in buffers of any size. */
static void glances(const ccauth::source &source) {
    const auto token = source.token();
    std::vector<char> buffer(token.header_value().size() + 1);
    const auto seen = source.peek(buffer.data(), buffer.size());
    CHECK(seen && seen.value == token.header_value() && seen.generation == token.generation() && !seen.is_stale);
    CHECK(seen.ttl > 0ms && seen.value.data() == buffer.data());
    const auto sized = source.peek(nullptr, 0);
    CHECK(sized && sized.len == seen.len && sized.value.empty() && sized.generation == seen.generation);
    const auto small = source.peek(buffer.data(), buffer.size() - 1);
    CHECK(!small && small.status == CCAUTH_E_INVALID && small.len == seen.len && small.value.empty());
    char large[8256];
    CHECK(source.peek(large).value == seen.value);
}

/* Two owners of one source and of one token; each may be moved, and the last one frees. */
static void owners(ccauth::source source) {
    const auto live = ccauth_debug_live_handles();
    {
        auto moved = std::move(source);
        source = moved.share();
        auto token = moved.token();
        const auto other = token.share();
        token = source.token();
        CHECK(other.value() == token.value() && ccauth_debug_live_handles() == live + 2);
    }
    CHECK(ccauth_debug_live_handles() == live && source.token().generation() > 0);
}

/* What nobody waits for: a request with a descriptor, and a call back with what cannot be copied. */
static void events(const ccauth::source &source) {
    const auto request = source.start({60s});
    CHECK(is_readable(request.fd(), 60s) && !request.token(60s).value().empty());
    request.cancel();

    std::promise<std::thread::id> told;
    auto thread = told.get_future();
    auto owned = std::make_unique<int>(7);
    source.token_async({60s}, [&told, owned = std::move(owned)](ccauth::result<ccauth::token> token) {
        CHECK(*owned == 7 && token && token->generation() > 0);
        told.set_value(std::this_thread::get_id());
        throw std::runtime_error("which ends here");
    });
    CHECK(thread.wait_for(60s) == std::future_status::ready && thread.get() != std::this_thread::get_id());

    const int watched = source.watch_fd();
    std::uint64_t count;
    while (is_readable(watched, 0s)) CHECK(read(watched, &count, sizeof count) == 8);
    CHECK(source.renew(60s) && is_readable(watched, 60s));
}

/* What the vendor can be asked, with the token that is held. */
static void operations() {
    auto account = at_sandbox<ccauth::contactnow>("contactnow");
    const auto source = account.username("demo").password("demo-secret").open();
    const auto first = source.token().generation();
    CHECK(source.capabilities() & CCAUTH_CAN_REVOKE && source.validate() > std::chrono::system_clock::now());
    source.report_rejected(first);
    source.change_password("demo-secret-2");
    source.change_password("demo-secret");
    source.set("timeout_ms", "6000");
    source.replace(account.config());
    source.revoke();
    CHECK(source.token().generation() > first && source.status_json().find("\"generation\":") != std::string::npos);
}

int main() {
    ccauth::keep_log(CCAUTH_LOG_DEBUG);
    CHECK(ccauth::log_fd() >= 0);
    vendors();
    {
        auto account = at_sandbox<ccauth::servetel>("servetel");
        const auto source = account.email("demo@example.com").password("demo-secret").open();
        glances(source);
        owners(source.share());
        events(source);
    }
    operations();
    std::size_t seen = 0;
    const auto record = [&](std::int32_t level, std::string_view target, std::string_view message) {
        seen += level && !target.empty() && !message.empty();
        throw std::runtime_error("which ends here");
    };
    CHECK(ccauth::drain_log(record, 5) == 5 && ccauth::drain_log(record) > 0 && seen > 5);
    ccauth::keep_log(CCAUTH_LOG_OFF);
    CHECK(ccauth_debug_live_handles() == 0);
    ccauth::shutdown();
    puts("ok");
}
