/* Records are kept for whoever fetches them, up to a number; a descriptor tells of them, and another one of what happens to
 * a source. Prints the records. */
#define _GNU_SOURCE
#include "check.h"
#include <poll.h>
#include <string.h>
#include <unistd.h>

static int seen, refreshed, lost;

static int readable(int fd, int wait_ms) {
    struct pollfd look = {fd, POLLIN, 0};
    return poll(&look, 1, wait_ms) == 1 && look.revents == POLLIN;
}

static void print(void *context, int32_t level, const char *target, const char *message) {
    CHECK(context == &seen);
    printf("%d %s %s\n", (int)level, target, message);
    seen++;
    lost |= !!strstr(message, " records are lost");
    refreshed |= !!strstr(message, "token.refreshed");
    CHECK(ccauth_source_peek(NULL, NULL, 0, NULL, NULL) == CCAUTH_E_INVALID);
}

/* Waits until something has happened to the source. */
static void await(int fd) {
    char count[8];
    CHECK(readable(fd, 30000) && read(fd, count, sizeof count) == 8 && !readable(fd, 0));
}

int main(void) {
    ccauth_source *source;
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
    while (!refreshed) {
        CHECK(readable(log, 30000));
        ccauth_log_drain(print, &seen, 0);
    }

    /* Two at most; the rest is counted. */
    ccauth_log_drain(NULL, NULL, 0);
    CHECK(ccauth_log_set(CCAUTH_LOG_DEBUG, 2, NULL) == CCAUTH_OK);
    for (int n = 0; n < 3; n++) CHECK(ccauth_source_validate(source, NULL, NULL) == CCAUTH_E_UNSUPPORTED);
    CHECK(!lost && readable(log, 0) && ccauth_log_drain(print, &seen, 0) == 3 && lost && !readable(log, 0));
    ccauth_token_free(token);
    ccauth_source_free(source);
    CHECK(ccauth_log_set(CCAUTH_LOG_OFF, 0, NULL) == CCAUTH_OK && ccauth_debug_live_handles() == 0);
    return 0;
}
