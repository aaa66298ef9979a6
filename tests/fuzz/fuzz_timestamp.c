/* Timestamps: what is read can be written in every form, and read again alike. */
#include "aws/timestamp.h"
#include "fuzz.h"

#define TEXT_MAX 128

typedef bool parse_fn(awl_str text, struct awl_timestamp *time);
typedef enum awl_rc append_fn(struct awl_buf *out, struct awl_timestamp time);

static int32_t fraction(int32_t nanoseconds, int32_t unit)
{
    return nanoseconds - nanoseconds % unit;
}

/* `unit` is how many nanoseconds the form tells apart. */
static void check(struct awl_timestamp time, append_fn *append, parse_fn *parse,
                  int32_t unit)
{
    struct awl_buf out;
    struct awl_timestamp again;
    awl_buf_init(&out, TEXT_MAX);
    if (append(&out, time) == AWL_OK)
        require(parse(awl_buf_str(&out), &again) && again.seconds == time.seconds &&
                again.nanoseconds == fraction(time.nanoseconds, unit));
    awl_buf_release(&out);
}

static void check_all(struct awl_timestamp time)
{
    char basic[AWL_TIMESTAMP_BASIC_LEN + 1];
    struct awl_timestamp again;
    require(time.nanoseconds >= 0 && time.nanoseconds < 1000000000);
    check(time, awl_timestamp_append_iso, awl_timestamp_parse_iso, 1000);
    check(time, awl_timestamp_append_http, awl_timestamp_parse_http, 1000000000);
    if (awl_timestamp_format_basic(time, basic) == AWL_OK)
        require(awl_timestamp_parse_basic(awl_str_of(basic), &again) &&
                again.seconds == time.seconds);
    (void)awl_timestamp_to_ms(time);
    (void)awl_timestamp_to_double(time);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static parse_fn *const forms[] = {
        awl_timestamp_parse_iso,    awl_timestamp_parse_http,  awl_timestamp_parse_basic,
        awl_timestamp_parse_number, awl_timestamp_parse_epoch, awl_timestamp_parse};
    awl_str text = awl_str_make((const char *)data, size);
    struct awl_timestamp time;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (forms[i](text, &time))
            check_all(time);
    return 0;
}
