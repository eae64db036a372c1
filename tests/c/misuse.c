/* Calls every function with every argument that is wrong, one at a time, and expects a status, nothing received, and errno
 * as it was. usage: misuse [control: takes good handles for wrong ones | panic: what does a panic within become] */
#include "functions.h"

#define WRONG 16

static void *live[OBJECTS], *freed[OBJECTS];
static union arg args[PARAMETERS];
static void *received[PARAMETERS];
static int64_t outs[PARAMETERS];
static ccauth_get_options options;
static ccauth_peek_info info;
static char buffer[8192], detail[64];
static long calls, failures;
static int is_control;

/* Objects of each type; those before them are freed. */
static void fresh(void) {
    ccauth_config *config = NULL;
    ccauth_token *token = NULL;
    ccauth_request *request = NULL;
    ccauth_error *error = NULL;
    for (int o = CONFIG; o < OBJECTS; o++) {
        release((enum object)o, live[o]);
        freed[o] = live[o];
    }
    live[SOURCE] = demo_open(pasted_config());
    CHECK(ccauth_source_get(live[SOURCE], NULL, &token, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_start(live[SOURCE], NULL, &request, NULL) == CCAUTH_OK);
    CHECK(ccauth_config_new(NULL, 0, &config, &error) == CCAUTH_E_INVALID && !config && error);
    live[CONFIG] = pasted_config();
    live[TOKEN] = token;
    live[REQUEST] = request;
    live[ERROR] = error;
}

static const char *text_of(const char *name) {
    if (!strcmp(name, "vendor")) return "servetel";
    if (!strcmp(name, "key")) return "timeout_ms";
    return "5000";
}

/* Arguments that are good. */
static void good(const struct function *f) {
    fresh();
    memset(buffer, 0x5a, sizeof buffer);
    memset(&options, 0, sizeof options);
    memset(&info, 0x5a, sizeof info);
    options.size = sizeof options;
    info.size = sizeof info;
    for (int n = 0; n < f->count; n++) {
        const struct parameter *p = &f->parameters[n];
        memset(&args[n], 0, sizeof args[n]);
        switch (p->kind) {
        case HANDLE: args[n].p = live[p->object]; break;
        case RECEIVER: received[n] = &received[n]; args[n].p = &received[n]; break;
        case TEXT: args[n].p = (void *)(uintptr_t)text_of(p->name); break;
        case LENGTH: args[n].n = CCAUTH_NTS; break;
        case BUFFER: args[n].p = buffer; break;
        case CAPACITY: args[n].n = sizeof buffer; break;
        case OUT: memset(&outs[n], 0x5a, sizeof outs[n]); args[n].p = &outs[n]; break;
        case OPTIONS: args[n].p = &options; break;
        case INFO: args[n].p = &info; break;
        case GET: args[n].get = heard; break;
        case LOG: args[n].log = read_log; break;
        case CONTEXT: args[n].p = buffer; break;
        case NUMBER: break;
        }
    }
}

static void fail(const struct function *f, const char *param, const char *what, const char *why) {
    printf("%s, %s %s: %s\n", f->name, param, what, why);
    failures++;
}

/* Calls, and looks at what was received. */
static struct gave call(const struct function *f, const char *param, const char *what) {
    struct gave gave;
    const char *const no_detail = "";
    int is_status = f->gives == STATUS_GIVEN;
    snprintf(detail, sizeof detail, "%s", no_detail);
    calls++;
    errno = 77;
    gave = f->call(args);
    if (errno != 77) fail(f, param, what, "errno has changed");
    if (is_status && !is_known(gave.number) && strcmp(what, "rehearsed")) fail(f, param, what, "an unknown status");
    for (int n = 0; n < f->count; n++) {
        const struct parameter *p = &f->parameters[n];
        if (p->kind == GET && is_status && gave.number == CCAUTH_OK) count_call(1, 0);
        if (p->kind == BUFFER && gave.number != CCAUTH_OK)
            for (size_t b = 0; b < sizeof buffer; b++)
                if (buffer[b] != 0x5a) { fail(f, param, what, "a failure has written to the buffer"); break; }
        if (p->kind != RECEIVER || !args[n].p) continue;
        if (p->object == ERROR && strcmp(p->name, "error") == 0) {
            if ((received[n] != NULL) != (gave.number != CCAUTH_OK)) fail(f, param, what, "no error, or one too many");
            if (ccauth_error_code(received[n]) != gave.number) fail(f, param, what, "an error of another status");
            snprintf(detail, sizeof detail, "%s", ccauth_error_detail(received[n]));
        } else if ((received[n] != NULL) != (gave.number == CCAUTH_OK)) {
            fail(f, param, what, "an object after a failure, or none");
        }
        release(p->object, received[n]);
    }
    if (f->gives == REFERENCE_GIVEN && gave.pointer) release(f->object, (void *)(uintptr_t)gave.pointer);
    return gave;
}

/* What a wrong argument must come to: INVALID with this detail where there is one; otherwise what `nothing` gave. */
static void refused(const struct function *f, const char *param, const char *what, const char *why,
                    const struct gave *nothing) {
    struct gave gave = call(f, param, what);
    int tells = f->count && f->parameters[f->count - 1].object == ERROR && args[f->count - 1].p;
    if (f->gives != STATUS_GIVEN) {
        if (gave.number != nothing->number || gave.pointer != nothing->pointer)
            fail(f, param, what, "is not answered as what names nothing");
        return;
    }
    if (gave.number != CCAUTH_E_INVALID) fail(f, param, what, ccauth_status_name((ccauth_status)gave.number));
    if (tells && strcmp(detail, why)) fail(f, param, what, detail);
    for (int n = 0; n < f->count; n++)
        if (f->parameters[n].kind == OUT && args[n].p && strcmp(f->parameters[n].name, "len") &&
            (int32_t)outs[n] != 0 && (int32_t)outs[n] != -1)
            fail(f, param, what, "a failure has given a number");
}

static void wrong_handles(const struct function *f, int n) {
    const struct parameter *p = &f->parameters[n];
    struct gave nothing;
    good(f);
    args[n].p = NULL;
    nothing = call(f, p->name, "NULL");
    for (int w = 0; w < WRONG; w++) {
        const char *why = "argument.handle", *what = "of another type";
        uintptr_t it;
        good(f);
        it = (uintptr_t)live[p->object];
        if (is_control) args[n].p = live[p->object];
        else if (w < OBJECTS && w != (int)p->object && w != NONE) args[n].p = live[w];
        else if (w == NONE) { args[n].p = NULL; why = "argument.null"; what = "NULL"; }
        else if (w == (int)p->object) { args[n].p = freed[w]; what = "freed, and its place taken"; }
        else if (w == OBJECTS) { release(p->object, live[p->object]); args[n].p = live[p->object]; what = "just freed"; }
        else {
            const uintptr_t strange[] = {1, 4096, UINTPTR_MAX, (uintptr_t)&info, (uintptr_t)1 << 63, it + 1,
                                         it ^ (uintptr_t)1 << 24, it ^ (uintptr_t)1 << 51, it ^ (uintptr_t)1 << 63};
            args[n].p = (void *)strange[w - OBJECTS - 1];
            what = "that is none of ours";
        }
        refused(f, p->name, what, why, &nothing);
    }
}

/* A text, by its pointer and the length behind it. */
static void wrong_text(const struct function *f, int n) {
    const char *name = f->parameters[n].name;
    struct gave nothing = {0, NULL};
    char *exact = malloc(5);
    CHECK(exact);
    memcpy(exact, "a\xff\0\r\n", 5);
    good(f), args[n].p = NULL, refused(f, name, "NULL", "argument.null", &nothing);
    good(f), args[n].p = NULL, args[n + 1].n = 5, refused(f, name, "NULL of a length", "argument.null", &nothing);
    good(f), args[n + 1].n = CCAUTH_NTS - 1, refused(f, name, "of a huge length", "argument.value", &nothing);
    good(f), args[n + 1].n = 65537, refused(f, name, "of more than is read", "argument.value", &nothing);
    good(f), args[n].p = exact, args[n + 1].n = 2, refused(f, name, "in bad UTF-8", "argument.value", &nothing);
    good(f), args[n].p = exact, args[n + 1].n = 1, call(f, name, "without a NUL");
    good(f), args[n].p = exact + 2, args[n + 1].n = 1, call(f, name, "of a NUL");
    good(f), args[n].p = exact + 3, args[n + 1].n = 2, call(f, name, "of CR LF");
    good(f), args[n + 1].n = 0, call(f, name, "of no length");
    good(f), args[n].p = NULL, args[n + 1].n = 0, call(f, name, "NULL of no length");
    free(exact);
}

/* A buffer; the length behind its capacity says what it must hold. */
static void wrong_buffer(const struct function *f, int n) {
    const char *name = f->parameters[n].name;
    struct gave gave;
    size_t needed;
    char *exact;
    good(f), args[n].p = NULL, args[n + 1].n = 0;
    gave = call(f, name, "NULL of no capacity");
    memcpy(&needed, &outs[n + 2], sizeof needed);
    if (gave.number != CCAUTH_OK || !needed || needed > sizeof buffer - 2) fail(f, name, "", "no length is told");
    exact = malloc(needed + 1);
    CHECK(exact);
    good(f), args[n].p = NULL, args[n + 1].n = 10, refused(f, name, "NULL", "argument.null", NULL);
    good(f), args[n].p = exact, args[n + 1].n = needed + 1, gave = call(f, name, "of the exact size");
    if (gave.number != CCAUTH_OK || strlen(exact) != needed) fail(f, name, "of the exact size", "is refused");
    good(f), args[n + 1].n = CCAUTH_NTS, gave = call(f, name, "of a huge capacity");
    if (gave.number != CCAUTH_OK) fail(f, name, "of a huge capacity", "is refused");
    for (size_t less = 1; less <= needed; less += needed - 1) {
        good(f), args[n + 1].n = less, refused(f, name, "too small", "argument.value", NULL);
        if (memcmp(&needed, &outs[n + 2], sizeof needed)) fail(f, name, "too small", "another length is told");
    }
    free(exact);
}

static void wrong_options(const struct function *f, int n) {
    static const struct { uint32_t size, reserved; int64_t timeout_ms, min_valid_ms, unknown; ccauth_status is; } all[] = {
        {0, 0, 0, 0, 0, CCAUTH_E_INVALID}, {7, 0, 0, 0, 0, CCAUTH_E_INVALID}, {4097, 0, 0, 0, 0, CCAUTH_E_INVALID},
        {UINT32_MAX, 0, 0, 0, 0, CCAUTH_E_INVALID}, {24, 1, 0, 0, 0, CCAUTH_E_INVALID},
        {24, 0, -1, 0, 0, CCAUTH_E_INVALID}, {24, 0, 0, INT64_MIN, 0, CCAUTH_E_INVALID},
        {32, 0, 0, 0, 1, CCAUTH_E_INVALID}, {32, 0, 0, 0, 0, CCAUTH_OK}, {8, 0, -1, -1, -1, CCAUTH_OK},
        {24, 0, INT64_MAX, INT64_MAX, 7, CCAUTH_OK},
    };
    for (size_t o = 0; o < sizeof all / sizeof *all; o++) {
        struct gave gave;
        good(f);
        args[n].p = (void *)(uintptr_t)&all[o];
        gave = call(f, "options", "of another size or value");
        if (gave.number != all[o].is) fail(f, "options", "of another size or value", ccauth_status_name((ccauth_status)gave.number));
    }
}

static void wrong_info(const struct function *f, int n) {
    static const struct { uint32_t size; ccauth_status is; } all[] = {
        {0, CCAUTH_E_INVALID}, {sizeof info - 1, CCAUTH_E_INVALID}, {sizeof info, CCAUTH_OK}, {UINT32_MAX, CCAUTH_OK}};
    for (size_t s = 0; s < sizeof all / sizeof *all; s++) {
        good(f);
        info.size = all[s].size;
        if (call(f, f->parameters[n].name, "of another size").number != all[s].is) fail(f, "info", "of another size", "");
    }
}

static void wrong_number(const struct function *f, int n) {
    static const int64_t all[] = {1, -1, 7, 65536, (int64_t)1 << 32, INT64_MIN, INT64_MAX};
    for (size_t a = 0; a < sizeof all / sizeof *all; a++) {
        good(f);
        args[n].n = (uint64_t)all[a];
        call(f, f->parameters[n].name, "of any value");
    }
}

/* A pointer that is NULL, as the header allows it or not. */
static void null(const struct function *f, int n, struct gave as_good) {
    const struct parameter *p = &f->parameters[n];
    struct gave gave;
    good(f);
    memset(&args[n], 0, sizeof args[n]);
    if (!p->may_be_null) {
        refused(f, p->name, "NULL", "argument.null", NULL);
        return;
    }
    gave = call(f, p->name, "NULL, as it may be");
    if (f->gives == STATUS_GIVEN && gave.number != as_good.number) fail(f, p->name, "NULL, as it may be", "another status");
}

static void misuse(const struct function *f) {
    struct gave as_good;
    good(f);
    as_good = call(f, "all", "good");
    for (int n = 0; n < f->count; n++) {
        switch (f->parameters[n].kind) {
        case HANDLE: wrong_handles(f, n); break;
        case TEXT: wrong_text(f, n); break;
        case BUFFER: wrong_buffer(f, n); break;
        case NUMBER: wrong_number(f, n); break;
        case OPTIONS: wrong_options(f, n); null(f, n, as_good); break;
        case INFO: wrong_info(f, n); null(f, n, as_good); break;
        case RECEIVER: case OUT: case GET: case LOG: case CONTEXT: null(f, n, as_good); break;
        case LENGTH: case CAPACITY: break; /* with what is before them */
        }
    }
}

#ifdef CCAUTH_PANIC
extern uint8_t ccauth_test_panic;

/* A panic within each function: INTERNAL, or what a handle of nothing gives. The same call is good again afterwards. */
static void rehearse(const struct function *f) {
    struct gave as_good, gave;
    good(f);
    as_good = call(f, "all", "good");
    good(f);
    await_calls(); /* which may panic as well */
    __atomic_store_n(&ccauth_test_panic, 1, __ATOMIC_RELAXED);
    gave = call(f, "all", "rehearsed");
    if (__atomic_exchange_n(&ccauth_test_panic, 0, __ATOMIC_RELAXED)) {
        printf("%s has nothing that could panic\n", f->name);
    } else if (f->gives == STATUS_GIVEN && gave.number != CCAUTH_E_INTERNAL) {
        fail(f, "all", "rehearsed", ccauth_status_name((ccauth_status)gave.number));
    }
    good(f);
    gave = call(f, "all", "good");
    if (f->gives != TEXT_GIVEN && f->gives != REFERENCE_GIVEN && gave.number != as_good.number && f->count)
        fail(f, "all", "good after a panic", "is another");
}
#else
static void rehearse(const struct function *f) {
    printf("%s: a library without rehearsals\n", f->name);
    exit(2);
}
#endif

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    is_control = !strcmp(how, "control");
    for (size_t f = 0; f < FUNCTIONS; f++) {
        if (!strcmp(how, "panic")) rehearse(&functions[f]);
        else misuse(&functions[f]);
    }
    for (int o = CONFIG; o < OBJECTS; o++) release((enum object)o, live[o]);
    end_all();
    printf("%zu functions, %ld calls, %ld failures\n", FUNCTIONS, calls, failures);
    return failures != 0;
}
