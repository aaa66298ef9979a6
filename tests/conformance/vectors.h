/* vectors.h - what the runners of test vectors share: files, JSON trees, counting.
 *
 * For tests only: out of memory ends the program, and what is read lives until it
 * ends. */
#ifndef AWL_TESTS_VECTORS_H
#define AWL_TESTS_VECTORS_H

#include "base/buf.h"

/* ---- counting ---- */

struct vectors_suite {
    const char *name;
    unsigned passed, failed, skipped;
};

/* A case ends in one of these. Failures and skips are printed with what is said. */
void vectors_pass(struct vectors_suite *suite);
void vectors_fail(struct vectors_suite *suite, const char *test, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void vectors_skip(struct vectors_suite *suite, const char *test, const char *reason);

/* "SUITE: N passed, N failed, N skipped" */
void vectors_report(const struct vectors_suite *suite);

/* Zeroed, kept until the end. */
void *vectors_alloc(size_t len);

/* ---- files ---- */

/* "a/b", kept until the end. */
const char *vectors_path(const char *folder, const char *name);

bool vectors_exists(const char *path);

/* The bytes of a file; false if there is none. */
bool vectors_read(const char *path, awl_str *bytes);

/* The names in a folder, in order, without those that begin with '.'; the list ends
 * with NULL. NULL if there is no such folder. */
const char **vectors_list(const char *folder);
/* Only those that end with ".json". */
const char **vectors_list_json(const char *folder);

/* ---- JSON ---- */

enum vectors_json_type {
    VECTORS_NULL,
    VECTORS_BOOLEAN,
    VECTORS_NUMBER,
    VECTORS_STRING,
    VECTORS_ARRAY,
    VECTORS_OBJECT,
};

struct vectors_json {
    enum vectors_json_type type;
    bool boolean;
    awl_str text;               /* a string's, escapes resolved; a number's, as written */
    awl_str key;                /* in an object */
    struct vectors_json *first; /* of an array or object */
    struct vectors_json *next;
};

/* NULL, with a message, if the file is not there or no JSON. */
struct vectors_json *vectors_json_read(const char *path);

/* NULL if `json` is NULL, no object or has no such member. */
const struct vectors_json *vectors_get(const struct vectors_json *json, const char *key);

/* The text of a member, or "" and the like. */
awl_str vectors_text(const struct vectors_json *json, const char *key);
bool vectors_bool(const struct vectors_json *json, const char *key, bool otherwise);
int64_t vectors_int(const struct vectors_json *json, const char *key, int64_t otherwise);

#endif
