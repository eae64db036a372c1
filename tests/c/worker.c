/* One of many workers: does what each line of standard input says, and prints a line of what came of it, a word for each
 * thread: the token, or the detail of the failure. usage: worker VENDOR [KEY VALUE]...
 *
 *     get THREADS UNIX_MS | expires | renew
 *
 * `get` has all of its threads ask at that time on the wall clock, which may have passed. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"
#include <inttypes.h>
#include <pthread.h>
#include <unistd.h>

#define MOST 64

static ccauth_source *source;
static int64_t start_unix_ms;

static char *copy(const char *text) {
    char *copied = strdup(text);
    CHECK(copied);
    return copied;
}

static char *word(ccauth_status status, ccauth_error *error, const char *good) {
    char *said = copy(status == CCAUTH_OK ? good : ccauth_error_detail(error));
    ccauth_error_free(error);
    return said;
}

static void *get(void *unused) {
    struct timespec start = {start_unix_ms / 1000, start_unix_ms % 1000 * 1000000};
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;
    ccauth_status status;
    char *said;
    (void)unused;
    while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &start, NULL)) {}
    status = ccauth_source_get(source, NULL, &token, &error);
    said = word(status, error, status == CCAUTH_OK ? ccauth_token_value(token, NULL) : "");
    ccauth_token_free(token);
    return said;
}

static void get_all(int count) {
    pthread_t threads[MOST];
    CHECK(count <= MOST);
    for (int n = 0; n < count; n++) CHECK(pthread_create(&threads[n], NULL, get, NULL) == 0);
    for (int n = 0; n < count; n++) {
        void *said;
        CHECK(pthread_join(threads[n], &said) == 0);
        printf("%s%s", n ? " " : "", (char *)said);
        free(said);
    }
}

static void expires(void) {
    ccauth_token *token = NULL;
    CHECK(ccauth_source_get(source, NULL, &token, NULL) == CCAUTH_OK);
    printf("%" PRId64, ccauth_token_expires_unix_ms(token));
    ccauth_token_free(token);
}

static void renew(void) {
    int32_t renewed = 0;
    ccauth_error *error = NULL;
    ccauth_status status = ccauth_source_renew(source, 0, &renewed, &error);
    char *said = word(status, error, renewed ? "another" : "the same");
    printf("%s", said);
    free(said);
}

int main(int argc, char **argv) {
    ccauth_config *config = NULL;
    ccauth_error *error = NULL;
    char line[64];
    CHECK(argc >= 2);
    check(ccauth_config_new(argv[1], CCAUTH_NTS, &config, &error), error);
    for (int n = 2; n + 1 < argc; n += 2) demo_set(config, argv[n], argv[n + 1]);
    source = demo_open(config);
    while (fgets(line, sizeof line, stdin)) {
        int threads;
        if (sscanf(line, "get %d %" SCNd64, &threads, &start_unix_ms) == 2)
            get_all(threads);
        else if (!strcmp(line, "expires\n"))
            expires();
        else if (!strcmp(line, "renew\n"))
            renew();
        else
            CHECK(!"a line that is known");
        puts("");
        fflush(stdout);
    }
    ccauth_source_free(source);
    return 0;
}
