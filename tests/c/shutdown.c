/* The end of all that the library does: at once where nothing is under way, after what is under way, not within a callback;
 * and a beginning after it. ContactNow answers later than anybody waits. */
#define _GNU_SOURCE
#include "check.h"
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int calls;
static ccauth_status told, within;

static void hear(void *context, ccauth_status status, ccauth_token *token, ccauth_error *error) {
    ccauth_token_free(token);
    ccauth_error_free(error);
    pthread_mutex_lock(&lock);
    if (context) within = ccauth_shutdown(0, NULL);
    calls++;
    told = status;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void await(int count) {
    pthread_mutex_lock(&lock);
    while (calls < count) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/* No thread of the library runs; the system has each for a moment longer than the library. */
#define ARE_GONE() AWAIT(!threads_named("ccauth-"))

/* How many sockets are open: one more, and a request is on its way. */
static int sockets(void) {
    int count = 0;
    DIR *all = opendir("/proc/self/fd");
    CHECK(all);
    for (struct dirent *entry; (entry = readdir(all));) {
        char target[64] = "";
        if (readlinkat(dirfd(all), entry->d_name, target, sizeof target - 1) > 0) count += !strncmp(target, "socket:", 7);
    }
    closedir(all);
    return count;
}

static void work(void) {
    ccauth_source *source = demo_open(demo_config(SERVETEL));
    ccauth_token *token = NULL;
    CHECK(ccauth_source_get(source, NULL, &token, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_get_async(source, NULL, hear, NULL, NULL, NULL) == CCAUTH_OK);
}

int main(void) {
    ccauth_config *config = demo_config(CONTACTNOW);
    ccauth_source *source;
    ccauth_request *request = NULL, *freed = NULL;
    ccauth_error *error = NULL;
    ccauth_token *token = NULL;
    int before = sockets();

    CHECK(ccauth_shutdown(0, NULL) == CCAUTH_OK && ccauth_debug_live_handles() == 0);
    CHECK(ccauth_config_set(config, "timeout_ms", CCAUTH_NTS, "2000", CCAUTH_NTS, NULL) == CCAUTH_E_INVALID);
    CHECK(ccauth_shutdown(-1, &error) == CCAUTH_E_INVALID && error);
    ccauth_error_free(error);

    /* Nothing is under way, and all is freed by it. */
    work();
    await(1);
    CHECK(told == CCAUTH_OK && ccauth_debug_live_handles() == 2);
    CHECK(ccauth_shutdown(0, NULL) == CCAUTH_OK && ccauth_debug_live_handles() == 0);
    ARE_GONE();

    /* A request of the vendor's is under way: whoever waits is told, and it ends by its own time. */
    config = demo_config(CONTACTNOW);
    demo_set(config, "timeout_ms", "2000");
    source = demo_open(config);
    CHECK(ccauth_source_start(source, NULL, &request, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_get_async(source, NULL, hear, NULL, &freed, NULL) == CCAUTH_OK);
    ccauth_request_free(freed);
    CHECK(ccauth_source_get_async(source, NULL, hear, NULL, NULL, NULL) == CCAUTH_OK);
    AWAIT(sockets() > before);
    CHECK(ccauth_shutdown(1, &error) == CCAUTH_E_TIMEOUT && !strcmp(ccauth_error_detail(error), "deadline.passed"));
    ccauth_error_free(error);
    CHECK(ccauth_request_result(request, 0, &token, NULL) == CCAUTH_E_INVALID);
    CHECK(ccauth_shutdown(0, NULL) == CCAUTH_OK);
    ARE_GONE();
    CHECK(calls == 3 && told == CCAUTH_E_STATE);

    /* Not within a callback; and all begins again. */
    source = demo_open(demo_config(SERVETEL));
    CHECK(ccauth_source_get_async(source, NULL, hear, &within, NULL, NULL) == CCAUTH_OK);
    await(4);
    CHECK(told == CCAUTH_OK && within == CCAUTH_E_STATE);
    work();
    await(5);
    CHECK(ccauth_shutdown(0, NULL) == CCAUTH_OK && ccauth_debug_live_handles() == 0);
    ARE_GONE();
    puts("ok");
    return 0;
}
