/* Credentials that are rotated while the program runs: the threads that use the source notice nothing. */
#include "demo.h"

int main(void)
{
    ccauth_config *config = demo_config(EXOTEL_CCM);
    ccauth_source *source = NULL;
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;

    /* What was configured has been rotated meanwhile: nothing is asked with it again and again, which locks accounts. */
    demo_set(config, "api_key", "old-key");
    demo_set(config, "api_token", "old-secret");
    check(ccauth_source_open(config, &source, &error), error);
    if (ccauth_source_get(source, NULL, &token, &error) == CCAUTH_E_CREDENTIALS)
        printf("%s: %s\n", ccauth_error_detail(error), ccauth_error_cure(error));
    ccauth_error_free(error);

    /* A key and its secret belong together: the vendor must not see one of them alone. */
    demo_set(config, "api_key", "demo-key");
    demo_set(config, "api_token", "demo-secret");
    check(ccauth_source_replace(source, config, &error), error);
    ccauth_config_free(config);
    check(ccauth_source_get(source, NULL, &token, &error), error);
    printf("token %llu with the new key\n", (unsigned long long)ccauth_token_generation(token));
    ccauth_token_free(token);

    /* One field by itself. */
    check(ccauth_source_set(source, "timeout_ms", CCAUTH_NTS, "5000", CCAUTH_NTS, &error), error);
    ccauth_source_free(source);
    return 0;
}
