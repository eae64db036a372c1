/* A request of an event loop: its descriptor, its result, and its end by cancelling, time or freeing. ContactNow answers when
 * all of it is over. */
#define _GNU_SOURCE
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

static int readable(int fd, int wait_ms) {
    struct pollfd look = {fd, POLLIN, 0};
    return poll(&look, 1, wait_ms) == 1 && look.revents == POLLIN;
}

/* A request of this source, and its descriptor. */
static ccauth_request *begin(ccauth_source *source, int64_t timeout_ms, int *fd) {
    ccauth_get_options options = {sizeof options, 0, timeout_ms, 0};
    ccauth_request *request = NULL;
    ccauth_error *error = NULL;
    check(ccauth_source_start(source, &options, &request, &error), error);
    check(ccauth_request_fd(request, fd, &error), error);
    return request;
}

static ccauth_status end(ccauth_request *request, int64_t wait_ms) {
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;
    ccauth_status status = ccauth_request_result(request, wait_ms, &token, &error);
    CHECK((status == CCAUTH_OK) == (token != NULL) && ccauth_error_code(error) == status);
    ccauth_token_free(token);
    ccauth_error_free(error);
    return status;
}

static void never(void *context, ccauth_status status, ccauth_token *token, ccauth_error *error) {
    (void)context, (void)status, (void)token, (void)error;
    CHECK(!"called within the hour");
}

int main(void) {
    ccauth_config *config = demo_config(CONTACTNOW);
    ccauth_source *source = demo_open(demo_config(SERVETEL)), *slow;
    ccauth_request *request, *other;
    ccauth_get_options hour = {sizeof hour, 0, 3600000, 0};
    int fd, again, other_fd;
    demo_set(config, "timeout_ms", "600000");
    slow = demo_open(config);

    /* Readable when there is a token, and as often as somebody looks. */
    request = begin(source, 0, &fd);
    CHECK(readable(fd, 30000) && end(request, 0) == CCAUTH_OK && end(request, 0) == CCAUTH_OK);
    CHECK(ccauth_request_fd(request, &again, NULL) == CCAUTH_OK && again == fd && readable(fd, 0));
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    ccauth_request_free(request);
    CHECK(fcntl(fd, F_GETFD) == -1 && errno == EBADF);
    /* At once, where one is held. */
    request = begin(source, 0, &fd);
    CHECK(readable(fd, 0) && end(request, 0) == CCAUTH_OK);
    ccauth_request_free(request);

    /* One that calls back has a descriptor too, which is closed with it. */
    request = NULL;
    CHECK(ccauth_source_get_async(slow, &hour, never, NULL, &request, NULL) == CCAUTH_OK);
    CHECK(ccauth_request_fd(request, &fd, NULL) == CCAUTH_OK && !readable(fd, 0));
    ccauth_request_free(request);
    CHECK(fcntl(fd, F_GETFD) == -1 && errno == EBADF);

    /* Not before there is anything; then the end of time, of patience, of the owner. */
    request = begin(slow, 60000, &fd);
    CHECK(!readable(fd, 0) && end(request, 0) == CCAUTH_E_WOULD_BLOCK && end(request, 20) == CCAUTH_E_WOULD_BLOCK);
    other = begin(slow, 50, &other_fd);
    CHECK(readable(other_fd, 30000) && end(other, 0) == CCAUTH_E_TIMEOUT);
    ccauth_request_cancel(other);
    CHECK(end(other, 0) == CCAUTH_E_TIMEOUT);
    ccauth_request_free(other);
    CHECK(!readable(fd, 0));
    ccauth_request_cancel(request);
    CHECK(readable(fd, 0) && end(request, 0) == CCAUTH_E_STATE);
    ccauth_request_cancel(request);
    ccauth_request_free(request);
    CHECK(end(request, 0) == CCAUTH_E_INVALID);
    ccauth_request_free(request);
    ccauth_request_cancel(request);
    CHECK(ccauth_request_fd(request, &fd, NULL) == CCAUTH_E_INVALID && fd == -1);

    /* The request outlives its source, and a thread may wait for it. */
    request = begin(slow, 100, &fd);
    ccauth_source_free(slow);
    CHECK(end(request, 30000) == CCAUTH_E_TIMEOUT);
    ccauth_request_free(request);
    ccauth_source_free(source);
    CHECK(ccauth_debug_live_handles() == 0);
    puts("ok");
    return 0;
}
