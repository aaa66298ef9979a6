/* timestamp.h - points in time as AWS writes them.
 *
 * Proleptic Gregorian calendar, UTC, no leap seconds, no locale, no libc calendar.
 * Text forms reach from year 0 to 9999. */
#ifndef AWL_AWS_TIMESTAMP_H
#define AWL_AWS_TIMESTAMP_H

#include "base/buf.h"

/* `nanoseconds`, 0 to 999999999, count forward from `seconds`, also before 1970. */
struct awl_timestamp {
    int64_t seconds; /* since 1970-01-01T00:00:00Z */
    int32_t nanoseconds;
};

/* Milliseconds since 1970. */
struct awl_timestamp awl_timestamp_from_ms(int64_t ms);

/* Rounds down; what does not fit becomes the nearest that does. */
int64_t awl_timestamp_to_ms(struct awl_timestamp time);

/* Rounds to microseconds: a double holds no more of today's times, and what it holds
 * of ".123" must not come out as ".122999907". False for NaN and beyond int64. */
bool awl_timestamp_from_double(double seconds, struct awl_timestamp *time);
double awl_timestamp_to_double(struct awl_timestamp time);

/* ---- writing: AWL_EINPUT when the year has not four digits ---- */

/* "2015-08-30T12:36:00.123Z" (date-time): no fraction when it is zero, no zeros at
 * its end, digits after the sixth cut off. */
enum awl_rc awl_timestamp_append_iso(struct awl_buf *out, struct awl_timestamp time);

/* "Sun, 30 Aug 2015 12:36:00 GMT" (http-date): the fraction is cut off. */
enum awl_rc awl_timestamp_append_http(struct awl_buf *out, struct awl_timestamp time);

/* "20150830T123600Z" and a NUL, as signatures have it. */
#define AWL_TIMESTAMP_BASIC_LEN 16
enum awl_rc awl_timestamp_format_basic(struct awl_timestamp time,
                                       char out[AWL_TIMESTAMP_BASIC_LEN + 1]);

/* "1440938160.123", the decimal number of seconds since 1970: what a JSON body has. */
enum awl_rc awl_timestamp_append_number(struct awl_buf *out, struct awl_timestamp time);

/* Seconds and fraction side by side (epoch-seconds as the SDKs' test vectors have it).
 * Differs from the number only before 1970: half a second after -2 is "-2.5". */
enum awl_rc awl_timestamp_append_epoch(struct awl_buf *out, struct awl_timestamp time);

/* ---- reading: whole texts only; false, with `time` undefined, for others ---- */

/* "2015-08-30T12:36:00[.digits][Z|+02:00|+0200|+02]"; without a zone it is UTC; 'T'
 * may be a space or lower case. The date alone is midnight. */
bool awl_timestamp_parse_iso(awl_str text, struct awl_timestamp *time);

/* "Sun, 30 Aug 2015 12:36:00[.digits] GMT" or with a numeric zone, and the two old
 * forms that HTTP recipients must know: "Sunday, 30-Aug-15 12:36:00 GMT" and
 * "Sun Aug 30 12:36:00 2015". The weekday may be missing and is not checked. */
bool awl_timestamp_parse_http(awl_str text, struct awl_timestamp *time);

/* The other forms that are written above; a number may have an exponent. */
bool awl_timestamp_parse_basic(awl_str text, struct awl_timestamp *time);
bool awl_timestamp_parse_number(awl_str text, struct awl_timestamp *time);
bool awl_timestamp_parse_epoch(awl_str text, struct awl_timestamp *time);

/* Whichever of number, ISO and HTTP form it is. */
bool awl_timestamp_parse(awl_str text, struct awl_timestamp *time);

#endif
