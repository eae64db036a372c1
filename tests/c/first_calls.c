/* The first calls of a process meet, in twenty processes, and each leaves errno as it is. */
#define _GNU_SOURCE
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8

static pthread_barrier_t ready;

static void *first_call(void *context) {
    ccauth_config *config = NULL;
    (void)context;
    pthread_barrier_wait(&ready);
    errno = 77;
    CHECK(ccauth_config_new("servetel", CCAUTH_NTS, &config, NULL) == CCAUTH_OK && errno == 77);
    ccauth_config_free(config);
    CHECK(errno == 77);
    return NULL;
}

static int begin(void) {
    pthread_t threads[THREADS];
    CHECK(pthread_barrier_init(&ready, NULL, THREADS) == 0);
    for (int t = 0; t < THREADS; t++) CHECK(pthread_create(&threads[t], NULL, first_call, NULL) == 0);
    for (int t = 0; t < THREADS; t++) CHECK(pthread_join(threads[t], NULL) == 0);
    return 0;
}

int main(void) {
    for (int process = 0; process < 20; process++) {
        int status;
        pid_t child = fork();
        if (child == 0) return begin();
        CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    }
    puts("ok");
    return 0;
}
