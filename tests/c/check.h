/* What the tests in C share: a check that says where it failed, a wait for what another thread does, a look at the threads
 * of the library, and the examples' accounts. */
#ifndef CHECK_H
#define CHECK_H

#include "../../examples-c/demo.h"
#include <dirent.h>
#include <string.h>
#include <time.h>

#define CHECK(holds)                                                               \
    do {                                                                           \
        if (!(holds)) {                                                            \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #holds); \
            exit(1);                                                               \
        }                                                                          \
    } while (0)

/* Looks every millisecond, for a minute at most. */
#define AWAIT(holds)                                               \
    do {                                                           \
        for (int looks = 0; !(holds); looks++) {                   \
            CHECK(looks < 60000 && "at last: " #holds);            \
            nanosleep(&(struct timespec){0, 1000000}, NULL);       \
        }                                                          \
    } while (0)

/* How many threads have a name that begins like this. */
static inline int threads_named(const char *name) {
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    CHECK(tasks);
    for (struct dirent *task; (task = readdir(tasks));) {
        char path[300], comm[32] = "";
        FILE *file;
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
        file = fopen(path, "r");
        if (!file) continue;
        if (fgets(comm, sizeof comm, file) && !strncmp(comm, name, strlen(name))) count++;
        fclose(file);
    }
    closedir(tasks);
    return count;
}

#endif
