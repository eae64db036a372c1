/* Peeks from signal handlers that interrupt whatever a thread is at: a peek, the writing of the next token, the opening
 * and freeing of the source. Prints how often each was seen. */
#define _GNU_SOURCE
#include <ccauth.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define ROUNDS 400

static _Atomic(ccauth_source *) current;
static atomic_long seen, missed, wrong;

/* Token n: its letter throughout, in a length of its own. */
static size_t token(int n, char *text) {
    size_t len = 20 + (size_t)(n % 7) * 150;
    memset(text, 'a' + n % 26, len);
    text[len] = 0;
    return len;
}

static void look(void) {
    char buffer[2048];
    size_t len = 0;
    ccauth_peek_info info = {sizeof info, 0, 0, 0};
    ccauth_status status = ccauth_source_peek(atomic_load(&current), buffer, sizeof buffer, &len, &info);
    if (status != CCAUTH_OK) {
        atomic_fetch_add(&missed, 1);
        return;
    }
    /* "Bearer " and the same letter to the end. */
    int whole = len > 7 && strlen(buffer) == len && !memcmp(buffer, "Bearer ", 7);
    for (size_t n = 8; whole && n < len; n++) whole = buffer[n] == buffer[7];
    atomic_fetch_add(whole ? &seen : &wrong, 1);
}

static void on_signal(int signal) {
    (void)signal;
    look();
}

static ccauth_source *open_source(int n) {
    char text[2048];
    ccauth_config *config = NULL;
    ccauth_source *source = NULL;
    ccauth_token *held = NULL;
    size_t len = token(n, text);
    if (ccauth_config_new("sangoma", CCAUTH_NTS, &config, NULL)
        || ccauth_config_set(config, "token", CCAUTH_NTS, text, len, NULL)
        || ccauth_source_open(config, &source, NULL)
        || ccauth_source_get(source, NULL, &held, NULL)) exit(2);
    ccauth_token_free(held);
    ccauth_config_free(config);
    return source;
}

/* Other tokens all the time, and now and then another source in the same place. */
static void *write_tokens(void *unused) {
    char text[2048];
    for (int n = 0; n < ROUNDS; n++) {
        if (n % 4 == 0) ccauth_source_free(atomic_exchange(&current, open_source(n)));
        size_t len = token(n, text);
        if (ccauth_source_set(atomic_load(&current), "token", CCAUTH_NTS, text, len, NULL)) exit(2);
        raise(SIGUSR1);
    }
    return unused;
}

int main(void) {
    struct sigaction action;
    struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    pthread_t writer;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    if (sigaction(SIGUSR1, &action, NULL) || sigaction(SIGALRM, &action, NULL)) return 2;
    atomic_store(&current, open_source(0));
    if (pthread_create(&writer, NULL, write_tokens, NULL) || setitimer(ITIMER_REAL, &often, NULL)) return 2;
    for (int n = 0; n < 100000; n++) look();
    pthread_join(writer, NULL);
    setitimer(ITIMER_REAL, &never, NULL);
    ccauth_source_free(atomic_load(&current));
    printf("%ld wrong\n%ld seen\n%ld missed\n%zu live\n", atomic_load(&wrong), atomic_load(&seen),
           atomic_load(&missed), ccauth_debug_live_handles());
    return 0;
}
