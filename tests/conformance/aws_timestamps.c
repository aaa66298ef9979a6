/* Timestamps in three formats, read and written. */
#include "aws_vectors.h"

#include <stdio.h>

#include "aws/timestamp.h"

typedef bool parser(awl_str text, struct awl_timestamp *time);
typedef enum awl_rc writer(struct awl_buf *out, struct awl_timestamp time);

static const struct {
    const char *section;
    parser *parse;
    writer *append;
} sections[] = {
    {"format_epoch_seconds", NULL, awl_timestamp_append_epoch},
    {"format_http_date", NULL, awl_timestamp_append_http},
    {"format_date_time", NULL, awl_timestamp_append_iso},
    {"parse_epoch_seconds", awl_timestamp_parse_epoch, NULL},
    {"parse_http_date", awl_timestamp_parse_http, NULL},
    {"parse_date_time", awl_timestamp_parse_iso, NULL},
};

static void run_parse(struct vectors_suite *suite, const char *name, parser *parse,
                      const struct vectors_json *test)
{
    struct awl_timestamp time;
    awl_str text = vectors_text(test, "smithy_format_value");
    bool ok = parse(text, &time);
    if (ok == vectors_bool(test, "error", false))
        vectors_fail(suite, name, "'%.*s' was %s", STR_ARG(text),
                     ok ? "accepted" : "refused");
    else if (ok && (time.seconds != vectors_int(test, "canonical_seconds", 0) ||
                    time.nanoseconds != vectors_int(test, "canonical_nanos", 0)))
        vectors_fail(suite, name, "'%.*s' gave %lld s and %d ns", STR_ARG(text),
                     (long long)time.seconds, (int)time.nanoseconds);
    else
        vectors_pass(suite);
}

static void run_format(struct vectors_suite *suite, const char *name, writer *append,
                       const struct vectors_json *test)
{
    struct awl_timestamp time = {vectors_int(test, "canonical_seconds", 0),
                                 (int32_t)vectors_int(test, "canonical_nanos", 0)};
    awl_str expected = vectors_text(test, "smithy_format_value");
    struct awl_buf out;
    awl_buf_init(&out, 256);
    bool ok = append(&out, time) == AWL_OK;
    if (ok == vectors_bool(test, "error", false))
        vectors_fail(suite, name, "was %s", ok ? "written" : "refused");
    else if (ok && !awl_str_eq(awl_buf_str(&out), expected))
        vectors_fail(suite, name, "'%s', expected '%.*s'", awl_buf_cstr(&out),
                     STR_ARG(expected));
    else
        vectors_pass(suite);
    awl_buf_release(&out);
}

void aws_vectors_timestamps(struct vectors_suite *suite, const char *folder)
{
    const struct vectors_json *all =
        vectors_json_read(vectors_path(folder, "date-time-format.json"));
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        const struct vectors_json *section = vectors_get(all, sections[i].section);
        const struct vectors_json *test = section != NULL ? section->first : NULL;
        for (; test != NULL; test = test->next) {
            char name[128];
            snprintf(name, sizeof name, "%s %.*s", sections[i].section,
                     STR_ARG(vectors_text(test, "iso8601")));
            if (sections[i].parse != NULL)
                run_parse(suite, name, sections[i].parse, test);
            else
                run_format(suite, name, sections[i].append, test);
        }
    }
}
