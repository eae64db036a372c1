// Two threads and one source: one carries calls, the other rotates the account's credentials meanwhile. No call is without a
// token, and the one that is under way at that moment goes on with the one that it has.
#include <ccauth.hpp>

#include <cstdlib>
#include <future>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

// SANDBOX and CA_FILE say where `ccauth sandbox` is; who talks to Exotel itself sets neither base_url nor ca_file.
static ccauth::exotel_ccm account(std::string_view key, std::string_view token) {
  const char *sandbox = std::getenv("SANDBOX"), *ca_file = std::getenv("CA_FILE");
  if (!sandbox || !ca_file) throw std::runtime_error("set SANDBOX and CA_FILE to what `ccauth sandbox` prints");
  ccauth::exotel_ccm account;
  account.account_sid("demo").api_key(key).api_token(token);
  account.base_url(std::string(sandbox) + "/exotel-ccm").ca_file(ca_file);
  return account;
}

// Carries calls until there is another token.
static void carry_calls(const ccauth::source &source) {
  const auto first = source.token().generation();
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < end) {
    const ccauth::token token = source.token();
    // token.header_name() and token.header_value() go out with the call.
    if (token.generation() != first) return;
  }
  throw std::runtime_error("the token is still the same");
}

static void rotate(const ccauth::source &source) {
  // Key and token belong together, so the source gets both at once. (The sandbox knows one pair alone.)
  source.replace(account("demo-key", "demo-secret").config());
  source.renew(10s);
}

int main() {
  try {
    const ccauth::source source = account("demo-key", "demo-secret").open();
    source.token();  // start with a token: this thread may wait
    auto calls = std::async(std::launch::async, [&] { carry_calls(source); });
    auto rotated = std::async(std::launch::async, [&] { rotate(source); });
    rotated.get();
    calls.get();
    std::cout << "calls go on with token " << source.token().generation() << '\n';

    // Without exceptions: what went wrong is data.
    const auto refused = account("old-key", "old-secret").open();
    if (const auto token = refused.try_token({5s}); !token)
      std::cout << token.error().detail() << ": " << token.error().cure() << '\n';
    return 0;
  } catch (const ccauth::error &error) {
    std::cerr << error.what() << '\n' << error.cure() << '\n';
  } catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
  }
  return 1;
}
