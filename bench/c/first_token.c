/* Loads a library and gets a token with it, in a process of its own; prints microseconds for the loading and for the token,
 * and KiB of memory that is the process's afterwards. usage: first_token ccauth|libcurl LIBRARY BASE_URL CA_FILE [STORE] */
#define _GNU_SOURCE
#include <ccauth.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NEED(holds) ((holds) ? (void)0 : (fprintf(stderr, "%d: %s\n", __LINE__, #holds), exit(1)))
#define FIND(library, type, name) NEED(*(void **)&name = dlsym(library, type #name))

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static long status_kib(const char *name) {
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    long kib = -1;
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, name, strlen(name))) kib = atol(line + strlen(name));
    return kib;
}

static const char *store;

static void with_ccauth(void *library, const char *base_url, const char *ca_file) {
    const char *fields[][2] = {{"email", "demo@example.com"},
                               {"password", "demo-secret"},
                               {"base_url", base_url},
                               {"ca_file", ca_file},
                               {"store", store}};
    ccauth_status (*config_new)(const char *, size_t, ccauth_config **, ccauth_error **);
    ccauth_status (*config_set)(ccauth_config *, const char *, size_t, const char *, size_t, ccauth_error **);
    ccauth_status (*source_open)(const ccauth_config *, ccauth_source **, ccauth_error **);
    ccauth_status (*source_get)(const ccauth_source *, const ccauth_get_options *, ccauth_token **, ccauth_error **);
    ccauth_config *config = NULL;
    ccauth_source *source = NULL;
    ccauth_token *token = NULL;
    FIND(library, "ccauth_", config_new);
    FIND(library, "ccauth_", config_set);
    FIND(library, "ccauth_", source_open);
    FIND(library, "ccauth_", source_get);
    NEED(config_new("servetel", CCAUTH_NTS, &config, NULL) == CCAUTH_OK);
    for (int f = 0; f < (store ? 5 : 4); f++)
        NEED(config_set(config, fields[f][0], CCAUTH_NTS, fields[f][1], CCAUTH_NTS, NULL) == CCAUTH_OK);
    NEED(source_open(config, &source, NULL) == CCAUTH_OK && source_get(source, NULL, &token, NULL) == CCAUTH_OK);
}

static size_t keep(char *bytes, size_t size, size_t count, void *reply) {
    strncat(reply, bytes, size * count);
    return size * count;
}

static void with_libcurl(void *library, const char *base_url, const char *ca_file) {
    static char url[512], reply[65536];
    CURLcode (*global_init)(long), (*easy_setopt)(CURL *, CURLoption, ...), (*easy_perform)(CURL *);
    CURL *(*easy_init)(void), *request;
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *), *headers = NULL;
    FIND(library, "curl_", global_init);
    FIND(library, "curl_", easy_init);
    FIND(library, "curl_", easy_setopt);
    FIND(library, "curl_", easy_perform);
    FIND(library, "curl_", slist_append);
    NEED(global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && (request = easy_init()));
    snprintf(url, sizeof url, "%s/v1/auth/login", base_url);
    headers = slist_append(slist_append(NULL, "accept: application/json"), "content-type: application/json");
    easy_setopt(request, CURLOPT_URL, url);
    easy_setopt(request, CURLOPT_CAINFO, ca_file);
    easy_setopt(request, CURLOPT_HTTPHEADER, headers);
    easy_setopt(request, CURLOPT_TIMEOUT_MS, 10000L);
    easy_setopt(request, CURLOPT_POSTFIELDS, "{\"email\":\"demo@example.com\",\"password\":\"demo-secret\"}");
    easy_setopt(request, CURLOPT_WRITEFUNCTION, keep);
    easy_setopt(request, CURLOPT_WRITEDATA, reply);
    NEED(easy_perform(request) == CURLE_OK && strstr(reply, "\"access_token\""));
}

int main(int argc, char **argv) {
    double start, loaded, end;
    void *library;
    NEED(argc == 5 || argc == 6);
    store = argv[5];
    start = now();
    NEED(library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL));
    loaded = now();
    (!strcmp(argv[1], "ccauth") ? with_ccauth : with_libcurl)(library, argv[3], argv[4]);
    end = now();
    printf("%.0f %.0f %ld\n", loaded - start, end - loaded, status_kib("VmRSS:"));
    return 0;
}
