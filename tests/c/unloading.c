/* Loads the library and unloads it while a request hangs, a hundred times. usage: unloading LIBRARY BASE_URL CA_FILE */
#include <ccauth.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(holds) ((holds) ? (void)0 : (fprintf(stderr, "%d: %s\n", __LINE__, #holds), exit(1)))

/* A function of the library by its name, of the type that the header gives it. */
#define FIND(library, name) (*(void **)&name = dlsym(library, "ccauth_" #name), CHECK(name))

int main(int argc, char **argv) {
    ccauth_status (*config_new)(const char *, size_t, ccauth_config **, ccauth_error **);
    ccauth_status (*config_set)(ccauth_config *, const char *, size_t, const char *, size_t, ccauth_error **);
    ccauth_status (*source_open)(const ccauth_config *, ccauth_source **, ccauth_error **);
    ccauth_status (*source_start)(const ccauth_source *, const ccauth_get_options *, ccauth_request **, ccauth_error **);
    ccauth_status (*request_result)(ccauth_request *, int64_t, ccauth_token **, ccauth_error **);
    CHECK(argc == 4);
    for (int n = 0; n < 100; n++) {
        const char *const fields[][2] = {
            {"username", "demo"}, {"password", "demo-secret"}, {"base_url", argv[2]}, {"ca_file", argv[3]}};
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        ccauth_config *config = NULL;
        ccauth_source *source = NULL;
        ccauth_request *request = NULL;
        ccauth_token *token = NULL;
        CHECK(library);
        FIND(library, config_new);
        FIND(library, config_set);
        FIND(library, source_open);
        FIND(library, source_start);
        FIND(library, request_result);
        CHECK(config_new("contactnow", CCAUTH_NTS, &config, NULL) == CCAUTH_OK);
        for (int f = 0; f < 4; f++)
            CHECK(config_set(config, fields[f][0], CCAUTH_NTS, fields[f][1], CCAUTH_NTS, NULL) == CCAUTH_OK);
        CHECK(source_open(config, &source, NULL) == CCAUTH_OK);
        CHECK(source_start(source, NULL, &request, NULL) == CCAUTH_OK);
        CHECK(request_result(request, 0, &token, NULL) == CCAUTH_E_WOULD_BLOCK);
        CHECK(dlclose(library) == 0);
    }
    puts("ok");
    return 0;
}
