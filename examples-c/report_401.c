/* A token that the vendor refuses before its time: tell the source, and go on with the next one. The call is made by curl,
 * which is handed the header on its standard input, where nobody else sees it. */
#define _POSIX_C_SOURCE 200112L
#include "demo.h"

/* Makes a call with the token; gives 0 when the vendor takes it. */
static int call(const ccauth_token *token)
{
    FILE *curl = popen("curl --silent --fail --output /dev/null --cacert \"$CA_FILE\" --config - "
                       "\"$SANDBOX/sangoma/v1/agent-calls\"",
                       "w");
    if (!curl) exit(1);
    fprintf(curl, "header = \"%s: %s\"\n", ccauth_token_header_name(token, NULL),
            ccauth_token_header_value(token, NULL));
    return pclose(curl);
}

int main(void)
{
    ccauth_source *source = demo_open(demo_config(SANGOMA)), *other = demo_open(demo_config(SANGOMA));
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;

    check(ccauth_source_get(source, NULL, &token, &error), error);
    printf("token %llu: %s\n", (unsigned long long)ccauth_token_generation(token), call(token) ? "refused" : "taken");

    /* Somebody else with the same account revokes it: Sangoma gives one token to all. */
    check(ccauth_source_renew(other, 0, NULL, &error), error);
    check(ccauth_source_revoke(other, &error), error);
    printf("token %llu: %s\n", (unsigned long long)ccauth_token_generation(token), call(token) ? "refused" : "taken");

    /* Report every refusal: many of the same token are one request. Whoever can wait, waits for the next one. */
    check(ccauth_source_report_rejected(source, ccauth_token_generation(token), &error), error);
    ccauth_token_free(token);
    check(ccauth_source_renew(source, 5000, NULL, &error), error);
    check(ccauth_source_get(source, NULL, &token, &error), error);
    printf("token %llu: %s\n", (unsigned long long)ccauth_token_generation(token), call(token) ? "refused" : "taken");

    ccauth_token_free(token);
    ccauth_source_free(other);
    ccauth_source_free(source);
    return 0;
}
