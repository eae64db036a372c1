/* Records are kept for whoever fetches them, up to a number; a descriptor tells of them, and another one of what happens to
 * a source. Prints the records. */
#define _GNU_SOURCE
#include "check.h"
#include <poll.h>
#include <unistd.h>

static int seen, lost;
static const char *awaited;

static int readable(int fd, int wait_ms) {
    struct pollfd look = {fd, POLLIN, 0};
    return poll(&look, 1, wait_ms) == 1 && look.revents == POLLIN;
}

static void print(void *context, int32_t level, const char *target, const char *message) {
    CHECK(context == &seen);
    printf("%d %s %s\n", (int)level, target, message);
    seen++;
    lost |= !!strstr(message, " records are lost");
    if (awaited && strstr(message, awaited)) awaited = NULL;
    CHECK(ccauth_source_peek(NULL, NULL, 0, NULL, NULL) == CCAUTH_E_INVALID);
}

/* Waits until something has happened to the source. */
static void await(int fd) {
    char count[8];
    CHECK(readable(fd, 30000) && read(fd, count, sizeof count) == 8 && !readable(fd, 0));
}

/* Waits until there is such a record. */
static void await_record(int log, const char *words) {
    for (awaited = words; awaited; ccauth_log_drain(print, &seen, 0)) CHECK(readable(log, 30000));
}

int main(void) {
    ccauth_config *nowhere = NULL;
    ccauth_source *source, *unreachable;
    ccauth_token *token = NULL;
    int log, watch, again;

    CHECK(ccauth_log_drain(print, &seen, 0) == 0);
    CHECK(ccauth_log_set(5, 0, NULL) == CCAUTH_E_INVALID && ccauth_log_set(-1, 0, NULL) == CCAUTH_E_INVALID);
    CHECK(ccauth_log_set(CCAUTH_LOG_DEBUG, 0, NULL) == CCAUTH_OK && ccauth_log_fd(&log, NULL) == CCAUTH_OK);
    CHECK(ccauth_log_drain(print, &seen, 0) == 0 && !readable(log, 0));

    source = demo_open(demo_config(SERVETEL));
    CHECK(ccauth_source_watch_fd(source, &watch, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_watch_fd(source, &again, NULL) == CCAUTH_OK && again == watch);
    CHECK(ccauth_source_get(source, NULL, &token, NULL) == CCAUTH_OK);
    CHECK(readable(log, 30000));
    await(watch);
    CHECK(ccauth_source_report_rejected(source, ccauth_token_generation(token), NULL) == CCAUTH_OK);
    await(watch);
    CHECK(ccauth_source_renew(source, 0, NULL, NULL) == CCAUTH_OK);
    await_record(log, "token.refreshed: servetel");

    /* Two at most; the rest is counted. What this thread asks is logged on it. */
    CHECK(ccauth_config_new("contactnow", CCAUTH_NTS, &nowhere, NULL) == CCAUTH_OK);
    demo_set(nowhere, "token", "pasted-token");
    demo_set(nowhere, "base_url", "https://127.0.0.1:9");
    unreachable = demo_open(nowhere);
    await_record(log, "token.acquired: contactnow");
    ccauth_log_drain(NULL, NULL, 0);
    CHECK(ccauth_log_set(CCAUTH_LOG_DEBUG, 2, NULL) == CCAUTH_OK);
    for (int n = 0; n < 3; n++) CHECK(ccauth_source_validate(unreachable, NULL, NULL) == CCAUTH_E_CONNECT);
    CHECK(!lost && readable(log, 0) && ccauth_log_drain(print, &seen, 0) == 3 && lost && !readable(log, 0));
    ccauth_token_free(token);
    ccauth_source_free(unreachable);
    ccauth_source_free(source);
    CHECK(ccauth_log_set(CCAUTH_LOG_OFF, 0, NULL) == CCAUTH_OK && ccauth_debug_live_handles() == 0);
    return 0;
}
