/* A callback comes exactly once if and only if the start says OK, never inline, and may do anything. */
#define _GNU_SOURCE
#include "check.h"
#include <pthread.h>

#define MANY 100

/* What a callback was told, and where. */
struct heard {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int count, holds;
    ccauth_status status;
    pthread_t thread;
    ccauth_source *to_free;
    ccauth_request *request;
};

static void hear(void *context, ccauth_status status, ccauth_token *token, ccauth_error *error) {
    struct heard *heard = context;
    CHECK((status == CCAUTH_OK) == (token != NULL) && (status != CCAUTH_OK) == (error != NULL));
    CHECK(ccauth_error_code(error) == status);
    ccauth_token_free(token);
    ccauth_error_free(error);
    pthread_mutex_lock(&heard->lock);
    heard->count++;
    heard->status = status;
    heard->thread = pthread_self();
    if (heard->to_free) { /* re-enter, wait, and free what this is a callback of */
        char buffer[8256];
        ccauth_token *another = NULL;
        CHECK(ccauth_source_peek(heard->to_free, buffer, sizeof buffer, NULL, NULL) == CCAUTH_OK);
        CHECK(ccauth_source_get(heard->to_free, NULL, &another, NULL) == CCAUTH_OK);
        ccauth_token_free(another);
        ccauth_request_cancel(heard->request);
        ccauth_request_free(heard->request);
        ccauth_source_free(heard->to_free);
    }
    pthread_cond_broadcast(&heard->changed);
    while (heard->holds) pthread_cond_wait(&heard->changed, &heard->lock);
    pthread_mutex_unlock(&heard->lock);
}

static void init(struct heard *heard) {
    memset(heard, 0, sizeof *heard);
    pthread_mutex_init(&heard->lock, NULL);
    pthread_cond_init(&heard->changed, NULL);
}

static void await(struct heard *heard, int count) {
    pthread_mutex_lock(&heard->lock);
    while (heard->count < count) pthread_cond_wait(&heard->changed, &heard->lock);
    CHECK(heard->count == count);
    pthread_mutex_unlock(&heard->lock);
}

static void get(ccauth_source *source, struct heard *heard) {
    CHECK(ccauth_source_get_async(source, NULL, hear, heard, NULL, NULL) == CCAUTH_OK);
}

int main(void) {
    struct heard heard, other;
    ccauth_source *source = demo_open(demo_config(SERVETEL));
    ccauth_request *request = NULL;
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;
    ccauth_get_options bad = {sizeof bad, 1, 0, 0}, day = {sizeof day, 0, 0, 86400000}; /* no token lives for a day */
    init(&heard);
    init(&other);

    /* Before there is a token, and when it is held: each is told once, on another thread. */
    for (int n = 0; n < MANY; n++) get(source, &heard);
    await(&heard, MANY);
    CHECK(heard.status == CCAUTH_OK && !pthread_equal(heard.thread, pthread_self()));
    for (int n = 0; n < MANY; n++) get(source, &heard);
    await(&heard, 2 * MANY);
    CHECK(!pthread_equal(heard.thread, pthread_self()));

    /* A start that fails calls nobody. */
    CHECK(ccauth_source_get_async(source, &bad, hear, &other, &request, &error) == CCAUTH_E_INVALID);
    CHECK(!request && error);
    ccauth_error_free(error);
    CHECK(ccauth_source_get_async(source, NULL, NULL, &other, NULL, NULL) == CCAUTH_E_INVALID);
    CHECK(ccauth_source_get_async(NULL, NULL, hear, &other, NULL, NULL) == CCAUTH_E_INVALID);

    /* A callback that does not return holds up callbacks, and nothing else. */
    heard.holds = 1;
    get(source, &heard);
    await(&heard, 2 * MANY + 1);
    get(source, &other);
    CHECK(ccauth_source_renew(source, 0, NULL, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_get(source, NULL, &token, NULL) == CCAUTH_OK && ccauth_token_generation(token) == 2);
    ccauth_token_free(token);
    CHECK(other.count == 0);
    pthread_mutex_lock(&heard.lock);
    heard.holds = 0;
    pthread_cond_broadcast(&heard.changed);
    pthread_mutex_unlock(&heard.lock);
    await(&other, 1);

    /* A failure is told as well; freeing the request cancels nothing; what has been told is not told again. */
    CHECK(ccauth_source_get_async(source, &day, hear, &other, NULL, NULL) == CCAUTH_OK);
    await(&other, 2);
    CHECK(other.status == CCAUTH_E_INVALID);
    CHECK(ccauth_source_get_async(source, NULL, hear, &heard, &request, NULL) == CCAUTH_OK);
    ccauth_request_free(request);
    await(&heard, 2 * MANY + 2);
    CHECK(ccauth_source_get_async(source, NULL, hear, &heard, &request, NULL) == CCAUTH_OK);
    await(&heard, 2 * MANY + 3);
    ccauth_request_cancel(request);
    ccauth_request_cancel(request);
    CHECK(ccauth_request_result(request, 0, &token, NULL) == CCAUTH_OK);
    ccauth_token_free(token);
    ccauth_request_free(request);

    /* All is freed within the callback. */
    init(&other);
    pthread_mutex_lock(&other.lock);
    other.to_free = source;
    CHECK(ccauth_source_get_async(source, NULL, hear, &other, &other.request, NULL) == CCAUTH_OK);
    pthread_mutex_unlock(&other.lock);
    await(&other, 1);
    CHECK(ccauth_source_peek(source, NULL, 0, NULL, NULL) == CCAUTH_E_INVALID);
    CHECK(heard.count == 2 * MANY + 3 && ccauth_debug_live_handles() == 0);
    puts("ok");
    return 0;
}
