/* A token of each vendor, and how it travels. SANDBOX and CA_FILE say where `ccauth sandbox` is. */
#include <ccauth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FIELDS 3

static const struct {
    const char *id;
    const char *fields[MAX_FIELDS][2];
} vendors[] = {
    {"exotel-ccm", {{"account_sid", "demo"}, {"api_key", "demo-key"}, {"api_token", "demo-secret"}}},
    {"exotel-webrtc", {{"entity", "customer"}, {"id", "demo"}, {"secret", "demo-secret"}}},
    {"contactnow", {{"username", "demo"}, {"password", "demo-secret"}}},
    {"servetel", {{"email", "demo@example.com"}, {"password", "demo-secret"}}},
    {"sangoma", {{"client_id", "demo"}, {"client_secret", "demo-secret"}, {"scopes", "cx.agent-calls cx.queue-calls"}}},
};

/* Sets one field. What is copied is as long as the caller says; a NUL at its end is not needed. */
static int set(ccauth_config *config, const char *key, const char *value, ccauth_error **error)
{
    return ccauth_config_set(config, key, strlen(key), value, strlen(value), error);
}

/* Configures vendor n, and opens its source. */
static ccauth_status open_source(size_t n, const char *sandbox, const char *ca_file, ccauth_source **source,
                                 ccauth_error **error)
{
    ccauth_config *config = NULL;
    char base_url[256];
    ccauth_status status = ccauth_config_new(vendors[n].id, CCAUTH_NTS, &config, error);
    snprintf(base_url, sizeof base_url, "%s/%s", sandbox, vendors[n].id);
    if (status == CCAUTH_OK) status = set(config, "base_url", base_url, error);
    if (status == CCAUTH_OK) status = set(config, "ca_file", ca_file, error);
    for (size_t f = 0; status == CCAUTH_OK && f < MAX_FIELDS && vendors[n].fields[f][0]; f++)
        status = set(config, vendors[n].fields[f][0], vendors[n].fields[f][1], error);
    if (status == CCAUTH_OK) status = ccauth_source_open(config, source, error);
    ccauth_config_free(config);
    return status;
}

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
    const char *sandbox = getenv("SANDBOX"), *ca_file = getenv("CA_FILE");
    int failed = 0;
    if (!sandbox || !ca_file) {
        fprintf(stderr, "set SANDBOX and CA_FILE to what `ccauth sandbox` prints\n");
        return 2;
    }
    for (size_t n = 0; n < sizeof vendors / sizeof *vendors; n++) {
        ccauth_source *source = NULL;
        ccauth_token *token = NULL;
        ccauth_error *error = NULL;
        if (open_source(n, sandbox, ca_file, &source, &error) == CCAUTH_OK
            && ccauth_source_get(source, NULL, &token, &error) == CCAUTH_OK) {
            show(vendors[n].id, token);
        } else {
            fprintf(stderr, "%s\n%s\n", ccauth_error_line(error), ccauth_error_cure(error));
            failed = 1;
        }
        ccauth_error_free(error);
        ccauth_token_free(token);
        ccauth_source_free(source);
    }
    return failed;
}
