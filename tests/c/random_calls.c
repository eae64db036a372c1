/* Calls functions in any order with any arguments, good and bad, from some threads that share their handles: no crash, no
 * fault of ours, no handle left over. Prints how often each status was given. usage: random_calls SEED CALLS THREADS */
#include "functions.h"
#include <stdatomic.h>

#define POOL 16
#define STATUSES 20

static _Atomic(void *) pool[OBJECTS][POOL];
static atomic_long statuses[STATUSES], calls_left, texts;
static int threads;

/* xorshift64*: the same calls for the same seed. */
static uint64_t draw(uint64_t *state) {
    *state ^= *state >> 12, *state ^= *state << 25, *state ^= *state >> 27;
    return (*state * 0x2545f4914f6cdd1d) >> 16;
}

static int one_in(uint64_t *state, uint64_t n) { return draw(state) % n == 0; }

static const char *pick(uint64_t *state, const char *const *words, size_t count) { return words[draw(state) % count]; }
#define PICK(state, words) pick(state, words, sizeof words / sizeof *words)

static void *pooled(uint64_t *state, enum object object) { return atomic_load(&pool[object][draw(state) % POOL]); }

/* Takes a handle in, and frees the one in its place. */
static void keep(uint64_t *state, enum object object, void *handle) {
    release(object, atomic_exchange(&pool[object][draw(state) % POOL], handle));
}

static void *handle(uint64_t *state, enum object object) {
    void *good = pooled(state, object);
    switch (draw(state) % 24) {
    case 0: return NULL;
    case 1: return pooled(state, (enum object)(CONFIG + draw(state) % (OBJECTS - 1)));
    case 2: return (void *)(uintptr_t)draw(state);
    case 3: return (void *)((uintptr_t)good ^ (uintptr_t)1 << draw(state) % 64);
    default: return good;
    }
}

static const char *text(uint64_t *state, const char *name) {
    static const char *const vendors[] = {"exotel-ccm", "exotel-v4", "servitel", ""};
    /* None that makes a login complete, and no vendor that can do more than that: nobody real is ever asked. */
    static const char *const keys[] = {"token", "email", "timeout_ms", "lead_pct", "kay"};
    static const char *const values[] = {"demo-secret", "5000", "30", "", "a\r\nb", "\xff"};
    static const char *const names[] = {"request_id", "scope", "number_of_days_left", ""};
    if (!strcmp(name, "vendor")) return PICK(state, vendors);
    if (!strcmp(name, "key")) return PICK(state, keys);
    return strcmp(name, "name") ? PICK(state, values) : PICK(state, names);
}

static size_t length(uint64_t *state, const char *text) {
    switch (draw(state) % 8) {
    case 0: return 0;
    case 1: return CCAUTH_NTS - 1 - draw(state) % 1000; /* longer than anything that is read */
    case 2: return text ? strlen(text) / 2 : 1;
    case 3: return text ? strlen(text) : 70000;
    default: return CCAUTH_NTS;
    }
}

static int64_t number(uint64_t *state, const char *name) {
    static const int64_t any[] = {0, 1, -1, 2, 3, 20, INT64_MIN, INT64_MAX};
    int64_t drawn = any[draw(state) % (sizeof any / sizeof *any)];
    /* Nobody waits for ever. */
    return strstr(name, "_ms") && drawn > 20 ? 20 : drawn;
}

/* An account whose vendor answers, or one with a token of its own. */
static ccauth_config *account(uint64_t *state) {
    if (!one_in(state, 8)) return pasted_config();
    return demo_config(one_in(state, 2) ? SERVETEL : CONTACTNOW);
}

static void call(uint64_t *state, const struct function *f) {
    union arg args[PARAMETERS];
    void *received[PARAMETERS] = {NULL};
    int64_t outs[PARAMETERS];
    char buffer[512];
    ccauth_get_options options = {sizeof options, one_in(state, 8), number(state, "_ms"), number(state, "_ms")};
    ccauth_peek_info info = {(uint32_t)(sizeof info - one_in(state, 8)), 0, 0, 0};
    struct gave gave;
    if (options.timeout_ms == 0) options.timeout_ms = 20;
    for (int n = 0; n < f->count; n++) {
        const struct parameter *p = &f->parameters[n];
        memset(&args[n], 0, sizeof args[n]);
        if (p->kind == GET && one_in(state, 8)) continue;
        if (p->kind != GET && p->kind != HANDLE && p->kind != NUMBER && p->kind != LENGTH && one_in(state, 16)) continue;
        switch (p->kind) {
        case HANDLE: args[n].p = handle(state, p->object); break;
        case RECEIVER: args[n].p = &received[n]; break;
        case TEXT: args[n].p = (void *)(uintptr_t)text(state, p->name); break;
        case LENGTH: args[n].n = length(state, args[n - 1].p); break;
        case BUFFER: args[n].p = buffer; break;
        case CAPACITY: args[n].n = draw(state) % sizeof buffer; break;
        case OUT: args[n].p = &outs[n]; break;
        case OPTIONS: args[n].p = &options; break;
        case INFO: args[n].p = &info; break;
        case GET: args[n].get = heard; break;
        case LOG: args[n].log = read_log; break;
        case CONTEXT: args[n].p = &pool; break;
        case NUMBER: args[n].n = (uint64_t)number(state, p->name); break;
        }
    }
    errno = 77;
    gave = f->call(args);
    CHECK(errno == 77);
    for (int n = 0; n < f->count; n++) {
        const struct parameter *p = &f->parameters[n];
        if (p->kind == RECEIVER && args[n].p) {
            CHECK((received[n] != NULL) == ((gave.number != CCAUTH_OK) == (p->object == ERROR)));
            if (received[n]) keep(state, p->object, received[n]);
        }
        if (p->kind == GET && gave.number == CCAUTH_OK) count_call(1, 0);
    }
    if (f->gives == REFERENCE_GIVEN && gave.pointer) keep(state, f->object, (void *)(uintptr_t)gave.pointer);
    /* What is borrowed is there until another thread frees its object. */
    if (f->gives == TEXT_GIVEN && gave.pointer && threads == 1) atomic_fetch_add(&texts, (long)strlen(gave.pointer) + 1);
    if (f->gives == STATUS_GIVEN) {
        if (!is_known(gave.number)) fprintf(stderr, "%s gave %d\n", f->name, (int)gave.number), exit(1);
        atomic_fetch_add(&statuses[-gave.number], 1);
    }
}

static void *run(void *seed) {
    uint64_t state = (uint64_t)(uintptr_t)seed * 0x9e3779b97f4a7c15;
    while (atomic_fetch_sub(&calls_left, 1) > 0) {
        const struct function *f = &functions[draw(&state) % FUNCTIONS];
        if (one_in(&state, 200)) keep(&state, CONFIG, account(&state));
        if (one_in(&state, 100)) keep(&state, SOURCE, demo_open(account(&state)));
        /* The end of everything comes now and then, and not while other threads open something. */
        if (strcmp(f->name, "ccauth_shutdown") || (threads == 1 && one_in(&state, 20))) call(&state, f);
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t all[16];
    CHECK(argc == 4);
    atomic_init(&calls_left, atol(argv[2]));
    threads = atoi(argv[3]);
    CHECK(threads >= 1 && threads <= 16);
    for (int t = 0; t < threads; t++)
        CHECK(pthread_create(&all[t], NULL, run, (void *)(uintptr_t)(strtoul(argv[1], NULL, 10) * 16 + (unsigned long)t + 1)) == 0);
    for (int t = 0; t < threads; t++) pthread_join(all[t], NULL);
    for (int o = CONFIG; o < OBJECTS; o++)
        for (int n = 0; n < POOL; n++) release((enum object)o, atomic_exchange(&pool[o][n], NULL));
    end_all();
    for (int s = 0; s < STATUSES; s++)
        if (statuses[s]) printf("%s=%ld\n", ccauth_status_name(-s), (long)statuses[s]);
    printf("texts=%ld\ncalls_back=%ld\n", (long)texts, calls_made);
    return 0;
}
