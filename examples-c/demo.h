/* What the examples share: the sandbox's demo accounts. SANDBOX and CA_FILE say where `ccauth sandbox` is. */
#ifndef DEMO_H
#define DEMO_H

#include <ccauth.h>
#include <stdio.h>
#include <stdlib.h>

#define DEMO_FIELDS 3
#define DEMO_VENDORS 5

static const struct {
    const char *id;
    const char *fields[DEMO_FIELDS][2];
} demo_vendors[DEMO_VENDORS] = {
    {"exotel-ccm", {{"account_sid", "demo"}, {"api_key", "demo-key"}, {"api_token", "demo-secret"}}},
    {"exotel-webrtc", {{"entity", "customer"}, {"id", "demo"}, {"secret", "demo-secret"}}},
    {"contactnow", {{"username", "demo"}, {"password", "demo-secret"}}},
    {"servetel", {{"email", "demo@example.com"}, {"password", "demo-secret"}}},
    {"sangoma", {{"client_id", "demo"}, {"client_secret", "demo-secret"}, {"scopes", "cx.agent-calls cx.queue-calls"}}},
};

enum { EXOTEL_CCM, EXOTEL_WEBRTC, CONTACTNOW, SERVETEL, SANGOMA };

/* Ends the program unless all is well. */
static inline void check(ccauth_status status, ccauth_error *error)
{
    if (status == CCAUTH_OK) return;
    fprintf(stderr, "%s\n%s\n", ccauth_error_line(error), ccauth_error_cure(error));
    ccauth_error_free(error);
    exit(1);
}

static inline void demo_set(ccauth_config *config, const char *key, const char *value)
{
    ccauth_error *error = NULL;
    check(ccauth_config_set(config, key, CCAUTH_NTS, value, CCAUTH_NTS, &error), error);
}

/* The demo account of a vendor, as it is configured. */
static inline ccauth_config *demo_config(int vendor)
{
    const char *sandbox = getenv("SANDBOX"), *ca_file = getenv("CA_FILE");
    ccauth_config *config = NULL;
    ccauth_error *error = NULL;
    char base_url[256];
    if (!sandbox || !ca_file) {
        fprintf(stderr, "set SANDBOX and CA_FILE to what `ccauth sandbox` prints\n");
        exit(2);
    }
    check(ccauth_config_new(demo_vendors[vendor].id, CCAUTH_NTS, &config, &error), error);
    snprintf(base_url, sizeof base_url, "%s/%s", sandbox, demo_vendors[vendor].id);
    demo_set(config, "base_url", base_url);
    demo_set(config, "ca_file", ca_file);
    for (int f = 0; f < DEMO_FIELDS && demo_vendors[vendor].fields[f][0]; f++)
        demo_set(config, demo_vendors[vendor].fields[f][0], demo_vendors[vendor].fields[f][1]);
    return config;
}

/* The source of that configuration, which is freed. */
static inline ccauth_source *demo_open(ccauth_config *config)
{
    ccauth_source *source = NULL;
    ccauth_error *error = NULL;
    check(ccauth_source_open(config, &source, &error), error);
    ccauth_config_free(config);
    return source;
}

#endif
