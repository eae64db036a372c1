/* A host with the library at work: a token that is held, a request that hangs, a callback outstanding, logs and descriptors.
 * What is the host's stays the host's. usage: host signals | control | descriptors | closed | broken |
 * return | exit | callback | atexit */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static ccauth_source *held, *hanging;
static volatile sig_atomic_t here, elsewhere;
static pid_t main_thread;

static void heard(void *context, ccauth_status status, ccauth_token *token, ccauth_error *error) {
    (void)status;
    ccauth_token_free(token);
    ccauth_error_free(error);
    if (context) exit(*(int *)context);
}

static void work(void) {
    ccauth_token *token = NULL;
    ccauth_request *request = NULL;
    int fd;
    CHECK(ccauth_log_set(CCAUTH_LOG_DEBUG, 0, NULL) == CCAUTH_OK && ccauth_log_fd(&fd, NULL) == CCAUTH_OK);
    held = demo_open(demo_config(SERVETEL));
    hanging = demo_open(demo_config(CONTACTNOW));
    CHECK(ccauth_source_watch_fd(held, &fd, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_get(held, NULL, &token, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_start(hanging, NULL, &request, NULL) == CCAUTH_OK);
    CHECK(ccauth_request_fd(request, &fd, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_get_async(hanging, NULL, heard, NULL, NULL, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_get_async(held, NULL, heard, NULL, NULL, NULL) == CCAUTH_OK);
}

static void handle(int signal) {
    (void)signal;
    if (gettid() == main_thread) here++; else elsewhere++;
}

static void *wait_for_ever(void *unused) {
    for (;;) pause();
    return unused;
}

/* Each signal to the process, while this thread lets none in: whoever lets it in gets it. */
static void signals(int is_control) {
    static const int all[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGCHLD, SIGURG,
                              SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, 34, 40, 64};
    const int count = sizeof all / sizeof *all;
    struct sigaction action, seen;
    sigset_t every, before, after;
    main_thread = gettid();
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    for (int s = 0; s < count; s++) CHECK(sigaction(all[s], &action, NULL) == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &before) == 0);
    work();
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &after) == 0);
    for (int s = 1; s <= 64; s++) CHECK(sigismember(&before, s) == sigismember(&after, s));
    for (int s = 0; s < count; s++)
        CHECK(sigaction(all[s], NULL, &seen) == 0 && seen.sa_handler == handle);
    AWAIT(threads_named("ccauth-request") && threads_named("ccauth-callback") && threads_named("ccauth-schedule"));
    sigfillset(&every);
    if (is_control) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, wait_for_ever, NULL) == 0);
    }
    CHECK(pthread_sigmask(SIG_SETMASK, &every, NULL) == 0);
    for (int s = 0; s < count; s++) CHECK(kill(getpid(), all[s]) == 0);
    if (is_control) AWAIT(elsewhere == count);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    printf("%d here, %d elsewhere\n", (int)here, (int)elsewhere);
}

static int of_host[1024];

/* How many descriptors there are that were not the host's; each of them is closed by exec. */
static int ours(void) {
    int count = 0;
    DIR *all = opendir("/proc/self/fd");
    CHECK(all);
    for (struct dirent *entry; (entry = readdir(all));) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || (fd < 1024 && of_host[fd])) continue;
        CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        count++;
    }
    closedir(all);
    return count;
}

/* Nothing of ours is left open in what the host executes. */
static void descriptors(void) {
    for (int fd = 0; fd < 1024; fd++) of_host[fd] = fcntl(fd, F_GETFD) != -1;
    work();
    AWAIT(ours() >= 5); /* a log, a watch, a request, a connection, the folder itself */
    puts("ok");
}

/* A vendor that closes, on a thread of ours and on this one, with SIGPIPE as the system has it. */
static void closed_on(void) {
    ccauth_source *source = demo_open(demo_config(CONTACTNOW));
    ccauth_token *token = NULL;
    for (int n = 0; n < 20; n++) {
        ccauth_source *none = demo_open(demo_config(SANGOMA));
        CHECK(ccauth_source_get(none, NULL, &token, NULL) == CCAUTH_E_IO);
        ccauth_source_free(none);
    }
    CHECK(ccauth_source_get(source, NULL, &token, NULL) == CCAUTH_OK);
    for (int n = 0; n < 20; n++) CHECK(ccauth_source_validate(source, NULL, NULL) == CCAUTH_E_IO);
    puts("ok");
}

/* Still good at the end of the process. */
static void at_exit(void) {
    char buffer[8256];
    CHECK(ccauth_source_peek(held, buffer, sizeof buffer, NULL, NULL) == CCAUTH_OK);
    ccauth_source_free(held);
    ccauth_source_free(hanging);
    CHECK(ccauth_source_peek(held, buffer, sizeof buffer, NULL, NULL) == CCAUTH_E_INVALID);
    held = demo_open(demo_config(SERVETEL));
}

int main(int argc, char **argv) {
    static int status = 7;
    const char *how = argc > 1 ? argv[1] : "";
    if (!strcmp(how, "signals") || !strcmp(how, "control")) {
        signals(!strcmp(how, "control"));
        return 0;
    }
    if (!strcmp(how, "descriptors")) {
        descriptors();
        return 0;
    }
    if (!strcmp(how, "closed")) {
        closed_on();
        return 0;
    }
    if (!strcmp(how, "broken")) {
        int ends[2];
        CHECK(pipe(ends) == 0 && close(ends[0]) == 0);
        return write(ends[1], "x", 1) == 1;
    }
    if (!strcmp(how, "atexit")) CHECK(atexit(at_exit) == 0);
    work();
    if (!strcmp(how, "callback")) {
        CHECK(ccauth_source_get_async(held, NULL, heard, &status, NULL, NULL) == CCAUTH_OK);
        for (;;) pause();
    }
    if (!strcmp(how, "exit")) exit(7);
    return 7;
}
