/* A peek allocates nothing and enters no kernel: every allocation is counted, and a filter ends the process at its first
 * system call but write and exit. Prints what was counted. usage: peek_quietly [allocate | enter, to prove that it is
 * seen] */
#define _GNU_SOURCE
#include <ccauth.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUNDS 100000

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
static _Thread_local long allocations;

void *malloc(size_t size) { allocations++; return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { allocations++; return __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { allocations++; return __libc_realloc(old, size); }

/* A token of 1 KiB that says itself when it ends, in the year 2100, so that its end is looked at. */
static ccauth_source *open_source(void) {
    static const char head[] = "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.";
    static char token[1025];
    ccauth_config *config = NULL;
    ccauth_source *source = NULL;
    ccauth_token *held = NULL;
    memset(token, 'x', sizeof token - 1);
    memcpy(token, head, sizeof head - 1);
    if (ccauth_config_new("sangoma", CCAUTH_NTS, &config, NULL)
        || ccauth_config_set(config, "token", CCAUTH_NTS, token, CCAUTH_NTS, NULL)
        || ccauth_source_open(config, &source, NULL)
        || ccauth_source_get(source, NULL, &held, NULL)) exit(2);
    ccauth_token_free(held);
    ccauth_config_free(config);
    return source;
}

/* From here on this thread may write and end. */
static void shut_the_kernel(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) exit(2);
}

int main(int argc, char **argv) {
    static char buffer[2048], line[200];
    ccauth_source *source = open_source(), *freed = open_source();
    ccauth_peek_info info = {sizeof info, 0, 0, 0};
    long good = 0, small = 0, none = 0, before;
    size_t len = 0;
    if (ccauth_source_peek(source, NULL, 0, &len, &info) || info.ttl_ms == INT64_MAX) return 2;
    ccauth_source_free(freed);
    shut_the_kernel();
    before = allocations;
    for (int n = 0; n < ROUNDS; n++) {
        good += !ccauth_source_peek(source, buffer, sizeof buffer, &len, &info);
        good += !ccauth_source_peek(source, NULL, 0, &len, NULL);
        small += ccauth_source_peek(source, buffer, len, &len, &info) == CCAUTH_E_INVALID && len > 1024;
        none += ccauth_source_peek(freed, buffer, sizeof buffer, NULL, NULL) == CCAUTH_E_INVALID;
        none += ccauth_source_peek(NULL, buffer, sizeof buffer, NULL, NULL) == CCAUTH_E_INVALID;
    }
    if (argc > 1 && !strcmp(argv[1], "allocate")) *(void *volatile *)line = malloc(1);
    if (argc > 1 && !strcmp(argv[1], "enter")) getppid();
    int count = snprintf(line, sizeof line, "%ld allocations; %ld good, %ld too small, %ld nothing\n",
                         allocations - before, good, small, none);
    return syscall(SYS_write, 1, line, (size_t)count) == count ? (_exit(0), 0) : 3;
}
