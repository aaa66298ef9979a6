#include "vectors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/json.h"

#define FILE_MAX ((size_t)64 << 20)
#define DEPTH_MAX 64

/* Everything allocated here, freed at the end so that leak checkers stay quiet. */
struct keep {
    struct keep *next;
    max_align_t bytes[];
};

static struct keep *kept;

static void keep_free(void)
{
    while (kept != NULL) {
        struct keep *next = kept->next;
        free(kept);
        kept = next;
    }
}

void *vectors_alloc(size_t len)
{
    struct keep *keep = calloc(1, sizeof *keep + len);
    if (keep == NULL) {
        fputs("out of memory\n", stderr);
        exit(2);
    }
    if (kept == NULL)
        atexit(keep_free);
    keep->next = kept;
    kept = keep;
    return keep->bytes;
}

static awl_str keep_text(awl_str text)
{
    char *copy = vectors_alloc(text.len + 1);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return awl_str_make(copy, text.len);
}

/* ---- counting ---- */

void vectors_pass(struct vectors_suite *suite)
{
    suite->passed++;
}

void vectors_fail(struct vectors_suite *suite, const char *test, const char *format, ...)
{
    va_list args;
    suite->failed++;
    printf("FAIL %s %s: ", suite->name, test);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

void vectors_skip(struct vectors_suite *suite, const char *test, const char *reason)
{
    suite->skipped++;
    printf("SKIP %s %s: %s\n", suite->name, test, reason);
}

void vectors_report(const struct vectors_suite *suite)
{
    printf("%s: %u passed, %u failed, %u skipped\n", suite->name, suite->passed,
           suite->failed, suite->skipped);
}

/* ---- files ---- */

const char *vectors_path(const char *folder, const char *name)
{
    size_t len = strlen(folder) + 1 + strlen(name) + 1;
    char *path = vectors_alloc(len);
    snprintf(path, len, "%s/%s", folder, name);
    return path;
}

bool vectors_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

bool vectors_read(const char *path, awl_str *bytes)
{
    struct awl_buf content;
    char block[16384];
    size_t len;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    awl_buf_init(&content, FILE_MAX);
    while ((len = fread(block, 1, sizeof block, file)) > 0)
        awl_buf_append(&content, block, len);
    bool ok = !ferror(file) && awl_buf_rc(&content) == AWL_OK;
    fclose(file);
    if (ok)
        *bytes = keep_text(awl_buf_str(&content));
    awl_buf_release(&content);
    return ok;
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int is_json(const struct dirent *entry)
{
    return not_hidden(entry) && awl_str_ends(awl_str_of(entry->d_name), STR(".json"));
}

static const char **list(const char *folder, int (*filter)(const struct dirent *))
{
    struct dirent **entries;
    int count = scandir(folder, &entries, filter, alphasort);
    if (count < 0)
        return NULL;
    const char **names = vectors_alloc(((size_t)count + 1) * sizeof *names);
    for (int i = 0; i < count; i++) {
        names[i] = keep_text(awl_str_of(entries[i]->d_name)).ptr;
        free(entries[i]);
    }
    free(entries);
    return names;
}

const char **vectors_list(const char *folder)
{
    return list(folder, not_hidden);
}

const char **vectors_list_json(const char *folder)
{
    return list(folder, is_json);
}

/* ---- JSON ---- */

static struct vectors_json *value_read(struct awl_json_reader *reader,
                                       enum awl_json_token token, unsigned depth);

static awl_str text_read(const struct awl_json_reader *reader)
{
    if (!reader->escaped)
        return keep_text(reader->text);
    struct awl_buf text;
    awl_buf_init(&text, reader->text.len * 3);
    awl_json_unescape(&text, reader->text);
    awl_str result = keep_text(awl_buf_str(&text));
    awl_buf_release(&text);
    return result;
}

static bool children_read(struct awl_json_reader *reader, struct vectors_json *parent,
                          enum awl_json_token end, unsigned depth)
{
    struct vectors_json **last = &parent->first;
    enum awl_json_token token;
    while ((token = awl_json_next(reader)) != end) {
        awl_str key = {0};
        if (token == AWL_JSON_KEY) {
            key = text_read(reader);
            token = awl_json_next(reader);
        }
        *last = value_read(reader, token, depth + 1);
        if (*last == NULL)
            return false;
        (*last)->key = key;
        last = &(*last)->next;
    }
    return true;
}

/* NULL after a syntax error. */
static struct vectors_json *value_read(struct awl_json_reader *reader,
                                       enum awl_json_token token, unsigned depth)
{
    struct vectors_json *value = vectors_alloc(sizeof *value);
    if (depth > DEPTH_MAX)
        return NULL;
    switch (token) {
    case AWL_JSON_OBJECT_BEGIN:
        value->type = VECTORS_OBJECT;
        return children_read(reader, value, AWL_JSON_OBJECT_END, depth) ? value : NULL;
    case AWL_JSON_ARRAY_BEGIN:
        value->type = VECTORS_ARRAY;
        return children_read(reader, value, AWL_JSON_ARRAY_END, depth) ? value : NULL;
    case AWL_JSON_STRING:
        value->type = VECTORS_STRING;
        value->text = text_read(reader);
        return value;
    case AWL_JSON_NUMBER:
        value->type = VECTORS_NUMBER;
        value->text = keep_text(reader->text);
        return value;
    case AWL_JSON_TRUE:
    case AWL_JSON_FALSE:
        value->type = VECTORS_BOOLEAN;
        value->boolean = token == AWL_JSON_TRUE;
        return value;
    case AWL_JSON_NULL:
        return value;
    default:
        return NULL;
    }
}

struct vectors_json *vectors_json_read(const char *path)
{
    struct awl_json_reader reader;
    awl_str text;
    if (!vectors_read(path, &text)) {
        printf("cannot read %s\n", path);
        return NULL;
    }
    awl_json_reader_init(&reader, text);
    struct vectors_json *value = value_read(&reader, awl_json_next(&reader), 0);
    if (value == NULL || awl_json_next(&reader) != AWL_JSON_END) {
        printf("%s is not JSON\n", path);
        return NULL;
    }
    return value;
}

const struct vectors_json *vectors_get(const struct vectors_json *json, const char *key)
{
    if (json == NULL || json->type != VECTORS_OBJECT)
        return NULL;
    awl_str name = awl_str_of(key);
    const struct vectors_json *child = json->first;
    while (child != NULL && !awl_str_eq(child->key, name))
        child = child->next;
    return child;
}

awl_str vectors_text(const struct vectors_json *json, const char *key)
{
    const struct vectors_json *member = vectors_get(json, key);
    return member != NULL ? member->text : awl_str_make("", 0);
}

bool vectors_bool(const struct vectors_json *json, const char *key, bool otherwise)
{
    const struct vectors_json *member = vectors_get(json, key);
    return member != NULL && member->type == VECTORS_BOOLEAN ? member->boolean
                                                             : otherwise;
}

int64_t vectors_int(const struct vectors_json *json, const char *key, int64_t otherwise)
{
    int64_t value;
    return awl_str_to_int64(vectors_text(json, key), &value) ? value : otherwise;
}
