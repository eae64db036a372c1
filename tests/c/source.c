/* Does what standard input says, a line each, and prints all that it is given:
 *
 *     new VENDOR | set KEY VALUE | open | get TIMEOUT_MS MIN_VALID_MS | peek CAPACITY | report GENERATION
 *     renew TIMEOUT_MS | validate | revoke | change PASSWORD | put KEY VALUE | replace | status CAPACITY | about | free
 *
 * VENDOR, KEY, VALUE and PASSWORD are bytes in hexadecimal, or - for none, handed over by length; so is what is printed
 * of texts. `put` sets a field of the source. `report 0` reports the token that was got last. */
#include <ccauth.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ccauth_config *config;
static ccauth_source *source;
static ccauth_token *token;
static ccauth_error *error;

/* Bytes of their own size, so that whoever reads one too many is seen by a checker of memory. */
static char *bytes(const char *hex, size_t *len) {
    size_t half = strlen(hex) / 2;
    char *all = malloc(half ? half : 1);
    if (!all) exit(2);
    for (*len = 0; *len < half; (*len)++) {
        unsigned byte;
        if (sscanf(hex + 2 * *len, "%2x", &byte) != 1) exit(2);
        all[*len] = (char)byte;
    }
    return all;
}

static void show(const char *name, const char *text, size_t len) {
    if (text && strlen(text) != len) exit(3); /* a NUL within, or none behind */
    printf("%s=", name);
    for (size_t n = 0; n < len; n++) printf("%02x", (unsigned char)text[n]);
    printf("%s\n", text ? "" : "NULL");
}

#define TEXT(of, part) \
    do { size_t len = 77; const char *text = ccauth_token_##part(of, &len); show(#part, text, len); } while (0)

static void show_token(void) {
    const char *name;
    size_t len;
    TEXT(token, value);
    TEXT(token, header_name);
    TEXT(token, header_value);
    TEXT(token, query);
    printf("generation=%" PRIu64 "\n", ccauth_token_generation(token));
    printf("expires_unix_ms=%" PRId64 "\n", ccauth_token_expires_unix_ms(token));
    show("expiry_source", ccauth_token_expiry_source(token), strlen(ccauth_token_expiry_source(token)));
    for (size_t n = 0; (name = ccauth_token_extra_name(token, n, &len)); n++) {
        size_t words;
        const char *text = ccauth_token_extra(token, name, len, &words);
        if (text != ccauth_token_extra(token, name, CCAUTH_NTS, NULL)) exit(3);
        show(name, text, words);
    }
}

#define ERROR(part) show(#part, ccauth_error_##part(error), strlen(ccauth_error_##part(error)))

static void show_error(void) {
    printf("code=%d\n", (int)ccauth_error_code(error));
    ERROR(line);
    ERROR(detail);
    ERROR(message);
    ERROR(cure);
    ERROR(vendor);
    ERROR(vendor_code);
    ERROR(vendor_message);
    ERROR(request_id);
    printf("http_status=%d\n", (int)ccauth_error_http_status(error));
    printf("is_retryable=%d\n", (int)ccauth_error_is_retryable(error));
    printf("retry_after_ms=%" PRId64 "\n", ccauth_error_retry_after_ms(error));
    printf("os_errno=%d\n", (int)ccauth_error_os_errno(error));
}

/* Fills a buffer of this size, and shows what was written to it, if anything was. */
static ccauth_status fill(size_t capacity, int is_peek) {
    ccauth_peek_info info = {sizeof info, 7, 7, 7};
    size_t len = 77;
    char *buffer = capacity ? malloc(capacity) : NULL;
    ccauth_status status;
    if (buffer) memset(buffer, 0x5a, capacity);
    if (is_peek)
        status = ccauth_source_peek(source, buffer, capacity, &len, &info);
    else
        status = ccauth_source_status_json(source, buffer, capacity, &len, &error);
    if (status == CCAUTH_OK && capacity)
        show("copied", buffer, len);
    else
        for (size_t n = 0; n < capacity; n++)
            if (buffer[n] != 0x5a) exit(3);
    printf("len=%zu\n", len);
    if (is_peek)
        printf("is_stale=%u\ngeneration=%" PRIu64 "\nttl_ms=%" PRId64 "\n", (unsigned)info.is_stale,
               info.generation, info.ttl_ms);
    free(buffer);
    return status;
}

static ccauth_status about(void) {
    size_t len = 77;
    const char *name = ccauth_source_header_name(source, &len);
    show("header_name", name, len);
    printf("capabilities=%u\n", (unsigned)ccauth_source_capabilities(source));
    return CCAUTH_OK;
}

static ccauth_status step(const char *verb, const char *one, const char *other) {
    ccauth_status status = CCAUTH_OK;
    size_t one_len = 0, other_len = 0;
    char *a = one ? bytes(one, &one_len) : NULL, *b = other ? bytes(other, &other_len) : NULL;
    if (!strcmp(verb, "new")) {
        ccauth_config_free(config);
        status = ccauth_config_new(a, one_len, &config, &error);
    } else if (!strcmp(verb, "set")) {
        status = ccauth_config_set(config, a, one_len, b, other_len, &error);
    } else if (!strcmp(verb, "put")) {
        status = ccauth_source_set(source, a, one_len, b, other_len, &error);
    } else if (!strcmp(verb, "change")) {
        status = ccauth_source_change_password(source, a, one_len, &error);
    } else if (!strcmp(verb, "open")) {
        status = ccauth_source_open(config, &source, &error);
        ccauth_config_free(config);
    } else if (!strcmp(verb, "replace")) {
        status = ccauth_source_replace(source, config, &error);
    } else if (!strcmp(verb, "revoke")) {
        status = ccauth_source_revoke(source, &error);
    } else if (!strcmp(verb, "about")) {
        status = about();
    } else if (!strcmp(verb, "free")) {
        ccauth_source_free(source);
    } else {
        exit(2);
    }
    free(a);
    free(b);
    return status;
}

/* The steps that take numbers. */
static ccauth_status count(const char *verb, long long one, long long other) {
    ccauth_get_options options = {sizeof options, 0, one, other};
    ccauth_status status;
    int32_t renewed = 7;
    int64_t expires = 7;
    if (!strcmp(verb, "get")) {
        ccauth_token_free(token);
        status = ccauth_source_get(source, &options, &token, &error);
        if (status == CCAUTH_OK) show_token();
    } else if (!strcmp(verb, "peek")) {
        status = fill((size_t)one, 1);
    } else if (!strcmp(verb, "status")) {
        status = fill((size_t)one, 0);
    } else if (!strcmp(verb, "report")) {
        uint64_t generation = one ? (uint64_t)one : ccauth_token_generation(token);
        status = ccauth_source_report_rejected(source, generation, &error);
    } else if (!strcmp(verb, "renew")) {
        status = ccauth_source_renew(source, one, &renewed, &error);
        printf("renewed=%d\n", (int)renewed);
    } else {
        status = ccauth_source_validate(source, &expires, &error);
        printf("valid_until=%" PRId64 "\n", expires);
    }
    return status;
}

static int takes_numbers(const char *verb) {
    static const char *const verbs[] = {"get", "peek", "status", "report", "renew", "validate"};
    for (size_t n = 0; n < sizeof verbs / sizeof *verbs; n++)
        if (!strcmp(verb, verbs[n])) return 1;
    return 0;
}

int main(void) {
    static char line[300000];
    while (fgets(line, sizeof line, stdin)) {
        const char *verb = strtok(line, " \n"), *one = strtok(NULL, " \n"), *other = strtok(NULL, " \n");
        ccauth_status status;
        ccauth_error_free(error);
        error = NULL;
        if (takes_numbers(verb))
            status = count(verb, one ? strtoll(one, NULL, 10) : 0, other ? strtoll(other, NULL, 10) : 0);
        else
            status = step(verb, one, other);
        printf("%s=%s\n", verb, ccauth_status_name(status));
        if ((status == CCAUTH_OK) != (error == NULL) && strcmp(verb, "peek")) return 3;
        if (error) show_error();
    }
    ccauth_error_free(error);
    ccauth_token_free(token);
    ccauth_source_free(source);
    ccauth_config_free(config); /* twice, after an open */
    printf("live=%zu\n", ccauth_debug_live_handles());
    return 0;
}
