/* A held token of 1 KiB into a buffer, from C: a relaxed load and a copy, a mutex and a copy, and a peek, by so many threads
 * at once, each beside the others in turn. Prints for each round a line of nanoseconds of a core: by contender, by
 * threads. usage: peek ROUNDS */
#define _GNU_SOURCE
#include <ccauth.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LEN 1024
#define CHUNK 1000
#define ROUND 20e6 /* nanoseconds, so that each core gets its part of the threads */
#define MOST 8
#define NEED(holds) ((holds) ? (void)0 : (fprintf(stderr, "%d: %s\n", __LINE__, #holds), exit(1)))

static char token[LEN + 1];
static _Atomic(const char *) latest = token;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t ready;
static ccauth_source *source;

static void floor_of_all(char *into) { memcpy(into, atomic_load_explicit(&latest, memory_order_relaxed), LEN); }

static void mutex(char *into) {
    pthread_mutex_lock(&lock);
    memcpy(into, token, LEN);
    pthread_mutex_unlock(&lock);
}

static void peek(char *into) {
    size_t len;
    NEED(ccauth_source_peek(source, into, LEN + 64, &len, NULL) == CCAUTH_OK);
}

static void (*const contenders[])(char *) = {floor_of_all, mutex, peek};
#define CONTENDERS (sizeof contenders / sizeof *contenders)

struct reader {
    pthread_t thread;
    void (*read)(char *);
    int core;
    double start, end;
    long chunks;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void *run(void *context) {
    struct reader *reader = context;
    char into[LEN + 64];
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(reader->core, &core);
    NEED(pthread_setaffinity_np(pthread_self(), sizeof core, &core) == 0);
    pthread_barrier_wait(&ready);
    for (reader->start = now(); (reader->end = now()) - reader->start < ROUND; reader->chunks++)
        for (int n = 0; n < CHUNK; n++) {
            reader->read(into);
            __asm__ volatile("" : : "r"(into) : "memory"); /* whose bytes somebody needs */
        }
    return NULL;
}

/* What a read costs a core while so many threads do nothing else. */
static double crowd(void (*read)(char *), int threads) {
    struct reader readers[MOST] = {0};
    double start = 0, end = 0;
    long chunks = 0;
    cpu_set_t allowed;
    int cores[CPU_SETSIZE], count = 0;
    NEED(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    for (int core = 0; core < CPU_SETSIZE; core++)
        if (CPU_ISSET(core, &allowed)) cores[count++] = core;
    NEED(pthread_barrier_init(&ready, NULL, (unsigned)threads) == 0);
    for (int t = 0; t < threads; t++) {
        readers[t].read = read;
        readers[t].core = cores[t % count];
        NEED(pthread_create(&readers[t].thread, NULL, run, &readers[t]) == 0);
    }
    for (int t = 0; t < threads; t++) {
        struct reader *reader = &readers[t];
        NEED(pthread_join(reader->thread, NULL) == 0);
        if (!t || reader->start < start) start = reader->start;
        if (!t || reader->end > end) end = reader->end;
        chunks += reader->chunks;
    }
    pthread_barrier_destroy(&ready);
    return (end - start) * (threads < count ? threads : count) / (double)(chunks * CHUNK);
}

/* A token that says itself when it ends, in the year 2100, so that its end is looked at. */
static void open_source(void) {
    static const char head[] = "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.";
    ccauth_config *config = NULL;
    ccauth_token *held = NULL;
    memset(token, 'x', LEN);
    memcpy(token, head, sizeof head - 1);
    NEED(ccauth_config_new("exotel-webrtc", CCAUTH_NTS, &config, NULL) == CCAUTH_OK);
    NEED(ccauth_config_set(config, "token", CCAUTH_NTS, token, CCAUTH_NTS, NULL) == CCAUTH_OK);
    NEED(ccauth_source_open(config, &source, NULL) == CCAUTH_OK);
    NEED(ccauth_source_get(source, NULL, &held, NULL) == CCAUTH_OK);
    ccauth_token_free(held);
    ccauth_config_free(config);
}

int main(int argc, char **argv) {
    NEED(argc == 2);
    open_source();
    for (int round = atoi(argv[1]); round > 0; round--) {
        for (size_t c = 0; c < CONTENDERS; c++)
            for (int threads = 1; threads <= MOST; threads *= 2) printf("%.2f ", crowd(contenders[c], threads));
        puts("");
    }
    ccauth_source_free(source);
    return 0;
}
