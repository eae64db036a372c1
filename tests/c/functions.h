/* Every function of the interface in a table, so that each can be called with anything. table.h is generated from ccauth.h
 * by tests/src/misuse.rs. */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include "check.h"
#include <errno.h>
#include <pthread.h>

#define PARAMETERS 6

enum object { NONE, CONFIG, SOURCE, TOKEN, REQUEST, ERROR, OBJECTS };
enum gives { NUMBER_GIVEN, STATUS_GIVEN, TEXT_GIVEN, REFERENCE_GIVEN };
enum kind { HANDLE, RECEIVER, TEXT, LENGTH, BUFFER, CAPACITY, OUT, OPTIONS, INFO, GET, LOG, CONTEXT, NUMBER };

union arg {
    void *p;
    uint64_t n;
    ccauth_get_callback get;
    ccauth_log_callback log;
};

struct gave {
    int64_t number;
    const void *pointer;
};

struct parameter {
    const char *name;
    enum kind kind;
    enum object object; /* of a handle, or of who receives one */
    int may_be_null;
};

struct function {
    const char *name;
    struct gave (*call)(const union arg *);
    enum gives gives;
    enum object object; /* of a reference that it gives */
    int count;
    struct parameter parameters[PARAMETERS];
};

static inline struct gave gave_number(int64_t number) { struct gave g = {number, NULL}; return g; }
static inline struct gave gave_pointer(const void *pointer) { struct gave g = {0, pointer}; return g; }

#include "table.h"

#define FUNCTIONS (sizeof functions / sizeof *functions)

static inline void release(enum object object, void *handle) {
    switch (object) {
    case CONFIG: ccauth_config_free(handle); break;
    case SOURCE: ccauth_source_free(handle); break;
    case TOKEN: ccauth_token_free(handle); break;
    case REQUEST: ccauth_request_free(handle); break;
    case ERROR: ccauth_error_free(handle); break;
    default: CHECK(!"an object"); break;
    }
}

/* An account with a token of its own. What else is asked of its vendor goes nowhere. */
static inline ccauth_config *pasted_config(void) {
    ccauth_config *config = NULL;
    CHECK(ccauth_config_new("servetel", CCAUTH_NTS, &config, NULL) == CCAUTH_OK);
    demo_set(config, "token", "pasted-token");
    demo_set(config, "base_url", "https://127.0.0.1:9");
    return config;
}

/* A status that the header has; one of a fault of ours is none. */
static inline int is_known(int64_t status) {
    return status != CCAUTH_E_INTERNAL && strcmp(ccauth_status_name((ccauth_status)status), "UNKNOWN");
}

/* Calls back, as many as were begun. */
static pthread_mutex_t calls_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t calls_changed = PTHREAD_COND_INITIALIZER;
static long calls_begun, calls_made;

static inline void count_call(long begun, long made) {
    pthread_mutex_lock(&calls_lock);
    calls_begun += begun;
    calls_made += made;
    pthread_cond_broadcast(&calls_changed);
    pthread_mutex_unlock(&calls_lock);
}

static inline void heard(void *context, ccauth_status status, ccauth_token *token, ccauth_error *error) {
    (void)context;
    CHECK((status == CCAUTH_OK) == (token != NULL) && (status != CCAUTH_OK) == (error != NULL));
    CHECK(ccauth_error_code(error) == status && is_known(status));
    ccauth_token_free(token);
    ccauth_error_free(error);
    count_call(0, 1);
}

static inline void read_log(void *context, int32_t level, const char *target, const char *message) {
    (void)context;
    CHECK(level && strlen(target) && strlen(message));
}

/* Whoever was promised a call gets it. */
static inline void await_calls(void) {
    pthread_mutex_lock(&calls_lock);
    while (calls_made < calls_begun) pthread_cond_wait(&calls_changed, &calls_lock);
    CHECK(calls_made == calls_begun);
    pthread_mutex_unlock(&calls_lock);
}

/* Then every handle is freed. */
static inline void end_all(void) {
    await_calls();
    CHECK(ccauth_log_set(CCAUTH_LOG_OFF, 0, NULL) == CCAUTH_OK);
    ccauth_log_drain(NULL, NULL, 0);
    CHECK(ccauth_debug_live_handles() == 0);
}

#endif
