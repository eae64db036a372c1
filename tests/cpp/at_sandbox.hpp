/* What the tests in C++ share: the checks of those in C, and accounts of a vendor at the sandbox. */
#ifndef AT_SANDBOX_HPP
#define AT_SANDBOX_HPP

#include "../c/check.h"
#include <ccauth.hpp>

template <typename Vendor>
Vendor at_sandbox(const char *vendor) {
    Vendor account;
    account.base_url(std::string(std::getenv("SANDBOX")) + "/" + vendor).ca_file(std::getenv("CA_FILE"));
    return account;
}

#endif
