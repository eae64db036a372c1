/* What a checker of memory must see: a text that is read when its object is freed, and a buffer that two threads fill at the
 * same time. Harmless where none looks. usage: host_faults freed | shared */
#include "check.h"
#include <pthread.h>
#include <string.h>

static char buffer[4096];

static void *fill(void *source) {
    for (int n = 0; n < 1000; n++) /* so that they meet */
        CHECK(ccauth_source_status_json(source, buffer, sizeof buffer, NULL, NULL) == CCAUTH_OK);
    return NULL;
}

int main(int argc, char **argv) {
    ccauth_source *source = demo_open(demo_config(SERVETEL));
    ccauth_token *token = NULL;
    pthread_t threads[2];
    CHECK(argc == 2 && ccauth_source_get(source, NULL, &token, NULL) == CCAUTH_OK);
    if (!strcmp(argv[1], "freed")) {
        const volatile char *value = ccauth_token_value(token, NULL);
        ccauth_token_free(token);
        return value[0] == 'x' ? 3 : 0;
    }
    for (int t = 0; t < 2; t++) CHECK(pthread_create(&threads[t], NULL, fill, source) == 0);
    for (int t = 0; t < 2; t++) pthread_join(threads[t], NULL);
    ccauth_token_free(token);
    ccauth_source_free(source);
    return 0;
}
