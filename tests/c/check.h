/* What the tests in C share: a check that says where it failed, and the examples' accounts. */
#ifndef CHECK_H
#define CHECK_H

#include "../../examples-c/demo.h"

#define CHECK(holds)                                                               \
    do {                                                                           \
        if (!(holds)) {                                                            \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #holds); \
            exit(1);                                                               \
        }                                                                          \
    } while (0)

#endif
