/* What the library has to say, in the host's own log. Nothing is written by the library itself: it keeps its records until
 * they are fetched, on whichever thread suits the host. An event loop watches ccauth_log_fd() instead. */
#include "demo.h"

static void to_host(void *context, int32_t level, const char *target, const char *message)
{
    static const char *const names[] = {"", "error", "warning", "info", "debug"};
    fprintf(context, "%s [%s] %s\n", names[level], target, message);
}

int main(void)
{
    ccauth_source *source;
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;
    char standing[4096];

    check(ccauth_log_set(CCAUTH_LOG_INFO, 0, &error), error);
    source = demo_open(demo_config(SERVETEL));
    check(ccauth_source_get(source, NULL, &token, &error), error);
    check(ccauth_source_report_rejected(source, ccauth_token_generation(token), &error), error);
    check(ccauth_source_renew(source, 5000, NULL, &error), error);
    ccauth_log_drain(to_host, stdout, 0);

    /* And for monitoring. */
    check(ccauth_source_status_json(source, standing, sizeof standing, NULL, &error), error);
    printf("%s\n", standing);
    ccauth_token_free(token);
    ccauth_source_free(source);
    return 0;
}
