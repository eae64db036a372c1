/* One token, and the header that carries it. BASE_URL and CA_FILE lead to the sandbox; without them it asks Servetel. */
#include <ccauth.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    const char *fields[][2] = {{"email", "demo@example.com"},
                               {"password", getenv("SERVETEL_PASSWORD")},
                               {"base_url", getenv("BASE_URL")},
                               {"ca_file", getenv("CA_FILE")}};
    ccauth_config *config = NULL;
    ccauth_source *source = NULL;
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;
    size_t len;

    ccauth_status status = ccauth_config_new("servetel", CCAUTH_NTS, &config, &error);
    for (int n = 0; n < 4 && status == CCAUTH_OK; n++)
        if (fields[n][1])
            status = ccauth_config_set(config, fields[n][0], CCAUTH_NTS, fields[n][1], CCAUTH_NTS, &error);
    if (status == CCAUTH_OK)
        status = ccauth_source_open(config, &source, &error); /* once, for all threads */
    if (status == CCAUTH_OK)
        status = ccauth_source_get(source, NULL, &token, &error); /* before each call */
    if (status == CCAUTH_OK) {
        const char *name = ccauth_token_header_name(token, NULL);
        const char *value = ccauth_token_header_value(token, &len); /* a secret: nothing to print */
        printf("%s: %.7s..., %zu bytes\n", name, value, len);
    } else {
        fprintf(stderr, "%s\n%s\n", ccauth_error_line(error), ccauth_error_cure(error));
    }

    ccauth_error_free(error); /* NULL is fine */
    ccauth_token_free(token);
    ccauth_source_free(source);
    ccauth_config_free(config);
    return status != CCAUTH_OK;
}
