/* What 8x8 ContactNow can do besides handing out tokens; ccauth_source_capabilities() tells what a vendor can. */
#include "demo.h"

int main(void)
{
    ccauth_source *source = demo_open(demo_config(CONTACTNOW));
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;
    int64_t expires;

    check(ccauth_source_get(source, NULL, &token, &error), error);
    printf("token %llu, can %u\n", (unsigned long long)ccauth_token_generation(token),
           (unsigned)ccauth_source_capabilities(source));
    ccauth_token_free(token);

    check(ccauth_source_validate(source, &expires, &error), error);
    printf("valid until %lld\n", (long long)(expires / 1000));

    check(ccauth_source_change_password(source, "another-secret", CCAUTH_NTS, &error), error);
    check(ccauth_source_change_password(source, "demo-secret", CCAUTH_NTS, &error), error);
    printf("password changed, and changed back\n");

    check(ccauth_source_revoke(source, &error), error);
    check(ccauth_source_get(source, NULL, &token, &error), error);
    printf("revoked; token %llu\n", (unsigned long long)ccauth_token_generation(token));

    ccauth_token_free(token);
    ccauth_source_free(source);
    return 0;
}
