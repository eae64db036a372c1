/* A token of each vendor, and how it travels. */
#include "demo.h"

static void show(const char *id, const ccauth_token *token)
{
    const char *name = ccauth_token_header_name(token, NULL), *extra;
    printf("%-14s in %s, ", id, name ? name : "the query");
    if (ccauth_token_expires_unix_ms(token) == INT64_MAX)
        printf("until it is revoked");
    else
        printf("until %lld (%s)", (long long)(ccauth_token_expires_unix_ms(token) / 1000),
               ccauth_token_expiry_source(token));
    for (size_t n = 0; (extra = ccauth_token_extra_name(token, n, NULL)); n++)
        printf(", %s: %s", extra, ccauth_token_extra(token, extra, CCAUTH_NTS, NULL));
    printf("\n");
}

int main(void)
{
    for (int vendor = 0; vendor < DEMO_VENDORS; vendor++) {
        ccauth_source *source = demo_open(demo_config(vendor));
        ccauth_token *token = NULL;
        ccauth_error *error = NULL;
        check(ccauth_source_get(source, NULL, &token, &error), error);
        show(demo_vendors[vendor].id, token);
        ccauth_token_free(token);
        ccauth_source_free(source);
    }
    return 0;
}
