/* What loading the library changes in a process, and what asking it for its version does: nothing. Prints what it
 * finds changed, a line each. usage: loading LIBRARY [more, to prove that a change is seen] */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

struct state {
    int threads, descriptors, variables, mask;
    struct sigaction handlers[65];
};

static int entries(const char *path) {
    int count = 0;
    DIR *dir = opendir(path);
    if (!dir) { perror(path); exit(2); }
    while (readdir(dir)) count++;
    closedir(dir);
    return count;
}

static struct state look(void) {
    struct state s;
    sigset_t set;
    memset(&s, 0, sizeof s);
    s.threads = entries("/proc/self/task");
    s.descriptors = entries("/proc/self/fd");
    for (char **variable = environ; *variable; variable++) s.variables++;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    for (int n = 1; n < 65; n++) {
        if (n != 32 && n != 33) sigaction(n, NULL, &s.handlers[n]); /* 32 and 33 are the C library's own */
        if (sigismember(&set, n) == 1) s.mask += n;
    }
    return s;
}

static void compare(const char *after, const struct state *a, const struct state *b) {
    if (a->threads != b->threads) printf("%s: threads\n", after);
    if (a->descriptors != b->descriptors) printf("%s: descriptors\n", after);
    if (a->variables != b->variables) printf("%s: environment\n", after);
    if (a->mask != b->mask) printf("%s: signal mask\n", after);
    for (int n = 1; n < 65; n++)
        if (a->handlers[n].sa_handler != b->handlers[n].sa_handler) printf("%s: signal %d\n", after, n);
}

static void *wait_for_ever(void *unused) {
    for (;;) pause();
    return unused;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    struct state before = look();
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) { fprintf(stderr, "%s\n", dlerror()); return 2; }
    struct state loaded = look();
    compare("loading", &before, &loaded);

    const char *(*version)(void), *(*vendors)(void);
    *(void **)&version = dlsym(library, "ccauth_version_string");
    *(void **)&vendors = dlsym(library, "ccauth_vendors_json");
    if (!version || !vendors || !*version() || !*vendors()) return 2;
    struct state asked = look();
    compare("asking", &before, &asked);

    if (argc > 2) {
        pthread_t thread;
        if (open("/dev/null", O_RDONLY) < 0 || pthread_create(&thread, NULL, wait_for_ever, NULL)) return 2;
        if (setenv("CCAUTH_CONTROL", "1", 1) || signal(SIGUSR1, SIG_IGN) == SIG_ERR) return 2;
        struct state changed = look();
        compare("control", &before, &changed);
    }
    return 0;
}
