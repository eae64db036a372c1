/* A thousand sources in one thread, whose only call that waits is epoll_wait(). */
#define _POSIX_C_SOURCE 200809L
#include "demo.h"
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define SOURCES 1000

static ccauth_source *sources[SOURCES];
static ccauth_request *requests[SOURCES];

/* Opens a source, and has the loop told when its first token is there. */
static void begin(int loop, int n)
{
    ccauth_get_options options = {sizeof options, 0, 60000, 0};
    ccauth_error *error = NULL;
    struct epoll_event event = {EPOLLIN, {0}};
    int fd;
    sources[n] = demo_open(demo_config(n % 2 ? SERVETEL : CONTACTNOW));
    check(ccauth_source_start(sources[n], &options, &requests[n], &error), error);
    check(ccauth_request_fd(requests[n], &fd, &error), error);
    event.data.u32 = (uint32_t)n;
    if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event)) exit(1);
}

/* What has come of it; 1 for a token. */
static int end(int n)
{
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;
    int good = ccauth_request_result(requests[n], 0, &token, &error) == CCAUTH_OK;
    if (!good) fprintf(stderr, "%s\n", ccauth_error_line(error));
    ccauth_error_free(error);
    ccauth_token_free(token);
    ccauth_request_free(requests[n]); /* closes the descriptor, and so takes it out of the loop */
    return good;
}

int main(void)
{
    struct rlimit files;
    int loop = epoll_create1(EPOLL_CLOEXEC), left = SOURCES, tokens = 0;
    if (loop < 0 || getrlimit(RLIMIT_NOFILE, &files)) return 1;
    files.rlim_cur = files.rlim_max; /* a descriptor for each request */
    if (setrlimit(RLIMIT_NOFILE, &files)) return 1;

    for (int n = 0; n < SOURCES; n++) begin(loop, n);
    while (left > 0) {
        struct epoll_event events[64];
        int ready = epoll_wait(loop, events, 64, -1);
        for (int n = 0; n < ready; n++, left--) tokens += end((int)events[n].data.u32);
    }
    printf("%d tokens of %d\n", tokens, SOURCES);

    for (int n = 0; n < SOURCES; n++) ccauth_source_free(sources[n]);
    close(loop);
    return tokens != SOURCES;
}
