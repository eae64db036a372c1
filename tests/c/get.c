/* Does what standard input says, a line each, until something fails, and prints all that is then known:
 *
 *     new VENDOR | set KEY VALUE | open | get TIMEOUT_MS MIN_VALID_MS
 *
 * VENDOR, KEY and VALUE are bytes in hexadecimal, or - for none, handed over by length. What is printed of them is hexadecimal too. */
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

static ccauth_status step(char *line) {
    ccauth_status status = CCAUTH_OK;
    const char *verb = strtok(line, " \n"), *one = strtok(NULL, " \n"), *other = strtok(NULL, " \n");
    if (!strcmp(verb, "new")) {
        size_t len;
        char *id = bytes(one, &len);
        status = ccauth_config_new(id, len, &config, &error);
        free(id);
    } else if (!strcmp(verb, "set")) {
        size_t key_len, value_len;
        char *key = bytes(one, &key_len), *value = bytes(other, &value_len);
        status = ccauth_config_set(config, key, key_len, value, value_len, &error);
        free(key);
        free(value);
    } else if (!strcmp(verb, "open")) {
        status = ccauth_source_open(config, &source, &error);
        ccauth_config_free(config);
    } else if (!strcmp(verb, "get")) {
        ccauth_get_options options = {sizeof options, 0, strtoll(one, NULL, 10), strtoll(other, NULL, 10)};
        ccauth_token_free(token);
        status = ccauth_source_get(source, &options, &token, &error);
        if (status == CCAUTH_OK) show_token();
    } else {
        exit(2);
    }
    printf("%s=%s\n", verb, ccauth_status_name(status));
    return status;
}

int main(void) {
    static char line[300000];
    while (fgets(line, sizeof line, stdin))
        if (step(line) != CCAUTH_OK) {
            if (!error) return 3;
            show_error();
            break;
        } else if (error) return 3;
    ccauth_error_free(error);
    ccauth_token_free(token);
    ccauth_source_free(source);
    ccauth_config_free(config); /* twice, after an open */
    printf("live=%zu\n", ccauth_debug_live_handles());
    return 0;
}
