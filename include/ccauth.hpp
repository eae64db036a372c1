// ccauth for C++17 and later: ccauth.h with owners, views, durations and exceptions. Header-only; link libccauth.
//
// What can fail has two forms: one that throws ccauth::error, and one whose name begins with try_, which gives a
// ccauth::result and throws nothing but std::bad_alloc. Without exceptions (-fno-exceptions) the first form aborts.
// A method does what the function of ccauth.h does whose name it bears: what is said there of threads, blocking and forks
// holds here too. Owners are moved, not copied, and nothing but destroyed or assigned to after that. Views are good as long
// as the object lives that gave them.
#ifndef CCAUTH_HPP
#define CCAUTH_HPP

#include <ccauth.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ccauth {

using milliseconds = std::chrono::milliseconds;
/// A point in time on the system's clock.
using time_point = std::chrono::time_point<std::chrono::system_clock, milliseconds>;

/// Why a call failed. Holds no credential, no token and no body of a reply. A copy is a view of the same failure.
class error : public std::runtime_error {
 public:
  /// Takes the failure over; NULL where not even an error could be made.
  error(ccauth_status status, ccauth_error *failure)
      : std::runtime_error(failure ? ccauth_error_line(failure) : ccauth_status_name(status)),
        status_(status),
        failure_(failure, ccauth_error_free) {}

  ccauth_status code() const noexcept { return status_; }
  /// The stable dotted word, e.g. "tls.name".
  std::string_view detail() const noexcept { return ccauth_error_detail(failure_.get()); }
  std::string_view message() const noexcept { return ccauth_error_message(failure_.get()); }
  /// What to do about it, for people.
  std::string_view cure() const noexcept { return ccauth_error_cure(failure_.get()); }
  std::string_view vendor() const noexcept { return ccauth_error_vendor(failure_.get()); }
  std::string_view vendor_code() const noexcept { return ccauth_error_vendor_code(failure_.get()); }
  std::string_view vendor_message() const noexcept { return ccauth_error_vendor_message(failure_.get()); }
  std::string_view request_id() const noexcept { return ccauth_error_request_id(failure_.get()); }
  /// 0 where there was no reply.
  int http_status() const noexcept { return ccauth_error_http_status(failure_.get()); }
  bool is_retryable() const noexcept { return ccauth_error_is_retryable(failure_.get()) != 0; }
  /// Counted from the return of the call that failed.
  std::optional<milliseconds> retry_after() const noexcept {
    const auto ms = ccauth_error_retry_after_ms(failure_.get());
    return ms < 0 ? std::nullopt : std::optional(milliseconds(ms));
  }
  int os_errno() const noexcept { return ccauth_error_os_errno(failure_.get()); }

 private:
  ccauth_status status_;
  std::shared_ptr<ccauth_error> failure_;
};

namespace detail {

#if defined(__cpp_exceptions)
[[noreturn]] inline void raise(const error &failure) { throw failure; }
#else
[[noreturn]] inline void raise(const error &) { std::abort(); }
#endif

/// Calls what is the host's, from which no exception may enter the library's frames.
template <typename Call>
void contain(Call call) noexcept {
#if defined(__cpp_exceptions)
  try {
    call();
  } catch (...) {
  }
#else
  call();
#endif
}

}  // namespace detail

/// A value, or why there is none. As a bool it tells whether there is one, also where the value is a bool.
template <typename T>
class [[nodiscard]] result {
 public:
  result(T value) : value_(std::move(value)) {}
  result(ccauth::error failure) : failure_(std::move(failure)) {}

  explicit operator bool() const noexcept { return value_.has_value(); }
  /// Throws the error where there is no value.
  T &value() & { return check(), *value_; }
  const T &value() const & { return check(), *value_; }
  T &&value() && { return check(), std::move(*value_); }
  /// Only where there is a value, as is operator*.
  T *operator->() noexcept { return &*value_; }
  T &operator*() noexcept { return *value_; }
  const T &operator*() const noexcept { return *value_; }
  /// Only where there is none.
  const ccauth::error &error() const noexcept { return *failure_; }
  ccauth_status code() const noexcept { return failure_ ? failure_->code() : CCAUTH_OK; }

 private:
  void check() const {
    if (failure_) detail::raise(*failure_);
  }
  std::optional<T> value_;
  std::optional<ccauth::error> failure_;
};

template <>
class [[nodiscard]] result<void> {
 public:
  result() = default;
  result(ccauth::error failure) : failure_(std::move(failure)) {}

  explicit operator bool() const noexcept { return !failure_; }
  void value() const {
    if (failure_) detail::raise(*failure_);
  }
  /// Only where it failed.
  const ccauth::error &error() const noexcept { return *failure_; }
  ccauth_status code() const noexcept { return failure_ ? failure_->code() : CCAUTH_OK; }

 private:
  std::optional<ccauth::error> failure_;
};

namespace detail {

/// Calls with a place for the error, and gives `then()` or it.
template <typename Call, typename Then>
auto attempt(Call call, Then then) -> result<decltype(then())> {
  ccauth_error *failure = nullptr;
  const ccauth_status status = call(&failure);
  if (status != CCAUTH_OK) return error(status, failure);
  if constexpr (std::is_void_v<decltype(then())>) {
    then();
    return {};
  } else {
    return then();
  }
}

template <typename Call>
result<void> attempt(Call call) {
  return attempt(call, [] {});
}

inline std::optional<time_point> end(std::int64_t unix_ms) {
  return unix_ms == INT64_MAX ? std::nullopt : std::optional(time_point(milliseconds(unix_ms)));
}

inline std::string_view view(const char *text) noexcept { return text ? std::string_view(text) : std::string_view(); }

inline std::string_view view(const char *text, std::size_t len) noexcept {
  return text ? std::string_view(text, len) : std::string_view();
}

template <typename T, void (*Free)(T *)>
struct freed {
  void operator()(T *it) const noexcept { Free(it); }
};

template <typename T, void (*Free)(T *)>
using owner = std::unique_ptr<T, freed<T, Free>>;

}  // namespace detail

/// What somebody needs who asks for a token.
struct wish {
  /// How long to wait; 0 is 30 seconds.
  milliseconds timeout{0};
  /// How long the token must still live.
  milliseconds min_valid{0};

  ccauth_get_options options() const noexcept {
    return {sizeof(ccauth_get_options), 0, timeout.count(), min_valid.count()};
  }
};

/// A vendor and the fields of one account.
class config {
 public:
  explicit config(std::string_view vendor) : config(try_new(vendor).value()) {}

  static result<config> try_new(std::string_view vendor) {
    ccauth_config *made = nullptr;
    return detail::attempt(
        [&](ccauth_error **e) { return ccauth_config_new(vendor.data(), vendor.size(), &made, e); },
        [&] { return config(made); });
  }

  config &set(std::string_view key, std::string_view value) {
    try_set(key, value).value();
    return *this;
  }
  result<void> try_set(std::string_view key, std::string_view value) {
    return detail::attempt([&](ccauth_error **e) {
      return ccauth_config_set(get(), key.data(), key.size(), value.data(), value.size(), e);
    });
  }

  ccauth_config *get() const noexcept { return owned_.get(); }

 private:
  explicit config(ccauth_config *made) : owned_(made) {}
  detail::owner<ccauth_config, ccauth_config_free> owned_;
};

/// A token as it was when it was asked for.
class token {
 public:
  /// Takes a reference over.
  explicit token(ccauth_token *held) : owned_(held) {}
  /// Another reference to the same token.
  token share() const { return token(ccauth_token_ref(get())); }

  std::string_view value() const noexcept { return text(ccauth_token_value); }
  /// Empty where the token travels in the query.
  std::string_view header_name() const noexcept { return text(ccauth_token_header_name); }
  std::string_view header_value() const noexcept { return text(ccauth_token_header_value); }
  /// name=value; empty where the token travels in a header.
  std::string_view query() const noexcept { return text(ccauth_token_query); }
  std::uint64_t generation() const noexcept { return ccauth_token_generation(get()); }
  /// None where it is valid until it is revoked.
  std::optional<time_point> expires() const noexcept { return detail::end(ccauth_token_expires_unix_ms(get())); }
  /// Who says so: "server", "jwt", "documented" or "never".
  std::string_view expiry_source() const noexcept { return detail::view(ccauth_token_expiry_source(get())); }
  /// Empty where the vendor did not say it.
  std::string_view extra(std::string_view name) const noexcept {
    std::size_t len = 0;
    const char *text = ccauth_token_extra(get(), name.data(), name.size(), &len);
    return detail::view(text, len);
  }

  ccauth_token *get() const noexcept { return owned_.get(); }

 private:
  std::string_view text(const char *(*part)(const ccauth_token *, std::size_t *)) const noexcept {
    std::size_t len = 0;
    const char *text = part(get(), &len);
    return detail::view(text, len);
  }
  detail::owner<ccauth_token, ccauth_token_free> owned_;
};

/// What a look at the held token has seen.
struct glance {
  /// Why there is nothing, or CCAUTH_OK.
  ccauth_status status;
  /// In the caller's buffer; empty where it did not fit.
  std::string_view value;
  /// The bytes that value has or would have; the buffer needs one more.
  std::size_t len;
  std::uint64_t generation;
  /// None where it is valid until it is revoked.
  std::optional<milliseconds> ttl;
  bool is_stale;

  explicit operator bool() const noexcept { return status == CCAUTH_OK; }
};

/// A token that is being waited for.
class request {
 public:
  /// Takes the request over.
  explicit request(ccauth_request *begun) : owned_(begun) {}

  /// Becomes readable when the request has ended; read nothing from it.
  int fd() const { return try_fd().value(); }
  result<int> try_fd() const {
    std::int32_t fd = -1;
    return detail::attempt([&](ccauth_error **e) { return ccauth_request_fd(get(), &fd, e); }, [&] { return int(fd); });
  }
  /// What came of it: ccauth_request_result(). CCAUTH_E_WOULD_BLOCK where it has not ended within this time.
  ccauth::token token(milliseconds wait = {}) const { return try_token(wait).value(); }
  result<ccauth::token> try_token(milliseconds wait = {}) const {
    ccauth_token *held = nullptr;
    return detail::attempt(
        [&](ccauth_error **e) { return ccauth_request_result(get(), wait.count(), &held, e); },
        [&] { return ccauth::token(held); });
  }
  /// Ends it with CCAUTH_E_STATE, unless it has ended.
  void cancel() const noexcept { ccauth_request_cancel(get()); }

  ccauth_request *get() const noexcept { return owned_.get(); }

 private:
  detail::owner<ccauth_request, ccauth_request_free> owned_;
};

/// An account whose token is kept valid, for all threads of a process.
class source {
 public:
  explicit source(const config &from) : source(try_open(from).value()) {}

  static result<source> try_open(const config &from) {
    ccauth_source *opened = nullptr;
    return detail::attempt(
        [&](ccauth_error **e) { return ccauth_source_open(from.get(), &opened, e); }, [&] { return source(opened); });
  }
  /// Another reference to the same source.
  source share() const { return source(ccauth_source_ref(get())); }

  /// Waits for the token: ccauth_source_get().
  ccauth::token token(wish wanted = {}) const { return try_token(wanted).value(); }
  result<ccauth::token> try_token(wish wanted = {}) const {
    const auto options = wanted.options();
    ccauth_token *held = nullptr;
    return detail::attempt(
        [&](ccauth_error **e) { return ccauth_source_get(get(), &options, &held, e); },
        [&] { return ccauth::token(held); });
  }

  /// Copies what a call carries into the buffer: allocates nothing, takes no lock, enters no kernel.
  glance peek(char *buffer, std::size_t capacity) const noexcept {
    ccauth_peek_info info = {sizeof info, 0, 0, 0};
    std::size_t len = 0;
    const auto status = ccauth_source_peek(get(), buffer, capacity, &len, &info);
    const auto value = status == CCAUTH_OK && capacity ? std::string_view(buffer, len) : std::string_view();
    const auto ttl = info.ttl_ms == INT64_MAX ? std::nullopt : std::optional(milliseconds(info.ttl_ms));
    return {status, value, len, info.generation, ttl, info.is_stale != 0};
  }
  template <std::size_t N>
  glance peek(char (&buffer)[N]) const noexcept {
    return peek(buffer, N);
  }

  void report_rejected(std::uint64_t generation) const { try_report_rejected(generation).value(); }
  result<void> try_report_rejected(std::uint64_t generation) const {
    return detail::attempt([&](ccauth_error **e) { return ccauth_source_report_rejected(get(), generation, e); });
  }

  /// Whether there is another token.
  bool renew(milliseconds timeout = {}) const { return try_renew(timeout).value(); }
  result<bool> try_renew(milliseconds timeout = {}) const {
    std::int32_t renewed = 0;
    return detail::attempt(
        [&](ccauth_error **e) { return ccauth_source_renew(get(), timeout.count(), &renewed, e); },
        [&] { return renewed != 0; });
  }
  /// Until when the held token is valid; none: until it is revoked.
  std::optional<time_point> validate() const { return try_validate().value(); }
  result<std::optional<time_point>> try_validate() const {
    std::int64_t expires = 0;
    return detail::attempt(
        [&](ccauth_error **e) { return ccauth_source_validate(get(), &expires, e); },
        [&] { return detail::end(expires); });
  }
  void revoke() const { try_revoke().value(); }
  result<void> try_revoke() const {
    return detail::attempt([&](ccauth_error **e) { return ccauth_source_revoke(get(), e); });
  }
  void change_password(std::string_view password) const { try_change_password(password).value(); }
  result<void> try_change_password(std::string_view password) const {
    return detail::attempt([&](ccauth_error **e) {
      return ccauth_source_change_password(get(), password.data(), password.size(), e);
    });
  }

  void set(std::string_view key, std::string_view value) const { try_set(key, value).value(); }
  result<void> try_set(std::string_view key, std::string_view value) const {
    return detail::attempt([&](ccauth_error **e) {
      return ccauth_source_set(get(), key.data(), key.size(), value.data(), value.size(), e);
    });
  }
  void replace(const config &with) const { try_replace(with).value(); }
  result<void> try_replace(const config &with) const {
    return detail::attempt([&](ccauth_error **e) { return ccauth_source_replace(get(), with.get(), e); });
  }

  /// Begins to wait, for an event loop.
  request start(wish wanted = {}) const { return try_start(wanted).value(); }
  result<request> try_start(wish wanted = {}) const {
    const auto options = wanted.options();
    ccauth_request *begun = nullptr;
    return detail::attempt(
        [&](ccauth_error **e) { return ccauth_source_start(get(), &options, &begun, e); }, [&] { return request(begun); });
  }
  /// Has `told` called with a ccauth::result<ccauth::token>, once and on a thread of the library, unless this fails:
  /// ccauth_source_get_async(). What it throws is dropped. The request is for cancel(), and need not be kept.
  template <typename Told>
  request token_async(wish wanted, Told told) const {
    return try_token_async(wanted, std::move(told)).value();
  }
  template <typename Told>
  result<request> try_token_async(wish wanted, Told told) const {
    const auto options = wanted.options();
    auto kept = std::make_unique<Told>(std::move(told));
    ccauth_request *begun = nullptr;
    return detail::attempt(
        [&](ccauth_error **e) {
          return ccauth_source_get_async(get(), &options, heard<Told>, kept.get(), &begun, e);
        },
        [&] {
          (void)kept.release();  // which is the callback's now
          return request(begun);
        });
  }

  /// The sum of the CCAUTH_CAN_ constants that hold.
  std::uint32_t capabilities() const noexcept { return ccauth_source_capabilities(get()); }
  /// Empty where tokens travel in the query.
  std::string_view header_name() const noexcept {
    std::size_t len = 0;
    const char *name = ccauth_source_header_name(get(), &len);
    return detail::view(name, len);
  }
  /// How the source stands, as JSON.
  std::string status_json() const { return try_status_json().value(); }
  result<std::string> try_status_json() const {
    std::string text(4096, '\0');
    std::size_t len = 0;
    return detail::attempt(
        [&](ccauth_error **e) { return ccauth_source_status_json(get(), text.data(), text.size(), &len, e); },
        [&] {
          text.resize(len);
          return std::move(text);
        });
  }
  /// Becomes readable when something has happened to the token: read 8 bytes, then look.
  int watch_fd() const { return try_watch_fd().value(); }
  result<int> try_watch_fd() const {
    std::int32_t fd = -1;
    return detail::attempt(
        [&](ccauth_error **e) { return ccauth_source_watch_fd(get(), &fd, e); }, [&] { return int(fd); });
  }

  ccauth_source *get() const noexcept { return owned_.get(); }

 private:
  explicit source(ccauth_source *opened) : owned_(opened) {}

  template <typename Told>
  static void heard(void *context, ccauth_status status, ccauth_token *held, ccauth_error *failure) noexcept {
    const std::unique_ptr<Told> told(static_cast<Told *>(context));
    detail::contain([&] {
      if (status == CCAUTH_OK) {
        (*told)(result<ccauth::token>(ccauth::token(held)));
      } else {
        (*told)(result<ccauth::token>(error(status, failure)));
      }
    });
  }

  detail::owner<ccauth_source, ccauth_source_free> owned_;
};

/// An account that is put together, with a method for each field. The first failure is kept for whoever asks for the
/// configuration or the source.
template <typename Vendor>
class account {
 public:
  /// A field by its name.
  Vendor &set(std::string_view key, std::string_view value) {
    if (made_) {
      const auto done = made_->try_set(key, value);
      if (!done) made_ = done.error();
    }
    return static_cast<Vendor &>(*this);
  }

  // <generated: common fields>
  /// Prefix of every path, instead of the vendor's own host.
  Vendor &base_url(std::string_view value) { return set("base_url", value); }
  /// Selects one of the vendor's base URLs by name.
  Vendor &region(std::string_view value) { return set("region", value); }
  /// Set to true to send credentials in clear text to a host that is not loopback, or through a proxy.
  Vendor &allow_http(bool value) { return set("allow_http", value ? "true" : "false"); }
  /// How the token travels: bearer, bare, basic, header:NAME or query:NAME.
  Vendor &carriage(std::string_view value) { return set("carriage", value); }
  /// How the token is kept fresh, where the vendor behaves otherwise than its page says. One of reissue, refresh,
  /// same-until-expiry, static.
  Vendor &renewal(std::string_view value) { return set("renewal", value); }
  /// A token obtained elsewhere, used as it is; a leading Bearer is cut off.
  Vendor &token(std::string_view value) { return set("token", value); }
  /// Milliseconds for a whole request, 100 to 600000. Default 10000.
  Vendor &timeout(milliseconds value) { return set("timeout_ms", std::to_string(value.count())); }
  /// Milliseconds each for name resolution, for the connection with TLS, and for the vendor to take a piece of the
  /// request, 100 to 600000. Default 3000. timeout_ms alone bounds the wait for a reply.
  Vendor &connect_timeout(milliseconds value) { return set("connect_timeout_ms", std::to_string(value.count())); }
  /// A PEM file of certificate authorities that are trusted besides the platform's.
  Vendor &ca_file(std::string_view value) { return set("ca_file", value); }
  /// An http:// proxy, with its user and password if it needs them. The environment's proxy variables are ignored.
  Vendor &proxy(std::string_view value) { return set("proxy", value); }
  /// The User-Agent of requests. Default ccauth/<version>.
  Vendor &user_agent(std::string_view value) { return set("user_agent", value); }
  /// Whether a reply counts whose end only the connection's close marks. Default accept: its whole document must
  /// parse. One of accept, refuse.
  Vendor &close_delimited(std::string_view value) { return set("close_delimited", value); }
  /// Where tokens outlive this process and are shared with others: file:// and the absolute path of a directory,
  /// which is made with mode 0700 where it is missing. Without it they are kept in memory alone.
  Vendor &store(std::string_view value) { return set("store", value); }
  /// A file that its owner alone can read, 32 to 4096 bytes of chance, with which the tokens in the store are
  /// encrypted.
  Vendor &store_key_file(std::string_view value) { return set("store_key_file", value); }
  // </generated>

  const ccauth::config &config() const { return made_.value(); }
  source open() const { return try_open().value(); }
  result<source> try_open() const { return made_ ? source::try_open(*made_) : result<source>(made_.error()); }

 protected:
  explicit account(std::string_view vendor) : made_(ccauth::config::try_new(vendor)) {}

 private:
  result<ccauth::config> made_;
};

// <generated: vendors>

/// Exotel CCM: https://developer.exotel.com/docs/contact-center/api-reference/token-generation
class exotel_ccm : public account<exotel_ccm> {
 public:
  exotel_ccm() : account("exotel-ccm") {}
  /// The account's SID, from the dashboard's API settings. Needed.
  exotel_ccm &account_sid(std::string_view value) { return set("account_sid", value); }
  /// The API key: the user id of Basic, so without a colon. Needed.
  exotel_ccm &api_key(std::string_view value) { return set("api_key", value); }
  /// The API token that belongs to the key. Needed.
  exotel_ccm &api_token(std::string_view value) { return set("api_token", value); }
};

/// Exotel v4: https://developer.exotel.com/docs/contact-center-v4/api-reference/login
class exotel_v4 : public account<exotel_v4> {
 public:
  exotel_v4() : account("exotel-v4") {}
  /// The account's SID, from the dashboard's API settings. Needed.
  exotel_v4 &account_sid(std::string_view value) { return set("account_sid", value); }
  /// The API key. Needed.
  exotel_v4 &username(std::string_view value) { return set("username", value); }
  /// The API token that belongs to the key. Needed.
  exotel_v4 &password(std::string_view value) { return set("password", value); }
};

/// Exotel WebRTC: https://developer.exotel.com/docs/ip-pstn-webrtc/api-reference/authentication
class exotel_webrtc : public account<exotel_webrtc> {
 public:
  exotel_webrtc() : account("exotel-webrtc") {}
  /// The CustomerID or AppID. Needed.
  exotel_webrtc &id(std::string_view value) { return set("id", value); }
  /// The CustomerSecret or AppSecret that belongs to the id. Needed.
  exotel_webrtc &secret(std::string_view value) { return set("secret", value); }
  /// Whose id it is: a customer's token manages applications, an app's manages users and calls. One of customer, app.
  /// Needed.
  exotel_webrtc &entity(std::string_view value) { return set("entity", value); }
};

/// 8x8 ContactNow: https://support.8x8.com/cloud-contact-center/contactnow/contactnow-how-to/contactnow-creating-an-api-token
class contactnow : public account<contactnow> {
 public:
  contactnow() : account("contactnow") {}
  /// The API user name, from 8x8's technical support. Needed.
  contactnow &username(std::string_view value) { return set("username", value); }
  /// The API password, called key at some places. Needed.
  contactnow &password(std::string_view value) { return set("password", value); }
  /// IP addresses that the token serves, at most ten, separated by commas; default: the one that asks.
  contactnow &address(std::string_view value) { return set("address", value); }
  /// The form of the replies; default json. One of json, xml.
  contactnow &format(std::string_view value) { return set("format", value); }
  /// How arguments are sent; default post. With get the password stands in a URL, and so in logs. One of post, get.
  contactnow &method(std::string_view value) { return set("method", value); }
};

/// Servetel: https://docs.servetel.in/reference/authentication-using-tokens
class servetel : public account<servetel> {
 public:
  servetel() : account("servetel") {}
  /// The client's login id, which need not look like an e-mail address. Needed.
  servetel &email(std::string_view value) { return set("email", value); }
  /// The client's password. Needed.
  servetel &password(std::string_view value) { return set("password", value); }
  /// How the held token travels with its own refresh: bare unless given. One of bare, bearer.
  servetel &refresh_carriage(std::string_view value) { return set("refresh_carriage", value); }
};

/// Sangoma CX: https://sangomakb.atlassian.net/wiki/spaces/SCX/pages/376504348
class sangoma : public account<sangoma> {
 public:
  sangoma() : account("sangoma") {}
  /// The client id, from System > Configuration > CPaaS Credentials. Needed, unless basic_token is given.
  sangoma &client_id(std::string_view value) { return set("client_id", value); }
  /// The client secret that belongs to the id. Needed, unless basic_token is given.
  sangoma &client_secret(std::string_view value) { return set("client_secret", value); }
  /// Id and secret already encoded, instead of the two; a leading Basic is cut off.
  sangoma &basic_token(std::string_view value) { return set("basic_token", value); }
  /// The API scopes, separated by blanks or commas, such as cx.agent-calls cx.queue-calls. Needed.
  sangoma &scopes(std::string_view value) { return set("scopes", value); }
  /// Whether id and secret enter Basic as they are or form-encoded (RFC 6749 section 2.3.1); default raw. One of raw,
  /// form.
  sangoma &client_auth(std::string_view value) { return set("client_auth", value); }
  /// What x-api-version says with every request; without it the header is not sent. One of v1.
  sangoma &api_version(std::string_view value) { return set("api_version", value); }
};

// </generated>

/// Has the library keep what it has to say, up to a CCAUTH_LOG_ constant, for drain_log(): ccauth_log_set().
inline result<void> try_keep_log(std::int32_t level, std::size_t capacity = 0) {
  return detail::attempt([&](ccauth_error **e) { return ccauth_log_set(level, capacity, e); });
}
inline void keep_log(std::int32_t level, std::size_t capacity = 0) { try_keep_log(level, capacity).value(); }

/// Is readable while there may be something to drain.
inline result<int> try_log_fd() {
  std::int32_t fd = -1;
  return detail::attempt([&](ccauth_error **e) { return ccauth_log_fd(&fd, e); }, [&] { return int(fd); });
}
inline int log_fd() { return try_log_fd().value(); }

/// Hands what is kept to `record(level, target, message)`, on this thread; gives how many there were. What it throws is
/// dropped.
template <typename Record>
std::size_t drain_log(Record record, std::size_t max = 0) {
  const auto hand = [](void *context, std::int32_t level, const char *target, const char *message) {
    detail::contain([&] { (*static_cast<Record *>(context))(level, std::string_view(target), std::string_view(message)); });
  };
  return ccauth_log_drain(hand, &record, max);
}

/// Ends all that the library does in this process: ccauth_shutdown(). Objects that are left name nothing then.
inline result<void> try_shutdown(milliseconds timeout = {}) {
  return detail::attempt([&](ccauth_error **e) { return ccauth_shutdown(timeout.count(), e); });
}
inline void shutdown(milliseconds timeout = {}) { try_shutdown(timeout).value(); }

}  // namespace ccauth

#endif
