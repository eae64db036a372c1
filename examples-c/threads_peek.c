/* Threads that carry calls and must not wait: each looks at the token as often as it likes, without a lock, an allocation
 * or the kernel. One source for all of them, kept valid in the background. */
#include "demo.h"
#include <pthread.h>
#include <string.h>

#define THREADS 4
#define CALLS 10000

static ccauth_source *source;

/* Carries calls; gives how many had no token. */
static void *carry(void *missed)
{
    char header[8256]; /* holds every header; a smaller buffer is told how large it must be */
    for (int call = 0; call < CALLS; call++) {
        size_t len;
        ccauth_peek_info info = {sizeof info, 0, 0, 0};
        if (ccauth_source_peek(source, header, sizeof header, &len, &info) != CCAUTH_OK)
            ++*(int *)missed; /* let the call go another way: waiting is for other threads */
        /* "<name>: <header>" goes out with the call, which keeps info.generation for ccauth_source_report_rejected(). */
    }
    memset(header, 0, sizeof header);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int missed[THREADS] = {0}, all = 0;
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;
    source = demo_open(demo_config(SERVETEL));
    check(ccauth_source_get(source, NULL, &token, &error), error); /* start with a token: this thread may wait */
    ccauth_token_free(token);
    for (int n = 0; n < THREADS; n++)
        if (pthread_create(&threads[n], NULL, carry, &missed[n])) return 1;
    for (int n = 0; n < THREADS; n++) {
        pthread_join(threads[n], NULL);
        all += missed[n];
    }
    printf("%d calls with %s, %d without\n", THREADS * CALLS - all, ccauth_source_header_name(source, NULL), all);
    ccauth_source_free(source);
    return all != 0;
}
