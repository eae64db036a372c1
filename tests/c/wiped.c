/* Holds a token of the account that standard input tells, does what can be done with it, and ends all. Leaves nothing of its
 * own of what it has read. Standard input: lines VENDOR, KEY VALUE, ..., an empty one; then a byte for each step. Standard
 * output: the token; then what the end came to. */
#define _GNU_SOURCE
#include "check.h"
#include <unistd.h>

static char input[8192];

/* Waits for the next step; the end of the input is one too. */
static void await(void) {
    char byte;
    if (read(0, &byte, 1) < 0) exit(2);
}

static void say(const char *text, size_t len) {
    CHECK(write(1, text, len) == (ssize_t)len && write(1, "\n", 1) == 1);
}

static ccauth_source *open_it(void) {
    ccauth_config *config = NULL;
    ccauth_source *source = NULL;
    ccauth_error *error = NULL;
    size_t len = 0;
    char *line = input, *end;
    while (len < 2 || memcmp(input + len - 2, "\n\n", 2)) {
        ssize_t got = read(0, input + len, sizeof input - len);
        CHECK(got > 0);
        len += (size_t)got;
    }
    end = strchr(line, '\n');
    check(ccauth_config_new(line, (size_t)(end - line), &config, &error), error);
    for (line = end + 1; *line != '\n'; line = end + 1) {
        char *value = strchr(line, ' ') + 1;
        end = strchr(line, '\n');
        check(ccauth_config_set(config, line, (size_t)(value - 1 - line), value, (size_t)(end - value), &error), error);
    }
    explicit_bzero(input, sizeof input);
    check(ccauth_source_open(config, &source, &error), error);
    return source; /* the configuration is left to the end */
}

int main(void) {
    ccauth_source *source = open_it();
    ccauth_token *token = NULL;
    ccauth_error *error = NULL;
    ccauth_request *request = NULL;
    char buffer[8256];
    const char *value, *name;
    size_t len;
    check(ccauth_source_get(source, NULL, &token, &error), error);
    ccauth_token_free(token);
    ccauth_source_renew(source, 0, NULL, NULL);
    ccauth_source_validate(source, NULL, NULL);
    CHECK(ccauth_source_report_rejected(source, 1, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_start(source, NULL, &request, NULL) == CCAUTH_OK);
    CHECK(ccauth_request_result(request, 30000, &token, NULL) == CCAUTH_OK);
    CHECK(ccauth_source_peek(source, buffer, sizeof buffer, NULL, NULL) == CCAUTH_OK);
    explicit_bzero(buffer, sizeof buffer);
    value = ccauth_token_value(token, &len);
    say(value, len);
    await();
    name = ccauth_status_name(ccauth_shutdown(0, NULL));
    say(name, strlen(name));
    await();
    return 0;
}
